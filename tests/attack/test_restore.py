"""The store is older, emptied, replaced, damaged or away; a key is lost. The hub says exactly what it found and what to do, leads on nothing
that it did not write, and after a restore nothing that was acknowledged once is refused for good. Commands are taken from deploy/RUNBOOK.md."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python"))

from mash.v1 import alert_pb2 as alert, bus_pb2 as bus
from hub_fixture import BIN, HUB, REDIS, SOURCE, Adapter, Hub, RedisHub, concern, wait_for
from mash_client import Outbox, Silence

REFUSED = 3


def section(heading):
    """What the runbook says under a heading, and the lines of it that are to be typed."""
    with open(os.path.join(SOURCE, "deploy", "RUNBOOK.md"), encoding="utf-8") as file:
        text = file.read().split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    return text, [line[4:] for line in text.splitlines() if line.startswith("    ")]


def runbook(heading, **places):
    """The commands under a heading of the runbook, with this test's places; what systemd does is the test's own."""
    lines = [line for line in section(heading)[1] if not line.startswith(("systemctl", "runuser", "mashctl"))]
    script = "\n".join(lines)
    for name, place in places.items():
        script = script.replace({"state": "/var/lib/mashhub/hips", "backup": "/backup/hips", "redis": "/var/lib/redis",
                                 "socket": "/run/redis/redis.sock"}[name], place)
    subprocess.run(["/bin/sh", "-e", "-c", script], check=True, timeout=120, stdout=subprocess.DEVNULL)


class Story(unittest.TestCase):
    def made(self, kind=Hub):
        hub = kind()
        self.addCleanup(hub.end)
        self.state = os.path.join(hub.folder, "state")
        self.backup = os.path.join(hub.folder, "backup")
        os.mkdir(self.backup)
        return hub

    def started(self, kind=Hub):
        hub = self.made(kind)
        hub.start()
        hub.enrol_adapter("source")
        self.outbox = Outbox()
        return hub

    def tell(self, hub, *names, **fields):
        for name in names:
            self.outbox.put(concern(name, 1, **fields))
        with hub.adapter("source", self.outbox) as client:
            return self.outbox.send_through(client)[-1]

    def status(self, hub):
        with hub.operator() as operator:
            return operator.ask(status=bus.StatusRequest())

    def refused(self, hub, *words):
        ended = hub.run()
        self.assertEqual(ended.returncode, REFUSED, ended.stderr)
        for word in words:
            self.assertIn(word, ended.stderr)
        return ended.stderr


class OlderStore(Story):
    def test_a_store_that_was_lost_is_not_founded_again(self):
        """init would found another partnership under the same keys: enrolments, the pseudonym key and every clock would be gone."""
        hub = self.started()
        hub.stop()
        for name in os.listdir(self.state):
            if name.startswith("journal.db"):
                os.remove(os.path.join(self.state, name))
        said = self.refused(hub, "is empty or not there", "holds a signed head of record", "Put the newest backup")
        self.assertNotIn("mashhubd init", said)
        init = hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))
        self.assertEqual(init.returncode, REFUSED)
        self.assertIn("founded already; nothing was changed", init.stderr)
        self.assertEqual(hub.run("--accept-restore").returncode, REFUSED)  # there is nothing to accept

    def test_a_disk_that_was_lost_with_store_and_state_is_not_founded_again(self):
        """Nor one that is not mounted: what is there then is an empty folder, and the keys, which lie apart."""
        hub = self.started()
        hub.stop()
        shutil.rmtree(self.state)
        self.refused(hub, "holds the keys of a partnership", "Is the disk mounted", "put the newest backup in their place")
        init = hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))
        self.assertEqual(init.returncode, REFUSED)
        self.assertIn("nothing was changed", init.stderr)

    def test_an_init_that_a_mistake_in_the_policy_ended_is_run_again(self):
        hub = Hub(found=False)
        self.addCleanup(hub.end)
        roster = os.path.join(hub.folder, "policy", "mistake.yaml")
        with open(roster, "w", encoding="ascii") as file:
            file.write("nonsense: 1\n")
        self.assertIn("the policy has mistakes", hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub")).stderr)
        os.remove(roster)
        hub.found()

    def test_a_restore_as_the_runbook_says_it(self):
        """With the newest heads and revocations kept, a snapshot that is newer than the backup, and the old log still lying there."""
        hub = self.started()
        hub.enrol_adapter("thief")
        self.assertEqual(self.tell(hub, "kept").status, bus.STORED)
        runbook("Backup on SQLite", state=self.state, backup=self.backup)
        with hub.operator() as operator:
            self.assertEqual(operator.command(revoke=bus.Revoke(name="thief")).code, bus.COMMAND_DONE)
        hub.stop()
        hub.start()  # a start signs a head
        self.tell(hub, "later")
        last = self.status(hub).durable.sequence
        self.assertEqual(hub.run("--fold").returncode, 0)
        hub.stop(signal.SIGKILL)
        self.assertTrue(os.path.getsize(os.path.join(self.state, "journal.db-wal")) > 0)

        runbook("Restore on SQLite", state=self.state, backup=self.backup)
        said = self.refused(hub, "ends with record", "holds a signed head of record", "an older store was put back", "--accept-restore")
        self.assertIn(f"record {last - 1}", said)  # the start's
        verify = hub.mashctl("journal", "verify")
        self.assertEqual(verify.returncode, 1)
        hub.start("--accept-restore")
        self.assertIn("an operator accepted a restored store", hub.log_text())
        self.assertTrue(any("a restore was accepted" in alarm for alarm in self.status(hub).alarms))
        with hub.adapter("source", self.outbox) as client:  # policy and keys first, then publishers
            self.assertEqual(client.welcome.outbox_state, bus.OUTBOX_FORKED)
        self.outbox.number_anew()
        with hub.adapter("source", self.outbox) as client:
            client.publish(self.outbox.items)
            [result] = client.results(len(self.outbox.items))
            self.assertEqual((result.status, result.code), (bus.RETRY_LATER, bus.NOT_READY))
        hub.stop()

        hub.start()
        with hub.adapter("source", self.outbox) as client:
            self.assertEqual([r.status for r in self.outbox.send_through(client)], [bus.DUPLICATE, bus.STORED])
        with hub.client(hub.keys["thief"], hub.agency_port, hello=False) as client:
            self.assertRaises(Silence, client.hello, 1)
        self.assertTrue(any("put back from a backup" in alarm for alarm in self.status(hub).alarms))
        hub.stop()
        verify = hub.mashctl("journal", "verify")
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)

    def test_another_history_under_the_same_keys_is_refused_even_when_a_restore_is_accepted(self):
        """Somebody started an old copy on another machine: it went on by itself, and both look sound from inside."""
        hub = self.started()
        hub.stop()
        hub.copy_state("copy")
        os.remove(os.path.join(hub.folder, "copy", "heads"))
        hub.start()
        self.tell(hub, "here")
        hub.stop()
        heads = os.path.join(hub.folder, "heads")
        shutil.copy(os.path.join(self.state, "heads"), heads)
        hub.restore_state("copy")
        hub.start()
        self.assertIn("no signed head beside the store", hub.log_text())
        self.outbox.number_anew()
        self.tell(hub, "there", "and there")
        hub.stop()
        shutil.copy(heads, os.path.join(self.state, "heads"))
        self.refused(hub, "another history")
        self.assertEqual(hub.run("--accept-restore").returncode, REFUSED)

    def test_what_was_stored_once_is_not_refused_because_its_policy_or_its_target_is_not_there_yet(self):
        hub = self.started()
        hub.stop()
        hub.copy_state("old-copy")
        hub.start()
        policy = os.path.join(hub.folder, "policy", "bench.yaml")
        with open(policy, encoding="utf-8") as file:
            text = file.read()
        with open(policy, "w", encoding="utf-8") as file:
            file.write(text.replace("areas:\n", "areas:\n  - {code: E06000045, name: New}\n"))
        self.assertEqual(hub.mashctl("policy", "adopt", os.path.dirname(policy)).returncode, 0)
        first = concern("first", 1)
        self.outbox.put(first)
        new_area = concern("in the new area", 1)
        new_area.area = "E06000045"
        correction = concern("correction", 1, amends=first.event_id)
        for event in (new_area, correction):
            self.outbox.put(event)
        with hub.adapter("source", self.outbox) as client:
            self.assertEqual({r.status for r in self.outbox.send_through(client)}, {bus.STORED})
        hub.stop()
        for name in ("heads", "revoked"):
            if os.path.exists(os.path.join(self.state, name)):
                shutil.copy(os.path.join(self.state, name), os.path.join(hub.folder, "old-copy", name))
        hub.restore_state("old-copy")
        hub.start("--accept-restore")
        hub.stop()
        hub.start()  # and nobody has adopted the policy

        items = {"first": self.outbox.items[0], "new area": self.outbox.items[1], "correction": self.outbox.items[2]}
        self.assertEqual(self.offered(hub, items["new area"]), (bus.RETRY_LATER, bus.UNKNOWN_AREA))
        self.assertEqual(self.offered(hub, items["correction"]), (bus.RETRY_LATER, bus.UNKNOWN_TARGET))
        self.assertEqual(hub.mashctl("policy", "adopt", os.path.dirname(policy)).returncode, 0)
        for name in ("first", "new area", "correction"):
            self.assertEqual(self.offered(hub, items[name])[0], bus.STORED)

    def offered(self, hub, item):
        """As the first item of an outbox of its own."""
        outbox = Outbox()
        outbox.put_bytes(item.event_id, item.event)
        with hub.adapter("source", outbox) as client:
            client.publish(outbox.items)
            result = client.results(1)[-1]
        return result.status, result.code

    def test_the_check_of_an_outbox_tells_what_a_restored_hub_lacks(self):
        hub = self.started()
        adapter = Adapter(hub)
        self.addCleanup(adapter.stop)
        adapter.start()
        adapter.drop(2)
        adapter.wait_until_settled()
        runbook("Backup on SQLite", state=self.state, backup=self.backup)
        adapter.drop(3)
        adapter.wait_until_settled()
        adapter.stop()
        check = hub.mashctl("outbox", "check", adapter.outbox)
        self.assertEqual((check.returncode, check.stdout.splitlines()[0]),
                         (0, "5 acknowledged events looked for in the hub's journal: 0 lost; 0 still waiting to be sent"))
        hub.stop()
        runbook("Restore on SQLite", state=self.state, backup=self.backup)
        hub.start("--accept-restore")
        check = hub.mashctl("outbox", "check", adapter.outbox)
        self.assertEqual((check.returncode, check.stdout.count("LOST")), (1, 3))
        hub.stop()
        hub.start()
        adapter.start()
        wait_for("the re-offer", lambda: adapter.counts()["forks"] == 1 and adapter.counts()["waiting"] == 0)
        check = hub.mashctl("outbox", "check", "--json", adapter.outbox)
        self.assertEqual(json.loads(check.stdout), {"looked_for": 5, "lost_count": 0, "waiting": 0, "not_looked_for": 0, "in_doubt": 0})

    def test_an_event_that_was_corrected_many_times_is_not_called_lost(self):
        hub = self.started()
        adapter = Adapter(hub)
        self.addCleanup(adapter.stop)
        adapter.start()
        adapter.drop(1)
        adapter.wait_until_settled()
        adapter.stop()
        with hub.operator() as operator:
            tail = operator.ask(tail=bus.Tail(last=50)).items
        [stored] = {item.event_id for item in tail if item.event_id}
        hub.enrol_adapter("corrections")
        outbox = Outbox()
        for number in range(9):
            outbox.put(concern(f"correction-{number}", 1, amends=stored))
        with hub.adapter("corrections", outbox) as client:
            self.assertEqual({r.status for r in outbox.send_through(client)}, {bus.STORED})
        check = hub.mashctl("outbox", "check", adapter.outbox)
        self.assertEqual((check.returncode, check.stdout.count("LOST")), (0, 0))


class Keys(Story):
    def test_each_key_that_is_missing_open_to_others_no_key_or_another_one_is_told_in_its_own_words(self):
        hub, other = self.made(), self.made()
        another = {"hub.key": "is not the server key this partnership was created with",
                   "signing.key": "is not the key this partnership's journal is signed with",
                   "master.key": "is not the key of the store"}
        for name, words in another.items():
            path = os.path.join(hub.folder, "keys", name)
            with open(path, "rb") as file:
                right = file.read()
            with open(os.path.join(other.folder, "keys", name), "rb") as file:
                wrong = file.read()
            with self.subTest(key=name, how="another"):
                self.write(path, wrong)
                said = hub.run()
                self.assertEqual(said.returncode, REFUSED)
                self.assertIn(f"{name} {words}", said.stderr)
                self.assertNotIn("backup", said.stderr)
            with self.subTest(key=name, how="open to others"):
                self.write(path, right)
                os.chmod(path, 0o644)
                said = hub.run()
                self.assertEqual(said.returncode, REFUSED)
                self.assertIn(f"run: chmod 600 {path}", said.stderr)
                os.chmod(path, 0o600)
            with self.subTest(key=name, how="no key"):
                self.write(path, b"nothing\n")
                said = hub.run()
                self.assertEqual(said.returncode, 1)
                self.assertIn(name, said.stderr)
                self.assertIn("expected" if name != "master.key" else "it is 64 hex digits", said.stderr)
            with self.subTest(key=name, how="missing"):
                os.remove(path)
                said = hub.run()
                self.assertEqual(said.returncode, 1)
                self.assertIn("a key of the hub is missing: put it back", said.stderr)
                self.assertIn(name, said.stderr)
            self.write(path, right)
        hub.start()

    def write(self, path, content):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    def test_a_public_half_that_is_missing_is_written_from_its_key(self):
        hub = self.made()
        for name in ("hub.pub", "signing.pub"):
            path = os.path.join(hub.folder, "keys", name)
            with open(path, "rb") as file:
                before = file.read()
            os.remove(path)
            hub.start()
            hub.stop()
            with open(path, "rb") as file:
                self.assertEqual(file.read(), before)

    def test_keys_that_were_half_made_are_completed_by_the_next_init_and_a_stray_public_half_is_refused(self):
        hub = self.made()
        keys = os.path.join(hub.folder, "keys")
        shutil.rmtree(self.state)
        for name in ("hub.pub", "signing.key", "signing.pub", "master.key"):
            os.remove(os.path.join(keys, name))
        hub.found()
        self.assertEqual(sorted(os.listdir(keys)), ["hub.key", "hub.pub", "master.key", "signing.key", "signing.pub"])
        hub.start()
        hub.stop()
        shutil.rmtree(self.state)
        os.remove(os.path.join(keys, "hub.key"))
        init = hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))
        self.assertEqual(init.returncode, REFUSED)
        self.assertIn("hub.pub is not the public half", init.stderr)

    def test_a_store_without_its_heads_is_not_called_lost(self):
        """Its state folder was on another disk: whoever put an older backup in its place would lose what is there."""
        hub = self.started()
        hub.stop()
        for name in ("heads", "audit-heads"):
            os.remove(os.path.join(self.state, name))
        init = hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))
        self.assertEqual(init.returncode, REFUSED)
        self.assertIn("founded already; nothing was changed. Start the hub", init.stderr)
        self.assertNotIn("backup", init.stderr)
        hub.start()

    def test_an_init_that_was_cut_short_is_told_as_such(self):
        """The disk was full after its keys were made."""
        hub = self.made()
        os.remove(os.path.join(self.state, "heads"))
        with contextlib.closing(sqlite3.connect(os.path.join(self.state, "journal.db"))) as store, store:
            store.execute("DELETE FROM batches")
            store.execute("DELETE FROM heads")
        for said in (hub.run(), hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))):
            self.assertEqual(said.returncode, REFUSED, said.stderr)
            self.assertIn("holds no record: an init was cut short. Move it and the folder", said.stderr)
        for place in (os.path.join(self.state, "journal.db"), os.path.join(hub.folder, "keys")):
            shutil.move(place, place + ".aside")
        hub.found()
        hub.start()

    def test_a_damaged_list_of_revoked_keys_is_not_called_a_damaged_store(self):
        hub = self.started()
        hub.stop()
        with open(os.path.join(self.state, "revoked"), "a", encoding="ascii") as file:
            file.write("no key" + "\n" + "ab" * 32 + "\n")
        said = hub.run()
        self.assertEqual(said.returncode, 1)
        self.assertIn("revoked:1:", said.stderr)
        self.assertNotIn("newest backup", said.stderr)

    def test_a_damaged_store_is_told_as_such_and_left_as_it_is(self):
        hub = self.started()
        self.tell(hub, *(f"event-{i}" for i in range(200)))
        hub.stop()
        path = os.path.join(self.state, "journal.db")
        with contextlib.closing(sqlite3.connect(path)) as store:
            (batch,) = store.execute("SELECT stored FROM batches ORDER BY length(stored) DESC").fetchone()
        with open(path, "rb") as file:
            content = bytearray(file.read())
        at = content.index(batch[128:192])  # within a record: elsewhere in the file may lie nothing, or the index, which no start reads whole
        content[at:at + 64] = bytes(b ^ 0xFF for b in content[at:at + 64])
        with open(path, "wb") as file:
            file.write(content)
        said = hub.run()
        self.assertEqual(said.returncode, 1)
        self.assertIn("is damaged and was left as it is", said.stderr)
        self.assertIn("put back the newest backup", said.stderr)

    def test_a_store_that_is_replaced_under_the_running_hub_stops_it(self):
        """It would go on writing into a file that nobody can open again."""
        hub = self.started()
        path = os.path.join(self.state, "journal.db")
        shutil.copy(path, path + ".copy")
        os.rename(path + ".copy", path)
        self.assertEqual(hub.process.wait(120), 1)
        self.assertIn("the store is no longer the one that this hub writes to", hub.log_text())


class RunbookRedisHub(RedisHub):
    """Redis has the settings and users of the runbook, and hub.yaml the line that it gives, with this test's places."""

    def start_redis(self):
        if self.redis is None:
            text, lines = section("Redis underneath")
            settings = re.findall(r"`((?:append|no-append|maxmemory-policy|unixsocketperm)[^`]*)`", text)
            self.redis_conf = settings + [line.replace("mash:hips:", "mash:bench:") for line in lines if line.startswith("user ")]
            [journal] = [line.removeprefix("journal: ") for line in lines if line.startswith("journal: ")]
            password = os.path.join(self.folder, "redis.password")
            self.journal = journal.replace("/run/redis/redis.sock", "redis/socket").replace("/etc/mashhub/hips/keys/redis.password", password)
            with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write("THE-PASSWORD\n")
        super().start_redis()


