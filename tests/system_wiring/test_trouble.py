"""A source in trouble: who must telephone hears of it, and so does whoever watches the hub."""
import http.server
import json
import os
import struct
import subprocess
import threading
import unittest

from hub_fixture import BIN, Adapter, HubTest, wait_for

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
        adapter = Adapter(self.hub, name, f"detail: {{hosts: [\"{self.host}\"]}}\n")
        self.addCleanup(adapter.stop)
        path = os.path.join(self.hub.folder, f"{name}.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("agency: police", "agency: probation").replace("police-incident-json", "probation-domain-event"))
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


if __name__ == "__main__":
    unittest.main()
