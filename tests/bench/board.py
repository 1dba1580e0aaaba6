#!/usr/bin/python3
"""tests/bench/board.py [--alerts N] [--windows N] [--rate N] [--seconds N] - what the real board does with a full queue. JSON lines.

    page      a queue of 5,000 open alerts: milliseconds and bytes of its first page, asked again and again; bytes with its style sheets and script
    live      windows that have that queue open while events come at a rate. told: an event was published until its window heard of it by
              Server-Sent Events; shown: until the list that the window then fetched, as assets/board.js does, has it
    rebuild   a queue of N alerts (100,000), nearly all open: seconds from the board's start until its lists are whole, records a second, memory

The windows are one process without a screen: they speak HTTP as a browser does, and draw nothing. All on one machine, the hub and its publisher too.

Build first (release), then:
    MASHHUB_BIN=build/release/bin PYTHONPATH=build/release/generated/python:tests/python:tests/system_board tests/bench/board.py
"""
import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import statistics
import time
import urllib.request

from mash.v1 import bus_pb2 as bus
from board_fixture import Board, Browser
from hub_fixture import Hub, concern, nhs_number, wait_for
from mash_client import Outbox

QUEUE = "hampshire_childrens"
TEAM = "hampshire-childrens"
PEOPLE = ["hc-1", "hc-2", "hc-3", "hc-4"]
LIST = "/queue/unclaimed"
FULL_QUEUE = 5000
PAGES = 200
EVENTS_A_FRAME = 500
SEND_EVERY_S = 0.01
FETCH_WITHIN_S = 0.2  # as assets/board.js
TICKS = os.sysconf("SC_CLK_TCK")


def children():
    """NHS numbers of the test range: each child has an alert of its own."""
    serial = 0
    while True:
        serial += 1
        try:
            nhs_number(serial)
        except ValueError:
            continue
        yield serial


