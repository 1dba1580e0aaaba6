"""Outbound delivery, whole: a real hub, a real mash-outbound, and a receiver that trusts nothing but the text of Standard Webhooks."""
import os
import random
import unittest

from hub_fixture import HubTest, concern
from mash_client import Outbox
from outbound_fixture import OUTBOUND, Hook, Instance, new_secret


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
        instance.wait("all of them", lambda: instance.hurry() or len({identity for identity, _ in self.told(hook, "killed-")}) == expected, 60)
        references = {body["data"]["event"]["source_reference"] for _, body in self.told(hook, "killed-")}
        self.assertEqual(len(references), expected)
        instance.wait("them to be known as confirmed", lambda: set(instance.states()) == {"confirmed"})
        self.assertEqual(hook.unsigned, 0)


if __name__ == "__main__":
    unittest.main()
