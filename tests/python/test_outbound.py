"""Outbound delivery, whole: a real hub, a real mash-outbound, and a receiver that trusts nothing but the text of Standard Webhooks."""
import json
import os
import random
import signal
import ssl
import struct
import subprocess
import tempfile
import threading
import unittest

import test_metrics
from mash.v1 import bus_pb2 as bus
from hub_fixture import Hub, HubTest, concern, free_ports, wait_for
from mash_client import Outbox
from outbound_fixture import OUTBOUND, Hook, Instance, Rude, new_secret


@unittest.skipUnless(os.access(OUTBOUND, os.X_OK), "skipped: mash-outbound is not built")
class OutboundTest(HubTest):
    publishers = 0

    def publish(self, *events):
        OutboundTest.publishers += 1
        name = f"publisher-{OutboundTest.publishers}"
        self.hub.enrol_adapter(name)
        outbox = Outbox()
        for event in events:
            outbox.put(event)
        with self.hub.adapter(name, outbox) as adapter:
            outbox.send_through(adapter)

    def hook(self, behave=lambda count, identity: 204):
        hook = Hook(new_secret(), behave)
        self.addCleanup(hook.end)
        return hook

    def told(self, hook, begin):
        """(id, body) of what was accepted, of events whose reference begins so: the hub is shared."""
        return [(identity, body) for identity, body in hook.taken() if body["data"]["event"]["source_reference"].startswith(begin)]

    def instance(self, name, hook, queue="bench-1", within="1h"):
        made = Instance(self.hub, name, f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/hook\", secrets: secret}}}}\n",
                        f"  - {{queue: {queue}, consumer: {queue}, channels: [{{by: own, within: {within}}}]}}\n", [queue])
        made.write("secret", hook.secret + "\n")
        self.addCleanup(made.end)
        return made


class Walk(OutboundTest):
    def test_what_the_hub_delivers_reaches_the_teams_own_system_signed_and_once(self):
        hook = self.hook()
        instance = self.instance("bench-1", hook).start()
        self.publish(*[concern(f"walk-{n}", n) for n in (1, 3, 4)])
        instance.wait("three deliveries", lambda: len(self.told(hook, "walk-")) == 3)
        self.assertEqual(hook.unsigned, 0)
        self.assertEqual(len(set(hook.ids())), len(hook.ids()))
        for _, body in hook.taken():
            self.assertEqual(body["type"], "safeguarding.delivery")
            self.assertEqual(body["data"]["queue"], "bench-1")
            self.assertIn("event", body["data"])

    def test_killed_in_mid_stream_it_loses_nothing_and_says_nothing_twice_under_two_ids(self):
        """Every third request is cut after it was read, every fifth answered 500; the instance is killed again and again."""
        hook = self.hook(lambda count, identity: None if count % 3 == 0 else 500 if count % 5 == 0 else 204)
        instance = self.instance("killed", hook, "bench-2")
        rolls = random.Random(5)
        instance.start()
        self.publish(*[concern(f"killed-{n}", n) for n in (1, 3, 4, 5, 6, 7, 8, 9)])
        for _ in range(4):
            seen = len(hook.ids())
            instance.wait("some requests", lambda: len(hook.ids()) > seen or not instance.rows() or "open" not in instance.states())
            instance.kill()
            self.publish(*[concern(f"killed-{rolls.random()}", 10) for _ in range(3)])
            instance.start()
        expected = 8 + 4 * 3
        instance.wait("all of them", lambda: instance.hurry() or len({identity for identity, _ in self.told(hook, "killed-")}) == expected)
        references = {body["data"]["event"]["source_reference"] for _, body in self.told(hook, "killed-")}
        self.assertEqual(len(references), expected)
        instance.wait("them to be known as confirmed", lambda: set(instance.states()) == {"confirmed"})
        self.assertEqual(hook.unsigned, 0)


