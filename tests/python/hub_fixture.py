"""A real hub in a folder of its own, with keys for whoever a test needs."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import zmq  # noqa: E402
from zmq.utils import z85  # noqa: E402
from free_ports import free_ports  # noqa: E402
from mash.v1 import bus_pb2 as bus, event_pb2 as ev, record_pb2 as record  # noqa: E402
from mash_client import Client, Silence  # noqa: E402

BIN = os.environ.get("MASHHUB_BIN", "")
SOURCE = os.environ.get("MASHHUB_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
HUB = os.path.join(BIN, "mashhubd")
MASHCTL = os.path.join(BIN, "mashctl")
REDIS = shutil.which("redis-server")
NAMES_OF_QUEUES = ["bench-team", "bench-1", "bench-2"]
PATIENCE = 120.0  # seconds; only a test that fails waits so long, and a machine with sixteen at work is no reason to fail


class Key:
    def __init__(self):
        self.public, self.secret = zmq.curve_keypair()

    def raw(self):
        return z85.decode(self.public)

    def write(self, path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(self.secret + b"\n")
        return path


class Hub:
    def __init__(self, found=True, policy_files=(), partnership="bench", settings=""):
        self.folder = tempfile.mkdtemp(prefix="mash-python-")
        self.agency_port, self.team_port = free_ports(2)
        self.process = None
        self.operator_key = Key()
        self.keys = {}
        shutil.copytree(os.path.join(SOURCE, "config", partnership, "policy"), os.path.join(self.folder, "policy"))
        for file in policy_files:
            shutil.copy(os.path.join(SOURCE, file), os.path.join(self.folder, "policy"))
        with open(os.path.join(self.folder, "hub.yaml"), "w", encoding="utf-8") as file:
            file.write(f"partnership: {partnership}\nlisten: {{agency: \"127.0.0.1:{self.agency_port}\", team: \"127.0.0.1:{self.team_port}\"}}\n{settings}")
        pub = os.path.join(self.folder, "operator.pub")
        with open(pub, "wb") as file:
            file.write(self.operator_key.public + b"\n")
        self.operator_key.write(os.path.join(self.folder, "operator.key"))
        with open(os.path.join(self.folder, "mashctl.yaml"), "w", encoding="utf-8") as file:
            file.write(f"hub: {{agency: \"tcp://127.0.0.1:{self.agency_port}\", team: \"tcp://127.0.0.1:{self.team_port}\", "
                       "server_key: keys/hub.pub}\nkey: operator.key\n")
        self.server_key_file = os.path.join(self.folder, "keys", "hub.pub")
        if found:
            self.found()

    def found(self):
        self.run("init", "--operator", os.path.join(self.folder, "operator.pub")).check_returncode()
        with open(self.server_key_file, "rb") as file:
            self.server_key = file.read().strip()

    def run(self, *arguments):
        """mashhubd to its end."""
        return subprocess.run([HUB, *arguments, "--config", self.folder], capture_output=True, text=True, timeout=PATIENCE, check=False)

    def mashctl(self, *arguments):
        return subprocess.run([MASHCTL, *arguments, "--config", self.folder], capture_output=True, text=True, timeout=PATIENCE, check=False)

    def begin(self, *arguments, **environment):
        """Starts it; does not wait."""
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([HUB, "--config", self.folder, *arguments], stdout=self.log, stderr=self.log,
                                        env={**os.environ, **environment})

    def start(self, *arguments, **environment):
        self.begin(*arguments, **environment)
        return self.wait_until_ready()

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while True:
            with self.client(self.operator_key, self.team_port, hello=False) as operator:
                try:
                    operator.hello(5)
                    return self
                except Silence:
                    if self.process.poll() is not None or time.monotonic() > end:
                        raise RuntimeError("the hub did not start: " + self.log_text()[-2000:])

    def log_text(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.log.close()
            self.process = None

    def copy_state(self, name):
        shutil.copytree(os.path.join(self.folder, "state"), os.path.join(self.folder, name))

    def restore_state(self, name):
        shutil.rmtree(os.path.join(self.folder, "state"))
        os.rename(os.path.join(self.folder, name), os.path.join(self.folder, "state"))

    def end(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, key, port, hello=True, **fields):
        client = Client(f"tcp://127.0.0.1:{port}", self.server_key, key.secret)
        if hello:
            client.hello(**fields)
        return client

    def operator(self):
        return self.client(self.operator_key, self.team_port)

    def enrol(self, name, kind, **fields):
        self.keys[name] = Key()
        with self.operator() as operator:
            reply = operator.command(enrol=bus.Enrol(public_key=self.keys[name].raw(), kind=kind, name=name, **fields))
        if reply.code != bus.COMMAND_DONE:
            raise RuntimeError(reply.text)
        return self.keys[name]

    def enrol_adapter(self, name, **fields):
        return self.enrol(name, record.PEER_KIND_ADAPTER, **{"agency": ev.AGENCY_POLICE, **fields})

    def enrol_consumer(self, name, queues):
        return self.enrol(name, record.PEER_KIND_CONSUMER, queues=queues)

    def enrol_gateway(self, name, teams, queues):
        return self.enrol(name, record.PEER_KIND_GATEWAY, may_act_for=teams, queues=queues)

    def adapter(self, name, outbox):
        return self.client(self.keys[name], self.agency_port, **outbox.hello_fields())

    def consumer(self, name):
        return self.client(self.keys[name], self.team_port)


class RedisHub(Hub):
    redis_conf = ["appendonly yes", "appendfsync always"]
    journal = "redis:unix:redis/socket"

    def __init__(self, **more):
        super().__init__(**more)
        self.redis = None
        self.start_redis()
        with open(os.path.join(self.folder, "hub.yaml"), "a", encoding="utf-8") as file:
            file.write(f"journal: {self.journal}\n")
        for made in ("state", "keys"):
            shutil.rmtree(os.path.join(self.folder, made))
        self.found()

    def end_redis(self):
        self.redis.kill()
        self.redis.wait(PATIENCE)

    def start_redis(self):
        folder = os.path.join(self.folder, "redis")
        os.makedirs(folder, exist_ok=True)
        where = os.path.join(folder, "socket")
        with open(os.path.join(folder, "redis.conf"), "w", encoding="utf-8") as file:
            file.write("\n".join(["port 0", f"unixsocket {where}", f"dir {folder}", 'save ""', *self.redis_conf, ""]))
        with open(os.path.join(folder, "log"), "ab") as log:
            self.redis = subprocess.Popen([REDIS, os.path.join(folder, "redis.conf")], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.settimeout(1)
                    probe.connect(where)
                    probe.sendall(b"PING\r\n")
                    if probe.recv(7) in (b"+PONG\r\n", b"-NOAUTH"):
                        return
                except OSError:
                    time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def end(self):
        self.stop(signal.SIGKILL)
        self.end_redis()
        super().end()


def wait_for(what, fits, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not fits():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


class Adapter:
    """The real mash-adapter, for police incidents dropped as files."""

    def __init__(self, hub, name="police", settings="", system="niche/44", agency="police", mapping="police-incident-json", transport=None):
        self.hub, self.name, self.count, self.process = hub, name, 0, None
        self.folder = os.path.join(hub.folder, name)
        self.outbox = os.path.join(self.folder, "outbox")
        os.makedirs(os.path.join(self.folder, "in"))
        hub.enrol_adapter(name, source_system=system, agency=ev.Agency.Value(f"AGENCY_{agency.upper()}")).write(os.path.join(hub.folder, f"{name}.key"))
        subprocess.run([os.path.join(SOURCE, "tests", "samples", "render.sh"), os.path.join(self.folder, "samples")], check=True, timeout=PATIENCE)
        with open(os.path.join(self.folder, "samples", "police", "01-da-high-two-children.json"), encoding="utf-8") as file:
            self.sample = file.read()
        with open(os.path.join(hub.folder, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(f"name: {name}\nagency: {agency}\nmapping: {mapping}\nsource_system: {system}\narea: E10000014\nfolder: {name}\n"
                       f"hub: {{endpoints: [\"tcp://127.0.0.1:{hub.agency_port}\"], server_key: keys/hub.pub}}\nkey: {name}.key\n"
                       f"transport: {{{transport or f'folder: {name}/in, poll_ms: 50'}}}\n"
                       "urgent_notice: {minutes: 10, telephone: \"01632 960001\"}\n" + settings)

    def start(self, **environment):
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([os.path.join(BIN, "mash-adapter"), "--config", os.path.join(self.hub.folder, f"{self.name}.yaml")],
                                        stdout=self.log, stderr=self.log, env={**os.environ, **environment})

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.log.close()
            self.process = None

    def drop(self, count):
        """Puts so many incidents into its folder."""
        for number in range(self.count + 1, self.count + count + 1):
            text = self.sample.replace("44/0001/T", f"44/{number:04d}/T").replace("0000000a0001", f"0000000b{number:04d}")
            part = os.path.join(self.folder, "incident.part")
            with open(part, "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(part, os.path.join(self.folder, "in", f"{number:04d}.json"))
        self.count += count

    def counts(self):
        done = self.hub.mashctl("outbox", "status", "--json", self.outbox)
        return json.loads(done.stdout) if done.returncode == 0 else {"put": 0, "waiting": 0}

    def wait_until_settled(self):
        wait_for("the adapter to be through", lambda: self.counts()["put"] == self.count and self.counts()["waiting"] == 0)


def nhs_number(serial):
    """A valid number of the test range. Not every serial has one."""
    digits = f"999{serial:06d}"
    check = (11 - sum((10 - i) * int(d) for i, d in enumerate(digits)) % 11) % 11
    if check == 10:
        raise ValueError(f"serial {serial} has no NHS number: take another")
    return f"{digits}{check}"


def concern(reference, serial=1, **fields):
    now = int(time.time() * 1000)
    event = ev.Event(agency=ev.AGENCY_POLICE, source_system="python/1", source_reference=reference, occurred_at=now - 60000, recorded_at=now,
                     area="E10000014", legal_basis=[ev.LEGAL_BASIS_PUBLIC_TASK], **fields)
    event.subjects.add(roles=[ev.SUBJECT_ROLE_CHILD], family_name="Example", date_of_birth=ev.Date(year=2018, month=2, day=1),
                       identifiers=[ev.Identifier(scheme=ev.IDENTIFIER_SCHEME_NHS_NUMBER, value=nhs_number(serial))])
    event.child_concern.kinds.append(ev.FACTOR_KIND_NEGLECT)
    event.child_concern.circumstances = "Came to school without a coat again."
    return event


def contact(reference, serial=1):
    event = concern(reference, serial)
    event.contact.SetInParent()
    return event


@unittest.skipUnless(os.access(HUB, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mashhubd)")
class HubTest(unittest.TestCase):
    partnership = "bench"
    policy_files = ()  # beside those of config/bench

    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(policy_files=cls.policy_files, partnership=cls.partnership)
        cls.addClassCleanup(cls.hub.end)
        cls.hub.start()
