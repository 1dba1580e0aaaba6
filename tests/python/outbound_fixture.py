"""A real mash-outbound in a folder of its own, and whom it delivers to."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import socket
import subprocess
import threading

from hub_fixture import BIN, PATIENCE, wait_for

OUTBOUND = os.path.join(BIN, "mash-outbound")


def new_secret():
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def is_signed(headers, body, secret):
    """Standard Webhooks 1.0.0, written from its text: one signature of those given is right."""
    key = base64.b64decode(secret[len("whsec_"):])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(given, f"v1,{wanted}") for given in headers["webhook-signature"].split(" "))


class Hook:
    """A team's own system. `behave(count, id)` gives the status of its answer; None = the connection is cut after the request was read."""

    def __init__(self, secret, behave=lambda count, identity: 204, tls=None):
        self.secret, self.behave, self.lock, self.requests, self.unsigned = secret, behave, threading.Lock(), [], 0
        self.accepted, self.headers = [], []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.lock:
                    hook.unsigned += not is_signed(self.headers, body, hook.secret)
                    hook.headers.append({name.lower(): value for name, value in self.headers.items()})
                    hook.requests.append((self.headers["webhook-id"], body))
                    answer = hook.behave(len(hook.requests), self.headers["webhook-id"])
                    if answer is not None and 200 <= answer < 300:
                        hook.accepted.append((self.headers["webhook-id"], json.loads(body)))
                self.close_connection = True
                if answer is None:
                    return
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda request, address: None  # who does not believe us hangs up
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def ids(self):
        with self.lock:
            return [identity for identity, _ in self.requests]

    def taken(self):
        with self.lock:
            return list(self.accepted)

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Rude:
    """A peer that behaves badly: `answer(connection)` gets the connection when the whole request was read."""

    def __init__(self, answer):
        self.answer, self.ids, self.stopped = answer, [], False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.stopped:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        data = b""
        with connection:
            connection.settimeout(PATIENCE)
            while b"\r\n\r\n" not in data:
                data += connection.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            headers = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
            while len(body) < int(headers[b"Content-Length"]):
                body += connection.recv(65536)
            self.ids.append(headers[b"webhook-id"].decode())
            try:
                self.answer(connection)
            except OSError:
                pass

    def end(self):
        self.stopped = True
        self.listener.close()


class Instance:
    """mash-outbound for some queues of a test's hub."""

    def __init__(self, hub, name, channels, queues, enrolled, extra=""):
        self.hub, self.name, self.process = hub, name, None
        self.folder = os.path.join(hub.folder, name)
        os.makedirs(self.folder)
        hub.enrol_consumer(name, enrolled).write(os.path.join(self.folder, "consumer.key"))
        self.file = self.write("outbound.yaml", f"name: {name}\nfolder: var\nkey: consumer.key\ntelephone: \"01632 960001\"\n"
                               f"hub: {{endpoints: [\"tcp://127.0.0.1:{hub.team_port}\"], server_key: ../keys/hub.pub}}\n"
                               f"channels:\n{channels}queues:\n{queues}{extra}")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run(self, *arguments):
        return subprocess.run([OUTBOUND, "--config", self.file, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)

    def start(self, **environment):
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([OUTBOUND, "--config", self.file], stdout=subprocess.PIPE, stderr=log, text=True,
                                        env={**os.environ, **environment})
        log.close()
        line = self.process.stdout.readline()
        if "ready" not in line:
            raise RuntimeError(line + self.log())
        return self

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None

    def end(self):
        if self.process is None:
            return
        self.process.terminate()
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        if code != 0:
            raise RuntimeError(f"ended with {code}\n{self.log()[-3000:]}")

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()

    def mashctl(self, *arguments):
        return self.hub.mashctl("outbound", *arguments)

    def rows(self):
        done = self.mashctl("list", "--json", "--all", os.path.join(self.folder, "var"))
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def hurry(self):
        """A person does not want to wait for the next try."""
        ids = [row["id"] for row in self.rows() if row["state"] == "open" and row["failing_since_ms"] != 0]
        if ids:
            self.mashctl("retry", "--as", "tester", "--reason", "no time to wait", os.path.join(self.folder, "var"), *ids[:60])

    def states(self):
        return [row["state"] for row in self.rows()]

    def wait(self, what, fits, seconds=PATIENCE):
        try:
            wait_for(what, fits, seconds)
        except RuntimeError as late:
            raise RuntimeError(f"{late}\n{self.log()[-3000:]}\n{self.rows()[-5:]}") from late
