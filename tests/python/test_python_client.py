"""Drives a real hub with a client written from proto/README.md alone."""
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

import zmq
from mash.v1 import alert_pb2 as alert, bus_pb2 as bus, event_pb2 as ev, record_pb2 as record
from hub_fixture import NAMES_OF_QUEUES, SOURCE, HubTest, Key, concern, contact, nhs_number, wait_for
from mash_client import Client, Fault, Outbox, Silence, derive_event_id


class Contract(unittest.TestCase):
    def test_the_worked_example_of_the_event_id(self):
        self.assertEqual(derive_event_id(1, "niche/44", "44260000001/1", 100).hex(), "4d2644cdc96c870a85016b5410735115")
        self.assertEqual(derive_event_id(1, "niche/44", "44260000001/1", 100, "child 3").hex(), "38fdfe567ff982b2ad17110f8828af3b")


class Sessions(HubTest):
    def test_welcome_tells_who_i_am_and_what_holds(self):
        key = self.hub.enrol_adapter("sessions-adapter")
        with self.hub.client(key, self.hub.agency_port) as client:
            self.assertEqual(client.welcome.partnership, "bench")
            self.assertEqual(client.welcome.peer_name, "sessions-adapter")
            self.assertEqual(len(client.welcome.session_id), 16)
            self.assertGreaterEqual(client.welcome.frame_bytes_max, 65536)
            self.assertGreater(client.welcome.publish_items_max, 0)
            self.assertGreater(client.welcome.ping_interval_ms, 0)
            self.assertEqual(client.ask(ping=bus.Ping(sent_ms=7)).sent_ms, 7)

    def test_a_frame_without_a_session_is_asked_for_hello(self):
        with self.hub.client(self.hub.operator_key, self.hub.team_port, hello=False) as client:
            client.send(1, status=bus.StatusRequest())
            self.assertEqual(client.next("session_ended").reason, bus.SESSION_END_NO_HELLO)
            client.hello()

    def test_a_second_session_of_one_key_ends_the_first_aloud(self):
        key = self.hub.enrol_adapter("twice")
        with self.hub.client(key, self.hub.agency_port) as first, self.hub.client(key, self.hub.agency_port):
            self.assertEqual(first.next("session_ended").reason, bus.SESSION_END_REPLACED)

    def test_another_protocol_is_refused(self):
        with self.hub.client(self.hub.operator_key, self.hub.team_port, hello=False) as client, self.assertRaises(Fault) as caught:
            client.ask(hello=bus.Hello(protocol=99))
        self.assertEqual(caught.exception.fault.code, bus.FAULT_WRONG_PROTOCOL)

    def test_a_wrong_server_key_is_silence(self):
        with Client(f"tcp://127.0.0.1:{self.hub.team_port}", Key().public, self.hub.operator_key.secret) as client:
            self.assertRaises(Silence, client.hello, 1.5)

    def test_a_key_is_silent_until_it_is_enrolled_and_after_it_is_revoked(self):
        stranger = Key()
        with self.hub.client(stranger, self.hub.agency_port, hello=False) as client:
            self.assertRaises(Silence, client.hello, 1.5)
        key = self.hub.enrol_adapter("short-lived")
        with self.hub.client(key, self.hub.agency_port) as client:
            connection = client.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            with self.hub.operator() as operator:
                self.assertEqual(operator.command(revoke=bus.Revoke(name="short-lived")).code, bus.COMMAND_DONE)
            self.assertEqual(client.next("session_ended").reason, bus.SESSION_END_REVOKED)
            self.assertTrue(connection.poll(60000), "the connection of a revoked key is still up")
            client.socket.disable_monitor()
        with self.hub.client(key, self.hub.agency_port, hello=False) as client:
            self.assertRaises(Silence, client.hello, 1.5)

    def test_an_adapter_is_sent_away_from_the_endpoint_of_the_teams(self):
        key = self.hub.enrol_adapter("astray")
        with self.hub.client(key, self.hub.team_port, hello=False) as client, self.assertRaises(Fault) as caught:
            client.hello()
        self.assertEqual(caught.exception.fault.code, bus.FAULT_NOT_ALLOWED)

    def test_a_command_that_is_repeated_gets_its_first_answer(self):
        key = Key()
        enrol = bus.Enrol(public_key=key.raw(), kind=2, agency=ev.AGENCY_POLICE, name="once")
        with self.hub.operator() as operator:
            first = operator.command(command_id=b"0123456789abcdef", enrol=enrol)
            again = operator.command(command_id=b"0123456789abcdef", enrol=enrol)
            other = operator.command(enrol=enrol)
        self.assertEqual((first.code, again.code, other.code), (bus.COMMAND_DONE, bus.COMMAND_DONE, bus.COMMAND_REFUSED))
        self.assertEqual(first.number, again.number)

    def test_only_an_operator_commands(self):
        key = self.hub.enrol_adapter("no-operator")
        with self.hub.client(key, self.hub.agency_port) as client, self.assertRaises(Fault) as caught:
            client.command(revoke=bus.Revoke(name="operator"))
        self.assertEqual(caught.exception.fault.code, bus.FAULT_NOT_ALLOWED)


