"""mashctl conformance: adapters that do their duties pass every one, and each fault is named by the duty that it breaks."""
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

from hub_fixture import BIN, MASHCTL, SOURCE, Hub, free_ports

HERE = os.path.dirname(os.path.abspath(__file__))
# what is wrong with the candidate, the stories that show it, the duty that names it
FAULTS = [
    ("gap", "session", "link-seq"),
    ("new-bytes", "lost-answer", "same-bytes"),
    ("plain-id", "session", "event-id"),
    ("greedy", "credit", "credit"),
    ("mute", "session", "ping"),
    ("deaf", "silent", "silence"),
    ("keeps-id", "forked", "forked"),
    ("credulous", "mismatch", "watermark-mismatch"),
    ("skips", "ahead", "watermark-ahead"),
    ("stubborn", "refused", "refused"),
    ("impatient", "retry", "retry-later"),
    ("strict", "unknown", "unknown-frames"),
    ("forgets", "killed", "kill-9"),
    ("boasts", "lost-answer", "acknowledged"),
    ("fights", "replaced", "replaced"),
    ("defiant", "revoked", "revoked"),
    ("invalid", "session", "valid-events"),
    ("fast-clock", "session", "clock"),
    ("twice", "inputs", "input-once"),
    ("takes-part", "partial", "input-in-progress"),
    ("dies", "hostile", "hostile-inputs"),
]


