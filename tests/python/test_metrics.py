"""GET /metrics of hub, adapter and board: well-formed, true, and the same lines however many alerts and people there are."""
import http.client
import json
import math
import os
import re
import shutil
import subprocess
import unittest

from hub_fixture import BIN, HUB, SOURCE, Adapter, Hub, concern, free_ports, nhs_number, wait_for
from mash_client import Outbox

LABELS = {"queue", "peer", "agency", "rating", "payload", "code", "route", "status", "channel"}
RULES = os.path.join(SOURCE, "deploy", "prometheus", "alerts.yaml")
DASHBOARD = os.path.join(SOURCE, "deploy", "prometheus", "mashhub.json")
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:\\["\\n]|[^"\\\n])*",?)+)\})? (-?[0-9.]+(?:e[+-][0-9]+)?)')


def get(port, path="/metrics", method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def read(page):
    """{(name, labels): value} of a page in text format 0.0.4; an exception for anything that is none. Families in one piece, each
    series once, histograms that add up."""
    if not page.endswith("\n"):
        raise ValueError("the last line has no end")
    lines, series, families = page.split("\n")[:-1], {}, {}
    family = kind = ""
    for number, line in enumerate(lines, 1):
        if line.startswith("# HELP "):
            family = line.split(" ", 3)[2]
            if family in families or not line.split(" ", 3)[3]:
                raise ValueError(f"line {number}: {family} begins again, or has no words")
        elif line.startswith("# TYPE "):
            if line.split(" ")[2] != family:
                raise ValueError(f"line {number}: a type without its help")
            families[family] = kind = line.split(" ")[3]
        else:
            found = SAMPLE.fullmatch(line)
            if not found:
                raise ValueError(f"line {number} is no sample: {line}")
            name, labels = found.group(1), tuple(re.findall(r'([a-z]+)="((?:\\.|[^"\\])*)"', found.group(2) or ""))
            endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            if name not in [family + ending for ending in endings] or (name, labels) in series:
                raise ValueError(f"line {number}: not of {family}, or a second time: {line}")
            if (kind == "counter") != family.endswith("_total") or (kind != "gauge" and float(found.group(3)) < 0):
                raise ValueError(f"line {number}: no such counter: {line}")
            series[name, labels] = float(found.group(3))
    check_histograms(series, families)
    return series


def check_histograms(series, families):
    for family in (name for name, kind in families.items() if kind == "histogram"):
        buckets = {}
        for (name, labels), value in series.items():
            if name == family + "_bucket":
                others = tuple(pair for pair in labels if pair[0] != "le")
                buckets.setdefault(others, []).append((float(dict(labels)["le"].replace("+Inf", "inf")), value))
        for others, pairs in buckets.items():
            bounds, counts = zip(*pairs)
            if list(bounds) != sorted(set(bounds)) or list(counts) != sorted(counts) or not math.isinf(bounds[-1]):
                raise ValueError(f"{family}: buckets do not ascend")
            if counts[-1] != series[family + "_count", others]:
                raise ValueError(f"{family}: buckets and count differ")


class Stage(unittest.TestCase):
    """A hub, a police adapter and a board, each with its page."""

    @classmethod
    def setUpClass(cls):
        cls.ports = dict(zip(("hub", "adapter", "board"), free_ports(3)))
        cls.board_port, = free_ports(1)
        cls.hub = Hub(policy_files=[os.path.join("tests", "system_hub", "acting.yaml")], settings=f"metrics: 127.0.0.1:{cls.ports['hub']}\n")
        cls.addClassCleanup(cls.hub.end)
        cls.hub.start()
        cls.adapter = Adapter(cls.hub, settings=f"metrics: 127.0.0.1:{cls.ports['adapter']}\n")
        cls.addClassCleanup(cls.adapter.stop)
        cls.adapter.start()
        cls.start_board()
        cls.hub.enrol_adapter("source")
        cls.outbox, cls.serial = Outbox(), 0
        for page in cls.ports:
            wait_for(f"the page of the {page}", lambda page=page: cls.is_there(page))
        wait_for("the board to be whole", lambda: cls.value("board", "mashboard_rows_whole") == 1)

    @classmethod
    def start_board(cls):
        folder = os.path.join(cls.hub.folder, "board")
        os.mkdir(folder, 0o700)
        cls.hub.enrol_gateway("board", ["bench-practice"], ["bench-team"]).write(os.path.join(folder, "board.key"))
        board = os.path.join(BIN, "mash-board")
        made = subprocess.run([board, "password"], input="three random words\n", capture_output=True, text=True, check=True, timeout=120)
        with open(os.path.join(folder, "people.yaml"), "w", encoding="utf-8") as file:
            file.write(f"- {{person: bp-1, password: \"{made.stdout.strip()}\"}}\n")
        os.chmod(os.path.join(folder, "people.yaml"), 0o600)
        with open(os.path.join(folder, "board.yaml"), "w", encoding="utf-8") as file:
            file.write(f"name: Test\nhub: {{team: \"tcp://127.0.0.1:{cls.hub.team_port}\", server_key: ../keys/hub.pub}}\nkey: board.key\n"
                       f"queues: [bench-team]\nlisten: 127.0.0.1:{cls.board_port}\norigin: http://127.0.0.1:{cls.board_port}\n"
                       f"people: people.yaml\nstate: .\nhelp: nobody\nmetrics: 127.0.0.1:{cls.ports['board']}\n")
        log = open(os.path.join(folder, "log"), "ab")
        cls.addClassCleanup(log.close)
        cls.board = subprocess.Popen([board, "--config", folder], stdout=log, stderr=log)
        cls.addClassCleanup(cls.board.wait, 30)
        cls.addClassCleanup(cls.board.terminate)

    @classmethod
    def is_there(cls, page):
        try:
            return get(cls.ports[page])[0].status == 200
        except OSError:
            return False

    @classmethod
    def page(cls, name):
        return get(cls.ports[name])[1]

    @classmethod
    def value(cls, page, name, **labels):
        return read(cls.page(page)).get((name, tuple(labels.items())))

    def wait_until(self, page, name, value, **labels):
        wait_for(f"{name} {labels} to be {value}, not {self.value(page, name, **labels)}", lambda: self.value(page, name, **labels) == value)

    def publish(self, count):
        """So many concerns, each about a child not met before: each opens an alert. Their references and NHS numbers."""
        said = []
        while len(said) < 2 * count:
            type(self).serial += 1
            try:
                number = nhs_number(self.serial)
            except ValueError:
                continue
            said += [f"metrics-{self.serial}", number]
            self.outbox.put(concern(said[-2], self.serial))
        with self.hub.adapter("source", self.outbox) as client:
            while self.outbox.settled < len(self.outbox.items):
                self.outbox.send_through(client)
        return said

    def ask_board(self, path):
        return get(self.board_port, path, host=f"127.0.0.1:{self.board_port}")[0].status


@unittest.skipUnless(os.access(HUB, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mashhubd)")
class Pages(Stage):
    def test_each_page_is_text_that_prometheus_reads(self):
        for name, port in self.ports.items():
            with self.subTest(name):
                answer, text = get(port)
                self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
                self.assertGreater(len(read(text)), 15)

    def test_the_reader_of_this_test_finds_what_is_wrong(self):
        head = "# HELP a_total A.\n# TYPE a_total counter\n"
        for page in (head + "a_total 1", head + "b_total 1\n", head + "a_total 1\na_total 1\n", head + 'a_total{x="1} 1\n', head + head,
                     "a 1\n", head + "a_total -1\n", head.replace("counter", "gauge") + "a_total 1\n",
                     '# HELP h H.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'):
            with self.subTest(page), self.assertRaises(ValueError):
                read(page)

    def test_a_clock_may_be_behind_the_hubs_by_any_part_of_a_second(self):
        page = "# HELP ahead_seconds A.\n# TYPE ahead_seconds gauge\nahead_seconds -0.001\n"
        self.assertEqual(read(page), {("ahead_seconds", ()): -0.001})

    def test_figures_follow_what_happens(self):
        stored = ("mashhub_events_total", (("peer", "source"), ("agency", "police"), ("code", "stored")))
        self.publish(1)
        self.wait_until("hub", stored[0], len(self.outbox.items), **dict(stored[1]))  # a page is rendered now and then
        before = {page: read(self.page(page)) for page in self.ports}
        self.publish(7)
        self.adapter.drop(3)
        self.adapter.wait_until_settled()
        self.wait_until("hub", stored[0], before["hub"][stored] + 7, **dict(stored[1]))
        self.wait_until("adapter", "mashadapter_settled_total", before["adapter"]["mashadapter_settled_total", (("code", "stored"),)] + 3, code="stored")
        self.wait_until("adapter", "mashadapter_waiting", 0)
        wait_for("the rows", lambda: self.value("board", "mashboard_rows") >= before["board"]["mashboard_rows", ()] + 7)
        hub = read(self.page("hub"))
        self.assertEqual(hub["mashhub_peer_connected", (("peer", "police"), ("agency", "police"))], 1)
        self.assertEqual(hub["mashhub_peer_connected", (("peer", "board"), ("agency", "none"))], 1)
        self.assertEqual(hub["mashhub_queue_connected", (("queue", "bench-team"),)], 1)
        self.assertEqual(hub["mashhub_queue_connected", (("queue", "bench-1"),)], 0)
        self.assertGreaterEqual(hub["mashhub_queue_waiting", (("queue", "bench-1"),)], 7)
        self.assertGreaterEqual(hub["mashhub_alerts_open", ()], 7)
        self.assertGreater(hub["mashhub_journal_room_bytes", ()], 0)
        self.assertGreater(hub["mashhub_batch_seconds_count", ()], before["hub"]["mashhub_batch_seconds_count", ()])
        self.assertEqual({labels for (name, labels), on in hub.items() if name == "mashhub_alarm" and on}, set())

    def test_what_the_board_answers_is_counted_by_the_name_of_its_route(self):
        before = read(self.page("board"))
        self.assertEqual((self.ask_board("/health"), self.ask_board("/nowhere/Example"), self.ask_board("/alert/A17")), (200, 404, 303))
        for route, status in (("health", "2xx"), ("none", "4xx"), ("alert", "3xx")):
            key = ("mashboard_requests_total", (("route", route), ("status", status)))
            self.wait_until("board", key[0], before[key] + 1, route=route, status=status)

    def test_a_drop_folder_that_cannot_be_read_is_a_source_in_trouble(self):
        folder = os.path.join(self.adapter.folder, "in")
        self.wait_until("adapter", "mashadapter_source_trouble", 0)
        os.rename(folder, folder + ".away")
        try:
            self.wait_until("adapter", "mashadapter_source_trouble", 1)
        finally:
            os.rename(folder + ".away", folder)
        self.wait_until("adapter", "mashadapter_source_trouble", 0)

    def test_a_hub_that_is_away_is_seen_at_adapter_and_board(self):
        self.hub.stop()
        self.wait_until("adapter", "mashadapter_connected", 0)
        self.wait_until("board", "mashboard_hub_connected", 0)
        self.hub.start()
        self.wait_until("adapter", "mashadapter_connected", 1)
        self.wait_until("board", "mashboard_hub_connected", 1)

    def test_a_thousand_alerts_add_no_line_and_nothing_of_anybody(self):
        self.publish(1)
        self.wait_until("board", "mashboard_behind", 0)
        before = {page: set(read(self.page(page))) for page in self.ports}
        said = self.publish(1000)
        self.adapter.drop(20)
        self.adapter.wait_until_settled()
        self.assertEqual(self.ask_board("/alert/A9?name=Example"), 303)
        wait_for("the rows", lambda: self.value("board", "mashboard_rows") > 1000)
        after = {page: read(self.page(page)) for page in self.ports}
        self.assertEqual({page: set(lines) for page, lines in after.items()}, before)
        for lines in after.values():
            pairs = {pair for _, labels in lines for pair in labels}
            self.assertEqual({label for label, _ in pairs} - LABELS - {"le"}, set())
            values = {value for label, value in pairs if label != "le"}
            self.assertFalse(values & set(said))
            self.assertEqual([value for value in values if re.fullmatch(r"[ADFR][0-9]+|[0-9]{3,}|b[pm]-[0-9]+|.*[/@ ].*", value)], [])
            self.assertFalse(values & {"Example", "operator"})

    def test_rules_and_dashboard_ask_for_what_is_there(self):
        there = {name for page in self.ports for name, _ in read(self.page(page))}
        with open(RULES, encoding="utf-8") as rules:
            asked = set(re.findall(r"\bmash(?:hub|board|adapter)_[a-z_]+", "\n".join(re.findall(r"expr: (.*)", rules.read()))))
        with open(DASHBOARD, encoding="utf-8") as file:
            panels = json.load(file)["panels"]
        expressions = [target["expr"] for panel in panels for target in panel.get("targets", [])]
        asked |= set(re.findall(r"\bmash(?:hub|board|adapter)_[a-z_]+", "\n".join(expressions)))
        self.assertGreater(len(asked), 20)
        self.assertEqual(asked - there, set())


@unittest.skipUnless(os.access(HUB, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mashhubd)")
@unittest.skipUnless(shutil.which("promtool"), "skipped: no promtool (Debian: prometheus)")
class Promtool(Stage):
    def promtool(self, *arguments, words=None):
        done = subprocess.run(["promtool", *arguments], input=words, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_it_has_nothing_to_say_of_any_page(self):
        for page in self.ports:
            with self.subTest(page):
                self.promtool("check", "metrics", words=self.page(page))

    def test_it_takes_the_rules(self):
        self.promtool("check", "rules", RULES)


if __name__ == "__main__":
    unittest.main()