class HostileFrames(HubTest):
    def still_works(self, client):
        client.send(9, status=bus.StatusRequest())
        self.assertEqual(client.wait_for(lambda frame: frame.request == 9).WhichOneof("body"), "status")

    def test_bytes_that_are_no_frame_get_a_fault_and_the_session_goes_on(self):
        rows = [b"\xff\xff\xff", b"\x5a\x05abc", b"\x52\x04\x12\x02\xc3\x28", b"\x0b"]
        with self.hub.operator() as client:
            for row in rows:
                with self.subTest(row=row[:8].hex()):
                    client.socket.send(row)
                    self.assertEqual(client.next("fault").code, bus.FAULT_MALFORMED)
                    self.still_works(client)

    def test_depth_costs_nothing_whether_it_is_refused_or_skipped(self):
        """No known field nests for long, so depth comes in groups, which are refused, and in unknown fields, which are never entered."""
        groups = b"\xa3\x1f" * 100_000  # field 500 begins a group, which begins a group ...
        unknown = b""
        for _ in range(2000):  # field 500 holds field 500 holds field 500 ...
            size, length = len(unknown), b""
            while size > 127:
                size, length = size >> 7, length + bytes([size & 127 | 128])
            unknown = b"\xa2\x1f" + length + bytes([size]) + unknown
        with self.hub.operator() as client:
            client.socket.send(groups)
            self.assertEqual(client.next("fault").code, bus.FAULT_MALFORMED)
            client.socket.send(bus.ClientFrame(request=8, ping=bus.Ping(sent_ms=8)).SerializeToString() + unknown)
            self.assertEqual(client.wait_for(lambda frame: frame.request == 8).pong.sent_ms, 8)
            self.still_works(client)

    def test_a_message_of_two_parts_gets_a_fault(self):
        with self.hub.operator() as client:
            client.socket.send_multipart([b"", bus.ClientFrame(request=1, ping=bus.Ping()).SerializeToString()])
            self.assertEqual(client.next("fault").code, bus.FAULT_MALFORMED)
            self.still_works(client)

    def test_a_frame_over_the_limit_is_refused_and_one_far_over_it_costs_the_connection(self):
        with self.hub.operator() as client:
            client.socket.send(bytes(client.welcome.frame_bytes_max + 1))
            self.assertEqual(client.next("fault").code, bus.FAULT_TOO_LARGE)
            self.still_works(client)
            session = client.welcome.session_id
            client.socket.send(bytes(4 * client.welcome.frame_bytes_max + 1))
            client.send(10, status=bus.StatusRequest())  # the socket connects anew by itself; its session went with the connection
            self.assertEqual(client.next("session_ended").reason, bus.SESSION_END_NO_HELLO)
            self.assertNotEqual(client.hello().session_id, session)
            self.still_works(client)

    def test_a_request_without_a_body_is_unknown(self):
        with self.hub.operator() as client:
            client.socket.send(bus.ClientFrame(request=5).SerializeToString())
            self.assertEqual(client.next("fault").code, bus.FAULT_UNKNOWN_REQUEST)