@unittest.skipUnless(REDIS, "skipped: redis-server is not installed")
class OnRedis(Story):
    def test_a_redis_set_up_by_the_runbook_gives_every_record_back_after_its_own_restart(self):
        """It reads its file as its user default. One that may not do everything leaves out all that the hub wrote, and the page says how to mend that."""
        hub = self.started(RunbookRedisHub)
        names = [f"event-{i}" for i in range(40)]
        self.assertEqual(self.tell(hub, *names).status, bus.STORED)
        hub.stop()

        whole = hub.redis_conf
        hub.redis_conf = [line.replace("+@all", "-@all") if line.startswith("user default ") else line for line in whole]
        self.assertNotEqual(hub.redis_conf, whole)
        hub.end_redis()
        hub.start_redis()
        self.refused(hub, "its user default may not do everything", "user default off ~* &* +@all")
        with open(os.path.join(hub.folder, "redis", "log"), encoding="utf-8") as log:
            self.assertIn("NOPERM", log.read())

        hub.redis_conf = whole
        hub.end_redis()
        hub.start_redis()
        hub.start()
        self.assertEqual(self.status(hub).events_accepted, len(names))
        self.outbox.number_anew()
        with hub.adapter("source", self.outbox) as client:
            self.assertEqual({r.status for r in self.outbox.send_through(client)}, {bus.DUPLICATE})
        hub.stop()
        verify = hub.mashctl("journal", "verify")
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)

    def test_a_hub_waits_for_a_redis_that_is_away_and_tells_systemd_so(self):
        hub = self.made(RedisHub)
        hub.end_redis()
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        told.bind(os.path.join(hub.folder, "notify"))
        told.settimeout(20)
        self.addCleanup(told.close)
        os.environ["NOTIFY_SOCKET"] = os.path.join(hub.folder, "notify")
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")
        hub.begin()
        self.assertIn(b"EXTEND_TIMEOUT_USEC=", told.recv(4096))
        self.assertIn(b"EXTEND_TIMEOUT_USEC=", told.recv(4096))  # and it goes on waiting
        self.assertEqual(hub.log_text().count("the hub waits for it"), 1)
        hub.start_redis()
        hub.wait_until_ready()
        hub.stop()
        hub.end_redis()
        hub.begin()
        wait_for("the line", lambda: hub.log_text().count("the hub waits for it") == 2)
        hub.stop()  # SIGTERM ends it

    def test_an_idle_hub_says_that_its_redis_is_away_and_goes_on_when_it_is_back(self):
        hub = self.started(RedisHub)
        self.tell(hub, "before")
        hub.end_redis()
        wait_for("the line", lambda: "the journal does not answer" in hub.log_text())
        self.assertTrue(any("the journal does not answer" in alarm for alarm in self.status(hub).alarms))
        hub.start_redis()
        wait_for("the line", lambda: "the journal answers again" in hub.log_text())
        self.assertEqual(list(self.status(hub).alarms), [])
        self.assertEqual(self.tell(hub, "after").status, bus.STORED)

    def test_an_emptied_redis_stops_an_idle_hub_and_is_not_founded_again(self):
        hub = self.started(RedisHub)
        hub.end_redis()
        shutil.rmtree(os.path.join(hub.folder, "redis", "appendonlydir"))
        hub.start_redis()
        self.assertEqual(hub.process.wait(120), 1)
        self.assertIn("the store is no longer the one that this hub writes to", hub.log_text())
        self.refused(hub, "is empty or not there", "holds a signed head of record")
        init = hub.run("init", "--operator", os.path.join(hub.folder, "operator.pub"))
        self.assertIn("founded already", init.stderr)

    def test_an_old_copy_put_back_under_a_live_consumer_and_a_live_publisher(self):
        hub = self.started(RedisHub)
        redis = os.path.join(hub.folder, "redis")
        hub.enrol_consumer("bench-1", ["bench-1"])
        adapter = Adapter(hub)
        self.addCleanup(adapter.stop)
        adapter.start()
        adapter.drop(4)
        adapter.wait_until_settled()
        runbook("Backup on Redis", redis=redis, backup=self.backup, socket=os.path.join(redis, "socket"))
        adapter.drop(5)
        with hub.consumer("bench-1") as client:
            client.send(3, subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=100))
            before = client.deliveries(9)
            adapter.wait_until_settled()
            durable = self.status(hub).durable.sequence
            client.send(receipt=bus.Receipt(queue="bench-1", upto=before[-1].position))
            wait_for("the receipt", lambda: self.status(hub).durable.sequence > durable)  # a batch under way would be of unknown outcome
            hub.end_redis()
            runbook("Restore on Redis", redis=redis, backup=self.backup)
            hub.start_redis()
            self.assertEqual(hub.process.wait(120), 1)
        self.assertIn("the store is no longer the one that this hub writes to", hub.log_text())
        hub.stop()
        self.refused(hub, "ends with record", "holds a signed head of record", "--accept-restore")

        hub.start("--accept-restore")
        wait_for("the adapter's fork", lambda: adapter.counts()["forks"] == 1)
        self.assertEqual(adapter.counts()["waiting"], 9)
        hub.stop()
        hub.start()
        wait_for("the re-offer", lambda: adapter.counts()["waiting"] == 0)
        self.assertEqual((adapter.counts()["duplicate"], adapter.counts()["stored"], adapter.counts()["refused"]), (4, 14, 0))
        self.assertEqual(self.status(hub).events_accepted, 9)
        with hub.consumer("bench-1") as client:
            known = [d.position for d in reversed(before)]
            client.send(3, subscribe=bus.Subscribe(queue="bench-1", consumer="bench-1", credit_items=100, known=known))
            forked = client.wait_for(lambda frame: frame.request == 3)
            self.assertEqual(forked.WhichOneof("body"), "forked")
            common = forked.forked.last_common.sequence
            self.assertEqual(common, before[3].position.sequence)
            again = client.deliveries(5)
        self.assertEqual([d.event.source_reference for d in again], [d.event.source_reference for d in before[4:]])
        check = hub.mashctl("outbox", "check", "--json", adapter.outbox)
        self.assertEqual(json.loads(check.stdout), {"looked_for": 9, "lost_count": 0, "waiting": 0, "not_looked_for": 0, "in_doubt": 0})

    def test_every_acknowledged_event_survives_kill_9_in_mid_stream(self):
        hub = self.started(RedisHub)
        for number in range(900):
            self.outbox.put(concern(f"stream-{number}", 1))
        acknowledged = 0
        for _ in range(3):
            with hub.adapter("source", self.outbox) as client:
                self.assertEqual(client.welcome.outbox_state, bus.OUTBOX_CONTINUES)
                self.assertGreaterEqual(client.welcome.settled_link_seq, acknowledged)
                self.outbox.settled = first = client.welcome.settled_link_seq
                for at in range(first, first + 250, 25):
                    client.publish(self.outbox.items[at:at + 25])
                acknowledged = client.results(first + 60)[-1].last_link_seq
                hub.stop(signal.SIGKILL)
            hub.start()
        with hub.adapter("source", self.outbox) as client:
            self.assertGreaterEqual(client.welcome.settled_link_seq, acknowledged)
            self.outbox.settled = client.welcome.settled_link_seq
            self.assertEqual({r.status for r in self.outbox.send_through(client)}, {bus.STORED})
        self.assertEqual(self.status(hub).events_accepted, 900)
        hub.stop()
        verify = hub.mashctl("journal", "verify")
        self.assertEqual(verify.returncode, 0, verify.stdout + verify.stderr)


if __name__ == "__main__":
    unittest.main()
