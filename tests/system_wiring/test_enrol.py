"""An adapter is enrolled by one command on each side, a line each way and a telephone call; what people do to such lines is named."""
import base64
import hashlib
import os
import re
import subprocess
import unittest

from mash.v1 import bus_pb2 as bus
from hub_fixture import BIN, MASHCTL, SOURCE, HubTest

CONFIG = """# The force's own remarks stay.
name: {name}
agency: police
mapping: police-incident-json
source_system: niche/{name}   # with a comment
area: {area}
folder: var/{name}
hub:
  # endpoints: [tcp://not.this.one:1]
  endpoints: [tcp://127.0.0.1:7401]   # put here by mashctl enrol request
  server_key: keys/hub.pub
key: keys/{name}.key
transport: {{folder: var/{name}/in, poll_ms: 50}}
urgent_notice: {{minutes: 10, telephone: "01632 960001"}}
"""


def sealed(prefix, message):
    """A line as anybody can make it, its checksum right."""
    packed = message.SerializeToString()
    return prefix + base64.urlsafe_b64encode(hashlib.blake2b(packed, digest_size=32).digest()[:4] + packed).decode().rstrip("=")


class Enrolment(HubTest):
    partnership = "hips"

    def setUp(self):
        self.name = self._testMethodName.replace("test_", "").replace("_", "-")[:40]
        self.folder = os.path.join(self.hub.folder, "agency-" + self.name)
        os.makedirs(os.path.join(self.folder, "var", self.name, "in"))
        self.write(CONFIG.format(name=self.name, area="E10000014"))

    def write(self, text):
        with open(os.path.join(self.folder, "adapter.yaml"), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self):
        with open(os.path.join(self.folder, "adapter.yaml"), encoding="utf-8") as file:
            return file.read()

    def agency(self, *words):
        return subprocess.run([MASHCTL, "enrol", "request", "--adapter", "adapter.yaml", *words], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False, stdin=subprocess.DEVNULL)

    def request(self):
        """The line, and what is read out by telephone."""
        done = self.agency()
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip(), re.search(r"fingerprint +([0-9 ]{23})", done.stderr).group(1)

    def accept(self, line, digits, *words):
        return self.hub.mashctl("enrol", "accept", line, *(["--fingerprint", digits] if digits else []), *words)

    def answer(self, *words):
        """The answer to this agency's request, and what is read out by telephone."""
        done = self.accept(*self.request(), *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip(), re.search(r"fingerprint +([0-9 ]{23})", done.stderr).group(1)

    def take(self, answer, digits):
        return self.agency(answer, "--fingerprint", digits)

    def nothing_is_written(self):
        self.assertEqual(self.read(), CONFIG.format(name=self.name, area="E10000014"))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "keys", "hub.pub")))

    def enrolled(self):
        return self.name in self.hub.mashctl("keys", "list").stdout

    def test_one_command_on_each_side(self):
        self.assertNotIn("\n", self.request()[0])
        taken = self.take(*self.answer())
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn("Hampshire", taken.stdout)
        changed = self.read()
        self.assertEqual(changed, CONFIG.format(name=self.name, area="E10000014").replace(
            "  endpoints: [tcp://127.0.0.1:7401]", f'  endpoints: ["tcp://127.0.0.1:{self.hub.agency_port}"]'))
        self.assertEqual(os.stat(os.path.join(self.folder, "keys", self.name + ".key")).st_mode & 0o777, 0o600)
        doctor = subprocess.run([MASHCTL, "doctor", "--adapter", "adapter.yaml"], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(doctor.returncode, 0, doctor.stdout)
        sample = os.path.join(self.folder, "samples")
        subprocess.run([os.path.join(SOURCE, "tests", "samples", "render.sh"), sample], check=True)
        os.rename(os.path.join(sample, "police", "01-da-high-two-children.json"), os.path.join(self.folder, "var", self.name, "in", "1.json"))
        once = subprocess.run([os.path.join(BIN, "mash-adapter"), "--config", "adapter.yaml", "--once"], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(once.returncode, 0, once.stderr)

    def test_a_request_twice_is_the_same_key_and_gets_the_same_answer(self):
        line, digits = self.request()
        self.assertEqual(self.request(), (line, digits))
        first = self.accept(line, digits)
        again = self.accept(line, digits)
        self.assertEqual((first.returncode, again.returncode), (0, 0), again.stderr)
        self.assertEqual(first.stdout, again.stdout)
        self.assertIn("was enrolled already", again.stderr)

    def test_a_line_that_mail_has_wrapped_is_read(self):
        line, digits = self.request()
        wrapped = "> " + "\n> ".join(line[i:i + 40] for i in range(0, len(line), 40)) + "\r\n"
        self.assertEqual(self.accept(wrapped, digits).returncode, 0)

    def test_a_line_that_was_cut_or_changed_is_named_and_nobody_is_enrolled(self):
        line, digits = self.request()
        middle = len(line) // 2
        other = "A" if line[middle] != "A" else "B"
        rows = [(line[:-9], "not whole|is cut"), (line[:middle] + other + line[middle + 1:], "was changed on its way"), (line[20:], "no line of an enrolment"),
                (line[:18], "is cut"), ("mash-request-1.!!!!", "is cut, or has a character")]
        for cut, cause in rows:
            with self.subTest(cause=cause):
                done = self.accept(cut, digits)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, cause)
        self.assertFalse(self.enrolled())

    def test_request_and_answer_are_not_mistaken_for_each_other(self):
        line, digits = self.request()
        answer = self.accept(line, digits).stdout.strip()
        self.assertRegex(self.accept(answer, digits).stderr, "this line is an answer .* and a request .* is wanted here")
        self.assertRegex(self.agency(line).stderr, "this line is a request .* and an answer .* is wanted here")

    def test_a_fingerprint_that_differs_enrols_nobody(self):
        line, digits = self.request()
        wrong = ("1" if digits[0] != "1" else "2") + digits[1:]
        done = self.accept(line, wrong)
        self.assertEqual(done.returncode, 3)
        self.assertIn("not their line, or it was misread", done.stderr)
        self.assertRegex(self.accept(line, None).stderr, "--fingerprint is needed")
        self.assertFalse(self.enrolled())

    def test_an_answer_is_not_written_before_its_fingerprint_was_compared(self):
        answer, digits = self.answer()
        silent = self.agency(answer)
        self.assertEqual(silent.returncode, 1)
        self.assertRegex(silent.stderr, f"--fingerprint is needed: .*{digits}.*ring the hub's operator")
        self.nothing_is_written()
        wrong = self.take(answer, ("1" if digits[0] != "1" else "2") + digits[1:])
        self.assertEqual(wrong.returncode, 3)
        self.assertIn("nothing was written", wrong.stderr)
        self.nothing_is_written()
        self.assertEqual(self.take(answer, digits).returncode, 0)

    def test_a_fingerprint_is_of_all_that_a_line_says(self):
        """Whoever reads the mail may change more than the key: the checksum is against accidents."""
        line, digits = self.request()
        packed = base64.urlsafe_b64decode(line.split(".")[1] + "==")[4:]
        changed = bus.Enrol.FromString(packed)
        changed.source_system = "niche/elsewhere"
        done = self.accept(sealed("mash-request-1.", changed), digits)
        self.assertEqual(done.returncode, 3)
        self.assertFalse(self.enrolled())
        answer, digits = self.answer("--reachable", "tcp://hub-a.mash.test:7401")
        changed = bus.EnrolAnswer.FromString(base64.urlsafe_b64decode(answer.split(".")[1] + "===")[4:])
        changed.endpoints[0] = "tcp://elsewhere.test:7401"
        self.assertEqual(self.take(sealed("mash-answer-1.", changed), digits).returncode, 3)
        self.nothing_is_written()

    def test_an_answer_for_another_key_changes_nothing(self):
        answer, digits = self.answer()
        for end in ("key", "pub"):
            os.remove(os.path.join(self.folder, "keys", f"{self.name}.{end}"))
        self.request()
        done = self.take(answer, digits)
        self.assertEqual(done.returncode, 3)
        self.assertIn("for another key", done.stderr)
        self.nothing_is_written()

    def test_the_hub_may_be_reached_by_another_name_and_by_two(self):
        taken = self.take(*self.answer("--reachable", "tcp://hub-a.mash.test:7401,tcp://hub-b.mash.test:7401"))
        self.assertEqual(taken.returncode, 0, taken.stderr)
        self.assertIn('endpoints: ["tcp://hub-a.mash.test:7401", "tcp://hub-b.mash.test:7401"]', self.read())

    def test_an_area_of_another_partnership_is_said_at_once(self):
        self.write(CONFIG.format(name=self.name, area="E09000001"))
        taken = self.take(*self.answer())
        self.assertRegex(taken.stdout, "WRONG +area: E09000001")

    def test_a_revoked_key_is_not_let_in_again(self):
        line, digits = self.request()
        self.assertEqual(self.accept(line, digits).returncode, 0)
        self.assertEqual(self.hub.mashctl("keys", "revoke", self.name, "--reason", "test").returncode, 0)
        done = self.accept(line, digits)
        self.assertEqual(done.returncode, 3)
        self.assertIn("a revoked key stays out", done.stderr)

    def test_another_hubs_key_is_not_written_over(self):
        answer, digits = self.answer()
        with open(os.path.join(self.folder, "keys", "hub.pub"), "w", encoding="utf-8") as file:
            file.write(self.hub.operator_key.public.decode() + "\n")
        done = self.take(answer, digits)
        self.assertEqual(done.returncode, 3)
        self.assertIn("another hub's key already", done.stderr)


if __name__ == "__main__":
    unittest.main()