class Bench:
    """One candidate in a folder of its own."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.drop, self.kit = os.path.join(folder, "in"), os.path.join(folder, "kit")
        os.makedirs(self.drop)
        self.prepared = self.conformance(False)

    def listening(self, mapping, golden, transport, way, *words):
        """Our own adapter, by a way in that is no folder."""
        agency = mapping.split("-")[0]
        with open(os.path.join(self.folder, "adapter.yaml"), "w", encoding="utf-8") as file:
            file.write(f"name: own\nagency: {agency}\nmapping: {mapping}\nsource_system: own/1\narea: E10000014\nfolder: own\n"
                       f'hub: {{endpoints: ["tcp://127.0.0.1:{self.port}"], server_key: kit/hub.pub}}\nkey: kit/candidate.key\n'
                       f'transport: {transport}\nurgent_notice: {{minutes: 10, telephone: "01632 960001"}}\n')
        with open(os.open(os.path.join(self.folder, "token"), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        return self.conformance(False, "--send", way, "--golden", os.path.join(HERE, "golden", golden), "--only", "session,inputs,partial,hostile,killed", *words,
                                "--", os.path.join(BIN, "mash-adapter"), "--config", "adapter.yaml")

    def conformance(self, tried, *words, config="/nonexistent"):
        return subprocess.run([MASHCTL, "conformance", "--config", config, "--folder", self.kit, "--listen", f"127.0.0.1:{self.port}",
                               *(["--drop", self.drop] if tried else []), *words], capture_output=True, text=True, timeout=800, check=False, cwd=self.folder)

    def python(self, fault, *words):
        golden = os.path.join(self.folder, "golden.json")
        with open(golden, "w", encoding="utf-8") as file:
            file.write('{"n": @N@}\n')
        return self.conformance(True, "--golden", golden, *words, "--", sys.executable, os.path.join(HERE, "candidate.py"), f"tcp://127.0.0.1:{self.port}",
                                os.path.join(self.kit, "hub.pub"), os.path.join(self.kit, "candidate.key"), self.drop, os.path.join(self.folder, "outbox.db"),
                                *([fault] if fault else []))

    def own(self, *words, config="/nonexistent"):
        with open(os.path.join(self.folder, "adapter.yaml"), "w", encoding="utf-8") as file:
            file.write("name: police\nagency: police\nmapping: police-incident-json\nsource_system: niche/44\narea: E10000014\nfolder: own\n"
                       f'hub: {{endpoints: ["tcp://127.0.0.1:{self.port}"], server_key: kit/hub.pub}}\nkey: kit/candidate.key\n'
                       'transport: {folder: in, poll_ms: 50}\nurgent_notice: {minutes: 10, telephone: "01632 960001"}\n')
        adapter = os.path.join(BIN, "mash-adapter")
        return self.conformance(True, "--golden", os.path.join(HERE, "golden", "police-incident.json"), "--hostile", os.path.join(SOURCE, "tests", "samples", "bad"),
                                "--program", adapter, *words, "--", adapter, "--config", "adapter.yaml", config=config)

    def certificate(self):
        with open(os.path.join(self.kit, "certificate.json"), encoding="utf-8") as file:
            return json.load(file)


@unittest.skipUnless(os.access(MASHCTL, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mashctl)")
class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """All at once: a candidate mostly waits, and each has a hub of its own."""
        folder = tempfile.TemporaryDirectory(prefix="mash-conformance-")
        cls.addClassCleanup(folder.cleanup)
        cls.hub = Hub()
        cls.addClassCleanup(cls.hub.end)
        names = ["own", "sound", "mllp", "http"] + [fault for fault, _, _ in FAULTS]
        ports = free_ports(len(names) + 2)
        cls.benches = {name: Bench(os.path.join(folder.name, name), port) for name, port in zip(names, ports)}
        mllp, http = ports[-2:]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            tried = {"own": pool.submit(cls.benches["own"].own, config=cls.hub.folder), "sound": pool.submit(cls.benches["sound"].python, "")}
            tried["mllp"] = pool.submit(cls.benches["mllp"].listening, "health-hl7v2", "a04-emergency.hl7", f"{{mllp: {{port: {mllp}}}}}", f"mllp://127.0.0.1:{mllp}")
            tried["http"] = pool.submit(cls.benches["http"].listening, "police-incident-json", "police-incident.json",
                                        f"{{http: {{port: {http}, token_file: token}}}}", f"http://127.0.0.1:{http}/", "--token", "0123456789abcdef0123456789abcdef")
            tried.update({fault: pool.submit(cls.benches[fault].python, fault, "--only", stories) for fault, stories, _ in FAULTS})
        cls.done = {name: future.result() for name, future in tried.items()}

    def test_a_candidate_that_ends_at_once_is_said_to_have_ended(self):
        done = self.benches["sound"].conformance(True, "--golden", os.path.join(HERE, "golden", "police-incident.json"), "--", "/bin/false")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the candidate ended before it had opened a session", done.stderr)

    def test_a_story_that_there_is_not_is_named_instead_of_left_out(self):
        done = self.benches["sound"].conformance(True, "--golden", os.path.join(HERE, "golden", "police-incident.json"), "--only", "session,kiled", "--", "/bin/true")
        self.assertEqual(done.returncode, 1)
        self.assertIn('there is no story "kiled"; there are session,', done.stderr)

    def all_passed(self, name):
        self.assertEqual(self.done[name].returncode, 0, self.done[name].stdout + self.done[name].stderr)
        self.assertEqual({row["result"] for row in self.benches[name].certificate()["duties"]}, {"passed"})

    def test_our_own_adapter_does_every_duty(self):
        self.all_passed("own")

    def test_it_feeds_by_mllp_and_by_http_too(self):
        for name in ("mllp", "http"):
            with self.subTest(way=name):
                self.assertEqual(self.done[name].returncode, 0, self.done[name].stdout + self.done[name].stderr)
                rows = {row["duty"]: row["result"] for row in self.benches[name].certificate()["duties"]}
                for duty in ("golden-inputs", "input-once", "input-in-progress", "hostile-inputs", "kill-9"):
                    self.assertEqual(rows[duty], "passed")

    def test_an_adapter_in_another_language_does_every_duty(self):
        self.all_passed("sound")

    def test_each_fault_is_named_by_the_duty_that_it_breaks(self):
        for fault, _, duty in FAULTS:
            with self.subTest(fault=fault):
                done = self.done[fault]
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                rows = {row["duty"]: row for row in self.benches[fault].certificate()["duties"]}
                self.assertEqual(rows[duty]["result"], "failed", done.stdout)
                self.assertRegex(done.stdout, rf'FAILED +{duty} .*\n +.*proto/README.md, "')

    def test_the_certificate_names_the_binary_and_is_signed_by_the_hub(self):
        bench = self.benches["own"]
        certificate = bench.certificate()
        with open(os.path.join(BIN, "mash-adapter"), "rb") as file:
            self.assertEqual(certificate["program"], "blake2b:" + hashlib.blake2b(file.read(), digest_size=32).hexdigest())
        self.assertTrue(certificate["candidate"].startswith("mash-adapter/"))
        paths = [os.path.join(bench.kit, "certificate.json"), os.path.join(bench.kit, "raw.sig"), os.path.join(bench.kit, "raw.pub")]
        with open(paths[0] + ".sig", encoding="utf-8") as file, open(paths[1], "wb") as raw:
            raw.write(bytes.fromhex(file.read().strip()))
        with open(os.path.join(self.hub.folder, "keys", "signing.pub"), encoding="utf-8") as file, open(paths[2], "wb") as raw:
            raw.write(bytes.fromhex("302a300506032b6570032100") + bytes.fromhex(file.read().strip()))  # SubjectPublicKeyInfo of Ed25519
        verified = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", paths[2], "-rawin", "-in", paths[0],
                                   "-sigfile", paths[1]], capture_output=True, text=True, check=False)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_what_was_not_tried_is_not_said_to_be_passed(self):
        rows = {row["duty"]: row["result"] for row in self.benches["gap"].certificate()["duties"]}
        self.assertEqual(rows["kill-9"], "not tried")

    def test_no_certificate_holds_a_name(self):
        for bench in self.benches.values():
            with open(os.path.join(bench.kit, "certificate.txt"), encoding="utf-8") as file:
                self.assertNotRegex(file.read(), "Testley|Example")

    def test_it_says_first_what_to_configure(self):
        said = self.benches["own"].prepared
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn(f"endpoint    tcp://127.0.0.1:{self.benches['own'].port}", said.stdout)


if __name__ == "__main__":
    unittest.main()
