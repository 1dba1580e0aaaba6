"""What operators command over the bus: keys let in and shut out, policies adopted; and what stays true when something breaks on the way."""
import os
import struct
import subprocess
import unittest

from mash.v1 import bus_pb2 as bus, event_pb2 as ev, record_pb2 as record
from hub_fixture import HUB, Hub, HubTest, Key, concern
from mash_client import Fault, Outbox, Silence

ROUTE = "area: every, queue: bench-team"


def source(name, text):
    return record.PolicySource(name=name, text=text.encode())


class Policies(HubTest):
    def setUp(self):
        self.path = os.path.join(self.hub.folder, "policy", "bench.yaml")
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        self.addCleanup(self.write, self.text)

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)

    def adopt(self, *sources, **fields):
        with self.hub.operator() as operator:
            return operator.command(adopt_policy=bus.AdoptPolicy(sources=sources), **fields)

    def in_force(self):
        with self.hub.operator() as operator:
            status = operator.ask(status=bus.StatusRequest())
        return status.policy, status.policy_digest

    def refused(self, reply, words):
        self.assertEqual(reply.code, bus.COMMAND_REFUSED, reply.text)
        self.assertIn(words, reply.text)

    def test_a_changed_policy_is_in_force_from_its_answer_on(self):
        before, digest = self.in_force()
        changed = source("bench.yaml", self.text + "# one more rule was thought of\n")
        reply = self.adopt(changed, command_id=b"adopt-the-change")
        self.assertEqual(reply.code, bus.COMMAND_DONE, reply.text)
        self.assertEqual(self.in_force()[0], before + 1)
        self.assertNotEqual(self.in_force()[1], digest)
        self.refused(self.adopt(changed), "adopted already")
        again = self.adopt(changed, command_id=b"adopt-the-change")
        self.assertEqual((again.code, again.number), (bus.COMMAND_DONE, reply.number))
        self.assertEqual(self.in_force()[0], before + 1)

    def test_without_sources_the_hub_reads_its_own_folder(self):
        before, _ = self.in_force()
        self.write(self.text + "# changed on the hub's own disk\n")
        reply = self.adopt()
        self.assertEqual((reply.code, reply.number), (bus.COMMAND_DONE, before + 1), reply.text)
        self.refused(self.adopt(), "adopted already")
        self.write("nonsense: yes\n")
        self.refused(self.adopt(), f"{self.path}:1:1: ")
        os.unlink(self.path)
        self.refused(self.adopt(), "no *.yaml file")
        self.assertEqual(self.in_force()[0], before + 1)

    def test_a_broken_policy_changes_nothing_and_is_named_with_its_place(self):
        before = self.in_force()
        self.refused(self.adopt(source("bench.yaml", self.text.replace("rating: green", "rating: pink"))), "bench.yaml:56:")
        hole = self.text.replace(ROUTE, ROUTE + ", from: 2099-01-01")
        reply = self.adopt(source("bench.yaml", hole))
        self.refused(reply, "bench.yaml:48:5: rule B-ALERT: service 'front_door' has no queue in area E10000014")
        self.refused(self.adopt(source("bench.yaml", "no: [yaml")), "bench.yaml:")
        self.assertEqual(self.in_force(), before)

    def test_files_that_are_too_many_or_share_a_name_are_refused(self):
        many = [source(f"part-{i:02}.yaml", "# nothing\n") for i in range(64)] + [source("bench.yaml", self.text)]
        self.refused(self.adopt(*many), "a policy is 1 to 64 files")
        self.refused(self.adopt(source("bench.yaml", self.text), source("bench.yaml", self.text)), "two files of the policy have one name")
        self.refused(self.adopt(source("x" * 64, self.text)), "longer than 63 bytes")

    def test_mistakes_without_number_are_told_in_whole_lines(self):
        reply = self.adopt(source("bench.yaml", "".join(f"wrong-{i}: ééé\n" for i in range(400))))
        self.refused(reply, "bench.yaml:1:1: ")
        self.assertLessEqual(len(reply.text.encode()), 4000)
        self.assertIn("mashctl policy check", reply.text.splitlines()[-1])

    def test_what_was_not_adopted_is_let_go(self):
        def pages(column):  # of proc(5) statm: 0 = reserved, 1 = resident
            with open(f"/proc/{self.hub.process.pid}/statm", encoding="ascii") as file:
                return int(file.read().split()[column])

        if pages(0) * os.sysconf("SC_PAGE_SIZE") > 2**40:
            self.skipTest("a sanitizer's hub keeps what was freed")
        own = bus.AdoptPolicy(sources=[source("bench.yaml", self.text)])
        with self.hub.operator() as operator:
            operator.command(adopt_policy=own)
            for _ in range(20):
                operator.command(adopt_policy=own)
            before = pages(1)
            for _ in range(200):
                self.refused(operator.command(adopt_policy=own), "adopted already")
        self.assertLess((pages(1) - before) * os.sysconf("SC_PAGE_SIZE"), 200 * 16 * 1024)


