"""Sessions of a board that is killed: they lie sealed in a file that is never more than a moment behind."""
import os
import signal
import unittest

from board_fixture import BOARD, Board, Browser
from hub_fixture import wait_for


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class Sessions(unittest.TestCase):
    def setUp(self):
        self.board = Board("- {person: hc-1, password: \"HASH\"}\n- {person: hc-2, password: \"HASH\"}\n", ["hampshire_childrens"]).start()
        self.addCleanup(self.board.end)
        self.browser = Browser(self.board)

    def saved(self):
        path = os.path.join(self.board.folder, "state", "sessions")
        return os.stat(path).st_mtime_ns if os.path.exists(path) else 0

    def when_saved_after(self, do):
        before = self.saved()
        do()
        wait_for("the sessions to be saved", lambda: self.saved() != before)

    def when_killed_after(self, do):
        self.when_saved_after(do)
        self.board.stop(signal.SIGKILL)
        self.board.start()

    def test_who_signed_in_stays_in_and_who_signed_out_stays_out(self):
        self.when_killed_after(lambda: self.browser.sign_in("hc-1"))
        self.assertTrue(self.browser.is_signed_in())
        cookie = self.browser.cookie
        self.when_killed_after(lambda: self.browser.post(self.browser.get("/session"), "/sign-out"))
        self.browser.cookie = cookie
        self.assertFalse(self.browser.is_signed_in())

    def test_a_cookie_that_was_renewed_is_dead_after_a_kill_too(self):
        self.when_saved_after(lambda: self.browser.sign_in("hc-1"))
        cookie = self.browser.cookie
        self.when_killed_after(lambda: self.browser.post(self.browser.get("/session"), "/session"))
        self.assertNotEqual(self.browser.cookie, cookie)
        self.assertTrue(self.browser.is_signed_in())
        self.browser.cookie = cookie
        self.assertFalse(self.browser.is_signed_in())

    def test_who_leaves_people_yaml_is_out_at_once_and_nobody_else_is(self):
        stays = Browser(self.board)
        self.browser.sign_in("hc-1")
        stays.sign_in("hc-2")
        self.board.write("people.yaml", "- {person: hc-2, password: \"HASH\"}\n")
        self.board.reload()
        self.assertFalse(self.browser.is_signed_in())
        self.assertTrue(stays.is_signed_in())


if __name__ == "__main__":
    unittest.main()
