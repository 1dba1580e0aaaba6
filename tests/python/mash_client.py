"""A client of the hub in Python, written from proto/README.md alone. It asks one thing at a time and waits: for tests and small tools."""
import hashlib
import os
import time

import zmq
from mash.v1 import act_pb2 as act, bus_pb2 as bus


class Silence(Exception):
    """The hub did not answer in time. From outside a wrong key and a dead hub look the same."""


class Fault(Exception):
    """The hub could not handle a frame; `fault` is what it said."""

    def __init__(self, fault):
        super().__init__(f"{bus.FaultCode.Name(fault.code)} {fault.field_path}: {fault.text}")
        self.fault = fault


def derive_event_id(agency, system, reference, payload, discriminator=None):
    lines = [str(agency), system, reference, str(payload)] + ([] if discriminator is None else [discriminator])
    text = "".join(line + "\n" for line in lines).encode()
    made = bytearray(hashlib.blake2b(text, digest_size=32).digest()[:16])
    made[6] = 0x80 | made[6] & 0x0F
    made[8] = 0x80 | made[8] & 0x3F
    return bytes(made)


class Client:
    def __init__(self, endpoint, server_key, secret_key, patience=60.0):
        self.endpoint, self.server_key, self.secret_key, self.patience = endpoint, server_key, secret_key, patience
        self.inbox = []  # frames nobody has asked for yet
        self.request_number = 0
        self.welcome = None
        self.socket = None
        self.connect()

    def connect(self):
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.curve_serverkey = self.server_key
        self.socket.curve_secretkey = self.secret_key
        self.socket.curve_publickey = zmq.curve_public(self.secret_key)
        self.socket.handshake_ivl = 5000
        self.socket.linger = 0
        self.socket.connect(self.endpoint)
        self.inbox.clear()

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, request=0, **body):
        self.socket.send(bus.ClientFrame(request=request, **body).SerializeToString())

    def receive(self, seconds):
        """The next frame from the socket; pings while it waits. Pongs to those pings are swallowed."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise Silence(f"nothing heard from {self.endpoint} for {seconds} s")
            if self.socket.poll(int(min(left, 1.0) * 1000) + 1):
                frame = bus.HubFrame.FromString(self.socket.recv())
                if frame.WhichOneof("body") != "pong" or frame.request != 0:
                    return frame
            elif self.welcome is not None:
                self.send(ping=bus.Ping(sent_ms=int(time.time() * 1000)))

    def wait_for(self, fits, seconds=None):
        """The first frame that fits, from the inbox or the socket; the others stay in the inbox."""
        for frame in self.inbox:
            if fits(frame):
                self.inbox.remove(frame)
                return frame
        end = time.monotonic() + (seconds or self.patience)
        while True:
            frame = self.receive(max(end - time.monotonic(), 0))
            if fits(frame):
                return frame
            self.inbox.append(frame)

    def next(self, kind, seconds=None):
        return getattr(self.wait_for(lambda frame: frame.WhichOneof("body") == kind, seconds), kind)

    def ask(self, seconds=None, **body):
        self.request_number += 1
        number = self.request_number
        self.send(number, **body)
        frame = self.wait_for(lambda frame: frame.request == number, seconds)
        if frame.WhichOneof("body") == "fault":
            raise Fault(frame.fault)
        return getattr(frame, frame.WhichOneof("body"))

    def hello(self, seconds=None, **fields):
        self.welcome = self.ask(seconds, hello=bus.Hello(protocol=1, software="mash_client.py/1", **fields))
        return self.welcome

    def command(self, reason="test", command_id=None, **what):
        return self.ask(command=bus.Command(command_id=command_id or os.urandom(16), reason=reason, **what))

    def act(self, person, item, version=0, command_id=None, **what):
        return self.ask(act=act.Act(command_id=command_id or os.urandom(16), on_behalf_of=person, item=item, version=version, **what))

    def publish(self, items):
        self.send(publish=bus.Publish(items=items))

    def results(self, upto, seconds=None):
        """Results up to the item `upto`, or to one that is to be sent again later."""
        found = []
        while not found or (found[-1].last_link_seq < upto and found[-1].status != bus.RETRY_LATER):
            found.extend(self.next("publish_reply", seconds).results)
        return found

    def deliveries(self, count, seconds=None):
        found = []
        while len(found) < count:
            found.extend(self.next("deliveries", seconds).items)
        return found

    def deliveries_until(self, sequence):
        found = []
        while not found or found[-1].position.sequence < sequence:
            found.extend(self.next("deliveries").items)
        return found


class Outbox:
    """In memory: a test's outbox need not survive the test."""

    def __init__(self):
        self.id = os.urandom(16)
        self.items = []
        self.settled = 0

    def put(self, event):
        payload = event.DESCRIPTOR.fields_by_name[event.WhichOneof("payload")].number
        event.event_id = derive_event_id(event.agency, event.source_system, event.source_reference, payload)
        return self.put_bytes(event.event_id, event.SerializeToString())

    def put_bytes(self, event_id, packed):
        item = bus.PublishItem(link_seq=len(self.items) + 1, event_id=event_id, event=packed)
        self.items.append(item)
        return item

    def hello_fields(self):
        acknowledged = self.items[self.settled - 1].event_id if self.settled else b""
        return {"outbox_id": self.id, "acknowledged_link_seq": self.settled, "acknowledged_event_id": acknowledged}

    def number_anew(self):
        self.id, self.settled = os.urandom(16), 0

    def send_through(self, client):
        """Publishes what is not settled and returns the results."""
        client.publish(self.items[self.settled:])
        results = client.results(len(self.items))
        self.settled = max(r.last_link_seq for r in results if r.status != bus.RETRY_LATER)
        return results
