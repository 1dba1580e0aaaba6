"""A hub with the policy of config/hips and a board before it, for the tests in a browser. One JSON object a line comes in and is done, one goes
out: {"done": ...} or {"failed": "why"}. The first line out says where the board is and who may sign in. When standard input ends, all ends.

    {"do": "concern", "child": 3, "rating": "red"}     what an agency sends; done: the alert as its front door is told of it
    {"do": "act", "who": "hc-2", "item": "A1", "what": {"claim": {}}}
    {"do": "board", "how": "kill"}                      kill, stop, start, begin; "hub" likewise; either: pause, go_on
    {"do": "sign_in_at", "issuer": "http://...", "subjects": {"hc-2": "..."}}     the board begins anew, with an organisation's sign-in service
    {"do": "later", "minutes": 31}                      for hub and board
"""
import datetime
import functools
import http.client
import json
import os
import signal
import struct
import subprocess
import sys
import time
import traceback
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "python"))

from google.protobuf import json_format  # noqa: E402
from mash.v1 import act_pb2 as act, bus_pb2 as bus, event_pb2 as ev, record_pb2 as record  # noqa: E402
from hub_fixture import BIN, Hub, concern, free_ports, nhs_number, wait_for  # noqa: E402
from mash_client import Outbox  # noqa: E402
from hostile import Filler, hostile_event, texts_of  # noqa: E402

LATER = os.environ.get("MASHHUB_LATER_LIBRARY", "")
PASSWORD = "three random words"
TEAMS = ["hampshire-childrens", "hampshire-adults", "hampshire-out-of-hours", "hampshire-duty"]
QUEUES = ["hampshire_childrens", "hampshire_adults", "hampshire_out_of_hours", "hampshire_duty"]
# Beside the roster of config/hips: somebody whose row has ended, and somebody whose name the roster's keeper had from a bad source.
ROSTER = """
  - {id: hc-90, number: 990, name: Left Already (invented), team: hampshire-childrens, role: team-manager, until: 2026-01-01}
  - {id: hc-91, number: 991, name: "<script>alert(1)</script> (invented)", team: hampshire-childrens, role: practitioner, alternate: hc-1}
"""
PEOPLE = {"hc-1": "", "hc-2": "", "hc-3": "", "hc-4": "manager: yes, ", "hc-90": "", "hc-91": "", "ha-1": "", "ha-4": "", "hn-1": "", "hd-1": ""}
PAUSES = {"pause": signal.SIGSTOP, "go_on": signal.SIGCONT}
RATINGS = {"red": dict(level=ev.GRADE_LEVEL_HIGH), "amber": dict(level=ev.GRADE_LEVEL_MEDIUM), "green": None}


