"""The continuity pack, with a hub, until there is none."""
import os
import re
import signal
import stat
import subprocess
import time
import unittest

from board_fixture import BOARD, Board, Browser
from hub_fixture import Hub, concern, wait_for
from mash.v1 import act_pb2 as act, bus_pb2 as bus, event_pb2 as ev, record_pb2 as record
from mash_client import Outbox

PASSPHRASE = "five random words are here"
QUEUES = ["hampshire_childrens", "hampshire_adults"]
TEAMS = ["hampshire-childrens", "hampshire-adults"]
CONFIG = """
watch_key: watch.key
pack: {folder: packs, every_minutes: 60, passphrase_file: passphrase, as: hc-4, contacts: ["Police control room 01632 960001"]}
"""
PEOPLE = "- {person: hc-1, password: \"HASH\"}\n- {name: night-operator, operator: yes, password: \"HASH\"}\n"


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class ContinuityPack(unittest.TestCase):
    def setUp(self):
        self.hub = Hub(partnership="hips")
        self.addCleanup(self.hub.end)
        self.hub.start()
        self.hub.enrol_adapter("police", source_system="python/1")
        self.outbox = Outbox()
        self.board = Board(PEOPLE, QUEUES, self.hub, CONFIG)
        self.addCleanup(self.board.end)
        self.packs = os.path.join(self.board.folder, "packs")
        os.makedirs(self.packs)
        self.board.write("passphrase", PASSPHRASE + "\n")
        self.hub.enrol_gateway("board", TEAMS, QUEUES).write(os.path.join(self.board.folder, "board.key"))
        self.own_key = self.hub.enrol_gateway("desk", TEAMS, QUEUES)
        self.hub.enrol("watch", record.PEER_KIND_AUDITOR).write(os.path.join(self.board.folder, "watch.key"))

    # ---- given ----------------------------------------------------------------------------------------------------------------------
    def given_told(self, reference, serial=1, sensitivity=ev.SENSITIVITY_UNSPECIFIED, name="Kim"):
        event = concern(reference, serial, summary=f"{name} was seen without a coat.")
        event.sensitivity = sensitivity
        event.subjects[0].given_names.append(name)
        event.contact_back = "school office 01632 960777"
        self.outbox.put(event)
        with self.hub.adapter("police", self.outbox) as client:
            results = self.outbox.send_through(client)
        self.assertEqual(results[-1].status, bus.STORED)

    def act(self, **what):
        with self.hub.client(self.own_key, self.hub.team_port) as client:
            reply = client.ask(act=act.Act(on_behalf_of="hc-4", item="A1", command_id=os.urandom(16), **what))
        self.assertEqual(reply.code, act.ACT_DONE, reply.text)

    # ---- when -----------------------------------------------------------------------------------------------------------------------
    def names(self):
        return sorted(name for name in os.listdir(self.packs) if not name.endswith(".part"))

    def newest(self, before=()):
        wait_for("a pack", lambda: set(self.names()) - set(before))
        return os.path.join(self.packs, self.names()[-1])

    def another(self):
        """A pack made now; a name is one a second."""
        before = self.names()
        wait_for("the next second", lambda: time.strftime("pack-%Y%m%dT%H%M%SZ.mash", time.gmtime()) not in before)
        self.board.process.send_signal(signal.SIGUSR1)
        return self.newest(before)

    def open(self, path, passphrase=PASSPHRASE):
        return subprocess.run([BOARD, "pack", "open", path], input=passphrase + "\n", capture_output=True, text=True, timeout=120, check=False)

    def page(self, path):
        done = self.open(path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def exports(self):
        """Reads of this kind that the hub has in its audit stream."""
        with self.hub.operator() as operator:
            answer = operator.ask(audit=bus.AuditQuery(limit=500))
        return [(item.on_behalf_of, item.item) for item in answer.items if item.read == record.READ_KIND_EXPORT]

    # ---- then -----------------------------------------------------------------------------------------------------------------------
    def test_it_opens_without_hub_and_board_and_says_what_is_open(self):
        self.given_told("one")
        self.board.start()
        path = self.newest()
        self.board.stop()
        self.hub.stop(signal.SIGKILL)

        self.assertRegex(os.path.basename(path), r"^pack-\d{8}T\d{6}Z\.mash$")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o007, 0)
        with open(path, "rb") as file:
            self.assertNotIn(b"Kim", file.read())
        page = self.page(path)
        for words in ("Kim Example, born 1 Feb 2018", "Kim was seen without a coat.", "school office 01632 960777", "Reception Team, Hampshire and Isle of Wight (1)",
                      "Police control room 01632 960001", " left</span>, due ", "Why it came", "not yet decided"):
            self.assertIn(words, page)
        self.assertNotIn("could not be", page)
        self.assertNotIn("<script", page)
        self.assertEqual(re.findall(r'(?:src|href)="(?!#)', page), [])
        wrong = self.open(path, "another passphrase that it is not")
        self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))
        self.assertNotIn("Kim", self.board.log_text())

    def test_what_did_not_change_is_not_read_again(self):
        self.given_told("one")
        self.given_told("two", serial=3, name="Sam")
        self.board.start()
        self.newest()
        self.assertEqual(sorted(self.exports()), [("hc-4", "A1"), ("hc-4", "A2")])
        self.another()
        self.assertEqual(len(self.exports()), 2)

        self.act(note=act.Note(text="The school rang back."))
        wait_for("the note to be in a pack", lambda: "The school rang back." in self.page(self.another()))

        self.assertEqual(sorted(self.exports()), [("hc-4", "A1"), ("hc-4", "A1"), ("hc-4", "A2")])
        self.assertIn("Sam", self.page(self.newest()))

    def test_it_holds_what_its_person_may_see_and_no_sign_of_more(self):
        self.board.write("board.yaml", self.text_of("board.yaml").replace("as: hc-4", "as: hc-1"))
        self.given_told("one")
        self.given_told("two", serial=3, sensitivity=ev.SENSITIVITY_RESTRICTED, name="Sam")
        self.board.start()
        page = self.page(self.newest())
        self.assertIn("Kim", page)
        self.assertNotIn("Sam", page)
        self.assertNotIn("A2", page)
        self.assertIn("Not in this pack: Adults", page)

    def text_of(self, name):
        with open(os.path.join(self.board.folder, name), encoding="utf-8") as file:
            return file.read()

    def test_when_the_hub_is_away_it_is_of_what_was_known(self):
        """Y4: a team that has lost the hub needs what was known, and as of when."""
        self.given_told("one")
        self.board.start()
        self.newest()
        self.hub.stop(signal.SIGKILL)
        wait_for("the board to notice", lambda: "the hub is away" in self.board.log_text())
        page = self.page(self.another())
        self.assertIn("The hub could not be reached when this was made", page)
        self.assertIn("Kim was seen without a coat.", page)

    def test_after_a_backup_was_put_back_no_family_stands_under_another_ones_alert(self):
        """The alert that came after the backup never was, and the next one bears its number, at the same record."""
        self.given_told("one")
        self.hub.stop()
        self.hub.copy_state("backup")
        self.hub.start()
        self.given_told("two", serial=3, name="Sam")
        self.board.start()
        wait_for("a pack of both", lambda: "Sam" in self.page(self.another()))
        self.hub.stop()
        self.hub.restore_state("backup")
        self.hub.start()
        self.outbox = Outbox()
        self.given_told("three", serial=5, name="Lee")
        wait_for("the board to have its lists anew", lambda: "the rows are built anew" in self.board.log_text() and Browser(self.board).get("/health").status == 200)

        page = self.page(self.another())

        self.assertNotIn("Sam", page)
        self.assertIn("Lee", page)

    def test_the_operators_page_says_how_it_stands(self):
        self.given_told("one")
        self.board.start()
        self.newest()
        browser = Browser(self.board)
        browser.sign_in("night-operator")
        wait_for("the page to say so", lambda: "1 open items" in browser.get("/operators").words())
        self.assertIn(self.packs, browser.get("/operators").words())
        os.rename(self.packs, self.packs + "-gone")
        self.board.process.send_signal(signal.SIGUSR1)
        wait_for("the page to say that there is trouble", lambda: "No such file" in browser.get("/operators").words())
        self.assertIn("continuity pack", self.board.log_text())

    def test_a_board_without_its_passphrase_does_not_start(self):
        os.unlink(os.path.join(self.board.folder, "passphrase"))
        done = subprocess.run([BOARD, "--config", self.board.folder], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("board.yaml, pack: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