class Publishing(HubTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hub.enrol_adapter("publisher", source_system="python/1")

    def test_items_are_settled_in_order_each_in_its_own_way(self):
        outbox = Outbox()
        good, bad, late = concern("p-1", 1), concern("p-2", 2), concern("p-3", 3)
        bad.subjects[0].identifiers[0].value = "9990000019"
        outbox.put(good)
        outbox.put(bad)
        outbox.put(late)
        outbox.put_bytes(outbox.items[0].event_id, outbox.items[0].event)
        with self.hub.adapter("publisher", outbox) as client:
            self.assertEqual(client.welcome.outbox_state, bus.OUTBOX_CONTINUES)
            results = outbox.send_through(client)
        self.assertEqual([r.status for r in results], [bus.STORED, bus.REFUSED, bus.STORED, bus.DUPLICATE])
        self.assertEqual([(r.first_link_seq, r.last_link_seq) for r in results], [(1, 1), (2, 2), (3, 3), (4, 4)])
        self.assertEqual((results[1].code, results[1].field_path), (bus.FAILED_CHECKSUM, "subjects[0].identifiers[0].value"))
        self.assertNotIn("999", results[1].reason)
        self.assertEqual(results[3].sequence, results[0].sequence)

    def test_a_run_of_good_items_is_one_result_or_few(self):
        outbox = Outbox()
        for i in range(300):
            outbox.put(concern(f"run-{i}", 1))
        with self.hub.adapter("publisher", outbox) as client:
            results = outbox.send_through(client)
        self.assertEqual({r.status for r in results}, {bus.STORED})
        self.assertEqual(sum(r.last_link_seq - r.first_link_seq + 1 for r in results), 300)

    def test_a_gap_is_to_be_sent_again_and_ends_the_frame(self):
        outbox = Outbox()
        for i in range(3):
            outbox.put(concern(f"gap-{i}", 5))
        with self.hub.adapter("publisher", outbox) as client:
            client.publish(outbox.items[1:])
            results = client.results(3)
            self.assertEqual([(r.first_link_seq, r.status, r.code) for r in results], [(2, bus.RETRY_LATER, bus.LINK_GAP)])
            self.assertEqual({r.status for r in outbox.send_through(client)}, {bus.STORED})

    def test_what_the_hub_refuses(self):
        def changed(change):
            event = concern(f"refused-{change.__code__.co_firstlineno}", 6)
            change(event)
            return event

        def agency(e): e.agency = ev.AGENCY_HEALTH
        def system(e): e.source_system = "another/1"
        def area(e): e.area = "W06000015"
        def target(e): e.amends = bytes(range(16))
        def future(e): e.occurred_at += 3600_000
        def old(e): e.recorded_at -= 101 * 86400_000
        def unborn(e): e.subjects[0].roles[0] = ev.SUBJECT_ROLE_UNBORN_CHILD
        def basis(e): del e.legal_basis[:]
        def untyped(e): e.ClearField("child_concern")
        def nul(e): e.summary = "a\0b"
        rows = [(agency, bus.WRONG_AGENCY), (system, bus.WRONG_AGENCY), (area, bus.UNKNOWN_AREA), (target, bus.UNKNOWN_TARGET),
                (future, bus.IN_THE_FUTURE), (old, bus.TOO_OLD), (unborn, bus.IMPOSSIBLE), (basis, bus.MISSING_FIELD),
                (untyped, bus.UNKNOWN_TYPE), (nul, bus.BAD_TEXT)]
        outbox = Outbox()
        for change, _ in rows:
            event = changed(change)
            event.event_id = os.urandom(16)
            outbox.put_bytes(event.event_id, event.SerializeToString())
        outbox.put_bytes(b"short", b"")
        outbox.put_bytes(os.urandom(16), b"\xff\xff")
        outbox.put_bytes(os.urandom(16), concern("other-id").SerializeToString())
        outbox.put_bytes(os.urandom(16), bytes(65537))
        with self.hub.adapter("publisher", outbox) as client:
            results = outbox.send_through(client)
        codes = [code for _, code in rows] + [bus.WRONG_EVENT_ID, bus.MALFORMED_EVENT, bus.WRONG_EVENT_ID, bus.TOO_LARGE]
        self.assertEqual([bus.RefusalCode.Name(r.code) for r in results], [bus.RefusalCode.Name(c) for c in codes])
        self.assertEqual({r.status for r in results}, {bus.REFUSED})

    def test_other_content_under_a_stored_id_is_refused(self):
        outbox = Outbox()
        outbox.put(concern("same", 7))
        outbox.put(concern("same", 7, summary="not what was said before"))
        with self.hub.adapter("publisher", outbox) as client:
            results = outbox.send_through(client)
        self.assertEqual([r.status for r in results], [bus.STORED, bus.REFUSED])
        self.assertEqual(results[1].code, bus.OTHER_CONTENT)

    def test_only_an_adapter_with_an_outbox_publishes(self):
        item = Outbox().put(concern("nobody", 8))
        with self.hub.client(self.hub.keys["publisher"], self.hub.agency_port) as client:
            client.publish([item])
            self.assertEqual(client.next("fault").code, bus.FAULT_NOT_ALLOWED)
        with self.hub.operator() as operator:
            operator.publish([item])
            self.assertEqual(operator.next("fault").code, bus.FAULT_NOT_ALLOWED)

    def test_what_was_acknowledged_survives_kill_minus_nine(self):
        outbox = Outbox()
        for i in range(50):
            outbox.put(concern(f"kill-{i}", 9))
        with self.hub.adapter("publisher", outbox) as client:
            outbox.send_through(client)
        self.hub.stop(signal.SIGKILL)
        self.hub.start()
        with self.hub.adapter("publisher", outbox) as client:
            self.assertEqual(client.welcome.outbox_state, bus.OUTBOX_CONTINUES)
            self.assertEqual(client.welcome.settled_link_seq, 50)
            client.publish(outbox.items)
            self.assertEqual({r.status for r in client.results(50)}, {bus.DUPLICATE})


class Consuming(HubTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hub.enrol_adapter("source")
        for queue in NAMES_OF_QUEUES:
            cls.hub.enrol_consumer(queue, [queue])
        cls.outbox = Outbox()

    def tell(self, reference, serial=11):
        self.outbox.put(concern(reference, serial))
        with self.hub.adapter("source", self.outbox) as client:
            return self.outbox.send_through(client)[-1].sequence

    def subscribe(self, client, queue, consumer, **fields):
        return client.ask(subscribe=bus.Subscribe(queue=queue, consumer=consumer, credit_items=fields.pop("credit_items", 1000), **fields))

    def wait_until_stored(self, queue, sequence):
        """Receipts ride with the next batch, or go a few milliseconds later."""
        with self.hub.operator() as operator:
            for _ in range(1000):
                queues = operator.ask(status=bus.StatusRequest(queues=True)).queues
                if any(q.name == queue and q.receipt_sequence >= sequence for q in queues):
                    return
        self.fail(f"the receipt up to {sequence} was not stored")

    def test_a_consumer_goes_on_after_its_receipt(self):
        with self.hub.consumer("bench-1") as client:
            self.subscribe(client, "bench-1", "bench-1")
            sequences = [self.tell(f"resume-{i}") for i in range(4)]
            got = [d for d in client.deliveries_until(sequences[-1]) if d.position.sequence in sequences]
            self.assertEqual([d.position.sequence for d in got], sequences)
            self.assertEqual(got[0].queue, "bench-1")
            self.assertEqual(got[0].event.source_reference, "resume-0")
            self.assertTrue(all(d.reasons for d in got))
            client.send(receipt=bus.Receipt(queue="bench-1", upto=got[1].position))
            after = got[1].position
            self.wait_until_stored("bench-1", after.sequence)
        with self.hub.consumer("bench-1") as client:  # nothing known: after the stored receipt
            subscribed = self.subscribe(client, "bench-1", "bench-1")
            self.assertEqual(subscribed.resume_after.sequence, after.sequence)
            again = client.deliveries(2)
            self.assertEqual([d.position.sequence for d in again], sequences[2:])
            self.assertTrue(all(d.possible_duplicate for d in again))
        with self.hub.consumer("bench-1") as client:  # its own position counts
            subscribed = self.subscribe(client, "bench-1", "bench-1", known=[got[2].position, got[1].position])
            self.assertEqual(subscribed.resume_after, got[2].position)
            self.assertEqual(client.deliveries(1)[0].position, got[3].position)

    def test_credit_bounds_what_is_in_flight(self):
        for i in range(5):
            self.tell(f"credit-{i}")
        with self.hub.consumer("bench-2") as client:
            self.subscribe(client, "bench-2", "", credit_items=2)
            first = client.deliveries(2)
            self.assertEqual(len(first), 2)
            self.assertRaises(Silence, client.next, "deliveries", 0.7)
            client.send(receipt=bus.Receipt(queue="bench-2", upto=first[-1].position))
            self.assertEqual(len(client.deliveries(2)), 2)
            client.send(credit=bus.Credit(queue="bench-2", items=1))
            self.assertEqual(len(client.deliveries(1)), 1)

    def test_credit_is_added_beyond_what_receipts_give_back(self):
        outbox = Outbox()
        self.hub.enrol_adapter("credit-source")
        for i in range(9):
            outbox.put(concern(f"more-credit-{i}", 32))
        with self.hub.adapter("credit-source", outbox) as client:
            outbox.send_through(client)
        self.hub.enrol_consumer("more-credit", ["bench-1"])
        with self.hub.consumer("more-credit") as client:
            client.ask(subscribe=bus.Subscribe(queue="bench-1", credit_items=2))
            client.deliveries(2)
            self.assertRaises(Silence, client.deliveries, 1, 0.3)
            client.send(credit=bus.Credit(queue="bench-1", items=3))
            self.assertEqual(len(client.deliveries(3)), 3)
            self.assertRaises(Silence, client.deliveries, 1, 0.3)

    def test_an_ephemeral_subscriber_may_begin_now(self):
        self.tell("before-now")
        with self.hub.consumer("bench-2") as client:
            self.subscribe(client, "bench-2", "", from_now=True)
            sequence = self.tell("after-now")
            self.assertEqual(client.deliveries(1)[0].position.sequence, sequence)

    def test_what_a_subscriber_may_not_do(self):
        rows = [({"queue": "no-such-queue"}, bus.FAULT_UNKNOWN_QUEUE), ({"queue": "bench-2"}, bus.FAULT_NOT_ALLOWED),
                ({"queue": "bench-team", "consumer": "nobody"}, bus.FAULT_NOT_ALLOWED), ({"queue": "bench-team", "credit_items": 0}, bus.FAULT_MALFORMED),
                ({"queue": "bench-team", "known": [alert.Position(epoch=1, sequence=1, record_hash=b"short")]}, bus.FAULT_MALFORMED)]
        with self.hub.consumer("bench-team") as client:
            for fields, code in rows:
                with self.subTest(fields=fields), self.assertRaises(Fault) as caught:
                    client.ask(subscribe=bus.Subscribe(**{"credit_items": 10, **fields}))
                self.assertEqual(caught.exception.fault.code, code)
            client.send(receipt=bus.Receipt(queue="bench-team", upto=alert.Position(epoch=1, sequence=1, record_hash=bytes(32))))
            self.assertEqual(client.next("fault").code, bus.FAULT_UNKNOWN_QUEUE)


class Reading(HubTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hub.enrol_adapter("reader-source")
        cls.hub.enrol_adapter("reader-other")
        cls.outbox = Outbox()
        for i in range(5):
            cls.outbox.put(concern(f"read-{i}", 21))
        with cls.hub.adapter("reader-source", cls.outbox) as client:
            cls.sequences = [r.sequence for r in cls.outbox.send_through(client)]
        cls.records = list(range(cls.sequences[-1] - 4, cls.sequences[-1] + 1))  # one record an event, one after the other

    def test_tail_tells_records_without_a_word_about_people(self):
        with self.hub.operator() as operator:
            items = operator.ask(tail=bus.Tail(last=100, where=[bus.Where(key="payload", value="child_concern")])).items
        self.assertEqual(len(items), 5)
        self.assertEqual(items[0].agency, ev.AGENCY_POLICE)
        self.assertEqual(items[0].peer, "reader-source")
        self.assertIn("bench-1", items[0].queues)
        self.assertEqual(items[0].event_id, self.outbox.items[0].event_id)
        self.assertNotRegex(str(items), "Example|coat|9990")

    def test_a_following_tail_goes_on_until_it_is_stopped(self):
        def mine(frame):
            return frame.request == 77

        auditor = self.hub.enrol("auditor", record.PEER_KIND_AUDITOR)
        with self.hub.client(auditor, self.hub.team_port) as client:
            client.send(77, tail=bus.Tail(last=1, follow=True))
            newest = client.wait_for(mine).tail_items.items[-1].sequence
            self.hub.enrol_adapter("comes-later")
            more = client.wait_for(mine).tail_items
            self.assertGreater(more.items[-1].sequence, newest)
            self.assertFalse(more.complete)
            client.send(77, tail=bus.Tail(stop=True))
            while not client.wait_for(mine).tail_items.complete:
                pass

    def test_a_condition_the_hub_does_not_know_is_a_fault(self):
        with self.hub.operator() as operator, self.assertRaises(Fault) as caught:
            operator.ask(tail=bus.Tail(last=1, where=[bus.Where(key="shoe_size", value="9")]))
        self.assertEqual(caught.exception.fault.code, bus.FAULT_MALFORMED)

    def test_records_are_found_by_key(self):
        event_id = self.outbox.items[0].event_id.hex()
        keys = [f"event:{event_id}", f"nhs:{nhs_number(21)}", "reference:python/1:read-0"]
        with self.hub.operator() as operator:
            for key in keys:
                with self.subTest(kind=key.split(":")[0]):
                    self.assertGreaterEqual(len(operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=key)).items), 1)
            self.assertEqual(len(operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=f"nhs:{nhs_number(22)}")).items), 0)
            with self.assertRaises(Fault):
                operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key="shoe_size:9"))

    def test_an_adapter_reads_what_it_said_itself_and_nothing_else(self):
        key = f"event:{self.outbox.items[0].event_id.hex()}"
        with self.hub.client(self.hub.keys["reader-source"], self.hub.agency_port) as own:
            self.assertEqual(len(own.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=key)).items), 1)
        with self.hub.client(self.hub.keys["reader-other"], self.hub.agency_port) as other:
            self.assertEqual(len(other.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=key)).items), 0)
            case = other.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=f"nhs:{nhs_number(21)}", whole_case=True))
            self.assertEqual((len(case.items), case.is_case), (0, False))  # nor that the hub knows such a person at all
            self.assertFalse(other.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=self.outbox.items[0].event_id.hex())).found)

    def test_explain_says_why_in_plain_english(self):
        with self.hub.operator() as operator:
            for name in (self.outbox.items[0].event_id.hex(), str(self.sequences[0]), "A1"):
                explained = operator.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=name))
                self.assertTrue(explained.found)
                self.assertGreater(len(explained.lines), 0)
            self.assertFalse(operator.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id="ffffffffffffffffffffffffffffffff")).found)

    def test_an_auditor_reads_the_same_explanation_as_an_operator(self):
        auditor = self.hub.enrol("reading-auditor", record.PEER_KIND_AUDITOR)
        name = self.outbox.items[0].event_id.hex()
        with self.hub.client(auditor, self.hub.team_port) as client, self.hub.operator() as operator:
            lines = client.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=name)).lines
            self.assertEqual(lines, operator.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=name)).lines)
        self.assertTrue(any(line.text.startswith("Rule B-FAN-1") for line in lines))

    def test_a_consumer_reads_of_its_own_queue_only(self):
        key = self.hub.enrol_consumer("reading-team", ["bench-1"])
        with self.hub.client(key, self.hub.team_port) as client:
            items = client.ask(tail=bus.Tail(from_sequence=1)).items
            lines = client.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=str(self.sequences[0]))).lines
        self.assertEqual([item.sequence for item in items], self.records)
        for item in items:
            self.assertEqual((list(item.queues), list(item.rules), item.alert_id), (["bench-1"], ["B-FAN-1"], ""))
        self.assertNotRegex(str(lines), "bench-2|bench-team|B-ALERT|Alert|Clock")

    def test_the_newest_are_counted_after_the_others_are_left_out(self):
        key = self.hub.enrol_consumer("newest-team", ["bench-2"])
        with self.hub.client(key, self.hub.team_port) as client:
            self.assertEqual([item.sequence for item in client.ask(tail=bus.Tail(last=2)).items], self.records[-2:])
            self.assertEqual(client.ask(tail=bus.Tail(last=2, where=[bus.Where(key="payload", value="birth")])).items[:], [])
        with self.hub.operator() as operator:
            where = [bus.Where(key="payload", value="child_concern")]
            items = operator.ask(tail=bus.Tail(last=3, where=where)).items
        self.assertEqual([item.sequence for item in items], self.records[-3:])

    def test_a_value_that_can_never_be_is_told_with_what_there_is(self):
        with self.hub.operator() as operator, self.assertRaises(Fault) as caught:
            operator.ask(tail=bus.Tail(last=1, where=[bus.Where(key="queue", value="bench-3")]))
        self.assertIn("one of bench-team, bench-1, bench-2", caught.exception.fault.text)

    def test_who_has_gone_was_last_heard_when_it_went(self):
        key = self.hub.enrol_adapter("gone")
        before = int(time.time() * 1000)
        with self.hub.client(key, self.hub.agency_port) as client:
            client.send(goodbye=bus.Goodbye())
            with self.hub.operator() as operator:
                gone = lambda: {p.name: p for p in operator.ask(status=bus.StatusRequest(peers=True)).peers}["gone"]
                wait_for("the hub to know that it went", lambda: not gone().connected)
                peer = gone()
        self.assertGreater(peer.last_heard_ms, before - 5000)

    def test_what_a_publisher_says_of_its_outbox_is_told_to_operators(self):
        key = self.hub.enrol_adapter("full")
        with self.hub.client(key, self.hub.agency_port) as client:
            client.ask(ping=bus.Ping(sent_ms=1, waiting=30, parked=2))
        with self.hub.operator() as operator:
            peer = {p.name: p for p in operator.ask(status=bus.StatusRequest(peers=True)).peers}["full"]
        self.assertEqual((peer.waiting, peer.parked), (30, 2))

    def test_a_time_that_is_none_in_a_ping_is_nobodys(self):
        """It is shown as a civil time: what no calendar has must not get so far."""
        key = self.hub.enrol_adapter("timeless")
        for time_ms in (2**63 - 1, -2**63, -1, 1):
            with self.hub.client(key, self.hub.agency_port) as client:
                client.ask(ping=bus.Ping(sent_ms=time_ms, failing_since_ms=time_ms))
            with self.hub.operator() as operator:
                peer = {p.name: p for p in operator.ask(status=bus.StatusRequest(peers=True)).peers}["timeless"]
            self.assertEqual((peer.failing_since_ms, peer.clock_ahead_ms, peer.told_time), (0, 0, False), time_ms)

    def test_status_counts_and_names_peers_and_queues(self):
        with self.hub.operator() as operator:
            status = operator.ask(status=bus.StatusRequest(peers=True, queues=True))
        self.assertEqual(status.partnership, "bench")
        self.assertEqual(status.events_accepted, 5)
        self.assertEqual(len(status.durable.record_hash), 32)
        self.assertIn("reader-source", [peer.name for peer in status.peers])
        self.assertTrue(set(NAMES_OF_QUEUES) <= {queue.name for queue in status.queues})
        with self.hub.client(self.hub.keys["reader-source"], self.hub.agency_port) as client:
            own = client.ask(status=bus.StatusRequest())
            self.assertEqual((own.partnership, [peer.name for peer in own.peers]), ("bench", ["reader-source"]))
            with self.assertRaises(Fault) as caught:
                client.ask(status=bus.StatusRequest(peers=True))
        self.assertEqual(caught.exception.fault.code, bus.FAULT_NOT_ALLOWED)


