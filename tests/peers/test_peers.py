"""The adapter's ways in, tried by other makers' programs: no code of ours is on the other side.

Each story starts mash-adapter without a hub (its outbox is what answers). A peer that is not installed is skipped, unless PEERS_ALL is set
(tests/run --all), when its absence is a failure.
"""
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import datetime, timedelta, timezone

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from free_ports import free_ports  # noqa: E402

BIN = os.environ.get("MASHHUB_BIN", "")
SOURCE = os.environ.get("MASHHUB_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
PEERS = os.path.join(SOURCE, "build", "peers")
HERE = os.path.join(SOURCE, "tests", "peers")
SFTP_SERVER = "/usr/lib/openssh/sftp-server"
TOKEN = "a-token-of-the-forces-own-system"


def needs(*programs):
    missing = [p for p in programs if shutil.which(p) is None and not os.path.exists(p)]
    if missing and os.environ.get("PEERS_ALL"):
        raise AssertionError(f"not installed: {' '.join(missing)}; deploy/install peers, tests/peers/tools")
    return unittest.skipIf(missing, f"not installed: {' '.join(missing)}")


def node():
    tools = os.path.join(HERE, "tools")
    return subprocess.run([tools, "node"], capture_output=True, text=True, check=True).stdout.strip()


def free_port():
    return free_ports(1)[0]


def missed(number, birth="20160506"):
    """A missed appointment, as HL7."""
    now = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y%m%d%H%M%S")
    return "\r".join([
        f"MSH|^~\\&|PAS|RHM|HUB|MASH|{now}||SIU^S26|P{number:08d}|P|2.4|||AL|NE|GBR|UNICODE UTF-8",
        f"PID|1||R{number:06d}^^^RHM^MR||Testley^Robin||{birth}|1|||1 Example Row^^Testhampton^^ZZ99 3VZ^GBR^H",
        f"SCH|APT-{number}||||||^Paediatric follow-up||||^^^{now}^",
        "RGS|1", "AIS|1||PAED^Community paediatrics^L||||||Noshow", ""])


def released(number):
    """A prisoner's release, as an HMPPS domain event."""
    return json.dumps({"eventType": "prison-offender-events.prisoner.released", "version": 1,
                       "occurredAt": (datetime.now(timezone.utc) - timedelta(hours=number)).isoformat(),
                       "additionalInformation": {"nomsNumber": "A9001AA", "reason": "RELEASED", "prisonId": "TSI"},
                       "personReference": {"identifiers": [{"type": "NOMS", "value": "A9001AA"}]}})


class Adapter:
    def __init__(self, agency, mapping, transport):
        self.folder = tempfile.mkdtemp(prefix="mash-peers-")
        self.process = None
        for name in ("hub", "adapter"):
            subprocess.run([os.path.join(BIN, "mashctl"), "keys", "new", name], cwd=self.folder, check=True, capture_output=True)
        self.write("token", TOKEN + "\n")
        self.write("aws", "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n")
        self.write("adapter.yaml", f"name: peers\nagency: {agency}\nmapping: {mapping}\nsource_system: test/1\narea: E06000045\n"
                   f"folder: var\nhub: {{endpoints: [\"tcp://127.0.0.1:{free_port()}\"], server_key: hub.pub}}\nkey: adapter.key\n"
                   f"transport:\n{transport}urgent_notice: {{minutes: 10, telephone: \"01632 960001\"}}\n")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([os.path.join(BIN, "mash-adapter"), "--config", os.path.join(self.folder, "adapter.yaml")],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if "ready" not in line:
            raise AssertionError(line + self.log())
        return line

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def count(self, name):
        out = subprocess.run([os.path.join(BIN, "mash-adapter"), "--config", os.path.join(self.folder, "adapter.yaml"), "--status", "--json"],
                             capture_output=True, text=True, check=True).stdout
        return json.loads(out).get(name, 0)

    def wait(self, what, seconds=120):
        """Until `what()` is true."""
        until = time.monotonic() + seconds
        while not what():
            if time.monotonic() > until:
                raise AssertionError("waited too long: " + self.log())
            time.sleep(0.02)

    def end(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=120)
            self.process.stdout.close()
        shutil.rmtree(self.folder)


def run(*arguments, stdin=None, **environment):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False, input=stdin,
                          env=dict(os.environ, PEERS=PEERS, **environment))


class Story(unittest.TestCase):
    def adapter(self, agency, mapping, transport, prepare=None):
        made = Adapter(agency, mapping, transport)
        self.addCleanup(made.end)
        if prepare is not None:
            prepare(made)
        made.start()
        return made

    def certificates(self, adapter):
        """An authority, the adapter's certificate by it, a sender's by it, and a stranger's by another."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=adapter.folder, check=True, capture_output=True)
        for name in ("authority", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out",
                    f"{name}.pem", "-days", "2", "-subj", f"/CN={name}.test")
        adapter.write("names", "subjectAltName = IP:127.0.0.1\n")
        for name, by in (("server", "authority"), ("sender", "authority"), ("neighbour", "authority"), ("stranger", "other")):
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.pk", "-out", f"{name}.csr",
                    "-subj", f"/CN={name}.test")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", "-out",
                    f"{name}.pem", "-days", "2", "-extfile", "names")


TLS = "tls: {certificate: server.pem, key: server.pk, client_authorities: authority.pem, client_names: [sender.test]}"


class Mllp(Story):
    def messages(self, adapter, count):
        return [adapter.write(f"{i}.hl7", missed(i)) for i in range(count)]

    @needs("mllp_send")
    def test_debians_mllp_send_is_answered_aa(self):
        port = free_port()
        adapter = self.adapter("health", "health-hl7v2", f"  mllp: {{port: {port}}}\n")
        path = adapter.write("framed", "".join(f"\x0b{missed(i)}\x1c\x0d" for i in range(3)))
        said = run("mllp_send", "--port", str(port), "--file", path, "127.0.0.1")
        self.assertEqual(said.stdout.count("MSA|AA|"), 3, said.stdout + said.stderr)
        self.assertEqual(adapter.count("put"), 3)

    @needs(os.path.join(PEERS, "node_modules", "node-hl7-client"))
    def test_node_hl7_client_is_answered_aa(self):
        port = free_port()
        adapter = self.adapter("health", "health-hl7v2", f"  mllp: {{port: {port}}}\n")
        said = run(node(), os.path.join(HERE, "node_client.mjs"), str(port), *self.messages(adapter, 3))
        self.assertEqual(said.stdout.split(), ["AA"] * 3, said.stderr)
        self.assertEqual(adapter.count("put"), 3)

    @needs(os.path.join(PEERS, "node_modules", "simple-hl7"))
    def test_simple_hl7_is_answered_aa(self):
        port = free_port()
        adapter = self.adapter("health", "health-hl7v2", f"  mllp: {{port: {port}}}\n")
        said = run(node(), os.path.join(HERE, "simple_client.mjs"), str(port), *self.messages(adapter, 3))
        self.assertEqual(said.stdout.split(), ["AA"] * 3, said.stderr)
        self.assertEqual(adapter.count("put"), 3)

    @needs("openssl")
    def test_with_tls_a_sender_shows_a_certificate_of_our_authority_or_is_not_heard(self):
        port = free_port()
        adapter = self.adapter("health", "health-hl7v2", f"  mllp: {{port: {port}, {TLS}}}\n", self.certificates)

        def send(certificate):
            context = ssl.create_default_context(cafile=os.path.join(adapter.folder, "authority.pem"))
            if certificate is not None:
                context.load_cert_chain(os.path.join(adapter.folder, f"{certificate}.pem"), os.path.join(adapter.folder, f"{certificate}.pk"))
            with socket.create_connection(("127.0.0.1", port), timeout=120) as bare, context.wrap_socket(bare, server_hostname="127.0.0.1") as line:
                line.sendall(f"\x0b{missed(1)}\x1c\x0d".encode())
                return line.recv(4096)

        self.assertIn(b"MSA|AA|", send("sender"))
        for certificate in (None, "stranger", "neighbour"):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.assertNotEqual(send(certificate), b"")
        with socket.create_connection(("127.0.0.1", port), timeout=120) as bare:
            bare.sendall(f"\x0b{missed(2)}\x1c\x0d".encode())
            try:
                self.assertNotIn(b"MSA", bare.recv(4096))
            except ConnectionError:
                pass
        self.assertEqual(adapter.count("put"), 1)
        self.assertIn("a sender's TLS was refused", adapter.log())
        self.assertIn("certificate is of neighbour.test, which is not under tls.client_names", adapter.log())

    @needs("openssl")
    def test_a_sender_that_does_not_believe_our_certificate_is_told_of_as_that(self):
        """What TLS itself says of it is "decryption has failed", or that there was no certificate."""
        port = free_port()
        adapter = self.adapter("health", "health-hl7v2", f"  mllp: {{port: {port}, {TLS}}}\n", self.certificates)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=os.path.join(adapter.folder, "other.pem"))
            context.minimum_version = context.maximum_version = version
            context.load_cert_chain(os.path.join(adapter.folder, "sender.pem"), os.path.join(adapter.folder, "sender.pk"))
            before = adapter.log().count("whether it believes ours")
            with socket.create_connection(("127.0.0.1", port), timeout=120) as bare, self.assertRaises(ssl.SSLError):
                context.wrap_socket(bare, server_hostname="127.0.0.1")
            adapter.wait(lambda: adapter.log().count("whether it believes ours") == before + 1)


class Http(Story):
    def setUp(self):
        self.body = released(2)

    @needs("curl")
    def test_curl_is_answered_202_and_a_repeat_makes_no_second_event(self):
        port = free_port()
        adapter = self.adapter("probation", "probation-domain-event", f"  http: {{port: {port}, token_file: token}}\n")
        for _ in range(2):
            said = run("curl", "-sS", "-H", f"Authorization: Bearer {TOKEN}", "-H", "Idempotency-Key: 1", "-d", self.body, "-w", "%{http_code}", f"http://127.0.0.1:{port}/")
            self.assertTrue(said.stdout.endswith("202"), said.stdout + said.stderr)
        self.assertEqual(adapter.count("put"), 1)

    @needs("curl", "openssl")
    def test_curl_with_a_certificate_needs_no_token_and_a_stranger_is_answered_401(self):
        port = free_port()
        adapter = self.adapter("probation", "probation-domain-event", f"  http: {{port: {port}, {TLS}}}\n", self.certificates)

        def post(certificate):
            mine = [] if certificate is None else ["--cert", f"{certificate}.pem", "--key", f"{certificate}.pk"]
            return subprocess.run(["curl", "-sS", "--cacert", "authority.pem", *mine, "-d", self.body, "-w", "%{http_code}",
                                   f"https://127.0.0.1:{port}/"], cwd=adapter.folder, capture_output=True, text=True, timeout=120, check=False)

        self.assertTrue(post("sender").stdout.endswith("202"))
        self.assertTrue(post(None).stdout.endswith("401"))
        self.assertTrue(post("neighbour").stdout.endswith("401"))
        self.assertIn("neighbour.test", adapter.log())
        self.assertFalse(post("stranger").stdout.endswith("202"))
        self.assertIn("issuer is unknown", adapter.log())
        self.assertEqual(adapter.count("put"), 1)


class Fhir(Story):
    """fhir-kit-client posts resources and a Bundle, and reads what is said of them."""
    @needs(os.path.join(PEERS, "node_modules", "fhir-kit-client"))
    def test_fhir_kit_client_is_answered_and_reads_the_operation_outcome_of_what_is_refused(self):
        port = free_port()
        paths = ", ".join(f"{{path: {path}, mapping: health-fhir}}" for path in ("/fhir", "/fhir/Appointment", "/fhir/Encounter", "/fhir/ServiceRequest"))
        adapter = self.adapter("health", "health-fhir", f"  http: {{port: {port}, token_file: token, routes: [{paths}]}}\n")
        start = (datetime.now(timezone.utc) - timedelta(days=1)).isoformat(timespec="seconds")
        patient = {"actor": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990001073"}}}
        appointment = {"resourceType": "Appointment", "id": "a1", "status": "noshow", "start": start, "participant": [patient]}
        encounter = {"resourceType": "Encounter", "id": "e1", "status": "arrived", "class": {"code": "EMER"}, "subject": patient["actor"],
                     "period": {"start": start}}
        request = {"resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order", "subject": patient["actor"],
                   "authoredOn": start}
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": dict(appointment, id="a2")}]}
        bad = dict(appointment, id="a3", start="2026-02-30T10:00:00Z")
        sent = [adapter.write(f"{i}.json", json.dumps(each)) for i, each in enumerate((appointment, encounter, request, bundle, bad))]
        said = run(node(), os.path.join(HERE, "fhir_client.mjs"), f"http://127.0.0.1:{port}/fhir", TOKEN, *sent)
        lines = said.stdout.splitlines()
        self.assertEqual(lines[:4], ["202 OperationOutcome information"] * 4, said.stdout + said.stderr)
        self.assertRegex(lines[4], "^422 OperationOutcome error line 1, column [0-9]+: start: .*does not exist")
        self.assertNotIn("2026-02-30", lines[4])
        self.assertEqual((adapter.count("put"), adapter.count("parked_here")), (4, 1))


class Away(Story):
    """What the adapter itself must ask for is not there: who looks at the adapter must read so."""
    def says(self, adapter, words):
        adapter.wait(lambda: words in str(adapter.count("source")))
        said = run(os.path.join(BIN, "mash-adapter"), "--config", os.path.join(adapter.folder, "adapter.yaml"), "--check")
        self.assertRegex(said.stdout, f"WRONG  source .*{words}")
        self.assertEqual(said.returncode, 1)

    def test_a_queue_that_is_away_is_named_by_status_and_check(self):
        place = f"http://127.0.0.1:{free_port()}/"
        adapter = self.adapter("probation", "probation-domain-event", f"  sqs: {{queue_url: \"{place}000000000000/mash\", region: eu-west-2, credentials: aws}}\n")
        self.says(adapter, f"nothing comes from the queue: {place}: it takes no connection")

    def test_details_that_are_away_are_named_by_status_and_check(self):
        port = free_port()
        event = json.loads(released(1))
        event.update(eventType="intervention.session-appointment.session-feedback-submitted", detailUrl=f"http://127.0.0.1:{port}/1")
        adapter = self.adapter("probation", "probation-domain-event", f"  folder: in\n  poll_ms: 10\ndetail: {{hosts: [\"127.0.0.1:{port}\"]}}\n")
        os.rename(adapter.write("1.json", json.dumps(event)), os.path.join(adapter.folder, "in", "1.json"))
        self.says(adapter, "an event waits for its detail, and all behind it: ")


class Queue(Story):
    @needs(os.path.join(PEERS, "node_modules", "fauxqs"))
    def test_what_a_topic_and_a_queue_give_is_in_the_outbox_and_gone_from_the_queue(self):
        queue = subprocess.Popen([node(), os.path.join(HERE, "queue.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=dict(os.environ, PEERS=PEERS))
        self.addCleanup(queue.stdout.close)
        self.addCleanup(queue.wait, 20)
        self.addCleanup(queue.stdin.close)

        def tell(line):
            queue.stdin.write(line + "\n")
            queue.stdin.flush()
            return queue.stdout.readline().strip()

        url, endpoint = queue.stdout.readline().split()
        for i in range(1, 13):
            tell("publish " + released(i))
        tell("send " + released(20))
        tell("send {\"no\": \"event")
        adapter = self.adapter("probation", "probation-domain-event", f"  sqs: {{queue_url: \"{url}\", endpoint: \"{endpoint}\", region: eu-west-2, credentials: aws}}\n")
        adapter.wait(lambda: adapter.count("put") == 13 and adapter.count("parked_here") == 1)
        adapter.wait(lambda: tell("left") == "0")
        tell("publish " + released(30))
        adapter.wait(lambda: adapter.count("put") == 14)


class Sftp(Story):
    @needs("sftp", SFTP_SERVER)
    def test_an_upload_is_taken_when_it_is_whole_and_never_before(self):
        adapter = Adapter("probation", "probation-domain-event", "  folder: in\n  poll_ms: 10\n  quiet_seconds: 0\n")
        self.addCleanup(adapter.end)
        adapter.start()
        drop = os.path.join(adapter.folder, "in")
        whole = adapter.write("whole.json", released(2))
        batch = f"put {whole} {drop}/1.json.filepart\nrename {drop}/1.json.filepart {drop}/1.json\nput {whole} {drop}/2.json\n"
        said = run("sftp", "-q", "-b", "-", "-D", SFTP_SERVER, stdin=batch)
        self.assertEqual(said.returncode, 0, said.stderr)
        done = os.path.join(drop, "done")
        adapter.wait(lambda: sorted(os.listdir(done)) == ["1.json", "2.json"])
        # An upload that stands still half way: its server has it open, so it is not whole however long it stands.
        server = subprocess.Popen([SFTP_SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)

        def ask(kind, body):
            packet = bytes([kind]) + body
            server.stdin.write(len(packet).to_bytes(4, "big") + packet)
            server.stdin.flush()
            size = int.from_bytes(server.stdout.read(4), "big")
            return server.stdout.read(size)

        def text(value):
            return len(value).to_bytes(4, "big") + value
        content = released(3).encode()
        ask(1, (3).to_bytes(4, "big"))  # SSH_FXP_INIT
        handle = ask(3, bytes(4) + text(f"{drop}/3.json".encode()) + (0x1a).to_bytes(4, "big") + bytes(4))[9:]  # OPEN: write, create, truncate
        ask(6, bytes(4) + text(handle) + bytes(8) + text(content[:40]))  # WRITE: the first half
        before = adapter.count("inputs_failed")
        run("sftp", "-q", "-b", "-", "-D", SFTP_SERVER, stdin=f"put {adapter.write('four.json', released(4))} {drop}/4.json\n")
        adapter.wait(lambda: "4.json" in os.listdir(done))  # the folder was looked at often enough meanwhile
        self.assertIn("3.json", os.listdir(drop))
        ask(6, bytes(4) + text(handle) + (40).to_bytes(8, "big") + text(content[40:]))
        ask(4, bytes(4) + text(handle))  # CLOSE
        server.stdin.close()
        server.wait(timeout=120)
        adapter.wait(lambda: "3.json" in os.listdir(done))
        self.assertEqual(adapter.count("inputs_failed"), before)


if __name__ == "__main__":
    unittest.main()
