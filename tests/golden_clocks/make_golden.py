#!/usr/bin/env python3
"""Computes cases.csv: what every kind of clock answers, by an implementation that shares nothing with hub/core/calendar.c.

It uses the standard library only (datetime, zoneinfo with the system's time zone database) and walks minutes of UTC, slowly.
Run it as it stands to write the table again:  python3 tests/golden_clocks/make_golden.py > tests/golden_clocks/cases.csv
The calendar is the teaching one of tests/golden_clocks/worked_example.h; the seed is fixed, so that the same table comes out.
"""
import calendar as months
import random
import sys
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
SEED = 20260328
HOLIDAYS = {date.fromisoformat(day) for day in """
2024-01-01 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-08-26 2024-12-25 2024-12-26
2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26""".split()}
KNOWN_UNTIL = date(2028, 12, 31)
TERMS = [tuple(map(date.fromisoformat, span.split(".."))) for span in """
2025-09-03..2025-10-24 2025-11-03..2025-12-19 2026-01-05..2026-02-13 2026-02-23..2026-04-02 2026-04-20..2026-05-22
2026-06-01..2026-07-22 2026-09-03..2026-10-23 2026-11-02..2026-12-18 2027-01-04..2027-02-12 2027-02-22..2027-03-25""".split()]
INSET = {date(2026, 1, 5), date(2026, 6, 1)}
CLOSE_OF_DAY = time(17, 0)
SCHOOL_OPENS = time(8, 30)
DAY = timedelta(days=1)


class Calendar:
    """Opening hours by weekday as (open, close) in minutes of the day; None is closed all day."""

    def __init__(self, name, week):
        self.name = name
        self.week = week

    def works(self, day):
        if self.week[day.weekday()] is None:
            return False
        if day > KNOWN_UNTIL:
            return day.weekday() < 5
        return day not in HOLIDAYS

    def opening(self, day):
        return instant(day, self.week[day.weekday()][0], first=True)

    def closing(self, day):
        return instant(day, self.week[day.weekday()][1], first=False)


WORKED = Calendar("worked-example", [(510, 1020)] * 4 + [(510, 990)] + [None] * 2)
NIGHT = Calendar("every-day", [(0, 1440)] * 7)  # meets both changes of the clocks


def instant(day, minute, first):
    """UTC of a civil time. One that does not exist: the first that does; one that happens twice: the first or the last."""
    civil = datetime.combine(day, time(0)) + timedelta(minutes=minute)
    found = []
    for offset in (0, 60):
        utc = (civil - timedelta(minutes=offset)).replace(tzinfo=timezone.utc)
        if utc.astimezone(LONDON).replace(tzinfo=None) == civil:
            found.append(utc)
    if not found:
        return instant(day, minute + 1, first)
    return min(found) if first else max(found)


def working_minutes(cal, start, amount):
    left = timedelta(minutes=amount)
    day = start.astimezone(LONDON).date()
    while True:
        if cal.works(day):
            opens, closes = max(cal.opening(day), start), cal.closing(day)
            if opens < closes and left <= closes - opens:
                return opens + left, day
            if opens < closes:
                left -= closes - opens
        day += DAY


def working_days(cal, start, amount):
    day = start.astimezone(LONDON).date()
    if amount == 0:
        while not (cal.works(day) and cal.closing(day) >= start):
            day += DAY
        return cal.closing(day), day
    while amount > 0:
        day += DAY
        if cal.works(day):
            amount -= 1
    return cal.closing(day), day


def months_on(day, amount, lacking):
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    last = months.monthrange(year, month + 1)[1]
    if day.day <= last:
        return date(year, month + 1, day.day)
    end = date(year, month + 1, last)
    return end if lacking == "last" else end + DAY


def close_of(cal, day, roll, start):
    step = {"none": 0, "next": 1, "previous": -1}[roll]
    moved = day
    while step and not cal.works(moved):
        moved += step * DAY
    due = instant(day, 1020, first=False) if moved == day else cal.closing(moved)
    return max(due, start), (max(day, moved) if step else None)


def next_school_day(cal, start):
    day = start.astimezone(LONDON).date()
    while day <= TERMS[-1][1]:
        in_term = any(first <= day <= last for first, last in TERMS)
        opens = instant(day, 510, first=True)
        if in_term and day not in INSET and cal.works(day) and opens > start:
            return opens, day
        day += DAY
    return None, None


