"""Acts by people, through a gateway's key: a client written from proto/README.md alone, its program, and mashctl."""
import json
import os
import re
import subprocess
import unittest

from mash.v1 import act_pb2 as act, bus_pb2 as bus, event_pb2 as ev, record_pb2 as record
from hub_fixture import BIN, HubTest, Key, concern, contact, nhs_number
from mash_client import Outbox
from test_python_client import ReadmePrograms


UPN, OTHER_UPN = "T20110001804V", "R201100018042"  # valid; of nobody


class ActingTest(HubTest):
    """A hub with a roster, a gateway for its practice team, and one alert for each call of open_alert."""
    policy_files = [os.path.join("tests", "system_hub", "acting.yaml")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hub.enrol_adapter("source")
        cls.hub.enrol_consumer("watcher", ["bench-team"])
        cls.board_key = cls.hub.enrol_gateway("board", ["bench-practice"], ["bench-team"])
        cls.outbox = Outbox()

    def open_alert(self, serial):
        """A concern about a child not met before; the alert it opened, as its front door sees it."""
        self.outbox.put(concern(f"acting-{serial}", serial))
        with self.hub.adapter("source", self.outbox) as client:
            sequence = self.outbox.send_through(client)[-1].sequence
        with self.hub.consumer("watcher") as client:
            client.ask(subscribe=bus.Subscribe(queue="bench-team", credit_items=1000))
            return client.deliveries_until(sequence)[-1].alert

    def board(self):
        return self.hub.client(self.board_key, self.hub.team_port)


class Acting(ActingTest):
    def test_a_claim_names_the_version_that_was_seen_and_the_front_door_is_told(self):
        seen = self.open_alert(51)
        with self.board() as board:
            board.ask(subscribe=bus.Subscribe(queue="bench-team", credit_items=1000, from_now=True))
            reply = board.act("bp-1", seen.alert_id, seen.version, claim=act.Claim())
            self.assertEqual((reply.code, reply.version), (act.ACT_DONE, seen.version + 1))
            told = board.deliveries_until(reply.sequence)[-1]
        self.assertEqual(told.kind, record.DELIVERY_KIND_ACT)
        self.assertEqual((told.alert.alert_id, told.alert.version), (seen.alert_id, seen.version + 1))

    def test_who_comes_second_hears_who_was_first(self):
        seen = self.open_alert(52)
        with self.board() as board:
            board.act("bp-1", seen.alert_id, seen.version, claim=act.Claim())
            reply = board.act("bp-2", seen.alert_id, seen.version, claim=act.Claim())
        self.assertEqual(reply.code, act.ACT_STALE)
        self.assertEqual([(c.who, c.what, c.version) for c in reply.changed], [("bp-1 (practitioner, bench-practice)", "claimed it", 1)])

    def test_a_repeat_gets_the_first_answer(self):
        seen, command_id = self.open_alert(53), os.urandom(16)
        with self.board() as board:
            first = board.act("bp-1", seen.alert_id, seen.version, command_id, claim=act.Claim())
        with self.board() as board:
            again = board.act("bp-1", seen.alert_id, seen.version, command_id, claim=act.Claim())
        self.assertEqual((again.code, again.version, again.sequence), (first.code, first.version, 0))


class ActingFromTheCommandLine(ActingTest):
    def mashctl(self, *arguments, words=""):
        environment = {**os.environ, "NO_COLOR": "1"}
        command = [os.path.join(BIN, "mashctl"), "--config", self.desk, "--endpoint", f"tcp://127.0.0.1:{self.hub.team_port}", *arguments]
        return subprocess.run(command, input=words, env=environment, capture_output=True, text=True, timeout=120)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = os.path.join(cls.hub.folder, "desk")
        os.mkdir(cls.desk)
        cls.board_key.write(os.path.join(cls.desk, "board.key"))
        with open(os.path.join(cls.desk, "mashctl.yaml"), "w", encoding="utf-8") as file:
            file.write(f"hub: {{server_key: {cls.hub.server_key_file}}}\nkey: board.key\nacts_as: bp-1\n")

    def test_a_person_claims_notes_and_hands_over(self):
        seen = self.open_alert(61)
        done = self.mashctl("claim", seen.alert_id, "--version", str(seen.version))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"^done; {seen.alert_id} is at version 1 \(record \d+\)\n$")
        done = self.mashctl("note", seen.alert_id, words="spoke to the school;\nthe coat was lost\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.mashctl("hand-over", seen.alert_id, "--to", "bp-2", "--version", "1", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["version"], 2)

    def test_a_stale_act_is_exit_3_and_says_who_did_what(self):
        seen = self.open_alert(65)
        self.mashctl("claim", seen.alert_id, "--version", "0")
        done = self.mashctl("claim", seen.alert_id, "--version", "0", "--as", "bp-2")
        self.assertEqual(done.returncode, 3)
        self.assertIn("look again, then decide anew", done.stderr)
        self.assertRegex(done.stderr, r"bp-1 \(practitioner, bench-practice\): claimed it; version 1 \(record \d+\)")

    def test_what_may_not_be_is_exit_3_and_what_is_malformed_names_the_field(self):
        seen = self.open_alert(63)
        self.assertEqual(self.mashctl("release", seen.alert_id, "--version", "0", "--as", "nobody").returncode, 3)
        done = self.mashctl("note", seen.alert_id, words="x" * 4001)
        self.assertEqual(done.returncode, 1)
        self.assertIn("act.note.text", done.stderr)
        self.assertNotIn("xxx", done.stderr)

    def test_a_repeat_by_its_command_id_is_not_done_twice(self):
        seen = self.open_alert(64)
        arguments = ["claim", seen.alert_id, "--version", "0", "--command-id", "0f0e0d0c-0b0a-4909-8807-060504030201"]
        self.assertIn("(record", self.mashctl(*arguments).stdout)
        again = self.mashctl(*arguments)
        self.assertEqual((again.returncode, again.stdout), (0, f"done before; {seen.alert_id} is at version 1\n"))

    def test_a_list_is_read_by_somebody_of_the_roster(self):
        seen = self.open_alert(60)
        done = self.mashctl("tail", "--where", f"alert={seen.alert_id}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"event accepted  police  child_concern  {seen.alert_id} Green", done.stdout)
        done = self.mashctl("tail", "--as", "nobody")
        self.assertEqual(done.returncode, 3)
        self.assertIn("tail.on_behalf_of", done.stderr)

    def test_an_inspector_traces_a_case_in_order_and_reads_no_words(self):
        seen = self.open_alert(66)
        self.open_alert(67)
        self.mashctl("claim", seen.alert_id, "--version", "0")
        self.mashctl("note", seen.alert_id, words="the coat was lost")
        operator = self.hub.operator_key.write(os.path.join(self.desk, "operator.key"))
        for key, typed in ([seen.alert_id], ""), ([], seen.alert_id + "\n"):
            done = self.mashctl("--key", operator, "trace", "--purpose", "audit", *key, words=typed)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, rf"(?s)Alert {seen.alert_id} was opened.*bp-1 \(practitioner, bench-practice\) claimed it"
                                          r".*That is the first thing a person did about it.*bp-1 .* added a note"
                                          r".*Withheld from this reader: act.words.*3 entries in order")
            self.assertNotIn("coat", done.stdout)
        told = self.mashctl("--key", operator, "trace", seen.alert_id, "--purpose", "audit", "--json").stdout
        lines = [json.loads(line) for line in told.splitlines()]
        self.assertEqual([line["sequence"] for line in lines[:-1]], sorted(line["sequence"] for line in lines[:-1]))
        self.assertEqual((lines[-1]["records"], lines[-1]["alerts"]), (3, 1))
        explained = self.mashctl("--key", operator, "explain", seen.alert_id, "--purpose", "operations").stdout
        self.assertRegex(explained, r"(?s)was opened.*claimed it.*added a note")
        self.assertEqual(self.mashctl("--key", operator, "trace", "B17", "--purpose", "audit").returncode, 2)
        self.assertEqual(self.mashctl("--key", operator, "trace", "A999999", "--purpose", "audit").returncode, 1)

    def test_a_trace_tells_who_saw_it_when_and_every_clock_with_its_arithmetic(self):
        seen = self.open_alert(77)
        self.mashctl("seen", seen.alert_id)
        self.mashctl("claim", seen.alert_id, "--version", "0", "--as", "bp-2")
        told = self.trace(nhs_number(77))
        when = r"\w{3} \d+ \w{3} \d{4} \d\d:\d\d \w+"
        self.assertRegex(told, rf"(?m)^ +Clock decision from {when}, due {when}\.\n"
                               r" +\w{3} \d+ \w{3} \d\d:\d\d: 24 h after \w{3} \d+ \w{3} \d\d:\d\d\n"
                               r" +decided within a day; source: made for measuring$")
        self.assertRegex(told, rf"(?m)^{when}, alert {seen.alert_id}: bp-1 \(practitioner, bench-practice\) has seen it \(record \d+\)\.\n"
                               r"  That is the first thing a person did about it, \d+ s after it was opened\.$")
        self.assertRegex(told, rf"(?m)^{when}, alert {seen.alert_id}: bp-2 \(practitioner, bench-practice\) claimed it \(record \d+, version 1\)\.$")
        self.assertEqual(told.count("the first thing a person did"), 1)
        self.assertIn("3 entries in order, about 1 alert;", told)

    def publish(self, *events):
        """Events that need not open anything; the sequence of the last one's record."""
        for event in events:
            self.outbox.put(event)
        with self.hub.adapter("source", self.outbox) as client:
            return self.outbox.send_through(client)[-1].sequence

    def trace(self, key):
        operator = self.hub.operator_key.write(os.path.join(self.desk, "operator.key"))
        done = self.mashctl("--key", operator, "trace", "--purpose", "audit", words=key + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_an_events_alerts_are_traced_with_it(self):
        seen = self.open_alert(68)
        self.mashctl("claim", seen.alert_id, "--version", "0")
        operator = self.hub.operator_key.write(os.path.join(self.desk, "operator.key"))
        found = self.mashctl("--key", operator, "find", "--purpose", "audit", "--json", words=seen.alert_id + "\n").stdout.splitlines()
        event = next(item["event_id"] for item in map(json.loads, found) if "event_id" in item)
        self.assertRegex(self.trace(event), rf"(?s)Alert {seen.alert_id} was opened.*claimed it.*2 entries in order, about 1 alert;")

    def test_a_child_is_traced_through_what_a_school_says_under_another_number(self):
        known, absent = concern("acting-72", 72), contact("acting-72-absent", 72)
        known.subjects[0].identifiers.add(scheme=ev.IDENTIFIER_SCHEME_UPN, value=UPN)
        del absent.subjects[0].identifiers[:]
        absent.subjects[0].identifiers.add(scheme=ev.IDENTIFIER_SCHEME_UPN, value=UPN)
        sequence = self.publish(known, absent)
        self.assertRegex(self.trace(nhs_number(72)), rf"(?s)Alert A\d+ was opened.*as record {sequence}\..*2 entries in order, about 1 alert;")

    def test_a_case_of_more_than_one_page_is_told_from_its_first_record_to_its_last(self):
        known = concern("acting-75", 75)
        known.subjects[0].identifiers.add(scheme=ev.IDENTIFIER_SCHEME_UPN, value=OTHER_UPN)
        absences = [contact(f"acting-75-{day}", 75) for day in range(300)]
        for absent in absences:
            absent.subjects[0].identifiers[0].CopyFrom(known.subjects[0].identifiers[1])
        last = self.publish(known, *absences)
        told = self.trace(nhs_number(75))
        self.assertEqual([int(number) for number in re.findall(r"as record (\d+)\.", told)], list(range(last - 300, last + 1)))
        self.assertIn("301 entries in order, about 1 alert;", told)

    def test_a_childs_case_holds_no_other_childs_alert(self):
        both = concern("acting-73", 73)
        both.subjects.add().CopyFrom(both.subjects[0])
        both.subjects[1].identifiers[0].value = nhs_number(74)
        first = self.trace_number(nhs_number(73), both)
        second = self.trace_number(nhs_number(74))
        self.assertNotEqual(first, second)
        self.mashctl("claim", second, "--version", "0")
        self.assertNotIn(second, self.trace(nhs_number(73)))
        self.assertRegex(self.trace(nhs_number(74)), rf"(?s)Alert {second} was opened.*claimed it")

    def trace_number(self, key, *events):
        """The one alert that the case of this key is about."""
        if events:
            self.publish(*events)
        told = re.findall(r"Alert (A\d+) was opened", self.trace(key))
        self.assertEqual(len(told), 1, told)
        return told[0]

    def test_a_report_of_how_long_things_took_names_nobody_and_no_small_number(self):
        seen = self.open_alert(69)
        self.mashctl("claim", seen.alert_id, "--version", "0")
        done = self.hub.mashctl("report", "timeliness", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertIn("alerts", [row["what"] for row in rows])
        self.assertIn("first claimed", [row["what"] for row in rows])
        self.assertTrue(all(row["count"] in ("fewer than 5 families", "kept back") or row["count"] >= 5 for row in rows), rows)
        self.assertNotIn("bp-1", done.stdout)
        self.assertEqual(self.hub.mashctl("report", "timeliness", "--until", "2020-01-01", "--json").stdout, "")
        self.assertEqual(self.hub.mashctl("report", "timeliness", "--from", "yesterday").returncode, 2)
        self.assertEqual(self.hub.mashctl("report", "timeliness", "--sees-up-to", "everything").returncode, 2)

    def test_a_restricted_alert_is_in_no_report_but_of_who_is_cleared(self):
        def report(*flags):
            return self.hub.mashctl("report", "timeliness", "--json", *flags).stdout

        before = report()
        self.publish(*[concern(f"acting-restricted-{serial}", serial, sensitivity=ev.SENSITIVITY_RESTRICTED) for serial in range(100, 106)])
        self.assertEqual(report(), before)
        self.assertEqual(report("--sees-up-to", "sensitive"), before)
        self.assertNotEqual(report("--sees-up-to", "restricted"), before)

    def test_a_gateway_is_enrolled_and_listed_with_its_teams(self):
        operator = self.hub.operator_key.write(os.path.join(self.desk, "operator.key"))
        other = os.path.join(self.desk, "other.pub")
        with open(other, "wb") as file:
            file.write(Key().public + b"\n")
        done = self.mashctl("--key", operator, "keys", "enrol", other, "--name", "other-board", "--kind", "gateway", "--may-act-for",
                            "bench-practice,bench-visitors")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(self.mashctl("--key", operator, "keys", "list").stdout, r"other-board +gateway .*bench-practice,bench-visitors")
        self.assertRegex(self.mashctl("--key", operator, "peers").stdout, r"other-board +gateway .*bench-practice,bench-visitors")


class ReadmeActing(ReadmePrograms, ActingTest):
    def test_a_person_claims_an_alert_and_a_second_one_is_told_so(self):
        hub, seen = self.hub, self.open_alert(71)
        key = self.board_key.write(os.path.join(hub.folder, "readme-board.key"))
        claim = [self.program("act.py"), f"tcp://127.0.0.1:{hub.team_port}", hub.server_key_file, key]
        self.assertEqual(self.run_program(*claim, "bp-1", seen.alert_id, "0"), "ACT_DONE 1 done\n")
        said = self.run_program(*claim, "bp-2", seen.alert_id, "0", exit_code=3)
        self.assertIn("ACT_STALE 1", said)
        self.assertIn("1 bp-1 (practitioner, bench-practice) claimed it", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
