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


def golden():
    with open(os.path.join(SOURCE, "tests", "golden_clocks", "cases.csv"), encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["calendar"] == "worked-example" and row["roll"] == "none"]


class PolicyClock(unittest.TestCase):
    def test_a_file_of_cases_is_answered_row_by_row(self):
        cases = golden()
        with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
            file.write("kind,start_utc,amount\n" + "".join(f"{c['kind']},{c['start_utc']},{c['amount']}\n" for c in cases))
            file.flush()
            done = clock("--calendar", "worked-example", "--file", file.name)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line)["due_utc"] for line in done.stdout.splitlines()]
        self.assertEqual(answers, [c["due_utc"] for c in cases])
        self.assertGreater(len(cases), 400)

    def test_one_clock_is_told_with_its_arithmetic(self):
        done = clock("working_minutes", "360", "--calendar", "worked-example", "--from", "2026-04-02 15:00")
        self.assertEqual(done.stdout, "Tue 7 Apr 12:30: 2 h on Thu 2 Apr until closing at 17:00, closed Fri 3 Apr to Mon 6 Apr, "
                                      "4 h on Tue 7 Apr from 08:30\n2026-04-07T11:30Z\n")

    def test_a_row_that_cannot_be_reckoned_says_why_and_the_others_are_answered(self):
        with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
            file.write("start_utc,amount,kind,calendar\n2026-02-30T10:00Z,1,working_days,worked-example\n"
                       "2026-04-02T10:00Z,1,fortnights,worked-example\n2026-04-02T10:00Z,1,working_days,worked-example\n")
            file.flush()
            done = clock("--file", file.name)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1)
        self.assertIn("start", lines[0]["error"])
        self.assertIn("kind", lines[1]["error"])
        self.assertEqual(lines[2]["due_utc"], "2026-04-07T16:00Z")


if __name__ == "__main__":
    unittest.main()
