"""The programs under the supervisor that they are meant for: systemd with the units of deploy/systemd, installed by the pages' own commands. What a unit
forbids, a library may need (libzmq ends a process that may not look at network interfaces), and only systemd itself tells.

A systemd of this machine's own Debian starts in a container whose root is this machine's, with everything that is written kept apart and no
network but loopback. It needs root, overlayfs and systemd-container; where they are not had it is skipped."""
import os
import shutil
import subprocess
import tempfile
import unittest

SOURCE, BIN = os.environ["MASHHUB_SOURCE"], os.environ["MASHHUB_BIN"]
HERE = os.path.dirname(os.path.abspath(__file__))
ENDS = """[Unit]
DefaultDependencies=no
After=basic.target
Requires=basic.target
[Service]
Type=oneshot
Environment=SOURCE={source} BIN={bin} HOME=/root LC_ALL=C.UTF-8
ExecStart=/bin/sh -c '/bin/bash /story.sh; echo $? >/story.rc; journalctl --no-pager -o cat >/story.journal'
ExecStopPost=/bin/systemctl --force poweroff
StandardOutput=file:/story.log
StandardError=inherit
TimeoutStartSec=800
"""


def block(page, first):
    """The indented or fenced commands of a page, from the line that begins with `first` to the end of the block."""
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        lines = [line.removeprefix("    ") for line in file.read().splitlines()]
    begin = next(i for i, line in enumerate(lines) if line.startswith(first))
    end = next(i for i in range(begin, len(lines)) if lines[i] in ("", "```"))
    return lines[begin:end]


def function(name, lines):
    return "\n".join([name + "() {", *lines, "}", ""])


def after(lines, beginning, *more):
    at = next(i for i, line in enumerate(lines) if line.startswith(beginning)) + 1
    return [*lines[:at], *more, *lines[at:]]


def story():
    """The pages' commands, with what they leave to the reader."""
    runbook = "deploy/RUNBOOK.md"
    hub = after(block(runbook, "useradd --system --home-dir /var/lib/mashhub "), "cp -r config/hips/policy",
                "cat >/etc/mashhub/hips/hub.yaml <<'END'", *block(runbook, "partnership: hips"), "END")
    hub = after(hub, "mkdir -m 0700 keys", "cp keys/operator.pub .")
    hub = after(hub, "runuser", "cp /etc/mashhub/hips/keys/hub.pub keys/", "cat >mashctl.yaml <<'END'", *block(runbook, "hub: {agency:"), "END")
    board = [line for line in block(runbook, "deploy/install run board") if not line.startswith("deploy/install")]
    board = [line.replace("config/hips/board", os.path.join(SOURCE, "config/hips/board")) for line in board]
    board = after(board, "cp ", "echo horse battery staple >pack.passphrase",
                  r"sed -i 's|server_key: .*|server_key: hub.pub}|; s|^key: .*|key: board.key|; s|^watch_key: .*|watch_key: watch.key|' board.yaml",
                  r"sed -i 's|^state: .*|state: /run/mash-board/hampshire|; s|^queues: .*|queues: [hampshire_childrens]|; /^  southampton_adults/d' board.yaml",
                  "cat >>board.yaml <<'END'", *[line for line in block(runbook, "pack: {folder:")], "END")
    adapter = [line for line in block("docs/wiring/police.md", 'cp "$MASH"/build/release/bin') if not line.startswith("cp ")]
    elsewhere = ["cat <<'END'", *block(runbook, "[Service]"), "END"]
    with open(os.path.join(HERE, "story.sh"), encoding="utf-8") as file:
        lines = file.read().split("set -eux\n", 1)
    made = {"install_hub": hub, "install_board": board, "install_adapter": adapter, "elsewhere": elsewhere}
    return "set -eux\n" + "".join(function(name, commands) for name, commands in made.items()) + lines[1]


class Units(unittest.TestCase):
    def root(self):
        """This machine's files; what is written goes to a folder of the test's."""
        if os.geteuid() != 0 or shutil.which("systemd-nspawn") is None or not os.path.exists("/lib/systemd/systemd"):
            self.skipTest("skipped: it needs root and systemd-container")
        folder = tempfile.mkdtemp(prefix="units.", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        for name in ("upper", "work", "root"):
            os.mkdir(os.path.join(folder, name))
        options = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
        done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, f"{folder}/root"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest("skipped: no overlayfs here: " + done.stderr)
        self.addCleanup(subprocess.run, ["umount", f"{folder}/root"], check=False)
        return f"{folder}/root"

    def test_installed_by_the_pages_everything_runs_under_systemd_is_started_again_and_ends_well(self):
        root = self.root()

        def write(path, text):
            with open(root + path, "w", encoding="utf-8") as file:
                file.write(text)

        def told(path):
            try:
                with open(root + path, encoding="utf-8", errors="replace") as file:
                    return file.read()
            except FileNotFoundError:
                return ""

        write("/story.sh", story())
        write("/etc/systemd/system/story.service", ENDS.format(source=SOURCE, bin=BIN))
        machine = subprocess.run(
            ["systemd-nspawn", "-q", "-D", root, f"--machine=units-{os.getpid()}", "--register=no", "--keep-unit", "--private-network",
             f"--bind-ro={SOURCE}", f"--bind-ro={BIN}", "--boot", "--", "systemd.unit=story.service"],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=850, check=False)
        if not told("/story.log"):
            self.skipTest("skipped: systemd does not start in a container here: " + machine.stdout[-2000:])
        if told("/story.rc") == "77\n":
            self.skipTest("skipped: a container may not set up the units' sandbox here: " + told("/story.journal")[-2000:])
        self.assertEqual(told("/story.rc"), "0\n", told("/story.log")[-6000:] + "\n" + told("/story.journal")[-12000:])


if __name__ == "__main__":
    unittest.main()