class Keys(HubTest):
    def revoke(self, name, reason="no longer needed", **fields):
        with self.hub.operator() as operator:
            return operator.command(reason=reason, revoke=bus.Revoke(name=name), **fields)

    def revoked_file(self):
        with open(os.path.join(self.hub.folder, "state", "revoked"), encoding="ascii") as file:
            return file.read().split()

    def let_in(self, key):
        with self.hub.client(key, self.hub.agency_port):
            pass

    def kept_out(self, key):
        with self.hub.client(key, self.hub.agency_port, hello=False) as client:
            self.assertRaises(Silence, client.hello, 1.5)

    def explained(self, reader, sequence):
        return "\n".join(line.text for line in reader.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=str(sequence))).lines)

    def test_why_a_key_came_and_went_is_told_to_operators_and_auditors(self):
        auditor = self.hub.enrol("auditor", record.PEER_KIND_AUDITOR)
        self.hub.enrol_adapter("to-go")
        self.assertEqual(self.revoke("to-go", "").code, bus.COMMAND_REFUSED)
        gone = self.revoke("to-go", "laptop stolen on the way home")
        for key in (auditor, self.hub.operator_key):
            with self.hub.client(key, self.hub.team_port) as reader:
                self.assertIn("Reason given: laptop stolen on the way home", self.explained(reader, gone.sequence))
                self.assertIn("Commanded by first-operator", self.explained(reader, gone.sequence))
                self.assertIn("Reason given: test", self.explained(reader, gone.sequence - 2))  # enrolled; then refused; then gone
                self.assertIn("say why", self.explained(reader, gone.sequence - 1))
                self.assertNotIn("stolen", str(reader.ask(tail=bus.Tail(last=100))))
        self.hub.stop()
        self.assertNotIn("stolen", self.hub.log_text())
        self.hub.start()

    def test_the_last_operator_stays(self):
        alone = self.revoke("first-operator")
        self.assertEqual(alone.code, bus.COMMAND_REFUSED)
        self.assertIn("last operator", alone.text)
        with self.hub.operator() as operator:
            operator.ask(status=bus.StatusRequest())

    def test_a_refused_command_stays_refused(self):
        key, number = Key(), os.urandom(16)
        self.hub.enrol_adapter("taken")
        enrol = bus.Enrol(public_key=key.raw(), kind=record.PEER_KIND_AUDITOR, name="taken")
        with self.hub.operator() as operator:
            self.assertEqual(operator.command(command_id=number, enrol=enrol).code, bus.COMMAND_REFUSED)
            self.revoke("taken")
        with self.hub.operator() as operator:
            self.assertEqual(operator.command(command_id=number, enrol=enrol).code, bus.COMMAND_REFUSED)
            self.assertEqual(operator.command(enrol=enrol).code, bus.COMMAND_DONE)

    def test_one_name_after_another_and_each_key_by_itself(self):
        first = self.hub.enrol_adapter("school-desk")
        self.assertEqual(self.revoke("school-desk").code, bus.COMMAND_DONE)
        second = self.hub.enrol_adapter("school-desk")
        self.kept_out(first)
        self.let_in(second)
        self.assertEqual(self.revoke("school-desk").code, bus.COMMAND_DONE)
        third = self.hub.enrol_adapter("school-desk")
        self.kept_out(first)
        self.kept_out(second)
        self.let_in(third)

    def test_a_revocation_that_cannot_be_noted_is_not_done_and_a_repeat_does_it(self):
        key, number = self.hub.enrol_adapter("stubborn"), os.urandom(16)
        path = os.path.join(self.hub.folder, "state", "revoked")
        kept = path + ".kept"
        had_list = os.path.exists(path)
        if had_list:
            os.rename(path, kept)
        os.mkdir(path)  # no file can be put in its place
        first = self.revoke("stubborn", command_id=number)
        self.assertEqual(first.code, bus.COMMAND_RETRY_LATER)
        self.let_in(key)
        os.rmdir(path)
        if had_list:
            os.rename(kept, path)
        self.assertEqual(self.revoke("stubborn", command_id=number).code, bus.COMMAND_DONE)
        self.kept_out(key)
        self.assertIn(key.raw().hex(), self.revoked_file())

    def test_a_list_that_was_lost_is_made_again_from_the_journal(self):
        key = self.hub.enrol_adapter("forgotten")
        self.revoke("forgotten")
        listed = self.revoked_file()
        self.hub.stop()
        path = os.path.join(self.hub.folder, "state", "revoked")
        with open(path, "w", encoding="ascii") as file:
            file.write(key.raw().hex()[:40])  # half a line, as a full disk left it
        self.hub.start()
        self.assertEqual(sorted(self.revoked_file()), sorted(listed))
        self.kept_out(key)

    def test_a_gateway_receives_its_queues_and_commands_nothing(self):
        gateway = self.hub.enrol_gateway("board", ["bench"], ["bench-team"])
        self.hub.enrol_adapter("gateway-source")
        outbox = Outbox()
        with self.hub.client(gateway, self.hub.team_port) as board:
            board.ask(subscribe=bus.Subscribe(queue="bench-team", credit_items=10))
            outbox.put(concern("for-the-board", 51))
            with self.hub.adapter("gateway-source", outbox) as adapter:
                told = outbox.send_through(adapter)[0].sequence
            self.assertEqual(board.deliveries(1)[0].position.sequence, told)
            self.assertEqual([i.sequence for i in board.ask(tail=bus.Tail(last=10, on_behalf_of="bench-1")).items], [told])
            event_id = outbox.items[0].event_id.hex()
            self.assertEqual(len(board.ask(query=bus.Query(
                key=f"event:{event_id}", purpose=record.PURPOSE_SUPERVISION, on_behalf_of="bench-1")).items), 1)
            rows = [{"subscribe": bus.Subscribe(queue="bench-2", credit_items=1)}, {"status": bus.StatusRequest(peers=True)},
                    {"command": bus.Command(command_id=os.urandom(16), revoke=bus.Revoke(name="gateway-source"))}]
            for row in rows:
                with self.subTest(row=str(list(row))), self.assertRaises(Fault) as caught:
                    board.ask(**row)
                self.assertEqual(caught.exception.fault.code, bus.FAULT_NOT_ALLOWED)
            board.publish([outbox.items[0]])
            self.assertEqual(board.next("fault").code, bus.FAULT_NOT_ALLOWED)