class Board:
    def __init__(self, hub, name="board", title="Hampshire MASH", teams=TEAMS, queues=QUEUES, people=PEOPLE):
        self.hub, self.process = hub, None
        self.folder = os.path.join(hub.folder, name)
        self.port = free_ports(1)[0]
        os.makedirs(os.path.join(self.folder, "state"))
        hub.enrol_gateway(name, teams, queues).write(os.path.join(self.folder, "board.key"))
        hub.enrol(f"watch-{name}", record.PEER_KIND_AUDITOR).write(os.path.join(self.folder, "watch.key"))
        self.write("board.yaml", f"""
name: {title}
hub: {{team: "tcp://127.0.0.1:{hub.team_port}", server_key: ../keys/hub.pub}}
key: board.key
watch_key: watch.key
queues: [{", ".join(queues)}]
listen: 127.0.0.1:{self.port}
origin: http://127.0.0.1:{self.port}
people: people.yaml
state: state
help: ring the service desk on 01632 960123
""")
        made = subprocess.run([os.path.join(BIN, "mash-board"), "password"], input=PASSWORD + "\n", capture_output=True, text=True, check=True,
                              timeout=120)
        signs = f"password: \"{made.stdout.strip()}\"}}\n"
        self.write("people.yaml", "".join(f"- {{person: {name}, {more}{signs}" for name, more in people.items())
                   + f"- {{name: night-operator, operator: yes, {signs}- {{name: performance-lead, manager: yes, {signs}")

    def write(self, name, text):
        with open(os.open(os.path.join(self.folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def ask(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def is_whole(self):
        if self.process.poll() is not None:
            raise RuntimeError("the board ended: " + self.log_text()[-2000:])
        return self.ask("/health") == 200

    def log_text(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def begin(self, environment):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([os.path.join(BIN, "mash-board"), "--config", self.folder], stdout=log, stderr=log,
                                            env={**os.environ, **environment})

    def end(self, how):
        if self.process is not None:
            self.process.send_signal(how)
            code = self.process.wait(120)
            self.process = None
            if how == signal.SIGTERM and code != 0:
                raise RuntimeError(f"the board ended with {code}: {self.log_text()[-2000:]}")


class Stage:
    def __init__(self):
        self.hub = Hub(found=False, partnership="hips")
        self.ahead = os.path.join(self.hub.folder, "later")
        self.set_later(0)
        self.environment = {"LD_PRELOAD": LATER, "MASHHUB_LATER": self.ahead} if LATER else {}
        with open(os.path.join(self.hub.folder, "policy", "roster.yaml"), "a", encoding="utf-8") as file:
            file.write(ROSTER)
        self.hub.found()
        self.start_hub()
        self.outboxes = {}
        for name, agency in (("police", ev.AGENCY_POLICE), ("health", ev.AGENCY_HEALTH)):
            self.hub.enrol(name, record.PEER_KIND_ADAPTER, agency=agency, source_system=f"{name}/1")
            self.outboxes[name] = Outbox()
        self.own_key = self.hub.enrol_gateway("stage", TEAMS, QUEUES)
        self.filler = Filler()
        self.sent = 0
        self.minutes = 0
        self.board = Board(self.hub)
        self.agency = None
        self.start_board()

    def say_where(self):
        return {"url": f"http://127.0.0.1:{self.board.port}", "password": PASSWORD, "people": [*PEOPLE, "night-operator", "performance-lead"]}

    def set_later(self, minutes):
        part = self.ahead + ".part"
        with open(part, "wb") as file:
            file.write(struct.pack("<q", int(minutes * 60000)))
        os.rename(part, self.ahead)

    def start_hub(self):
        self.hub.start(**self.environment)

    def start_board(self, board=None):
        board = board or self.board
        board.begin(self.environment)
        wait_for("the board to have its lists", board.is_whole)

    def end(self):
        for board in (self.board, self.agency):
            if board is not None:
                board.end(signal.SIGKILL)
        self.hub.end()

    # ---- what agencies send -----------------------------------------------------------------------------------------------------
    @functools.cached_property
    def children(self):
        """Serial numbers that have an NHS number, by which child."""
        found = []
        for serial in range(1, 20000):
            try:
                nhs_number(serial)
                found.append(serial)
            except ValueError:
                continue
        return found

    def event(self, child, agency="police", rating="green", restricted=False, adult=False, summary="Came to school without a coat again.", sibling=None, upn="", family="", given="Kim", numbered=True, **_):
        self.sent += 1
        event = concern(f"stage-{self.sent}", self.children[child], summary=summary)
        event.agency, event.source_system = ev.Agency.Value(f"AGENCY_{agency.upper()}"), f"{agency}/1"
        event.occurred_at += int(self.minutes * 60000)
        event.recorded_at += int(self.minutes * 60000)
        event.subjects[0].given_names.append(given)
        if family:
            event.subjects[0].family_name = family
        if not numbered:  # whom the hub can know again by nothing
            del event.subjects[0].identifiers[:]
        if sibling is not None:
            event.subjects.add().CopyFrom(event.subjects[0])
            event.subjects[1].given_names[0] = "Alex"
            event.subjects[1].identifiers[0].value = nhs_number(self.children[sibling])
        if upn:
            event.subjects[0].identifiers.add(scheme=ev.IDENTIFIER_SCHEME_UPN, value=upn)
        if restricted:
            event.sensitivity = ev.SENSITIVITY_RESTRICTED
        if adult:
            event.subjects[0].roles[:] = [ev.SUBJECT_ROLE_ADULT_AT_RISK]
            event.subjects[0].date_of_birth.year = 1950
            event.adult_concern.kinds.append(ev.FACTOR_KIND_SELF_NEGLECT)
        concern_of = event.adult_concern if adult else event.child_concern
        concern_of.circumstances = "Was seen without a coat in the rain, and said that nobody was at home."
        if RATINGS[rating] is not None:
            grade = RATINGS[rating]
            concern_of.grade.tool, concern_of.grade.tool_version, concern_of.grade.level = "RAG", "1", grade["level"]
        return event

    def publish(self, agency, event):
        """What became of it: the hub's result."""
        outbox = self.outboxes[agency]
        outbox.put(event)
        with self.hub.adapter(agency, outbox) as client:
            return outbox.send_through(client)[-1]

    def told_of(self, agency, event, queue):
        """Publishes it and waits for what this queue is told."""
        with self.hub.client(self.own_key, self.hub.team_port) as watcher:
            watcher.ask(subscribe=bus.Subscribe(queue=queue, credit_items=65536, from_now=True))
            result = self.publish(agency, event)
            if result.status != bus.STORED:
                raise RuntimeError(f"the hub did not store it: {result}")
            return [d for d in watcher.deliveries_until(result.sequence) if d.position.sequence == result.sequence]

    def do_concern(self, queue="", **what):
        event = self.event(**what)
        queue = queue or ("hampshire_adults" if what.get("adult") else "hampshire_childrens")
        told = self.told_of(what.get("agency", "police"), event, queue)
        alert = told[-1].alert
        return {"alert": alert.alert_id, "version": alert.version, "nhs": nhs_number(self.children[what["child"]]), "people": [line.person for line in alert.lines], "sequence": told[-1].position.sequence}

    def do_refused(self, child):
        """An event that the hub cannot take: its area is none of the partnership's."""
        event = self.event(child)
        event.area = "E06999999"
        result = self.publish("police", event)
        if result.status != bus.REFUSED:
            raise RuntimeError(f"the hub did not refuse it: {result}")

    def do_notice(self, child):
        """A plan began: health services should know. done: the notice."""
        event = self.event(child)
        event.protection_plan.kind, event.protection_plan.change = ev.PLAN_KIND_CHILD_PROTECTION, ev.CHANGE_STARTED
        result = self.publish("police", event)
        if result.status != bus.STORED:
            raise RuntimeError(f"the hub did not store it: {result}")
        return {"notice": f"N{result.sequence}"}

    def do_alarm(self, child):
        """The same event id comes again with other content: the hub refuses it and raises an alarm."""
        event = self.event(child)
        self.publish("police", event)
        event.summary = "Something else."
        result = self.publish("police", event)
        if result.status != bus.REFUSED:
            raise RuntimeError(f"the hub did not refuse it: {result}")

    def do_again(self, nhs, **what):
        """Another event about the child of this number."""
        return self.do_concern(child=next(at for at, serial in enumerate(self.children) if nhs_number(serial) == nhs), **what)

    def do_hostile(self, child):
        """An alert about one child, to which an event of every payload comes whose every text is hostile. done: the alert; every text of these that
        the children's front door is given; which fields the hub refused, because they have a form of their own."""
        first = self.do_concern(child=child, rating="red")
        refused = set()
        with self.hub.client(self.own_key, self.hub.team_port) as watcher:
            watcher.ask(subscribe=bus.Subscribe(queue="hampshire_childrens", credit_items=65536, from_now=True))
            for payload in ev.Event.DESCRIPTOR.oneofs_by_name["payload"].fields:
                refused |= self.send_hostile(payload, child)
            last = self.publish("police", self.event(child))
            told = [d for d in watcher.deliveries_until(last.sequence) if d.HasField("event") and d.alert.alert_id == first["alert"]]
        texts = {text for delivery in told for text in texts_of(delivery.event)}
        return {**first, "events": len(told), "texts": sorted(texts), "refused": sorted(refused)}

    def send_hostile(self, payload, child):
        """Until the hub stores it: without what it refused. Returns those fields."""
        without = set()
        while True:
            result = self.publish("police", hostile_event(self.filler, payload, self.event(child), without))
            if result.status == bus.STORED:
                return {f"{payload.name}: {path}" if path.startswith(payload.name) else path for path in without}
            path = result.field_path
            if path in without:  # it may not be empty either: then without what it stands in
                path = path.rpartition(".")[0]
            if not path or path in without:
                raise RuntimeError(f"{payload.name}: {result}")
            without.add(path)

    def do_pile(self, child, count, nameless=1):
        """So many concerns about one child: the first `nameless` bear a number alone, the last says that it is. done: the alert."""
        def nth(at):
            event = self.event(child, rating="red", summary="The newest of all." if at == count else f"Concern number {at}.")
            if at <= nameless:
                for field in ("given_names", "family_name", "date_of_birth"):
                    event.subjects[0].ClearField(field)
            return event

        told = self.told_of("police", nth(1), "hampshire_childrens")
        outbox = self.outboxes["police"]
        for at in range(2, count + 1):
            outbox.put(nth(at))
        with self.hub.adapter("police", outbox) as client:
            outbox.send_through(client)
        return {"alert": told[-1].alert.alert_id}

    def do_flood(self, begin, count, ratings=("green",)):
        """Concerns about so many children, in one batch; done: when the last is stored."""
        outbox = self.outboxes["police"]
        for child in range(begin, begin + count):
            outbox.put(self.event(child, rating=ratings[(child - begin) % len(ratings)]))
        with self.hub.adapter("police", outbox) as client:
            outbox.send_through(client)

    # ---- what people do -----------------------------------------------------------------------------------------------------------
    def do_act(self, who, item, what, reason="", version=None):
        """version: as `who` saw it; not given: the newest, whatever it is."""
        wanted = act.Act(on_behalf_of=who, item=item, reason=reason, version=version or 0, command_id=os.urandom(16))
        json_format.ParseDict(what, wanted)
        with self.hub.client(self.own_key, self.hub.team_port) as client:
            reply = client.ask(act=wanted)
            if version is None and reply.code == act.ACT_STALE:
                wanted.version, wanted.command_id = reply.version, os.urandom(16)
                reply = client.ask(act=wanted)
        if reply.code != act.ACT_DONE:
            raise RuntimeError(f"{who} on {item}: {reply.text}")
        return {"version": reply.version, "number": reply.number}

    def do_agency_board(self):
        """A board of health services' own, begun once; done: where it is."""
        if self.agency is None:
            self.agency = Board(self.hub, "health-board", "Health services", ["health"], ["health_notices"], {"he-1": "", "he-2": ""})
            self.start_board(self.agency)
        return {"url": f"http://127.0.0.1:{self.agency.port}"}

    def do_agency_again(self):
        """That board is ended and begun: it has its lists from the hub alone."""
        self.agency.end(signal.SIGTERM)
        self.start_board(self.agency)

    # ---- what fails ---------------------------------------------------------------------------------------------------------------
    def do_board(self, how):
        if how == "start":
            self.start_board()
        elif how == "begin":  # the hub is away: it has its address, and no lists
            self.board.begin(self.environment)
            wait_for("the board to answer", lambda: self.board.ask("/health") in (200, 503))
        elif how in PAUSES:
            self.board.process.send_signal(PAUSES[how])
        else:
            self.board.end(signal.SIGKILL if how == "kill" else signal.SIGTERM)

    def do_sign_in_at(self, issuer, subjects, secret=""):
        """The lists of who signs in and where are written anew; passwords serve for nobody of `subjects`."""
        self.board.end(signal.SIGTERM)
        self.board.write("client.secret", secret + "\n")
        settings = self.board.read("board.yaml").split("sign_in:")[0]
        secret_file = ", secret_file: client.secret" if secret else ""
        self.board.write("board.yaml", settings + f'sign_in: {{oidc: {{issuer: "{issuer}", client_id: board{secret_file}}}}}\n')
        others = [line for line in self.board.read("people.yaml").splitlines() if not any(f"person: {name}," in line for name in subjects)]
        self.board.write("people.yaml", "\n".join(others + [
            f'- {{person: {name}, oidc: {{issuer: "{issuer}", subject: "{subject}"}}}}' for name, subject in subjects.items()]) + "\n")
        self.start_board()

    def do_hub(self, how):
        if how == "start":
            self.start_hub()
        elif how in PAUSES:
            self.hub.process.send_signal(PAUSES[how])
        else:
            self.hub.stop(signal.SIGKILL if how == "kill" else signal.SIGTERM)
            for board in (self.board, self.agency):
                if board is not None and board.process is not None:
                    wait_for("the board to know that the hub is away", lambda board=board: board.ask("/health") == 503)

    def do_mend(self):
        """What a test left lying, whether it ended well or not."""
        if self.hub.process is None:
            self.start_hub()
        self.hub.process.send_signal(signal.SIGCONT)
        if self.board.process is None:
            self.board.begin(self.environment)
        self.board.process.send_signal(signal.SIGCONT)
        self.do_wait()

    def do_wait(self):
        """For the board to be one with the hub."""
        wait_for("the board to be whole", self.board.is_whole)

    def do_later(self, minutes):
        self.minutes = minutes
        self.set_later(minutes)

    def do_noon_tomorrow(self):
        """For hub and board: no day ends soon."""
        here = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/London")) + datetime.timedelta(minutes=self.minutes)
        noon = (here.replace(fold=0) + datetime.timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
        self.do_later((noon.timestamp() - time.time()) / 60)

    def do_next_minute(self):
        """Hub and board come to the fifth second of their next minute: none is skipped, and 55 seconds are left of it."""
        self.do_later(self.minutes + (65 - (time.time() + self.minutes * 60) % 60) / 60)

    def do_saved(self, since):
        """Sessions and drafts are sealed into their file once a second: wait for those of a change that was made at `since`, in seconds."""
        path = os.path.join(self.board.folder, "state", "sessions")
        wait_for("the sessions to be saved", lambda: os.path.exists(path) and os.stat(path).st_mtime >= since)

    def do_audited(self):
        """What was read, for whom and how: the newest first."""
        done = self.hub.mashctl("audit", "--json")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def do_log(self):
        return {"board": self.board.log_text(), "hub": self.hub.log_text()}


def serve(stage, lines, out):
    def say(what):
        out.write(json.dumps(what) + "\n")
        out.flush()

    say({"done": stage.say_where()})
    for line in lines:
        wanted = json.loads(line)
        try:
            say({"done": getattr(stage, "do_" + wanted.pop("do"))(**wanted)})
        except Exception as problem:  # whatever it is: the test is told, and ends
            say({"failed": f"{problem}\n{traceback.format_tb(problem.__traceback__)[-1]}"})


def main():
    stage = Stage()
    try:
        serve(stage, sys.stdin, sys.stdout)
    finally:
        stage.end()


if __name__ == "__main__":
    main()
