"""A source in trouble: who must telephone hears of it, and so does whoever watches the hub."""
import http.server
import json
import os
import socket
import struct
import subprocess
import threading
import unittest

from hub_fixture import BIN, Adapter, HubTest, free_ports, wait_for

LATER = os.environ.get("MASHHUB_LATER_LIBRARY", "")


class Details(http.server.BaseHTTPRequestHandler):
    """The service at which an outcome would stand, which is away."""

    def do_GET(self):
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_):
        pass


class Trouble(HubTest):
    partnership = "hips"

    def probation(self, name):
        """An adapter that fetches its details from a service that is away."""
        self.details = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Details)
        threading.Thread(target=self.details.serve_forever, daemon=True).start()
        self.addCleanup(self.details.server_close)
        self.addCleanup(self.details.shutdown)
        self.host = f"127.0.0.1:{self.details.server_address[1]}"
        adapter = Adapter(self.hub, name, f"detail: {{hosts: [\"{self.host}\"]}}\n", agency="probation", mapping="probation-domain-event")
        self.addCleanup(adapter.stop)
        return adapter

    def drop_feedback(self, adapter):
        """A missed session, perhaps: its outcome stands at the detail. Whatever is put behind it waits."""
        event = {"eventType": "intervention.session-appointment.session-feedback-submitted", "version": 1, "occurredAt": "2026-01-15T09:00:00Z",
                 "detailUrl": f"http://{self.host}/appointments/X320741",
                 "personReference": {"identifiers": [{"type": "CRN", "value": "X320741"}]}}
        part = os.path.join(adapter.folder, "feedback.part")
        with open(part, "w", encoding="utf-8") as file:
            json.dump(event, file)
        os.rename(part, os.path.join(adapter.folder, "in", "feedback.json"))

    def status_of(self, adapter):
        config = os.path.join(self.hub.folder, f"{adapter.name}.yaml")
        return subprocess.run([os.path.join(BIN, "mash-adapter"), "--config", config, "--status"], capture_output=True, text=True, timeout=120,
                              check=False).stdout

    def log_of(self, adapter):
        with open(os.path.join(adapter.folder, "log"), encoding="utf-8") as file:
            return file.read()

    @unittest.skipUnless(LATER, "skipped: MASHHUB_LATER_LIBRARY is not set")
    def test_what_waits_unseen_behind_a_detail_is_a_notice_with_the_number_to_ring(self):
        adapter = self.probation("delius")
        clock = os.path.join(self.hub.folder, "ahead")
        adapter.start(LD_PRELOAD=LATER, MASHHUB_LATER=clock)
        self.drop_feedback(adapter)
        wait_for("the wait to be noted", lambda: "an event waits for its detail" in self.status_of(adapter))
        notice = os.path.join(adapter.folder, "notices", "source.txt")
        self.assertFalse(os.path.exists(notice))
        with open(clock + ".new", "wb") as file:
            file.write(struct.pack("<q", 11 * 60 * 1000))
        os.rename(clock + ".new", clock)
        wait_for("the notice", lambda: os.path.exists(notice))
        with open(notice, encoding="utf-8") as file:
            said = file.read()
        self.assertIn("Telephone now: 01632 960001", said)
        self.assertIn("SOMETHING URGENT MAY WAIT THERE", said)
        self.assertIn(f"{self.host}: answered 503", said)
        self.assertNotIn("X320741", said + self.log_of(adapter))

    def said_at_the_hub(self, adapter, what):
        wait_for("the hub to have heard", lambda: what in self.hub.mashctl("doctor", adapter.name).stdout)
        return " ".join(self.hub.mashctl("doctor", adapter.name).stdout.split())

    def test_whoever_watches_the_hub_hears_of_a_source_in_trouble(self):
        """The adapter is connected and its clock is right: without this everything looks well from there."""
        adapter = self.probation("oasys")
        adapter.start()
        wait_for("a first word", lambda: "its clock" in self.hub.mashctl("doctor", adapter.name).stdout)
        self.assertNotIn("source", self.hub.mashctl("doctor", adapter.name).stdout)
        self.drop_feedback(adapter)
        said = self.said_at_the_hub(adapter, "its source")
        self.assertIn("nothing, or not everything, comes in there -> ring them: mash-adapter --status", said)
        self.assertNotIn(self.host, said)
        self.assertRegex(self.hub.mashctl("peers").stdout, "oasys .* source ")

    @unittest.skipUnless(os.environ.get("MASHHUB_FULL_DISK"), "skipped: MASHHUB_FULL_DISK is not set")
    def test_whoever_watches_the_hub_hears_of_a_full_disk_and_of_a_stop_file(self):
        adapter = Adapter(self.hub, "crowded")
        self.addCleanup(adapter.stop)
        sign, stop = os.path.join(self.hub.folder, "full"), os.path.join(adapter.folder, "STOP")
        adapter.start(LD_PRELOAD=os.environ["MASHHUB_FULL_DISK"], MASHHUB_FULL_SIGN=sign, ASAN_OPTIONS="verify_asan_link_order=0")
        wait_for("a first word", lambda: "its clock" in self.hub.mashctl("doctor", adapter.name).stdout)
        with open(sign, "wb"):
            pass
        self.assertIn("the disk there is full, or nearly", self.said_at_the_hub(adapter, "its disk"))
        os.remove(sign)
        with open(stop, "wb"):
            pass
        self.assertIn("it is stopped by its STOP file", self.said_at_the_hub(adapter, "stopped"))
        os.remove(stop)
        wait_for("it to be well", lambda: self.hub.mashctl("doctor", adapter.name).returncode == 0
                 and "stopped" not in self.hub.mashctl("doctor", adapter.name).stdout)

    def listening(self, name, transport, mapping="police-incident-json", agency="police"):
        """An adapter that senders connect to, and where."""
        adapter = Adapter(self.hub, name, agency=agency, mapping=mapping, transport=transport)
        self.addCleanup(adapter.stop)
        adapter.start()
        wait_for("it to listen", lambda: "ready:" in self.log_of(adapter))
        return adapter

    def tls(self, name):
        where = os.path.join(self.hub.folder, f"{name}-tls")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{where}.key", "-out",
                        f"{where}.pem", "-subj", "/CN=adapter.test", "-days", "30"], check=True, capture_output=True)
        return f"tls: {{certificate: {name}-tls.pem, key: {name}-tls.key}}"

    def say(self, port, data):
        """What a sender with the wrong settings says, twice."""
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), 30) as peer:
                try:
                    peer.sendall(data)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(65536):
                        pass
                except OSError:
                    pass  # it was cut off: before, while or after it had said all

    def told_once(self, adapter, what, fix):
        wait_for("a line", lambda: what in self.log_of(adapter))
        lines = [json.loads(line) for line in self.log_of(adapter).splitlines() if what in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertEqual(lines[0]["address"], "127.0.0.1")
        self.assertIn(fix, " ".join(lines[0].values()))

    def test_a_sender_by_http_with_the_wrong_settings_is_named_with_what_to_do(self):
        token = os.path.join(self.hub.folder, "token")
        with open(token, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        port, secure = free_ports(2)
        clear = self.listening("clear", f"http: {{port: {port}, token_file: token, body_bytes_max: 4096}}")
        self.say(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000)
        self.told_once(clear, "larger than the 4096 bytes", "body_bytes_max")
        self.say(port, b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.told_once(clear, "no method that is taken", "POST")
        self.say(port, HELLO)
        self.told_once(clear, "no request of HTTP", "TLS")
        over = self.listening("over", f"http: {{port: {secure}, token_file: token, {self.tls('over')}}}")
        self.say(secure, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        self.told_once(over, "no TLS", "https")
        with socket.create_connection(("127.0.0.1", secure), 30):  # a look whether the port is open is nobody's mistake
            pass
        self.assertEqual(self.log_of(over).count("no TLS"), 1)

    def test_a_sender_by_mllp_with_the_wrong_settings_is_named_with_what_to_do(self):
        port, secure = free_ports(2)
        message = b"MSH|^~\\&|PAS|RHU|MASH|HUB|20260407120000||SIU^S26|1|P|2.4\r"
        clear = self.listening("open", f"mllp: {{port: {port}}}", "health-hl7v2", "health")
        self.say(port, HELLO)
        self.told_once(clear, "speaks TLS", "`tls`")
        self.say(port, message)
        self.told_once(clear, "no message of MLLP", "0x0B")
        over = self.listening("sealed", f"mllp: {{port: {secure}, {self.tls('sealed')}}}", "health-hl7v2", "health")
        self.say(secure, b"\x0b" + message + b"\x1c\r")
        self.told_once(over, "no TLS", "turn it on")


# How a connection by TLS begins: a client's hello, as far as who does not speak it looks. No line ends in it.
HELLO = b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03" + b"\x55" * 233

if __name__ == "__main__":
    unittest.main()