class Hostile(OutboundTest):
    def test_one_delivery_goes_through_every_bad_answer_under_one_id_and_each_is_named(self):
        """F21, the black hole: it hangs, is in trouble, redirects, is gone, never stops talking, talks something else, and at last takes it."""
        gate = threading.Event()
        answers = [
            ("did not answer in time", lambda c: gate.wait(20)),
            ("answered 500: it is in trouble itself", lambda c: c.sendall(b"HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n")),
            ("answered 302: its address has moved", lambda c: c.sendall(b"HTTP/1.1 302 there\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")),
            ("answered 410: it says that it wants no more", lambda c: c.sendall(b"HTTP/1.1 410 gone\r\nContent-Length: 0\r\n\r\n")),
            ("answered 401: it does not believe our signature", lambda c: c.sendall(b"HTTP/1.1 401 who\r\nContent-Length: 0\r\n\r\n")),
            ("answered 200 with a web page", lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n\n<!DOCTYPE html><html><title>Sign in</title>")),
            ("it closed in the middle of its answer", lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\nthanks")),
            ("its answer is larger than 64 KB", lambda c: c.sendall(b"HTTP/1.1 200 ok\r\n\r\n" + b"x" * 10_000_000)),
            ("", lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")),
            ("", lambda c: c.close()),
        ]
        behave = [answers[0][1]]  # by the test and not by how often it was asked: a try that nobody hurried may come in between
        peer = Rude(lambda connection: behave[0](connection))
        self.addCleanup(peer.end)
        self.addCleanup(gate.set)
        instance = Instance(self.hub, "hostile", f"  own: {{webhook: {{url: \"http://127.0.0.1:{peer.port}/hook\", secrets: secret, timeout_seconds: 1}}}}\n",
                            "  - {queue: bench-team, consumer: bench-team, channels: [{by: own, within: 1h}]}\n", ["bench-team"])
        instance.write("secret", new_secret() + "\n")
        self.addCleanup(instance.end)
        self.publish(concern("hostile-1", 11))
        instance.start()
        step = lambda: instance.rows()[-1]["steps"][0]
        instance.wait("the delivery", instance.rows)
        for words, answer in answers:
            behave[0] = answer
            enough = step()["tries"] + 2  # one may be under way, which is answered as before
            instance.wait(words, lambda: words in step()["cause"] and (words or step()["tries"] >= enough) or instance.hurry())
            self.assertEqual(step()["state"], "failing")
            self.assertNotIn("http", step()["cause"].lower().replace("https", ""))
        behave[0] = lambda c: c.sendall(b"HTTP/1.1 204 thanks\r\n\r\n")
        instance.hurry()
        instance.wait("the good answer", lambda: instance.states()[-1] == "confirmed")
        self.assertEqual(len(set(peer.ids)), 1)


class Strangers(OutboundTest):
    def test_nobody_there_and_a_certificate_of_nobody_we_know(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        folder = tempfile.mkdtemp(dir=self.hub.folder)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem", "-out", "c.pem",
                        "-days", "2", "-subj", "/CN=elsewhere.test", "-addext", "subjectAltName=DNS:elsewhere.test"], cwd=folder, check=True, capture_output=True)
        context.load_cert_chain(os.path.join(folder, "c.pem"), os.path.join(folder, "k.pem"))
        hook = Hook(new_secret(), tls=context)
        self.addCleanup(hook.end)
        instance = Instance(self.hub, "strange", f"  nobody: {{webhook: {{url: \"http://127.0.0.1:{free_ports(1)[0]}/\", secrets: secret}}}}\n"
                            f"  unknown: {{webhook: {{url: \"https://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n"
                            f"  misnamed: {{webhook: {{url: \"https://127.0.0.1:{hook.port}/\", secrets: secret, ca: \"{folder}/c.pem\"}}}}\n",
                            "  - {queue: bench-2, consumer: bench-2, channels: [{by: nobody, within: 1s}, {by: unknown, within: 1s}, {by: misnamed, within: 1s}]}\n",
                            ["bench-2"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        self.publish(concern("strange-1", 12))
        instance.start()
        instance.wait("all three", lambda: len(instance.rows()[-1:]) == 1 and len(instance.rows()[-1]["steps"]) == 3
                      and all(step["state"] == "failing" for step in instance.rows()[-1]["steps"]))
        causes = [step["cause"] for step in instance.rows()[-1]["steps"]]
        self.assertIn("it takes no connection", causes[0])
        self.assertIn("its certificate is not believed", causes[1])
        self.assertIn("its certificate is not believed", causes[2])
        self.assertEqual(hook.ids(), [])
        instance.wait("the notice", lambda: os.path.isdir(os.path.join(instance.folder, "var", "notices")) and os.listdir(os.path.join(instance.folder, "var", "notices")))
        instance.wait("it to be overdue", lambda: instance.rows()[-1]["overdue"])
        notices = os.path.join(instance.folder, "var", "notices")
        with open(os.path.join(notices, sorted(os.listdir(notices))[0]), encoding="utf-8") as file:
            notice = file.read()
        self.assertIn("Telephone now: 01632 960001", notice)
        self.assertIn("NOBODY HAS CONFIRMED", notice)
        with self.hub.operator() as operator:
            wait_for("the hub to hear of it", lambda: any(peer.name == "strange" and peer.failing_since_ms > 0 and peer.overdue > 0 and peer.owed > 0
                                                          for peer in operator.ask(status=bus.StatusRequest(peers=True)).peers))
        self.assertIn("overdue, failing for", self.hub.mashctl("peers").stdout)
        self.assertNotIn("Example", instance.log() + notice)


class Files(OutboundTest):
    def test_a_file_is_whole_and_confirmed_when_its_reader_has_taken_it(self):
        instance = Instance(self.hub, "files", "  drop: {file: {folder: drop}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: drop, within: 1h}]}\n", ["bench-1"])
        self.addCleanup(instance.end)
        self.publish(concern("file-1", 13), concern("file-2", 15), concern("file-3", 17))
        instance.start()
        drop = os.path.join(instance.folder, "drop")
        mine = lambda: [row for row in instance.rows() if row["id"] in wanted]
        instance.wait("the files", lambda: instance.states().count("open") > 2 and all(row["steps"][0]["state"] == "sent" for row in instance.rows()))
        wanted = {}
        for name in os.listdir(drop):
            if name.startswith("."):
                continue
            self.assertRegex(name, r"^msg_[0-9a-f]{32}\.json$")
            with open(os.path.join(drop, name), encoding="utf-8") as file:
                body = json.load(file)
            if body["data"]["event"]["source_reference"].startswith("file-"):
                wanted[name[4:36]] = name
        self.assertEqual(len(wanted), 3)
        taken, refused, left = [wanted[identity] for identity in sorted(wanted)]
        os.mkdir(os.path.join(drop, "failed"))
        os.rename(os.path.join(drop, refused), os.path.join(drop, "failed", refused))
        os.unlink(os.path.join(drop, taken))
        instance.wait("what its reader did", lambda: sorted(row["state"] + " " + row["steps"][0]["state"] for row in mine())
                      == ["confirmed confirmed", "open failing", "open sent"])
        cause = [row["steps"][0]["cause"] for row in mine() if row["steps"][0]["state"] == "failing"][0]
        self.assertIn("its reader put it into failed/", cause)
        instance.wait("it to be offered anew", lambda: instance.hurry() or os.path.exists(os.path.join(drop, refused)))
        self.assertEqual(os.listdir(os.path.join(drop, "failed")), [refused.replace(".json", ".before.json")])  # for people to look at
        os.unlink(os.path.join(drop, ".mash-outbound"))  # a mount point without its disk
        os.unlink(os.path.join(drop, left))
        stop = instance.mashctl("stop", "--as", "tester", "--reason", "seen on paper", os.path.join(instance.folder, "var"), refused[:12])
        self.assertEqual(stop.returncode, 0, stop.stderr)
        instance.wait("the stop", lambda: sorted(row["state"] for row in mine()) == ["confirmed", "open", "stopped"])
        stopped = [row for row in mine() if row["state"] == "stopped"][0]
        self.assertEqual((stopped["who"], stopped["why"]), ("tester", "seen on paper"))


    def test_a_share_that_is_not_mounted_takes_nothing_and_nothing_was_taken_from_it(self):
        """The mount point below it can be written to: what was put there would be missing on the share, which reads as taken."""
        instance = Instance(self.hub, "share", "  drop: {file: {folder: drop}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: drop, within: 1h}]}\n", ["bench-1"])
        self.addCleanup(instance.end)
        self.addCleanup(os.umask, os.umask(0o077))  # as the shipped unit has it
        self.publish(concern("share-1", 21), concern("share-2", 23))
        instance.start()
        drop, share = os.path.join(instance.folder, "drop"), os.path.join(instance.folder, "share")
        steps = lambda: [row["steps"][0]["state"] for row in instance.rows()]
        instance.wait("the files", lambda: len(steps()) > 1 and set(steps()) == {"sent"})
        files = [name for name in os.listdir(drop) if name.endswith(".json")]
        self.assertEqual(os.stat(drop).st_mode & 0o777, 0o770)
        self.assertEqual(os.stat(os.path.join(drop, files[0])).st_mode & 0o777, 0o640)

        os.rename(drop, share)
        os.mkdir(drop)
        self.publish(concern("share-3", 25))
        instance.wait("it to fail", lambda: "failing" in steps())
        late = [row for row in instance.rows() if row["steps"][0]["state"] == "failing"][0]
        self.assertIn("is its share not mounted?", late["steps"][0]["cause"])
        tries = late["steps"][0]["tries"]
        instance.wait("more tries", lambda: instance.hurry() or max(row["steps"][0]["tries"] for row in instance.rows()) > tries + 1)
        self.assertEqual(os.listdir(drop), [])
        self.assertEqual(set(instance.states()), {"open"})
        instance.end()
        instance.start()
        instance.wait("a try after a start", lambda: instance.hurry() or max(row["steps"][0]["tries"] for row in instance.rows()) > tries + 2)
        self.assertEqual(os.listdir(drop), [])

        os.rmdir(drop)
        os.rename(share, drop)
        os.unlink(os.path.join(drop, files[0]))
        instance.wait("all of it", lambda: instance.hurry() or ("failing" not in steps() and instance.states().count("confirmed") == 1))
        self.assertEqual(len([name for name in os.listdir(drop) if name.endswith(".json")]), len(instance.rows()) - 1)


    def test_a_folder_that_hangs_stops_neither_the_other_channels_nor_the_end(self):
        """A network share whose server is gone: a write into it never comes back. Here a FIFO that nobody reads does the same."""
        hook = self.hook()
        instance = Instance(self.hub, "hangs", "  drop: {file: {folder: drop}}\n"
                            f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: drop, within: 1h}]}\n"
                            "  - {queue: bench-2, consumer: bench-2, channels: [{by: own, within: 1h}]}\n", ["bench-1", "bench-2"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        drop = os.path.join(instance.folder, "drop")
        at_drop = lambda: [row for row in instance.rows() if row["queue"] == "bench-1"]
        self.publish(concern("hangs-1", 21))
        instance.start()
        instance.wait("a file", lambda: at_drop() and at_drop()[-1]["steps"][0]["state"] == "sent")
        os.unlink(os.path.join(drop, ".mash-outbound"))
        self.publish(concern("hangs-2", 23))
        instance.wait("one to fail", lambda: at_drop()[-1]["steps"][0]["state"] == "failing")
        late = at_drop()[-1]["id"]
        os.mkfifo(os.path.join(drop, f"msg_{late}.json.tmp-{instance.process.pid}"))
        with open(os.path.join(drop, ".mash-outbound"), "w", encoding="utf-8"):
            pass
        instance.wait("it to hang", lambda: instance.hurry() or at_drop()[-1]["steps"][0]["hanging_since_ms"] > 0)
        listed = instance.mashctl("list", os.path.join(instance.folder, "var")).stdout
        self.assertIn("hanging", listed)
        self.assertIn("does not come back", listed)
        self.publish(concern("hangs-3", 25))
        instance.wait("the other channel", lambda: "hangs-3" in [body["data"]["event"]["source_reference"] for _, body in hook.taken()])
        instance.end()
        self.assertIn("ended while a try hung", instance.log())
        instance.start()
        instance.wait("it to go", lambda: at_drop()[-1]["steps"][0]["state"] == "sent" and at_drop()[-1]["steps"][0]["hanging_since_ms"] == 0)


class Troubles(OutboundTest):
    def test_the_list_says_when_a_delivery_is_really_tried_next_and_nothing_of_errors_that_are_over(self):
        """Three alerts fail: the channel is held to be down, and what it owes waits for it, whatever each one's own wait was."""
        answer = [503]
        hook = self.hook(lambda count, identity: answer[0])
        instance = self.instance("listed", hook, "bench-1")
        waiting = lambda: [row["steps"][0] for row in instance.rows() if row["state"] == "open"]
        listed = lambda *more: instance.mashctl("list", *more, os.path.join(instance.folder, "var")).stdout
        instance.start()
        self.publish(*[concern(f"listed-{n}", n) for n in (1, 3, 4, 5, 6, 7)])

        def is_paused(steps):
            """At one moment: three have failed, and all six wait for one time that is still to come."""
            return (len(steps) >= 6 and sum(step["state"] == "failing" for step in steps) >= 3 and len({step["next_ms"] for step in steps}) == 1
                    and steps[0]["next_ms"] > max(step["last_ms"] for step in steps))
        instance.wait("a pause", lambda: is_paused(waiting()))
        self.assertRegex(listed(), r"failing .* ago: answered 503: it is in trouble itself")
        answer[0] = 204
        instance.wait("all of it", lambda: instance.hurry() or set(instance.states()) == {"confirmed"})
        self.assertEqual({row["steps"][0]["cause"] for row in instance.rows()}, {""})
        self.assertNotIn("answered 503", listed("--all"))

    @unittest.skipUnless(os.environ.get("MASHHUB_LATER_LIBRARY"), "skipped: MASHHUB_LATER_LIBRARY is not set")
    def test_the_list_says_by_whom_a_delivery_is_through_while_another_channel_still_fails(self):
        """Who reads "failing" alone telephones about what somebody has had for an hour."""
        hook = self.hook()
        instance = Instance(self.hub, "through", f"  nobody: {{webhook: {{url: \"http://127.0.0.1:{free_ports(1)[0]}/\", secrets: secret}}}}\n"
                            f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/hook\", secrets: secret}}}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: nobody, within: 1s}, {by: own, within: 1h}]}\n", ["bench-1"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        instance.start()
        self.publish(concern("through-1", 15))
        instance.wait("the second channel", lambda: any(step["state"] == "confirmed" for row in instance.rows() for step in row["steps"]))
        self.assertIn("; confirmed by own", instance.mashctl("list", os.path.join(instance.folder, "var")).stdout)

    def test_a_clock_that_is_set_while_it_runs_neither_stretches_a_wait_nor_ends_it(self):
        """Its machine began an hour slow. Whoever has 30 minutes must not be held to have had them."""
        hook = self.hook(lambda count, identity: 503)
        instance = Instance(self.hub, "clock", f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n"
                            "  drop: {file: {folder: drop}}\n",
                            "  - {queue: bench-2, consumer: bench-2, channels: [{by: own, within: 30m}, {by: drop, within: 30m}]}\n", ["bench-2"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        ahead = os.path.join(instance.folder, "ahead")

        def set_clock(hours):
            with open(ahead + ".new", "wb") as file:
                file.write(struct.pack("<q", hours * 3600 * 1000))
            os.rename(ahead + ".new", ahead)

        set_clock(-1)
        self.publish(concern("clock-1", 27))
        instance.start(LD_PRELOAD=os.environ["MASHHUB_LATER_LIBRARY"], MASHHUB_LATER_WALL=ahead)
        instance.wait("it to fail", lambda: "failing" in [row["steps"][0]["state"] for row in instance.rows()[-1:]])
        begun = instance.rows()[-1]["steps"][0]["begun_ms"]
        set_clock(0)
        instance.wait("it to notice", lambda: "clock was set" in instance.log())
        row = instance.rows()[-1]
        self.assertAlmostEqual(row["steps"][0]["begun_ms"], begun + 3600 * 1000, delta=60 * 1000)
        self.assertEqual(len(row["steps"]), 1)
        tries = row["steps"][0]["tries"]
        instance.wait("its next try", lambda: instance.rows()[-1]["steps"][0]["tries"] > tries)

    def test_its_figures_are_well_formed_and_name_channels_and_no_delivery(self):
        hook = self.hook(lambda count, identity: 503)
        port = free_ports(1)[0]
        instance = Instance(self.hub, "figures", f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n",
                            "  - {queue: bench-2, consumer: bench-2, channels: [{by: own, within: 1s}]}\n", ["bench-2"], f"metrics: 127.0.0.1:{port}\n")
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        self.publish(concern("figures-1", 18))
        instance.start()
        figures = lambda: test_metrics.read(test_metrics.get(port)[1])
        instance.wait("an overdue delivery", lambda: figures()[("mashoutbound_overdue", ())] > 0)
        instance.wait("a failure", lambda: figures()[("mashoutbound_failing", (("channel", "own"),))] > 0)
        page = test_metrics.get(port)[1]
        self.assertEqual(test_metrics.read(page)[("mashoutbound_connected", ())], 1)
        for row in instance.rows():
            self.assertNotIn(row["id"], page)
            self.assertNotIn(f'"{row["reference"]}"', page)

    def test_of_several_orders_for_one_delivery_the_last_word_holds(self):
        """An instance that was down, or slow, finds them side by side: an older retry must not undo what a person has stopped since."""
        hook = self.hook(lambda count, identity: 503)
        instance = self.instance("orders", hook, "bench-2")
        mine = lambda: [row for row in instance.rows() if row["id"] in wanted]
        order = lambda what: instance.mashctl(what, "--as", "tester", "--reason", what, os.path.join(instance.folder, "var"), *wanted)
        instance.start()
        self.publish(*[concern(f"orders-{n}", n) for n in (1, 3, 4, 5, 6, 7)])
        instance.wait("them to be owed", lambda: instance.states().count("open") >= 6)
        wanted = [row["id"] for row in instance.rows()][-6:]
        for first, last, state in (("stop", "retry", "open"), ("retry", "stop", "stopped")):
            instance.end()
            self.assertEqual((order(first).returncode, order(last).returncode), (0, 0))
            instance.start()
            instance.wait("the orders to be done", lambda: os.listdir(os.path.join(instance.folder, "var", "orders")) == [])
            self.assertEqual([(row["state"], row["why"]) for row in mine()], [(state, last)] * 6)

    def test_what_check_says_to_ask_next_can_be_typed_as_it_stands(self):
        instance = Instance(self.hub, "check", "  drop: {file: {folder: drop}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: drop, within: 1h}]}\n", ["bench-1"])
        checked = instance.run("--check")
        self.assertEqual(checked.returncode, 0, checked.stdout)
        command = checked.stdout.splitlines()[-1].split()
        self.assertEqual(command[:2], ["mashctl", "doctor"])
        asked = self.hub.mashctl(*command[1:])
        self.assertEqual(asked.returncode, 0, asked.stdout)
        self.assertIn('as "check"', asked.stdout)

    def test_check_names_a_folder_that_can_never_be_made(self):
        instance = Instance(self.hub, "nowhere", "  drop: {file: {folder: taken/drop}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: drop, within: 1h}]}\n", ["bench-1"])
        with open(os.path.join(instance.folder, "taken"), "w", encoding="ascii"):
            pass  # a file stands where the folder above it would be
        checked = instance.run("--check")
        self.assertNotEqual(checked.returncode, 0)
        self.assertIn("this user may not make", checked.stdout)

    def test_one_queue_that_is_refused_keeps_nothing_from_another(self):
        """The hub refuses what the key is not enrolled for; a fault is of one subscription and not of all."""
        hook = self.hook()
        instance = Instance(self.hub, "two", f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n",
                            "  - {queue: bench-team, consumer: bench-team, channels: [{by: own, within: 1h}]}\n"
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: own, within: 1h}]}\n", ["bench-1"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        instance.start()
        self.publish(concern("two-1", 19))
        instance.wait("what it may have", lambda: len(self.told(hook, "two-")) == 1)
        instance.wait("what it says", lambda: "the hub refuses this subscription" in instance.log())

    def test_on_a_full_disk_no_receipt_goes_and_all_comes_when_there_is_room(self):
        hook = self.hook()
        instance = self.instance("full", hook, "bench-1")
        sign = os.path.join(instance.folder, "sign")
        environment = {"LD_PRELOAD": os.environ["MASHHUB_FULL_DISK"], "MASHHUB_FULL_SIGN": sign, "MASHHUB_FULL_FILE": "outbox.db"}
        instance.start(**environment)
        self.publish(concern("before-1", 16))  # the newest: whatever lay there goes before it
        instance.wait("all that came before", lambda: self.told(hook, "before-") and set(instance.states()) == {"confirmed"})
        instance.write("sign", "")
        self.publish(concern("full-1", 16))
        instance.wait("what it says", lambda: "deliveries were not taken; the hub keeps them" in instance.log())
        self.assertEqual(self.told(hook, "full-"), [])
        with self.hub.operator() as operator:
            wait_for("the hub to show a laggard", lambda: any(queue.consumer == "bench-1" and queue.waiting > 0
                                                              for queue in operator.ask(status=bus.StatusRequest(queues=True)).queues))
        os.unlink(sign)
        instance.wait("it to come", lambda: len(self.told(hook, "full-")) == 1)


@unittest.skipUnless(os.access(OUTBOUND, os.X_OK), "skipped: mash-outbound is not built")
class Forked(unittest.TestCase):
    def test_after_the_hub_was_put_back_what_was_not_sent_of_its_lost_history_is_void_and_what_holds_comes_once(self):
        hub = Hub()
        self.addCleanup(hub.end)
        hub.start()
        good = [204]
        hook = Hook(new_secret(), lambda count, identity: good[0])
        self.addCleanup(hook.end)
        instance = Instance(hub, "forked", f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: own, within: 1h}]}\n", ["bench-1"])
        instance.write("secret", hook.secret + "\n")
        self.addCleanup(instance.end)
        hub.enrol_adapter("source")
        outbox = Outbox()
        outbox.put(concern("kept", 1))
        with hub.adapter("source", outbox) as adapter:
            outbox.send_through(adapter)
        instance.start()
        instance.wait("the first", lambda: instance.states() == ["confirmed"])
        hub.stop()
        hub.copy_state("copy")
        hub.start()
        good[0] = 500
        outbox.put(concern("lost", 3))
        with hub.adapter("source", outbox) as adapter:
            outbox.send_through(adapter)
        instance.wait("the second to fail", lambda: [row["failing_since_ms"] > 0 for row in instance.rows()] == [False, True])
        hub.stop(signal.SIGKILL)
        hub.restore_state("copy")
        hub.start()
        instance.wait("it to be void", lambda: instance.states() == ["confirmed", "void"])
        good[0] = 204
        outbox.number_anew()
        with hub.adapter("source", outbox) as adapter:
            outbox.send_through(adapter)
        instance.wait("it to come again", lambda: instance.states() == ["confirmed", "void", "confirmed"])
        self.assertEqual([body["data"]["event"]["source_reference"] for _, body in hook.taken()], ["kept", "lost"])
        self.assertIn("the hub's history was replaced", instance.log())


if __name__ == "__main__":
    unittest.main()
