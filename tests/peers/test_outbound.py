"""Outbound delivery, tried by other makers' receivers: aiosmtpd for mail, npm's standardwebhooks for signatures.

A peer that is not installed is skipped, unless PEERS_ALL is set (tests/run --all), when its absence is a failure.
"""
import json
import os
import ssl
import subprocess
import time
import unittest

from mash.v1 import event_pb2 as ev
from hub_fixture import SOURCE, Hub, HubTest, concern, free_ports, nhs_number
from mash_client import Outbox
from outbound_fixture import Hook, Instance, new_secret

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:
    Controller = None

PEERS = os.path.join(SOURCE, "build", "peers")
HERE = os.path.join(SOURCE, "tests", "peers")


def needs(present, what):
    if not present and os.environ.get("PEERS_ALL"):
        raise AssertionError(f"not installed: {what}; deploy/install peers, tests/peers/tools")
    return unittest.skipIf(not present, f"not installed: {what}")


class Mailbox:
    """aiosmtpd's handler: keeps what came. `refuse` and `drop` make it behave badly."""

    def __init__(self):
        self.mails, self.refuse, self.drop = [], "", False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.drop:
            server.transport.abort()
            return "421 gone"
        self.mails.append((session.ssl is not None, envelope.mail_from, list(envelope.rcpt_tos), envelope.content.decode()))
        return "250 taken"


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "mail.key", "-out", "mail.pem",
                    "-days", "2", "-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "mail.pem"), os.path.join(folder, "mail.key"))
    return context


def serve(test, mailbox, **options):
    port = free_ports(1)[0]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    test.addCleanup(controller.stop)
    return port


def publish(hub, name, *events):
    hub.enrol_adapter(name)
    outbox = Outbox()
    for event in events:
        outbox.put(event)
    with hub.adapter(name, outbox) as adapter:
        outbox.send_through(adapter)


@needs(Controller is not None, "python3-aiosmtpd")
class Mail(HubTest):
    def test_a_mail_goes_under_starttls_signed_in_with_nothing_about_anybody(self):
        mailbox = Mailbox()
        context = certificate(self.hub.folder)
        port = serve(self, mailbox, tls_context=context, require_starttls=True, auth_required=True,
                     authenticator=lambda server, session, envelope, mechanism, data: AuthResult(success=data.login == b"hub" and data.password == b"a secret"))
        instance = Instance(self.hub, "mailing", f"  duty: {{mail: {{server: \"smtp://127.0.0.1:{port}\", from: hub@mash.test, to: [duty@team.test, deputy@team.test], "
                            "user: hub, password_file: password, ca: ../mail.pem}}\n",
                            "  - {queue: bench-team, consumer: bench-team, channels: [{by: duty, within: 1h}]}\n", ["bench-team"], "board: \"https://board.test\"\n")
        instance.write("password", "a secret\n")
        self.addCleanup(instance.end)
        instance.start()
        publish(self.hub, "mailing-publisher", concern("mail-1", 1))
        instance.wait("the mail", lambda: mailbox.mails)
        under_tls, sender, to, text = mailbox.mails[0]
        self.assertTrue(under_tls)
        self.assertEqual((sender, to), ("hub@mash.test", ["duty@team.test", "deputy@team.test"]))
        self.assertRegex(text, r"(?m)^Subject: Safeguarding A\d+: green\r$")
        self.assertRegex(text, r"(?m)^Message-ID: <msg_[0-9a-f]{32}@mash.test>\r$")
        self.assertRegex(text, r"(?m)^Due: +\w{3} \d+ \w{3} \d{4}, \d\d:\d\d\r$")
        self.assertRegex(text, r"https://board.test/alert/A\d+")
        for personal in ("Example", "coat", nhs_number(1), "2018", "mail-1"):
            self.assertNotIn(personal, text)
        instance.wait("it to be sent, and no more than that", lambda: [row["steps"][0]["state"] for row in instance.rows()] == ["sent"] and instance.states() == ["open"])

    def test_without_tls_with_a_refused_recipient_and_with_a_line_that_is_cut_nothing_counts_as_sent(self):
        mailbox = Mailbox()
        plain = serve(self, mailbox)
        instance = Instance(self.hub, "plain", f"  duty: {{mail: {{server: \"smtp://127.0.0.1:{plain}\", from: hub@mash.test, to: [duty@team.test]}}}}\n"
                            f"  here: {{mail: {{server: \"smtp://127.0.0.1:{plain}\", tls: no, from: hub@mash.test, to: [duty@team.test]}}}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: duty, within: 1s}, {by: here, within: 1h}]}\n", ["bench-1"])
        self.addCleanup(instance.end)
        mailbox.refuse = "550 5.1.1 no such Robin Testley here"
        instance.start()
        publish(self.hub, "plain-publisher", concern("mail-2", 3))
        step = lambda number: (instance.rows() or [{"steps": []}])[-1]["steps"][number:][:1]
        instance.wait("no clear text", lambda: step(0) and step(0)[0]["state"] == "failing")
        self.assertIn("offers no TLS", step(0)[0]["cause"])
        instance.wait("the refusal", lambda: step(1) and step(1)[0]["state"] == "failing")
        self.assertIn("answered 550", step(1)[0]["cause"])
        self.assertNotIn("Testley", json.dumps(instance.rows()) + instance.log())
        tries = step(1)[0]["tries"]
        mailbox.refuse, mailbox.drop = "", True
        instance.hurry()
        instance.wait("the cut line", lambda: step(1)[0]["tries"] > tries)
        self.assertEqual((step(1)[0]["state"], mailbox.mails), ("failing", []))
        mailbox.drop = False
        instance.hurry()
        instance.wait("the mail", lambda: mailbox.mails and step(1)[0]["state"] == "sent")


