"""`mashctl policy clock` reckons as the independent reckoning does: one at a time, and a file of cases."""
import csv
import json
import os
import subprocess
import tempfile
import unittest

SOURCE = os.environ["MASHHUB_SOURCE"]
MASHCTL = os.path.join(os.environ["MASHHUB_BIN"], "mashctl")


def clock(*arguments):
    return subprocess.run([MASHCTL, "--config", os.path.join(SOURCE, "config", "hips"), "policy", "clock", *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


def clock_file(text, *arguments):
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        done = clock("--file", file.name, *arguments)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def golden():
    with open(os.path.join(SOURCE, "tests", "golden_clocks", "cases.csv"), encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["calendar"] == "worked-example"]


class PolicyClock(unittest.TestCase):
    def test_a_file_of_cases_is_answered_row_by_row(self):
        cases = golden()
        done, answers = clock_file("kind,start_utc,amount,roll\n" + "".join(
            f"{c['kind']},{c['start_utc']},{c['amount']},{c['roll']}\n" for c in cases), "--calendar", "worked-example")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([answer["due_utc"] for answer in answers], [c["due_utc"] for c in cases])
        self.assertGreater(len(cases), 400)
        self.assertEqual({c["roll"] for c in cases}, {"none", "next", "previous"})

    def test_rows_of_one_file_may_name_several_calendars_and_an_empty_cell_means_the_policys_first(self):
        rows = ["working_minutes,2026-04-02T15:45Z,60,", "working_minutes,2026-04-02T15:45Z,60,worked-example",
                "working_minutes,2026-04-02T15:45Z,60,", "working_minutes,2026-04-02T15:45Z,60,front-door",
                "working_minutes,2026-04-02T15:45Z,60,no-such", "working_minutes,2026-04-02T15:45Z,60,front-door"]
        done, answers = clock_file("kind,start_utc,amount,calendar\n" + "\n".join(rows) + "\n")
        self.assertEqual(done.returncode, 1)
        self.assertEqual([answer.get("calendar") for answer in answers],
                         ["front-door", "worked-example", "front-door", "front-door", None, "front-door"])
        self.assertIn("no calendar 'no-such'", answers[4]["error"])
        self.assertEqual(len({answer["due_utc"] for answer in answers if answer.get("calendar") == "front-door"}), 1)

    def test_a_day_that_is_no_working_day_is_rolled_as_asked(self):
        ask = ["calendar_months", "1", "--calendar", "worked-example", "--from", "2026-04-02 12:00", "--json"]  # Sat 2 May 2026
        due = {roll: json.loads(clock(*ask, "--roll", roll).stdout)["due_utc"] for roll in ("none", "next", "previous")}
        self.assertEqual(due, {"none": "2026-05-02T16:00Z", "next": "2026-05-05T16:00Z", "previous": "2026-05-01T15:30Z"})
        self.assertEqual(json.loads(clock(*ask).stdout)["due_utc"], due["none"])

    def test_a_roll_that_means_nothing_is_refused(self):
        done = clock("working_days", "1", "--from", "2026-04-02 12:00", "--roll", "next")
        self.assertEqual(done.returncode, 1)
        self.assertIn("roll: for calendar_days and calendar_months only", done.stderr)
        done = clock("calendar_days", "1", "--from", "2026-04-02 12:00", "--roll", "forward")
        self.assertIn("roll: none, next or previous", done.stderr)

    def test_one_clock_is_told_with_its_arithmetic(self):
        done = clock("working_minutes", "360", "--calendar", "worked-example", "--from", "2026-04-02 15:00")
        self.assertEqual(done.stdout, "Tue 7 Apr 12:30: 2 h on Thu 2 Apr until closing at 17:00, closed Fri 3 Apr to Mon 6 Apr, "
                                      "4 h on Tue 7 Apr from 08:30\n2026-04-07T11:30Z\n")

    def test_a_row_that_cannot_be_reckoned_says_why_and_the_others_are_answered(self):
        done, lines = clock_file("start_utc,amount,kind,calendar\n2026-02-30T10:00Z,1,working_days,worked-example\n"
                                 "2026-04-02T10:00Z,1,fortnights,worked-example\n2026-04-02T10:00Z,1,working_days,worked-example\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("start", lines[0]["error"])
        self.assertIn("kind", lines[1]["error"])
        self.assertEqual(lines[2]["due_utc"], "2026-04-07T16:00Z")


if __name__ == "__main__":
    unittest.main()