class Watching(HubTest):
    def test_hidden_records_do_not_show_in_what_a_consumer_finds(self):
        """Its own record lies beyond 300 newer ones about the same child that its queue never had."""
        outbox, key = Outbox(), f"nhs:{nhs_number(30)}"
        self.hub.enrol_adapter("find-source")
        outbox.put(concern("find-0", 30))
        for i in range(1, 301):
            outbox.put(contact(f"find-{i}", 30))
        with self.hub.adapter("find-source", outbox) as client:
            outbox.send_through(client)
        team = self.hub.enrol_consumer("find-team", ["bench-team"])
        with self.hub.client(team, self.hub.team_port) as client:
            found = client.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=key, limit=1))
            self.assertEqual([item.payload for item in found.items], ["child_concern"])
            self.assertFalse(found.more)
        with self.hub.operator() as operator:
            seen, before, more = [], 0, True
            while more:
                page = operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=key, limit=100, before_sequence=before))
                seen += [item.sequence for item in page.items]
                before, more = seen[-1], page.more
            self.assertEqual(len(seen), 301)
            self.assertEqual(seen, sorted(set(seen), reverse=True))

    def test_an_explanation_that_is_cut_says_so(self):
        outbox = Outbox()
        self.hub.enrol_adapter("much-source")
        for i in range(260):
            outbox.put(concern(f"much-{i}", 35))
        with self.hub.adapter("much-source", outbox) as client:
            outbox.send_through(client)
        with self.hub.operator() as operator:
            found = operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key=f"nhs:{nhs_number(35)}", limit=1)).items[0]
            lines = operator.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=found.alert_id)).lines
            self.assertEqual(sum(line.text.startswith("Event ") for line in lines), 256)
            self.assertIn("holds no more", lines[-1].text)
            lines = operator.ask(explain=bus.Explain(purpose=record.PURPOSE_OPERATIONS, id=str(found.sequence))).lines
            self.assertNotIn("holds no more", lines[-1].text)

    def test_frames_that_cannot_be_read_are_logged_once_a_minute_with_the_peer(self):
        key = self.hub.enrol_adapter("babbler")
        with self.hub.client(key, self.hub.agency_port) as client:
            for _ in range(20):
                client.socket.send(b"\xff\xff")
                client.next("fault")
        lines = [line for line in self.hub.log_text().splitlines() if "frames could not be read" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("babbler", lines[0])

    def test_an_alarm_is_logged_with_what_to_do(self):
        outbox = Outbox()
        self.hub.enrol_adapter("alarming")
        first = outbox.put(concern("alarm", 34))
        outbox.put_bytes(first.event_id, first.event + concern("alarm", 34).SerializeToString())
        with self.hub.adapter("alarming", outbox) as client:
            self.assertEqual(outbox.send_through(client)[-1].code, bus.OTHER_CONTENT)
        lines = [line for line in self.hub.log_text().splitlines() if "an alarm was raised" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("SAME_ID_OTHER_CONTENT", lines[0])
        self.assertIn("RUNBOOK", lines[0])


class Restored(HubTest):
    """An old copy of the store under live clients: the history they know has gone, and they must hear it."""

    def test_consumer_and_publisher_hear_that_history_was_lost_and_nothing_is(self):
        hub, outbox = self.hub, Outbox()
        hub.enrol_adapter("before")
        hub.enrol_consumer("bench-1", ["bench-1"])
        outbox.put(concern("kept", 33))
        with hub.adapter("before", outbox) as client:
            outbox.send_through(client)
        hub.stop()
        hub.copy_state("old-copy")
        hub.start()
        outbox.put(concern("lost-1", 33))
        outbox.put(concern("lost-2", 33))
        with hub.adapter("before", outbox) as client:
            outbox.send_through(client)
        with hub.consumer("bench-1") as client:
            client.ask(subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=100))
            known = [d.position for d in client.deliveries(3)]
            client.send(receipt=bus.Receipt(queue="bench-1", upto=known[-1]))
        hub.stop()
        hub.restore_state("old-copy")
        hub.start()

        with hub.consumer("bench-1") as client:
            forked = client.ask(subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=100, known=reversed(known)))
            self.assertEqual(forked.last_common, known[0])
            with hub.adapter("before", outbox) as publisher:
                self.assertEqual(publisher.welcome.outbox_state, bus.OUTBOX_FORKED)
                outbox.number_anew()
                self.assertEqual(publisher.hello(**outbox.hello_fields()).outbox_state, bus.OUTBOX_CONTINUES)
                self.assertEqual([r.status for r in outbox.send_through(publisher)], [bus.DUPLICATE, bus.STORED])
            again = client.deliveries(2)
        self.assertEqual([d.event.source_reference for d in again], ["lost-1", "lost-2"])
        self.assertTrue(all(d.position not in known for d in again))