@needs(Controller is not None, "python3-aiosmtpd")
class Schools(unittest.TestCase):
    def incident(self, reference, urn, serial):
        event = concern(reference, serial)
        event.domestic_abuse_incident.attended = ev.PRESENCE_YES
        event.subjects[0].school_urn = urn
        event.subjects.add(roles=[ev.SUBJECT_ROLE_VICTIM], family_name="Testley")
        return event

    def test_a_school_is_told_before_it_opens_and_one_that_is_not_known_leads_to_the_authority(self):
        """Operation Encompass: each child's own school; unknown, closed or without contact: the authority's own; and nobody in silence."""
        hub = Hub(partnership="hips")
        self.addCleanup(hub.end)
        hub.start()
        mailbox = Mailbox()
        port = serve(self, mailbox)
        mail = f"server: \"smtp://127.0.0.1:{port}\", tls: no, from: encompass@mash.test"
        instance = Instance(hub, "encompass", f"  school: {{mail: {{{mail}}}}}\n  council: {{mail: {{{mail}, to: [encompass@council.test]}}}}\n",
                            "  - queue: hampshire_encompass\n    consumer: hampshire-encompass\n"
                            "    channels: [{by: school, to: school, within: 4h, enough: sent}, {by: council, within: 30m, enough: sent}]\n",
                            ["hampshire_encompass"], "schools: {file: schools.csv}\n")
        today = time.strftime("%Y-%m-%d")
        instance.write("schools.csv", "URN,Safeguarding Lead,Deputy,Valid From,Valid Until,Closed\n116123,lead@first.test,deputy@first.test,2020-01-01,,\n"
                       f"116124,lead@closed.test,,2020-01-01,,{today}\n116125,lead@former.test,,2020-01-01,2021-01-01,\n")
        self.addCleanup(instance.end)
        self.assertEqual(instance.run("--check").returncode, 0)
        instance.start()
        publish(hub, "hants-police", *[self.incident(f"encompass-{urn}", urn, serial) for urn, serial in
                                       (("116123", 1), ("116124", 3), ("116125", 4), ("999999", 5))])
        instance.wait("four mails", lambda: len(mailbox.mails) == 4)
        self.assertEqual(sorted(to[0] for _, _, to, _ in mailbox.mails), ["encompass@council.test"] * 3 + ["lead@first.test"])
        text = [text for _, _, to, text in mailbox.mails if to[0] == "lead@first.test"][0]
        self.assertIn("Operation Encompass: a notice N", text)
        self.assertRegex(text, r"(?m)^Due: .*, 08:30\r$")
        for personal in ("Example", "Testley", "coat", "116123"):
            self.assertNotIn(personal, text)
        instance.wait("all to be sent", lambda: instance.states() == ["sent"] * 4)
        causes = sorted(row["steps"][0]["cause"] for row in instance.rows())
        self.assertEqual(causes, ["", "this school does not stand in the directory of schools",
                                  "this school has no contact in the directory that is valid today", "this school is closed today"])
        instance.write("schools.csv", "URN,Safeguarding Lead,Valid From\n999999,lead@late.test,2020-01-01\n")
        instance.wait("the new directory", lambda: '"rows":"1"' in instance.log())
        publish(hub, "hants-police-2", self.incident("encompass-again", "999999", 6))
        instance.wait("the school that is known now", lambda: any(to == ["lead@late.test"] for _, _, to, _ in mailbox.mails))


@needs(os.path.isdir(os.path.join(PEERS, "node_modules", "standardwebhooks")), "npm's standardwebhooks")
class Signatures(HubTest):
    def test_the_standards_own_library_believes_it_with_either_secret_and_no_other(self):
        hook = Hook(new_secret())
        self.addCleanup(hook.end)
        older = new_secret()
        instance = Instance(self.hub, "signing", f"  own: {{webhook: {{url: \"http://127.0.0.1:{hook.port}/\", secrets: secret}}}}\n",
                            "  - {queue: bench-1, consumer: bench-1, channels: [{by: own, within: 1h}]}\n", ["bench-1"])
        instance.write("secret", f"{older}\n{hook.secret}\n")
        self.addCleanup(instance.end)
        instance.start()
        publish(self.hub, "signing-publisher", concern("signed-1", 1))
        instance.wait("the delivery", hook.taken)
        self.assertEqual(hook.unsigned, 0)
        node = subprocess.run([os.path.join(HERE, "tools"), "node"], capture_output=True, text=True, check=True).stdout.strip()
        given = {"headers": hook.headers[0], "body": hook.requests[0][1].decode(), "secrets": [older, hook.secret, new_secret()]}
        done = subprocess.run([node, os.path.join(HERE, "verify_webhook.mjs")], input=json.dumps(given), capture_output=True, text=True, timeout=120, check=True,
                              env={**os.environ, "PEERS": PEERS})
        self.assertEqual(json.loads(done.stdout), [True, True, False])


if __name__ == "__main__":
    unittest.main()
