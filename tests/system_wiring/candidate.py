"""candidate.py ENDPOINT HUB.pub OWN.key DROP OUTBOX.db [FAULT] - an adapter in Python, after proto/README.md; and what bad ones do.

Takes files {"n": NUMBER} out of its drop folder. Without FAULT it does its duties.
"""
import hashlib
import itertools
import json
import os
import random
import sqlite3
import sys
import time

import zmq
from mash.v1 import bus_pb2 as bus, event_pb2 as ev

endpoint, hub_pub, key_file, drop, outbox_file = sys.argv[1:6]
fault = sys.argv[6] if len(sys.argv) > 6 else ""
NOW = lambda: int(time.time() * 1000)  # noqa: E731

box = sqlite3.connect(":memory:" if fault == "forgets" else outbox_file, isolation_level=None)
box.execute("PRAGMA synchronous=FULL")
box.execute("CREATE TABLE IF NOT EXISTS head (id BLOB, settled INTEGER)")
box.execute("CREATE TABLE IF NOT EXISTS item (link_seq INTEGER PRIMARY KEY, event_id BLOB UNIQUE, event BLOB, refused INTEGER DEFAULT 0)")
if box.execute("SELECT count(*) FROM head").fetchone()[0] == 0:
    box.execute("INSERT INTO head VALUES (?, 0)", (os.urandom(16),))
for made in ("done", "failed"):
    os.makedirs(os.path.join(drop, made), exist_ok=True)


def derive(event):
    payload = event.DESCRIPTOR.fields_by_name[event.WhichOneof("payload")].number
    text = f"{event.agency}\n{event.source_system}\n{event.source_reference}\n{payload}\n"
    made = bytearray(hashlib.blake2b(text.encode(), digest_size=32).digest()[:16])
    if fault != "plain-id":
        made[6], made[8] = 0x80 | made[6] & 0x0F, 0x80 | made[8] & 0x3F
    else:
        made[6], made[8] = 0x40, 0x80  # a UUID, of another version
    return bytes(made)


def event_of(number):
    ahead = 20 * 60_000 if fault == "fast-clock" else 0
    reference = f"{number}-{random.random()}" if fault == "twice" else str(number)
    event = ev.Event(agency=ev.AGENCY_POLICE, source_system="python/1", source_reference=reference, occurred_at=NOW() - 60_000 + ahead,
                     recorded_at=NOW() + ahead, area="E10000014", legal_basis=[] if fault == "invalid" else [ev.LEGAL_BASIS_PUBLIC_TASK])
    event.subjects.add(roles=[ev.SUBJECT_ROLE_CHILD], family_name="Example", date_of_birth=ev.Date(year=2018, month=2, day=1))
    event.child_concern.kinds.append(ev.FACTOR_KIND_NEGLECT)
    event.event_id = derive(event)
    return event


def take_inputs():
    for name in sorted(os.listdir(drop)):
        path = os.path.join(drop, name)
        if name.startswith(".") or not os.path.isfile(path) or (name.endswith(".part") and fault != "takes-part"):
            continue
        with open(path, "rb") as file:
            content = file.read()
        try:
            event = event_of(int(json.loads(content.decode())["n"]))
        except (ValueError, KeyError, TypeError):
            if fault == "dies":
                sys.exit("bad input")
            os.rename(path, os.path.join(drop, "failed", name))
            continue
        if box.execute("SELECT 1 FROM item WHERE event_id = ?", (event.event_id,)).fetchone() is None:
            box.execute("INSERT INTO item (link_seq, event_id, event) VALUES ((SELECT coalesce(max(link_seq), 0) + 1 FROM item), ?, ?)",
                        (event.event_id, event.SerializeToString()))
        os.rename(path, os.path.join(drop, "done", name))


def settled():
    return box.execute("SELECT settled FROM head").fetchone()[0]


again = itertools.count()


