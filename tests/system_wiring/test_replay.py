"""mash-adapter --replay: what would change is said first, what the hub holds stays as it is, and nothing reaches another hub."""
import os
import re
import subprocess
import unittest

from hub_fixture import BIN, Adapter, Hub, HubTest, wait_for


class Replay(HubTest):
    partnership = "hips"

    def setUp(self):
        self.name = self._testMethodName[5:30].strip("_").replace("_", "-")
        self.adapter = Adapter(self.hub, self.name, system=f"niche/{self.name}")
        self.addCleanup(self.adapter.stop)
        self.config = os.path.join(self.hub.folder, f"{self.name}.yaml")

    def run_adapter(self, *words):
        return subprocess.run([os.path.join(BIN, "mash-adapter"), "--config", self.config, *words], capture_output=True, text=True, timeout=120, check=False)

    def told(self, count):
        self.adapter.start()
        self.adapter.drop(count)
        self.adapter.wait_until_settled()
        self.adapter.stop()

    def change(self, pattern, text):
        with open(self.config, encoding="utf-8") as file:
            old = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(re.sub(pattern, text, old))

    def stored(self):
        return self.hub.mashctl("status", "--json").stdout

    def done(self, name="0001.json"):
        return os.path.join(self.adapter.folder, "in", "done", name)

    def test_everything_kept_is_offered_again_and_stays_as_it_is(self):
        self.told(2)
        shown = self.run_adapter("--replay")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("2 settled events are kept and would be offered again", shown.stdout)
        self.assertEqual(self.adapter.counts()["waiting"], 0)
        self.assertIn("2 events will be offered again", self.run_adapter("--replay", "--yes").stdout)
        accepted = re.search(r'"events_accepted":"?(\d+)', self.stored()).group(1)
        self.adapter.start()
        wait_for("the hub to have answered", lambda: self.adapter.counts()["waiting"] == 0)
        self.assertEqual(self.adapter.counts()["duplicate"], 2)
        self.assertEqual(re.search(r'"events_accepted":"?(\d+)', self.stored()).group(1), accepted)

    def test_a_file_that_was_told_makes_nothing_new(self):
        self.told(1)
        shown = self.run_adapter("--replay", self.done())
        self.assertIn("0001.json: told before, nothing new", shown.stdout)
        self.assertIn("nothing was done; the same with --yes does it", shown.stdout)
        self.assertIn("0 events", self.run_adapter("--replay", "--yes", self.done()).stdout)
        self.assertEqual(self.adapter.counts()["waiting"], 0)

    def test_what_the_hub_refused_is_told_when_the_cause_is_mended(self):
        self.adapter.sample = self.adapter.sample.replace('      "area": "E10000014",\n', "", 1)
        self.change("area: E10000014", "area: E09000001")
        self.adapter.start()
        self.adapter.drop(1)
        wait_for("the refusal", lambda: self.adapter.counts().get("refused") == 1)
        self.adapter.stop()
        self.change("area: E09000001", "area: E10000014")
        self.assertIn("0001.json: 1 event, 0 parked", self.run_adapter("--replay", self.done()).stdout)
        self.assertEqual(self.adapter.counts()["waiting"], 0)
        self.assertEqual(self.run_adapter("--replay", self.done(), "--yes").returncode, 0)
        self.assertEqual(self.adapter.counts()["waiting"], 1)
        self.adapter.start()
        wait_for("the hub's answer", lambda: self.adapter.counts().get("stored") == 1)

    def test_a_file_of_somebody_else_is_not_taken(self):
        self.told(1)
        other = Adapter(self.hub, "other-" + self.name[:20], system="niche/other")
        path = os.path.join(other.folder, "in", "0001.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(other.sample)
        refused = self.run_adapter("--replay", path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("was not taken in by this adapter", refused.stderr)

    def test_an_outbox_is_never_offered_to_another_hub(self):
        self.told(1)
        test_hub = Hub(partnership="hips")
        self.addCleanup(test_hub.end)
        test_hub.start()
        self.change("server_key: [^}]*", f"server_key: {test_hub.server_key_file}")
        self.change(str(self.hub.agency_port), str(test_hub.agency_port))
        for words in (["--replay"], ["--replay", "--yes"], ["--replay", self.done()], ["--once"]):
            with self.subTest(words=words):
                refused = self.run_adapter(*words)
                self.assertEqual(refused.returncode, 1)
                self.assertIn("belongs to another hub", refused.stderr)
        self.assertEqual(self.adapter.counts()["waiting"], 0)

    def test_not_beside_the_running_adapter(self):
        self.adapter.start()
        self.adapter.drop(1)
        self.adapter.wait_until_settled()
        refused = self.run_adapter("--replay", "--yes")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the adapter is running; stop it first", refused.stderr)

    def test_yes_alone_means_nothing(self):
        self.assertEqual(self.run_adapter("--yes").returncode, 2)


if __name__ == "__main__":
    unittest.main()
