#!/usr/bin/python3
"""tests/bench/storm.py [ALERTS] - what the real hub does when ALERTS (100,000) deadlines are due at one instant, and how long it is from a
kill -9 until it is ready again. One JSON line.

A police adapter opens one alert a child; every one's clock runs from the same `occurred_at`, so that all lapse at once. While they are
fired and journalled somebody goes on claiming alerts, one act after the other, and each answer is timed. Then the hub is killed and started
again twice: from nothing but its journal, and from the snapshot that `mashhubd --fold` wrote before the storm plus the records of the storm.

Build first (release), then: MASHHUB_BIN=build/release/bin PYTHONPATH=build/release/generated/python:tests/python tests/bench/storm.py
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

from mash.v1 import act_pb2 as act, bus_pb2 as bus
from hub_fixture import HUB, Hub, concern, nhs_number
from mash_client import Outbox

DAY_MS = 24 * 3600 * 1000
ACTS_EVERY_S = 0.005
EVENTS_A_FRAME = 500


def children(count):
    """So many NHS numbers of the test range."""
    serial = found = 0
    while found < count:
        serial += 1
        try:
            nhs_number(serial)
        except ValueError:
            continue
        found += 1
        yield serial


def publish_all(hub, count, occurred_at):
    outbox = Outbox()
    for serial in children(count):
        event = concern(f"storm-{serial}", serial)
        event.occurred_at = occurred_at
        outbox.put(event)
    with hub.adapter("source", outbox) as client:
        step = min(client.welcome.publish_items_max, EVENTS_A_FRAME)
        while outbox.settled < count:
            upto = min(outbox.settled + step, count)
            client.publish(outbox.items[outbox.settled:upto])
            results = client.results(upto, 60)
            settled = [r.last_link_seq for r in results if r.status != bus.RETRY_LATER]
            outbox.settled = max(settled, default=outbox.settled)


class Actor(threading.Thread):
    """Claims one alert after the other and times every answer."""

    def __init__(self, hub, board_key):
        super().__init__()
        self.hub, self.board_key, self.done, self.answers = hub, board_key, threading.Event(), []

    def run(self):
        with self.hub.client(self.board_key, self.hub.team_port) as board:
            alert = 0
            while not self.done.is_set():
                alert += 1
                begun = time.monotonic()
                reply = board.act("bp-1", f"A{alert}", 0, note=act.Note(text="rang the school"))
                self.answers.append((begun, time.monotonic() - begun, reply.code))
                time.sleep(ACTS_EVERY_S)


def status(operator):
    return operator.ask(status=bus.StatusRequest())


def restart(hub):
    """Seconds from a kill -9 until the hub answers Hello again: what it takes itself, by its own process's start."""
    hub.stop(signal.SIGKILL)
    begun = time.monotonic()
    hub.begin()
    hub.wait_until_ready()
    return time.monotonic() - begun


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    hub = Hub(found=False, policy_files=[os.path.join("tests", "system_hub", "acting.yaml")])
    try:
        policy = os.path.join(hub.folder, "policy", "bench.yaml")
        with open(policy, encoding="utf-8") as file:
            text = file.read()
        with open(policy, "w", encoding="utf-8") as file:
            file.write(text.replace("from: stored, statutory", "from: occurred, statutory", 1))
        hub.found()
        hub.start()
        hub.enrol_adapter("source")
        board_key = hub.enrol_gateway("board", ["bench-practice"], ["bench-team"])
        hub.stop()
        subprocess.run([HUB, "--config", hub.folder, "--fold"], check=True, capture_output=True, timeout=120)
        hub.start()

        due = int(time.time() * 1000) + 20000 + count // 2
        begun = time.monotonic()
        publish_all(hub, count, due - DAY_MS)
        published_s = time.monotonic() - begun
        left = due / 1000 - time.time()
        if left < 2:
            sys.exit(f"publishing took {published_s:.0f} s: the deadlines passed meanwhile; the machine is too busy for this")
        ready_storm = restart(hub)
        time.sleep(max(due / 1000 - time.time() - 2, 0))
        with hub.operator() as operator:
            before = status(operator)
            actor = Actor(hub, board_key)
            actor.start()
            while status(operator).clocks_lapsed == before.clocks_lapsed:
                time.sleep(0.002)
            first = time.monotonic()
            while status(operator).clocks_lapsed < before.clocks_lapsed + count:
                time.sleep(0.01)
            last = time.monotonic()
            actor.done.set()
            actor.join()
            after = status(operator)
        during = sorted(took for begun, took, code in actor.answers if first - 0.2 <= begun <= last)
        ready_all = restart(hub)
        print(json.dumps({
            "bench": "storm", "alerts": count, "lapsed": after.clocks_lapsed - before.clocks_lapsed,
            "fired_and_journalled_s": round(last - due / 1000 - (time.monotonic() - time.time()), 3),
            "acts_meanwhile": len(during), "act_p50_ms": round(1000 * statistics.median(during), 1) if during else None,
            "act_max_ms": round(1000 * during[-1], 1) if during else None,
            "acts_not_done": sum(code != act.ACT_DONE for _, _, code in actor.answers),
            "ready_from_snapshot_and_records_s": [round(ready_storm, 2), round(ready_all, 2)],
            "records": [before.durable.sequence, after.durable.sequence]}))
    except BaseException:
        print(hub.log_text()[-2000:], file=sys.stderr)
        raise
    finally:
        hub.end()


main()
