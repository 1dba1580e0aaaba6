"""Every command on every wiring page is run, in the order of the page, against a real hub; what the page says it prints, it prints.

On a page a block ```sh is run by the engineer, ```sh operator by the hub's operator, ```sh skip by nobody here (it needs root or a peer). A block ```text
holds lines that the commands before it print, where "…" stands for anything. Fingerprints and lines of an enrolment are those of this run.
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from hub_fixture import BIN, SOURCE, HubTest, free_ports

PAGES = os.path.join(SOURCE, "docs", "wiring")
BLOCK = re.compile(r"^```(sh|text)( operator| skip)?\n(.*?)^```$", re.M | re.S)
MARK = "---- end of a block ----"


class Shell:
    """One bash for one person, in which each block goes on where the last one ended."""

    def __init__(self, folder, **environment):
        self.process = subprocess.Popen(["bash"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, **environment})

    def run(self, commands):
        """What they print, and whether each of them ended well."""
        self.process.stdin.write(f"set -e\n{{\n{commands}\n}} </dev/null\necho '{MARK}'\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            if line.startswith(MARK):
                return "".join(said), True
            said.append(line)
        return "".join(said), False

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)


class Pages(HubTest):
    partnership = "hips"

    def project(self):
        """The project as somebody has it who has built it: nothing of it is written to."""
        folder = tempfile.mkdtemp(prefix="mash-page-")
        self.addCleanup(shutil.rmtree, folder, True)
        project = os.path.join(folder, "mashhub")
        os.makedirs(os.path.join(project, "build", "release"))
        os.symlink(BIN, os.path.join(project, "build", "release", "bin"))
        for name in ("config", "tests", "deploy"):
            os.symlink(os.path.join(SOURCE, name), os.path.join(project, name))
        return project

    def of_this_run(self, commands, said):
        digits = re.findall(r"fingerprint +([0-9 ]{23})", said)
        commands = commands.replace("48210 09337 71422 05186", digits[-1] if digits else "")
        for kind in ("request", "answer"):
            lines = re.findall(rf"^(mash-{kind}-1\.\S+)$", said, re.M)
            commands = commands.replace(f"mash-{kind}-1....", lines[-1] if lines else "")
        return commands

    def holds(self, expected, said):
        for line in expected.strip().splitlines():
            pattern = ".*".join(re.escape(part) for part in re.split(r"\s*…\s*", line.strip()))
            self.assertRegex(re.sub(r"[ \t]+", " ", said), re.sub(r"(?:\\ )+", " ", pattern).replace(r"\ ", " "))

    def walk(self, page):
        with open(os.path.join(PAGES, page + ".md"), encoding="utf-8") as file:
            text = file.read()
        ports = free_ports(2)
        text = text.replace("/2575", f"/{ports[0]}").replace("8443", str(ports[1]))
        engineer = Shell(self.project(), MASHHUB_CONFIG="/nonexistent")
        operator = Shell(self.hub.folder, MASHHUB_CONFIG=self.hub.folder, PATH=BIN + ":" + os.environ["PATH"])
        self.addCleanup(engineer.end)
        self.addCleanup(operator.end)
        said, everything, ran = "", "", 0
        for kind, who, block in BLOCK.findall(text):
            if kind == "text":
                with self.subTest(page=page, after=ran):
                    self.holds(block, said)
            elif who != " skip":
                if "sed 's|" in block and f"{page}.yaml" in block and "http" not in block:
                    block += f"sed -i 's|port: 2575|port: {ports[0]}|' {page}.yaml\n"
                said, well = (operator if who == " operator" else engineer).run(self.of_this_run(block, everything))
                everything += said
                ran += 1
                if not well:
                    self.fail(f"{page}.md, block {ran} ended:\n{block}\n{said}")
        self.assertGreater(ran, 8)

    def test_police(self):
        self.walk("police")

    def test_health(self):
        self.walk("health")

    def test_probation(self):
        self.walk("probation")

    def test_education(self):
        self.walk("education")

    def test_children(self):
        self.walk("children")

    def test_adults(self):
        self.walk("adults")

    def test_they_are_as_they_are_written(self):
        done = subprocess.run([os.path.join(PAGES, "make"), "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_there_is_a_page_for_each_agency_with_an_example(self):
        agencies = {name[:-5] for name in os.listdir(os.path.join(SOURCE, "config", "hips", "adapters")) if name.endswith(".yaml")}
        self.assertEqual(agencies, {name[:-3] for name in os.listdir(PAGES) if name.endswith(".md") and name != "page.md"})


if __name__ == "__main__":
    unittest.main()