class Link:
    def __init__(self):
        self.socket, self.wait = None, 0.2
        self.connect()

    def connect(self):
        if self.socket is not None:
            self.socket.close()
        secret = open(key_file, "rb").read().strip()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.curve_serverkey = open(hub_pub, "rb").read().strip()
        self.socket.curve_secretkey, self.socket.curve_publickey = secret, zmq.curve_public(secret)
        self.socket.handshake_ivl, self.socket.linger = 5000, 0
        self.socket.connect(endpoint)
        self.heard = self.said = time.monotonic()
        self.interval, self.open, self.sent, self.credit, self.not_before, self.hello_at, self.retry = 1.0, False, 0, 0, 0.0, None, 0.2
        self.hello()

    def send(self, **body):
        self.socket.send(bus.ClientFrame(request=1, **body).SerializeToString())
        self.said = time.monotonic()

    def hello(self):
        outbox_id, number = box.execute("SELECT id, settled FROM head").fetchone()
        row = box.execute("SELECT event_id FROM item WHERE link_seq = ?", (number,)).fetchone()
        if fault == "boasts" and box.execute("SELECT count(*) FROM item").fetchone()[0] > number:
            number += 1
        self.open, self.hello_at = False, None
        self.send(hello=bus.Hello(protocol=1, software="candidate.py/1", outbox_id=outbox_id, acknowledged_link_seq=number,
                                  acknowledged_event_id=row[0] if row else b""))

    def offer(self):
        if not self.open or time.monotonic() < self.not_before:
            return
        room = 1000 if fault == "greedy" else self.credit - (self.sent - settled())
        rows = box.execute("SELECT link_seq, event_id, event, refused FROM item WHERE link_seq > ? ORDER BY link_seq LIMIT ?",
                           (self.sent, max(room, 0))).fetchall()
        items = []
        for number, event_id, event, _ in rows:
            if fault == "new-bytes":
                changed = ev.Event.FromString(event)
                changed.recorded_at += next(again)  # not the time: two offers may fall into one millisecond
                event = changed.SerializeToString()
            items.append(bus.PublishItem(link_seq=number * 2 if fault == "gap" else number, event_id=event_id, event=event))
        if items:
            self.sent = rows[-1][0]
            self.send(publish=bus.Publish(items=items))

    def welcome(self, welcome):
        held = box.execute("SELECT event_id FROM item WHERE link_seq = ?", (welcome.settled_link_seq,)).fetchone()
        fits = welcome.settled_link_seq >= settled() and (welcome.settled_link_seq == 0 or held == (welcome.settled_event_id,))
        forked = welcome.outbox_state == bus.OUTBOX_FORKED
        self.interval, self.credit = welcome.ping_interval_ms / 1000, welcome.publish_items_max
        if forked or (not fits and fault != "credulous"):
            kept = box.execute("SELECT event_id, event FROM item WHERE refused = 0 ORDER BY link_seq").fetchall()
            box.execute("BEGIN")
            box.execute("DELETE FROM item")
            box.executemany("INSERT INTO item (event_id, event) VALUES (?, ?)", kept)
            box.execute("UPDATE head SET settled = 0" if fault == "keeps-id" else "UPDATE head SET settled = 0, id = ?", () if fault == "keeps-id" else (os.urandom(16),))
            box.execute("COMMIT")
            self.hello()
            return
        self.open = True
        self.sent = welcome.settled_link_seq if fault == "skips" else settled()

    def reply(self, reply):
        for result in reply.results:
            if result.status == bus.RETRY_LATER:
                self.sent = settled()
                self.not_before = time.monotonic() + (0 if fault == "impatient" or result.code == bus.LINK_GAP else self.retry)
                self.retry = min(self.retry * 2, 30)
            elif result.status == bus.REFUSED and fault == "stubborn":
                self.sent = settled()
                self.not_before = time.monotonic() + 0.3
            else:
                self.retry = 0.2
                if result.status == bus.REFUSED:
                    box.execute("UPDATE item SET refused = 1 WHERE link_seq = ?", (result.first_link_seq,))
                box.execute("UPDATE head SET settled = max(settled, ?)", (result.last_link_seq,))

    def ended(self, ended):
        self.open = False
        if ended.reason == bus.SESSION_END_REVOKED and fault != "defiant":
            sys.exit("revoked")
        if ended.reason == bus.SESSION_END_REPLACED and fault != "fights":
            self.hello_at = time.monotonic() + 5
        elif ended.reason == bus.SESSION_END_STOPPING:
            time.sleep(self.wait)
            self.connect()
        else:
            self.hello()

    def turn(self):
        now = time.monotonic()
        if self.open and now - self.said > self.interval * 0.8 and fault != "mute":
            self.send(ping=bus.Ping(sent_ms=NOW()))
        if self.hello_at is not None and now > self.hello_at:
            self.hello()
        if now - self.heard > max(3 * self.interval, 1.5) and self.hello_at is None and fault != "deaf":
            self.connect()
        if not self.socket.poll(20):
            return
        frame, self.heard = bus.HubFrame.FromString(self.socket.recv()), time.monotonic()
        kind = frame.WhichOneof("body")
        if kind is None and fault == "strict":
            sys.exit("what is that?")
        handler = {"welcome": self.welcome, "publish_reply": self.reply, "session_ended": self.ended}.get(kind)
        if handler is not None:
            handler(getattr(frame, kind))
        if fault == "defiant" and kind == "session_ended":
            self.open = True


link = Link()
while True:
    take_inputs()
    link.turn()
    link.offer()
