"""Signing in at the organisation's own service, from the link to the session, by a board as a process and a service that lies when it is told to."""
import http.server
import json
import os
import ssl
import subprocess
import threading
import unittest
import urllib.parse

from board_fixture import BIN, BOARD, Board, Browser

SERVICE = os.path.join(BIN, "..", "tests", "liar_service")
SUBJECT = "248289761001"  # whom the service signs in
LIES = [
    ("audience", "another-client", "it is meant for another client (aud)"),
    ("nonce", "another-sign-in", "it answers another sign-in (nonce)"),
    ("issuer", "https://login.elsewhere.test", "it is from another issuer"),
    ("header", '{"alg":"none"}', "it is not signed by RS256, PS256, ES256 or EdDSA"),
    ("key", "another", "its signature is wrong"),
    ("expires", "-3600", "it has expired"),
]


class Service:
    def __init__(self, redirect):
        encoded = urllib.parse.quote(redirect, safe="")
        self.process = subprocess.Popen([SERVICE, encoded], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.issuer = self.process.stdout.readline().strip()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.kill()
        self.process.wait(120)
        self.process.stdin.close()
        self.process.stdout.close()


class Council:
    """What an organisation's service says of itself, under a certificate of an authority that no system knows."""

    def __init__(self, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=login.council.test",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", "login.key", "-out", "login.pem"],
                       cwd=folder, check=True, capture_output=True)
        council = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                said = {"issuer": council.issuer, "authorization_endpoint": council.issuer + "/authorize", "token_endpoint": council.issuer + "/token",
                        "jwks_uri": council.issuer + "/keys"} if "well-known" in self.path else {"keys": []}
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, format, *args):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "login.pem"), os.path.join(folder, "login.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda request, address: None  # who does not believe us hangs up
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.issuer = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class CouncilsOwnAuthority(unittest.TestCase):
    def asked(self, ca):
        board = Board("[]", ["hampshire_childrens"])
        self.addCleanup(board.end)
        council = Council(board.folder)
        self.addCleanup(council.end)
        with open(os.path.join(board.folder, "board.yaml"), "a", encoding="utf-8") as file:
            file.write(f"sign_in: {{oidc: {{issuer: \"{council.issuer}\", client_id: board{ca}}}}}\n")
        board.write("people.yaml", f"- {{person: hc-1, oidc: {{issuer: \"{council.issuer}\", subject: \"{SUBJECT}\"}}}}\n")
        board.start()
        return Browser(board).get("/sign-in/oidc"), council

    def test_what_the_page_says_to_name_is_a_key_of_board_yaml(self):
        page, _ = self.asked("")
        self.assertIn("its certificate is not believed; name the authority's file under 'ca'", page.words())
        page, council = self.asked(", ca: login.pem")
        self.assertEqual(page.status, 303, page.words())
        self.assertTrue(page.location.startswith(council.issuer + "/authorize?"))


@unittest.skipUnless(os.access(BOARD, os.X_OK), "skipped: not built (MASHHUB_BIN holds no mash-board)")
class SignInElsewhere(unittest.TestCase):
    def setUp(self):
        self.board = Board("[]", ["hampshire_childrens"])
        self.addCleanup(self.board.end)
        self.service = Service(f"http://127.0.0.1:{self.board.port}/sign-in/return")
        self.addCleanup(self.service.end)
        with open(os.path.join(self.board.folder, "board.yaml"), "a", encoding="utf-8") as file:
            file.write(f"sign_in: {{oidc: {{issuer: \"{self.service.issuer}\", client_id: board}}}}\n")
        self.board.write("people.yaml", f"- {{person: hc-1, oidc: {{issuer: \"{self.service.issuer}\", subject: \"{SUBJECT}\"}}}}\n"
                         "- {person: hc-2, password: \"HASH\"}\n")
        self.board.start()
        self.browser = Browser(self.board)

    def go(self):
        """To the service and back: the page that the board answers with."""
        there = self.browser.get("/sign-in/oidc")
        self.assertEqual(there.status, 303, there.words())
        self.assertTrue(there.location.startswith(self.service.issuer + "/authorize?"))
        code, state = self.service.say("sign-in " + there.location).split()
        self.back = f"/sign-in/return?code={code}&state={state}"
        return self.browser.get(self.back)

    def then_refused(self, page, words):
        self.assertIn(page.status, (403, 503))
        self.assertIn("You are not signed in: ", page.words())
        self.assertIn(words, page.words())
        self.assertFalse(self.browser.is_signed_in())

    def test_who_the_service_names_is_signed_in(self):
        self.assertIn('href="/sign-in/oidc?why="', self.browser.get("/sign-in").text)
        visitor = self.browser.cookie
        page = self.go()
        self.assertEqual((page.status, page.location), (303, "/"))
        self.assertTrue(self.browser.is_signed_in())
        self.assertIn("hc-1", self.browser.get("/session").words())
        signed_in, self.browser.cookie = self.browser.cookie, visitor
        self.assertFalse(self.browser.is_signed_in())
        self.browser.cookie = signed_in
        self.assertEqual(self.browser.get("/sign-in/oidc").location, "/")

    def test_no_lie_signs_anybody_in(self):
        for what, value, words in LIES:
            with self.subTest(what=what, value=value):
                self.service.say(f"lie {what} {value}")
                self.then_refused(self.go(), words)
        self.service.say("truth")
        self.assertEqual(self.go().location, "/")

    def test_a_return_is_taken_once_whatever_its_answer(self):
        self.service.say("lie nonce another-sign-in")
        self.go()
        self.service.say("truth")
        self.then_refused(self.browser.get(self.back), "this browser did not begin that sign-in")

    def test_a_return_is_for_the_browser_that_began_it(self):
        self.service.say("lie nonce another-sign-in")
        self.go()
        self.service.say("truth")
        other = Browser(self.board)
        there = other.get("/sign-in/oidc")
        code, state = self.service.say("sign-in " + there.location).split()
        self.then_refused(self.browser.get(f"/sign-in/return?code={code}&state={state}"), "this browser did not begin that sign-in")
        self.assertEqual(other.get(f"/sign-in/return?code={code}&state={state}").location, "/")

    def test_what_the_service_refuses_is_said_in_its_word(self):
        there = self.browser.get("/sign-in/oidc")
        state = urllib.parse.parse_qs(urllib.parse.urlsplit(there.location).query)["state"][0]
        self.then_refused(self.browser.get(f"/sign-in/return?error=access_denied&state={state}"), "access_denied")

    def test_whom_people_yaml_does_not_name_is_not_let_in(self):
        self.go()
        self.assertTrue(self.browser.is_signed_in())
        self.board.write("people.yaml", "- {person: hc-2, password: \"HASH\"}\n")
        self.board.reload()
        self.assertFalse(self.browser.is_signed_in())
        self.then_refused(self.go(), "this board has no account for you")
        self.assertEqual(self.browser.sign_in("hc-2").status, 303)
        self.assertTrue(self.browser.is_signed_in())

    def test_a_service_that_is_away_is_said_and_passwords_still_serve(self):
        self.service.process.kill()
        self.service.process.wait(120)
        self.then_refused(self.browser.get("/sign-in/oidc"), "")
        self.assertEqual(self.browser.sign_in("hc-2").status, 303)

    def test_no_log_names_anybody(self):
        self.service.say("lie audience another-client")
        self.go()
        self.service.say("truth")
        self.go()
        log = self.board.log_text()
        self.assertIn("sign-in at the organisation's service failed", log)
        for secret in (SUBJECT, "Sam Okonjo", "hc-1", "c0de-of-one-sign-in"):
            self.assertNotIn(secret, log)


if __name__ == "__main__":
    unittest.main()
