"""What a hostile or broken neighbour of the hub may do: a client with a valid key that does not keep to the contract, a Redis that dies,
a store that is damaged under the running hub. The hub says what happened; nobody else is troubled."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python"))

import zmq.utils.z85  # the fixture's keys
from mash.v1 import alert_pb2 as alert, bus_pb2 as bus, event_pb2 as ev, record_pb2 as record
from hub_fixture import HUB, REDIS, HubTest, Key, RedisHub, concern
from mash_client import Fault, Outbox, Silence

EVERYTHING = 2**64 - 1
FULL_DISK = os.environ.get("MASHHUB_FULL_DISK")


class Clients(HubTest):
    def test_a_position_that_cannot_be_is_forked_and_the_hub_lives(self):
        """A number from outside goes into a look-up: it must be judged before, not asserted after."""
        self.hub.enrol_consumer("bench-1", ["bench-1"])
        with self.hub.consumer("bench-1") as client:
            for sequence in (EVERYTHING, 2**63, 2**63 - 1):
                known = [alert.Position(epoch=1, sequence=sequence, record_hash=bytes(32))]
                self.assertEqual(self.subscribed(client, known), "forked")
            self.assertEqual(self.subscribed(client, [alert.Position()]), "subscribed")

    def subscribed(self, client, known):
        client.send(3, subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=10, known=known))
        return client.wait_for(lambda frame: frame.request == 3).WhichOneof("body")

    def test_questions_without_end_are_answered_busy(self):
        """Each costs the hub memory until it is answered."""
        with self.hub.operator() as operator:
            for number in range(1, 3001):
                operator.send(number, query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key="alert:A1"))
            kinds = {operator.receive(60).WhichOneof("body") for _ in range(3000)}
            self.assertEqual(operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key="alert:A1")).more, False)
        self.assertEqual(kinds, {"found", "fault"})

    def test_a_request_number_names_one_tail_only(self):
        with self.hub.operator() as operator:
            operator.send(9, tail=bus.Tail(last=1, follow=True))
            operator.wait_for(lambda frame: frame.request == 9)
            operator.send(9, tail=bus.Tail(last=1, follow=True))
            self.assertEqual(operator.wait_for(lambda frame: frame.request == 9).fault.code, bus.FAULT_MALFORMED)

    def test_a_source_system_no_event_can_name_is_not_enrolled(self):
        enrol = bus.Enrol(public_key=Key().raw(), kind=record.PEER_KIND_ADAPTER, agency=ev.AGENCY_POLICE, name="long", source_system="s" * 65)
        with self.hub.operator() as operator:
            reply = operator.command(enrol=enrol)
        self.assertEqual((reply.code, reply.text), (bus.COMMAND_REFUSED, "source_system: at most 64 bytes"))


@unittest.skipUnless(FULL_DISK, "skipped: MASHHUB_FULL_DISK names no library that makes a disk full")
class FullDisk(HubTest):
    def test_a_question_is_answered_busy_while_the_disk_is_full_and_everything_goes_on_after(self):
        """A client that hears nothing cannot tell a full disk from a dead hub."""
        hub, outbox = self.hub, Outbox()
        hub.enrol_adapter("source")
        sign = os.path.join(hub.folder, "disk-is-full")
        hub.stop()
        with unittest.mock.patch.dict(os.environ, {"LD_PRELOAD": FULL_DISK, "MASHHUB_FULL_SIGN": sign}):
            hub.start()
        for i in range(20):
            outbox.put(concern(f"full-{i}", 1))
        with hub.adapter("source", outbox) as client, hub.operator() as operator:
            open(sign, "wb").close()
            client.publish(outbox.items[:10])
            while "the journal takes no records" not in hub.log_text():
                operator.ask(ping=bus.Ping(sent_ms=1))
            with self.assertRaises(Fault) as caught:
                operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key="alert:A1"))
            self.assertEqual(caught.exception.fault.code, bus.FAULT_BUSY)
            client.publish(outbox.items[10:])
            self.assertEqual(client.next("publish_reply").results[0].code, bus.DISK_FULL)
            os.remove(sign)
            self.assertEqual(client.results(10)[-1].status, bus.STORED)
            client.publish(outbox.items[10:])
            self.assertEqual(client.results(20)[-1].status, bus.STORED)


class Damage(HubTest):
    def test_a_record_that_is_damaged_under_the_running_hub_stops_its_queue_and_says_so_once(self):
        hub, outbox = self.hub, Outbox()
        hub.enrol_adapter("source")
        hub.enrol_consumer("bench-1", ["bench-1"])
        for name in ("whole", "damaged"):
            outbox.put(concern(name, 1))
            with hub.adapter("source", outbox) as client:
                sequence = outbox.send_through(client)[-1].sequence
        hub.stop()
        hub.start()  # from here on it must read the record from the store
        store = sqlite3.connect(os.path.join(hub.folder, "state", "journal.db"), timeout=120)
        with store:
            [(batch, stored)] = store.execute("SELECT last_sequence, stored FROM batches WHERE last_sequence >= ? ORDER BY 1 LIMIT 1", (sequence,))
            at = len(stored) // 2
            store.execute("UPDATE batches SET stored = ? WHERE last_sequence = ?", (stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1:], batch))
        store.close()
        with hub.consumer("bench-1") as client:
            client.send(3, subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=10))
            before = client.next("deliveries").items
            self.assertEqual([d.event.source_reference for d in before], ["whole"])
            fault = client.next("fault")
            self.assertEqual((fault.code, fault.field_path), (bus.FAULT_BUSY, "queue"))
            self.assertRaises(Silence, client.next, "deliveries", 0.5)
        self.assertEqual(hub.log_text().count("a stored batch is damaged"), 1)


class Restored(HubTest):
    def test_a_program_that_reads_mashctl_hears_of_the_fork_between_the_deliveries(self):
        """One stream: on another it could not know which of the lines are void."""
        hub, outbox = self.hub, Outbox()
        hub.enrol_adapter("source")
        hub.enrol_consumer("bench-1", ["bench-1"]).write(os.path.join(hub.folder, "consumer.key"))
        self.assertEqual(self.tell(outbox, "kept"), bus.STORED)
        self.assertEqual(len(self.received(1)), 1)
        hub.stop()
        hub.copy_state("old-copy")
        hub.start()
        self.tell(outbox, "lost")
        self.assertEqual(len(self.received(1)), 1)
        hub.stop()
        hub.restore_state("old-copy")
        hub.start()
        outbox.number_anew()
        self.tell(outbox, "new")
        lines = [json.loads(line) for line in self.received(2)]
        self.assertEqual(["forked" in line for line in lines], [True, False, False])
        self.assertEqual(lines[0]["forked"]["queue"], "bench-1")
        self.assertEqual([line["event"]["source_reference"] for line in lines[1:]], ["lost", "new"])

    def tell(self, outbox, name):
        outbox.put(concern(name, 1))
        with self.hub.adapter("source", outbox) as client:
            return outbox.send_through(client)[-1].status

    def received(self, count):
        hub = self.hub
        done = subprocess.run([os.path.join(os.path.dirname(HUB), "mashctl"), "subscribe", "bench-1", "--consumer", "bench-1", "--position",
                               os.path.join(hub.folder, "position"), "--key", os.path.join(hub.folder, "consumer.key"), "--json", "--server-key",
                               hub.server_key_file, "--endpoint", f"tcp://127.0.0.1:{hub.team_port}", "--count", str(count)],
                              check=True, capture_output=True, timeout=120)
        return done.stdout.splitlines()


@unittest.skipUnless(REDIS, "skipped: redis-server is not installed")
class RedisDies(unittest.TestCase):
    """kill -9 of Redis while one batch is being written and the next one fills."""

    @classmethod
    def setUpClass(cls):
        cls.hub = RedisHub()
        cls.addClassCleanup(cls.hub.end)
        cls.hub.start()

    def test_the_hub_says_so_and_ends_and_nothing_acknowledged_is_lost(self):
        hub, outbox = self.hub, Outbox()
        hub.enrol_adapter("source")
        for i in range(600):
            outbox.put(concern(f"redis-{i}", 1))
        with hub.adapter("source", outbox) as client:
            client.publish(outbox.items[:100])
            acknowledged = client.results(100)[-1].last_link_seq
            hub.redis.send_signal(signal.SIGSTOP)
            for first in range(100, 600, 100):
                client.publish(outbox.items[first:first + 100])
                client.ask(ping=bus.Ping(sent_ms=first))  # it has been taken in
            hub.redis.kill()
            hub.redis.wait(120)
            self.assertEqual(hub.process.wait(120), 1)
        self.assertIn("the journal does not know whether the last batch is stored", hub.log_text())
        self.assertNotIn("broken invariant", hub.log_text())
        hub.stop()

        hub.start_redis()
        hub.start()
        with hub.adapter("source", outbox) as client:
            self.assertEqual(client.welcome.outbox_state, bus.OUTBOX_CONTINUES)
            self.assertGreaterEqual(client.welcome.settled_link_seq, acknowledged)
            outbox.settled = client.welcome.settled_link_seq
            if outbox.settled < 600:
                self.assertEqual({r.status for r in outbox.send_through(client)}, {bus.STORED})
        with hub.operator() as operator:
            self.assertEqual(operator.ask(status=bus.StatusRequest()).events_accepted, 600)


if __name__ == "__main__":
    unittest.main()
