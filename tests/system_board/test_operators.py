"""What the operators' page tells that nobody else would: of who does not get in, and of the board's own volume."""
import os
import unittest
import urllib.request

from board_fixture import BOARD, Board, Browser
from hub_fixture import Hub, Key, free_ports, wait_for
from mash.v1 import bus_pb2 as bus, record_pb2 as record
from mash_client import Silence


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class OperatorsPage(unittest.TestCase):
    def setUp(self):
        self.hub = Hub(partnership="hips")
        self.addCleanup(self.hub.end)
        self.hub.start()
        queues, self.port = ["hampshire_childrens"], free_ports(1)[0]
        self.board = Board("- {name: night-operator, operator: yes, password: \"HASH\"}\n", queues, self.hub, f"watch_key: watch.key\nmetrics: 127.0.0.1:{self.port}\n")
        self.addCleanup(self.board.end)
        self.hub.enrol_gateway("board", ["hampshire-childrens"], queues).write(os.path.join(self.board.folder, "board.key"))
        self.hub.enrol("watch", record.PEER_KIND_AUDITOR).write(os.path.join(self.board.folder, "watch.key"))
        self.board.start()
        self.browser = Browser(self.board)
        self.browser.sign_in("night-operator")

    def page(self):
        return self.browser.get("/operators").words()

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def knocks(self, key):
        with self.assertRaises(Silence), self.hub.client(key, self.hub.agency_port, hello=False) as client:
            client.hello(1)

    def test_a_revoked_key_that_goes_on_knocking_is_told_by_its_name_and_what_to_do(self):
        key = self.hub.enrol_adapter("police", source_system="python/1")
        wait_for("the lists", lambda: "Who is heard" in self.page())
        self.assertNotIn("Turned away", self.page())
        with self.hub.operator() as operator:
            self.assertEqual(operator.command(revoke=bus.Revoke(name="police")).code, bus.COMMAND_DONE)
        self.knocks(key)
        wait_for("the page to tell of it", lambda: "Turned away" in self.page())
        self.assertRegex(self.page(), r"The revoked key of police, from 127\.0\.0\.1: \d+ times?, the newest \w{3} \d+ \w{3} \d{4}")
        self.assertIn("its owner needs a new key", self.page())

    def test_a_key_that_nobody_enrolled_is_told_by_itself(self):
        key = Key()
        self.knocks(key)
        wait_for("the page to tell of it", lambda: "Turned away" in self.page())
        self.assertIn("A key that is not enrolled, " + key.public.decode(), self.page())

    def test_a_volume_that_takes_no_sessions_is_told(self):
        """What people are told is kept for them would go with the board."""
        self.assertNotIn("cannot be saved", self.page())
        state = os.path.join(self.board.folder, "state")
        os.rename(state, state + "-gone")
        Browser(self.board).sign_in("night-operator")
        wait_for("the page to tell of it", lambda: "Sessions and what people typed cannot be saved" in self.page())
        wait_for("the figure", lambda: "\nmashboard_save_failed 1\n" in self.metrics())
        os.rename(state + "-gone", state)
        Browser(self.board).sign_in("night-operator")
        wait_for("it to be well again", lambda: "cannot be saved" not in self.page())


if __name__ == "__main__":
    unittest.main()