class ReadmePrograms(HubTest):
    """The programs of proto/README.md, as they stand there."""

    def program(self, name):
        with open(os.path.join(SOURCE, "proto", "README.md"), encoding="utf-8") as file:
            blocks = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        path = os.path.join(self.hub.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(next(block for block in blocks if block.startswith(f"# {name}")))
        return path

    def run_program(self, *arguments, exit_code=0):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, exit_code, done.stderr)
        return done.stdout


class Readme(ReadmePrograms):
    def test_what_the_publisher_tells_the_subscriber_receives_once(self):
        hub = self.hub
        key = hub.enrol_adapter("readme-publisher").write(os.path.join(hub.folder, "publisher.key"))
        publish = [self.program("publish.py"), f"tcp://127.0.0.1:{hub.agency_port}", hub.server_key_file, key, os.path.join(hub.folder, "outbox.db")]
        self.assertIn("STORED", self.run_program(*publish))
        self.assertEqual(self.run_program(*publish), "")  # nothing is left to send

        key = hub.enrol_consumer("bench-1", ["bench-1"]).write(os.path.join(hub.folder, "consumer.key"))
        subscribe = [self.program("subscribe.py"), f"tcp://127.0.0.1:{hub.team_port}", hub.server_key_file, key, "bench-1", "bench-1",
                     os.path.join(hub.folder, "store.db")]
        self.assertIn("Everything goes to the first consumer.", self.run_program(*subscribe, "1"))
        with hub.operator() as operator:  # the program ends when its receipt is on the way
            wait_for("the receipt", lambda: [q.waiting for q in operator.ask(status=bus.StatusRequest(queues=True)).queues if q.name == "bench-1"] == [0])


