"""A board under its supervisor (deploy/systemd): what it says of itself."""
import os
import signal
import socket
import subprocess
import unittest

from board_fixture import BOARD, Board, Browser

PEOPLE = '- {person: hc-1, password: "HASH"}\n'


class Supervisor:
    """The socket of sd_notify."""

    def __init__(self, board):
        self.path = os.path.join(board.folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(20)

    def hears(self):
        return self.socket.recv(1024).decode()


class Service(unittest.TestCase):
    def setUp(self):
        self.board = Board(PEOPLE, ["hampshire_childrens"])
        self.addCleanup(self.board.end)
        self.supervisor = Supervisor(self.board)
        self.addCleanup(self.supervisor.socket.close)
        os.environ["NOTIFY_SOCKET"] = self.supervisor.path
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")

    # systemctl start must return when people can sign in, and not before; a proxy that is started after it finds it.
    def test_its_supervisor_hears_when_it_is_there_and_when_it_ends(self):
        self.board.start()
        self.assertEqual(self.supervisor.hears(), "READY=1")
        self.assertEqual(Browser(self.board).get("/sign-in").status, 200)
        self.board.stop(signal.SIGTERM)
        self.assertEqual(self.supervisor.hears(), "STOPPING=1")

    # A board that cannot start is told by its end alone: a supervisor that had heard READY would take it for running.
    def test_a_board_that_cannot_listen_does_not_say_that_it_is_there(self):
        taken = socket.create_server(("127.0.0.1", self.board.port))
        self.addCleanup(taken.close)
        with self.assertRaisesRegex(RuntimeError, "the port is taken"):
            self.board.start()
        self.supervisor.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.supervisor.hears()

    # Before the service is switched on: each file that it would stop at, all at once, and not one a start.
    def test_what_a_start_would_stop_at_is_told_before_it(self):
        def told(code):
            done = subprocess.run([BOARD, "--check", "--config", self.board.folder], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            return done.stdout

        self.assertRegex(told(0), r"ok +this board's key .*board\.key\n(?s:.*)all right; .* mashctl doctor --key .*board\.key")
        os.rename(os.path.join(self.board.folder, "board.key"), os.path.join(self.board.folder, "elsewhere.key"))
        os.chmod(os.path.join(self.board.folder, "people.yaml"), 0o644)
        found = told(1)
        self.assertRegex(found, r"WRONG +this board's key .*board\.key")
        self.assertRegex(found, r"WRONG +who signs in .*people\.yaml.*chmod 600")
        self.assertIn("2 to put right", found)


if __name__ == "__main__":
    unittest.main()