class Time(HubTest):
    def test_a_clock_that_agrees_with_hub_time_needs_no_acceptance(self):
        with self.hub.operator() as operator:
            for cause, words in ((record.TIME_CAUSE_UNSPECIFIED, "cause"), (record.TIME_CAUSE_PAUSE, "nothing to accept")):
                reply = operator.command(accept_time=bus.AcceptTime(cause=cause))
                self.assertEqual(reply.code, bus.COMMAND_REFUSED)
                self.assertIn(words, reply.text)
            reply = operator.command(reason="", accept_time=bus.AcceptTime(cause=record.TIME_CAUSE_PAUSE))
            self.assertIn("reason", reply.text)


class TimersHeld(unittest.TestCase):
    """A hub that comes back after more than a month, or whose clock says so, does not fire everything at once on the word of that clock."""

    @unittest.skipUnless(os.environ.get("MASHHUB_LATER_LIBRARY"), "skipped: MASHHUB_LATER_LIBRARY is not set")
    def test_who_waits_for_reminders_is_told_that_none_come(self):
        hub = Hub(partnership="hips")
        self.addCleanup(hub.end)
        hub.start()
        hub.enrol_consumer("duty", ["hampshire_duty"])
        hub.stop()
        ahead = os.path.join(hub.folder, "later")
        with open(ahead, "wb") as file:
            file.write(struct.pack("<q", 45 * 24 * 60 * 60 * 1000))
        hub.start(LD_PRELOAD=os.environ["MASHHUB_LATER_LIBRARY"], MASHHUB_LATER=ahead)

        with hub.consumer("duty") as client:
            client.ask(subscribe=bus.Subscribe(queue="hampshire_duty", credit_items=10))
            told = client.deliveries_until(0)[0]
        self.assertEqual(told.kind, record.DELIVERY_KIND_ALARM)
        self.assertIn("look at what is open yourselves", told.alarm)


class Founding(unittest.TestCase):
    @unittest.skipUnless(os.access(HUB, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mashhubd)")
    def test_a_partnership_is_not_founded_on_a_policy_with_a_hole(self):
        hub = Hub(found=False)
        self.addCleanup(hub.end)
        path = os.path.join(hub.folder, "policy", "bench.yaml")
        with open(path, encoding="utf-8") as file:
            whole = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole.replace(ROUTE, ROUTE + ", from: 2099-01-01"))
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            hub.found()
        self.assertIn(f"{path}:48:5: rule B-ALERT", caught.exception.stderr)
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole)
        hub.found()
        hub.start()
        with hub.operator() as operator:
            self.assertEqual(operator.ask(status=bus.StatusRequest()).policy, 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