class ReadmeInTrouble(ReadmePrograms):
    """What a publisher must not lose when the connection drops, or its outbox is put back from a copy."""

    def publisher(self, name):
        key = self.hub.enrol_adapter(name).write(os.path.join(self.hub.folder, name + ".key"))
        outbox = os.path.join(self.hub.folder, name + ".db")
        return outbox, [self.program("publish.py"), f"tcp://127.0.0.1:{self.hub.agency_port}", self.hub.server_key_file, key, outbox]

    def tell_unheard(self, name, outbox_file):
        """Publishes what the program's outbox holds, with its own key and number, and keeps the answers from it: the connection dropped."""
        with sqlite3.connect(outbox_file) as box:
            outbox_id = box.execute("SELECT id FROM head").fetchone()[0]
            rows = box.execute("SELECT link_seq, event_id, event FROM item ORDER BY link_seq").fetchall()
        with self.hub.client(self.hub.keys[name], self.hub.agency_port, outbox_id=outbox_id) as client:
            client.publish([bus.PublishItem(link_seq=n, event_id=i, event=e) for n, i, e in rows])
            return [r.status for r in client.results(len(rows))]

    def outcomes(self, outbox_file):
        with sqlite3.connect(outbox_file) as box:
            return [row[0] for row in box.execute("SELECT outcome FROM item ORDER BY link_seq")]

    def fill(self, outbox_file, *events):
        """An outbox as the program makes it, with these events in it."""
        with sqlite3.connect(outbox_file) as box:
            box.execute("CREATE TABLE head (id BLOB, settled INTEGER)")
            box.execute("CREATE TABLE item (link_seq INTEGER PRIMARY KEY, event_id BLOB UNIQUE, event BLOB, outcome TEXT)")
            box.execute("INSERT INTO head VALUES (?, 0)", (os.urandom(16),))
            for item in map(Outbox().put, events):
                box.execute("INSERT INTO item (event_id, event) VALUES (?, ?)", (item.event_id, item.event))

    def test_a_refusal_whose_answer_was_lost_is_quarantined_all_the_same(self):
        outbox, publish = self.publisher("readme-cut-off")
        bad = concern("lost-answer", 52)
        bad.subjects[0].identifiers[0].value = "9990000019"
        self.fill(outbox, concern("before-it", 52), bad)
        self.assertEqual(self.tell_unheard("readme-cut-off", outbox), [bus.STORED, bus.REFUSED])
        self.run_program(*publish)
        self.assertEqual(self.outcomes(outbox)[:2], ["DUPLICATE", "REFUSED"])

    def test_an_outbox_restored_without_a_new_id_passes_nothing_over(self):
        outbox, publish = self.publisher("readme-restored")
        self.fill(outbox, concern("told-before-the-restore", 53))
        self.assertEqual(self.tell_unheard("readme-restored", outbox), [bus.STORED])
        with sqlite3.connect(outbox) as box:  # an old copy comes back, with the old id and nothing in it; a new event takes number 1
            item = Outbox().put(concern("told-after-the-restore", 53))
            box.execute("UPDATE item SET event_id = ?, event = ?", (item.event_id, item.event))
        self.run_program(*publish)
        self.assertEqual(self.outcomes(outbox)[0], "STORED")
        with self.hub.operator() as operator:
            self.assertEqual(len(operator.ask(query=bus.Query(purpose=record.PURPOSE_OPERATIONS, key="reference:python/1:told-after-the-restore")).items), 1)


class NoPersonalData(HubTest):
    def test_the_log_holds_no_word_of_what_was_said(self):
        self.hub.enrol_adapter("quiet")
        outbox = Outbox()
        outbox.put(concern("secret-reference", 41))
        bad = concern("bad", 42)
        bad.subjects[0].identifiers[0].value = "9990000019"
        outbox.put(bad)
        outbox.put_bytes(os.urandom(16), b"\x1a\x10Example 99900000")
        with self.hub.adapter("quiet", outbox) as client:
            outbox.send_through(client)
            client.socket.send(b"Example 9990000019")
            client.next("fault")
        self.hub.stop()
        self.assertNotRegex(self.hub.log_text(), "Example|coat|9990000|secret-reference")


if __name__ == "__main__":
    unittest.main(verbosity=2)
