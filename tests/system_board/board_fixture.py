"""A real mash-board in a folder of its own, and a browser without script before it."""
import html
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))

from hub_fixture import BIN, Key, free_ports, wait_for  # noqa: E402

BOARD = os.path.join(BIN, "mash-board")
PASSWORD = "three random words"


def password_line():
    made = subprocess.run([BOARD, "password"], input=PASSWORD + "\n", capture_output=True, text=True, check=True, timeout=120)
    return made.stdout.strip()


class Board:
    """`hub`: a Hub of hub_fixture; None: a board whose hub is away. `people`: people.yaml, HASH stands for the line of PASSWORD."""

    def __init__(self, people, queues, hub=None, more=""):
        self.folder = tempfile.mkdtemp(prefix="mash-board-")
        self.port = free_ports(1)[0]
        self.process, self.starts = None, 0
        self.hash = password_line()
        os.makedirs(os.path.join(self.folder, "state"))
        self.key, server_key = Key(), hub.server_key.decode() if hub else Key().public.decode()
        self.key.write(os.path.join(self.folder, "board.key"))
        self.write("people.yaml", people)
        self.write("board.yaml", f"""
name: Hampshire MASH
hub: {{team: "tcp://127.0.0.1:{hub.team_port if hub else 9}", server_key: "{server_key}"}}
key: board.key
queues: [{", ".join(queues)}]
listen: 127.0.0.1:{self.port}
origin: http://127.0.0.1:{self.port}
people: people.yaml
state: state
help: ring the service desk on 01632 960123
{more}""")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text.replace("HASH", self.hash))
        os.rename(path + ".part", path)

    def start(self):
        self.starts += 1
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([BOARD, "--config", self.folder], stdout=log, stderr=log)
        wait_for("the board to listen", self.is_there)
        return self

    def is_there(self):
        if self.process.poll() is not None:
            raise RuntimeError("the board ended: " + self.log_text()[-2000:])
        return self.log_text().count("ready at") == self.starts

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(120)
        self.process = None
        if how == signal.SIGTERM and code != 0:
            raise RuntimeError(f"the board ended with {code}: {self.log_text()[-2000:]}")

    def reload(self):
        before = self.log_text().count("people.yaml")
        self.process.send_signal(signal.SIGHUP)
        wait_for("people.yaml to be read anew", lambda: self.log_text().count("people.yaml") > before)

    def log_text(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(120)
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    def __init__(self, status, location, text):
        self.status, self.location, self.text = status, location, text

    def words(self):
        return html.unescape(re.sub(r"<[^>]*>", "", self.text))

    def token(self):
        return re.search(r'name="token" value="([^"]*)"', self.text).group(1)


class Browser:
    """Keeps its cookie; follows nothing by itself."""

    def __init__(self, board):
        self.board, self.cookie = board, ""

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.board.port, timeout=120)
        try:
            head = {"Cookie": self.cookie} if self.cookie else {}
            if body is not None:
                head["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.getheader("Set-Cookie"):
                self.cookie = answer.getheader("Set-Cookie").split(";")[0]
            return Page(answer.status, answer.getheader("Location") or "", text)
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path)

    def post(self, page, path, **fields):
        return self.ask("POST", path, urllib.parse.urlencode({"token": page.token(), **fields}))

    def sign_in(self, name):
        return self.post(self.get("/sign-in"), "/sign-in", name=name, password=PASSWORD)

    def is_signed_in(self):
        return self.get("/session").status == 200