def due(cal, kind, amount, roll, start):
    """(due, provisional, known)"""
    day = start.astimezone(LONDON).date()
    looked_at = None
    if kind == "elapsed_minutes":
        answer = start + timedelta(minutes=amount)
    elif kind == "working_minutes":
        answer, looked_at = working_minutes(cal, start, amount)
    elif kind == "working_days":
        answer, looked_at = working_days(cal, start, amount)
    elif kind == "calendar_days":
        answer, looked_at = close_of(cal, day + amount * DAY, roll, start)
    elif kind == "calendar_months":
        answer, looked_at = close_of(cal, months_on(day, amount, "last"), roll, start)
    elif kind == "age_months":
        answer = instant(months_on(day, amount, "next"), 0, first=True)
    else:
        answer, looked_at = next_school_day(cal, start)
        if answer is None:
            return start, True, False
    return answer, looked_at is not None and looked_at > KNOWN_UNTIL, True


INTERESTING_DAYS = sorted(HOLIDAYS | INSET | {first for first, _ in TERMS} | {last for _, last in TERMS} | {
    date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2028, 2, 29), date(2028, 12, 29),
    date(2026, 1, 31), date(2026, 8, 31), date(2027, 2, 28), date(2028, 12, 31)})
INTERESTING_MINUTES = [0, 1, 59, 60, 61, 90, 119, 120, 509, 510, 511, 750, 989, 990, 991, 1019, 1020, 1021, 1380, 1439]
SMALL_MINUTES = [0, 1, 15, 60, 120, 240, 360, 480, 510, 1020, 1440, 2520, 4800, 20000, 120000]
DAYS = [0, 1, 2, 3, 5, 10, 15, 28, 35, 45, 90, 365]
MONTHS = [0, 1, 2, 3, 6, 11, 12, 13, 24]
CIVIL = [("elapsed_minutes", SMALL_MINUTES, 40), ("working_minutes", SMALL_MINUTES, 220), ("working_days", DAYS, 150),
         ("calendar_days", DAYS, 110), ("calendar_months", MONTHS, 110), ("next_school_day", [0], 90)]


def a_start(rng):
    """Half the starts lie beside an edge of the calendar or of a day, half anywhere."""
    if rng.random() < 0.5:
        day = rng.choice(INTERESTING_DAYS) + rng.randint(-2, 2) * DAY
        civil = datetime.combine(day, time(0)) + timedelta(minutes=rng.choice(INTERESTING_MINUTES))
        return civil.replace(tzinfo=LONDON, fold=rng.randint(0, 1)).astimezone(timezone.utc)
    return datetime(2025, 9, 1, tzinfo=timezone.utc) + timedelta(minutes=rng.randint(0, 3 * 365 * 1440))


def a_birth(rng):
    day = date(2005, 1, 1) + rng.randint(0, 22 * 365) * DAY
    if rng.random() < 0.3:
        day = rng.choice([date(2008, 2, 29), date(2012, 2, 29), date(2010, 8, 31), date(2011, 1, 31), date(2009, 12, 31), date(2010, 3, 28)])
    return datetime.combine(day, time(12)).replace(tzinfo=LONDON).astimezone(timezone.utc)


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%MZ")


def main():
    rng = random.Random(SEED)
    out = sys.stdout
    out.write("calendar,kind,amount,roll,start_utc,due_utc,provisional,known\n")

    def row(cal, kind, amount, roll, start):
        answer, provisional, known = due(cal, kind, amount, roll, start)
        out.write(f"{cal.name},{kind},{amount},{roll},{text(start)},{text(answer)},{int(provisional)},{int(known)}\n")

    for kind, amounts, count in CIVIL:
        for _ in range(count):
            cal = rng.choice([WORKED, WORKED, WORKED, NIGHT])
            roll = rng.choice(["none", "next", "previous"]) if kind.startswith("calendar_") else "none"
            row(cal, kind, rng.choice(amounts), roll, a_start(rng))
    for _ in range(60):
        row(WORKED, "age_months", rng.choice([0, 3, 132, 191, 192, 210, 216, 300]), "none", a_birth(rng))


if __name__ == "__main__":
    main()
