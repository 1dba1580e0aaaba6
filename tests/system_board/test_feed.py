"""A board whose hub cannot read its journal for a while, or goes on from another history: what is shown is as the hub has it, or says that it is not."""
import os
import re
import signal
import unittest

from board_fixture import BOARD, Board, Browser
from hub_fixture import REDIS, Hub, RedisHub, concern, wait_for
from mash.v1 import bus_pb2 as bus, record_pb2 as record
from mash_client import Outbox

QUEUES = ["hampshire_childrens"]
AWAY = "This board is cut off from the hub at the moment"


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class Feed(unittest.TestCase):
    # ---- given ----------------------------------------------------------------------------------------------------------------------
    def given_a_hub(self, kind):
        self.hub = kind(partnership="hips")
        self.addCleanup(self.hub.end)
        self.hub.start()
        self.hub.enrol_adapter("police", source_system="python/1")
        self.outbox = Outbox()

    def given_a_board(self):
        people = "- {person: hc-1, password: \"HASH\"}\n- {name: night-operator, operator: yes, password: \"HASH\"}\n"
        self.board = Board(people, QUEUES, self.hub, "watch_key: watch.key\n")
        self.addCleanup(self.board.end)
        self.hub.enrol("watch", record.PEER_KIND_AUDITOR).write(os.path.join(self.board.folder, "watch.key"))
        self.hub.enrol_gateway("board", ["hampshire-childrens"], QUEUES).write(os.path.join(self.board.folder, "board.key"))

    def given_somebody_reads_it(self):
        self.board.start()
        self.browser = Browser(self.board)
        self.browser.sign_in("hc-1")

    def told(self, reference, serial):
        """An event of a child of its own, and so an alert."""
        self.outbox.put(concern(reference, serial))
        with self.hub.adapter("police", self.outbox) as client:
            self.assertEqual(self.outbox.send_through(client)[-1].status, bus.STORED)

    # ---- then -----------------------------------------------------------------------------------------------------------------------
    def page(self):
        return self.browser.get("/queue/unclaimed")

    def listed(self):
        return sorted(re.findall(r'data-row="(A\d+)"', self.page().text))

    def wait_until_listed(self, *alerts):
        wait_for(f"the list to have {alerts}", lambda: self.listed() == list(alerts))
        self.assertNotIn(AWAY, self.page().words())

    # ---- stories --------------------------------------------------------------------------------------------------------------------
    def test_after_a_backup_was_put_back_the_list_has_what_the_hub_has(self):
        """What came after the backup never was: an alert of it would lead nowhere, and the next one bears its number."""
        self.given_a_hub(Hub)
        self.given_a_board()
        self.told("before", 1)
        self.hub.stop()
        self.hub.copy_state("backup")
        self.hub.start()
        self.given_somebody_reads_it()
        self.told("lost-1", 2)
        self.told("lost-2", 3)
        self.wait_until_listed("A1", "A2", "A3")
        self.hub.stop()
        self.hub.restore_state("backup")
        self.hub.start()
        self.wait_until_listed("A1")
        self.outbox = Outbox()
        self.told("after", 4)
        self.wait_until_listed("A1", "A2")

    @unittest.skipUnless(REDIS, "skipped: redis-server is not installed")
    def test_a_list_that_the_hub_cannot_go_on_with_says_so_and_is_asked_for_until_it_can(self):
        """The line to the hub broke while its Redis was being restarted: both are back, and nobody looks at a list of before."""
        self.given_a_hub(RedisHub)
        self.given_a_board()
        self.given_somebody_reads_it()
        self.told("before", 1)
        self.wait_until_listed("A1")
        self.hub.process.send_signal(signal.SIGSTOP)
        wait_for("the board to see that the hub is away", lambda: AWAY in self.page().words())
        self.hub.end_redis()
        self.hub.process.send_signal(signal.SIGCONT)
        wait_for("the hub to be there", lambda: self.board.log_text().count("the hub is there") == 2)
        wait_for("the hub to refuse the queue", lambda: "a queue of this board cannot be had" in self.board.log_text())
        self.assertIn(AWAY, self.page().words())
        self.hub.start_redis()
        wait_for("the journal to answer", lambda: "the journal answers again" in self.hub.log_text())
        self.told("after", 2)
        self.wait_until_listed("A1", "A2")

    @unittest.skipUnless(REDIS, "skipped: redis-server is not installed")
    def test_what_the_hub_cannot_read_now_is_not_called_forbidden_and_operators_see_why(self):
        """Who may open a child's record must not believe that they may not, and the page for a bad night is there on that night."""
        self.given_a_hub(RedisHub)
        self.given_a_board()
        self.given_somebody_reads_it()
        self.told("before", 1)
        self.wait_until_listed("A1")
        operator = Browser(self.board)
        operator.sign_in("night-operator")
        self.hub.end_redis()
        alert = self.browser.get("/alert/A1")
        self.assertEqual(alert.status, 503)
        self.assertIn("The hub cannot answer this now", alert.words())
        self.assertNotIn("did not allow", alert.words())
        wait_for("the hub's alarm on the operators' page", lambda: "the journal does not answer" in operator.get("/operators").words())
        page = operator.get("/operators").words()
        for words in ("Room in the journalnot known", "Who is heard", "Continuity pack", "The records cannot be shown now: the hub cannot read its journal at the moment"):
            self.assertIn(words, page)


if __name__ == "__main__":
    unittest.main()