def percentiles(values):
    ordered = sorted(values)
    return {f"p{p}": round(ordered[min(len(ordered) * p // 100, len(ordered) - 1)], 1) for p in (50, 99)} | {"max": round(ordered[-1], 1)}


def used(pid):
    """Resident megabytes, the most there ever were, seconds of processor."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        sizes = dict(re.findall(r"(VmRSS|VmHWM):\s*(\d+) kB", file.read()))
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return {"resident_mb": round(int(sizes["VmRSS"]) / 1024, 1), "most_mb": round(int(sizes["VmHWM"]) / 1024, 1),
            "cpu_s": (int(fields[11]) + int(fields[12])) / TICKS}


def say(bench, **what):
    print(json.dumps({"bench": f"board {bench}", **what, "load": round(os.getloadavg()[0], 1)}), flush=True)


# ---- what agencies send -----------------------------------------------------------------------------------------------------------
class Publisher:
    def __init__(self, hub):
        self.hub, self.outbox, self.serials = hub, Outbox(), children()

    def put(self, count):
        for _ in range(count):
            number = len(self.outbox.items) + 1
            self.outbox.put(concern(f"board-{number}", next(self.serials)))

    def take(self, replies):
        for result in (result for reply in replies for result in reply.results):
            if result.status != bus.STORED:
                raise RuntimeError(f"the hub did not store it: {result}")
            self.outbox.settled = max(self.outbox.settled, result.last_link_seq)

    def flood(self, count):
        self.put(count)
        with self.hub.adapter("source", self.outbox) as client:
            step = min(client.welcome.publish_items_max, EVENTS_A_FRAME)
            while self.outbox.settled < len(self.outbox.items):
                upto = min(self.outbox.settled + step, len(self.outbox.items))
                client.publish(self.outbox.items[self.outbox.settled:upto])
                while self.outbox.settled < upto:
                    self.take([client.next("publish_reply", 60)])

    def at_rate(self, rate, seconds):
        """So many events a second, whatever the answers; the instant at which each was published."""
        first, count = len(self.outbox.items), rate * seconds
        self.put(count)
        instants = []
        with self.hub.adapter("source", self.outbox) as client:
            begun = time.monotonic()
            while len(instants) < count:
                now = time.monotonic()
                due = min(int((now - begun) * rate) + 1, count)
                if due > len(instants):
                    client.publish(self.outbox.items[first + len(instants):first + due])
                    instants += [now] * (due - len(instants))
                time.sleep(SEND_EVERY_S)
                while client.socket.poll(0):
                    self.take([bus.HubFrame.FromString(client.socket.recv()).publish_reply])
            while self.outbox.settled < len(self.outbox.items):
                self.take([client.next("publish_reply", 60)])
        return instants


# ---- windows --------------------------------------------------------------------------------------------------------------------
class Window:
    """A list that is open in a browser."""

    def __init__(self, port, cookie):
        self.port, self.cookie = port, cookie
        self.told, self.shown = [], []  # (instant, how many alerts it knows to have changed; how many its list has)
        self.changed, self.bytes, self.fetching = 0, 0, None

    async def connect(self, path):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        self.ask(writer, path)
        return reader, writer

    def ask(self, writer, path):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\nAccept-Encoding: gzip\r\n\r\n".encode())

    async def answer(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        return head

    async def listen(self, ready):
        reader, writer = await self.connect("/live")
        await self.answer(reader)
        await self.fetch_once()
        ready.release()
        try:
            while line := await reader.readline():
                if line.startswith(b"data: {\"changed\""):
                    self.changed += json.loads(line[6:])["changed"]
                    self.told.append((time.monotonic(), self.changed))
                    self.fetching = self.fetching or asyncio.create_task(self.fetch_soon())
        finally:
            writer.close()

    async def fetch_soon(self):
        await asyncio.sleep(random.random() * FETCH_WITHIN_S)
        self.fetching = None
        await self.fetch_once()

    async def fetch_once(self):
        reader, writer = await self.connect(LIST + "?part=rows&page=1")
        head = await self.answer(reader)
        body = await reader.readexactly(int(re.search(rb"Content-Length: (\d+)", head).group(1)))
        writer.close()
        self.bytes += len(head) + len(body)
        count = int(re.search(rb"<h1[^>]*>\w+ \((\d+)\)", body).group(1))
        if not self.shown or count > self.shown[-1][1]:
            self.shown.append((time.monotonic(), count))


async def look(port, cookies, count, ready, end):
    windows = [Window(port, cookies[number % len(cookies)]) for number in range(count)]
    begun = asyncio.Semaphore(0)
    listening = [asyncio.create_task(window.listen(begun)) for window in windows]
    for _ in windows:
        await begun.acquire()
    ready.set()
    while not end.is_set():
        for task in listening:
            if task.done():
                task.result()
        await asyncio.sleep(0.05)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    return [(window.told, window.shown, window.bytes) for window in windows]


def windows_process(port, cookies, count, ready, end, result):
    result.send(asyncio.run(look(port, cookies, count, ready, end)))


def delays(instants, known):
    """Milliseconds from each event's instant until `known`, pairs of (instant, how many), had it; the events that never came."""
    found, at = [], 0
    for number, instant in enumerate(instants, start=1):
        while at < len(known) and known[at][1] < number:
            at += 1
        if at < len(known):
            found.append(1000 * (known[at][0] - instant))
    return found, len(instants) - len(found)


def asset_bytes(browser, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{browser.board.port}{path}", timeout=30) as answer:
        return len(answer.read())


# ---- the benches ------------------------------------------------------------------------------------------------------------------
def bench_page(browser, alerts):
    times = []
    for _ in range(PAGES):
        begun = time.monotonic()
        page = browser.get(LIST)
        times.append(1000 * (time.monotonic() - begun))
    if f"({alerts})" not in page.words():
        raise RuntimeError(f"the list does not have {alerts} alerts: {page.words()[:500]}")
    assets = re.findall(r'(?:href|src)="(/assets/[^"]*)"', page.text)
    size = len(page.text.encode())
    say("page", alerts=alerts, rows=page.text.count("data-row="), bytes=size, bytes_with_assets=size + sum(asset_bytes(browser, a) for a in assets),
        ms=percentiles(times))


def bench_live(board, cookies, publisher, options):
    ready, end = multiprocessing.Event(), multiprocessing.Event()
    here, there = multiprocessing.Pipe(duplex=False)
    screens = multiprocessing.Process(target=windows_process, args=(board.port, cookies, options.windows, ready, end, there))
    screens.start()
    there.close()  # so that its end is noticed here
    if not ready.wait(60):
        raise RuntimeError("the windows do not get their lists")
    before, cpu = len(publisher.outbox.items), used(board.process.pid)["cpu_s"]
    instants = publisher.at_rate(options.rate, options.seconds)
    took = time.monotonic() - instants[0]
    cpu = used(board.process.pid)["cpu_s"] - cpu
    time.sleep(2)  # what is under way still comes
    end.set()
    told, shown, fetched = [], [], []
    missing = 0
    for heard, lists, size in here.recv():
        for kept, known in ((told, heard), (shown, [(instant, count - before) for instant, count in lists])):
            found, lost = delays(instants, known)
            kept += found
            missing += lost
        fetched.append(size)
    screens.join()
    say("live", alerts=before, windows=options.windows, events_a_second=round(len(instants) / (instants[-1] - instants[0])), events=len(instants), told_ms=percentiles(told),
        shown_ms=percentiles(shown), missing=missing, fetched_kb_a_second_and_window=round(statistics.mean(fetched) / took / 1024),
        board_cpu=round(cpu / took, 2), **used(board.process.pid))


def bench_rebuild(hub, board, alerts):
    board.stop()
    hub_before = used(hub.process.pid)["cpu_s"]
    begun = time.monotonic()
    board.start()
    browser = Browser(board)
    wait_for("the lists to be whole", lambda: browser.get("/health").status == 200, 120)
    took = time.monotonic() - begun
    say("rebuild", alerts=alerts, seconds=round(took, 2), records_a_second=round(alerts / took), hub_cpu_s=round(used(hub.process.pid)["cpu_s"] - hub_before, 2),
        **used(board.process.pid))


def signed_in(board, name):
    browser = Browser(board)
    if browser.sign_in(name).status != 303:
        raise RuntimeError(f"{name} could not sign in")
    return browser


def main():
    parser = argparse.ArgumentParser()
    for name, value in (("alerts", 100000), ("windows", 100), ("rate", 500), ("seconds", 10)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    hub = Hub(partnership="hips")
    board = None
    try:
        hub.start()
        hub.enrol_adapter("source")
        publisher = Publisher(hub)
        board = Board("".join(f"- {{person: {name}, password: \"HASH\"}}\n" for name in PEOPLE), [QUEUE], hub)
        hub.enrol_gateway("board", [TEAM], [QUEUE])
        hub.keys["board"].write(os.path.join(board.folder, "board.key"))
        board.start()
        publisher.flood(FULL_QUEUE)
        browser = signed_in(board, PEOPLE[0])
        wait_for("the list to be full", lambda: f"({FULL_QUEUE})" in browser.get(LIST).words())
        bench_page(browser, FULL_QUEUE)
        cookies = [signed_in(board, name).cookie for name in PEOPLE]
        bench_live(board, cookies, publisher, options)
        publisher.flood(max(options.alerts - len(publisher.outbox.items), 0))
        alerts = len(publisher.outbox.items)
        bench_rebuild(hub, board, alerts)
        bench_page(browser, alerts)
        bench_live(board, cookies, publisher, options)
    finally:
        if board is not None:
            board.end()
        hub.end()


if __name__ == "__main__":
    main()
