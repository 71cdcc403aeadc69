"""P26: a forged bounce cannot cause suppression when a token key is set."""

import os
import shutil
import time

from forgeries import DOMAIN, FORGER, VICTIM, Forger, mail, return_path
from harness import SystemTest, main

SECRET = bytes(range(32))
EX_CONFIG = 78
COMPLAINT = """Delivered-To: fbl@example.com
From: feedback@mx.example.org
To: fbl@example.com
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A complaint.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: loop/1.0
Version: 1
Original-Rcpt-To: <{address}>

--b
Content-Type: text/rfc822-headers

From: news@example.com
To: {address}
Subject: News

--b--
"""


class P26(SystemTest):
    more = "[ReturnPath]\nHeader=Delivered-To\n"

    def setUp(self):
        super().setUp()
        self.today = int(time.time()) // 86400
        self.key_file = os.path.join(self.base, "token-key")
        with open(self.key_file, "w") as out:
            out.write("a %s\n" % SECRET.hex())
        os.chmod(self.key_file, 0o600)

    def set_key(self, *lines):
        self.more = P26.more + "\n".join(["KeyFile=" + self.key_file, *lines])
        self.configure()

    def events_of(self, mails):
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        names = [self.deliver(content) for content in mails]
        events = []
        while len({event["source"]["file"] for event in events}) < len(names) or not is_whole(events[-1]):
            events += follower.events(1)
        return names, events

    def test_p26_no_forged_bounce_suppresses(self):
        self.set_key()
        forger = Forger(SECRET, self.today)
        tries = list(forger.tries())
        names, events = self.events_of([made for _, made in tries])
        kinds = {name: kind for name, (kind, _) in zip(names, tries)}
        self.assertGreaterEqual(len(tries), 1000)
        accepted = []
        for event in events:
            kind = kinds[event["source"]["file"]]
            # the forger's own token takes the forger off the list, as it would on a true bounce
            is_harmless = kind == "with_the_forger_s" and event["recipient"] == FORGER
            if event.get("advice") == "suppress" or event["trust"] == "verified":
                if not is_harmless:
                    accepted.append((kind, event["return_path"], event["recipient"]))
            else:
                self.assertEqual((event["trust"], event["advice"]), ("suspect", "review"))
                self.assertTrue(any(w.startswith("token-") for w in event["warnings"]), event)
        self.assertEqual(accepted, [])
        print("%d forged mails, %d events, %d accepted" % (len(tries), len(events), len(accepted)))

    def test_a_true_bounce_suppresses_the_one_it_was_sent_to(self):
        self.set_key()
        signed = [return_path("a", SECRET, VICTIM, tag, day) + DOMAIN
                  for day in (self.today, self.today - 29) for tag in ("", "news")]
        long_one = "x" * 40 + "@example.org"
        mails = [mail(path, about=("elsewhere@example.net",)) for path in signed]
        mails.append(mail("prvs=0123456789=" + signed[0]))
        mails.append(mail(return_path("a", SECRET, long_one) + DOMAIN, about=(long_one,)))
        _, events = self.events_of(mails)
        for event in events:
            self.assertEqual((event["trust"], event["advice"], event["recipient_source"]),
                             ("verified", "suppress", "return_path"), event)
        self.assertEqual([event["recipient"] for event in events], [VICTIM] * 5 + [long_one])
        self.assertEqual([event["final_recipient"] for event in events[:4]], ["elsewhere@example.net"] * 4)

    def test_without_a_key_nothing_is_judged(self):
        _, events = self.events_of([mail("bounces+victim=example.org" + DOMAIN, about=(FORGER,))])
        self.assertEqual((events[0]["trust"], events[0]["advice"], events[0]["recipient"]),
                         ("unsigned", "suppress", VICTIM))

    def test_templates_and_age_are_configured(self):
        self.set_key("Template=x.{tag}.{user}={domain}", "MaxAge=5d")
        paths = ["x.77.victim=example.org", return_path("a", SECRET, VICTIM, day=self.today - 4),
                 return_path("a", SECRET, VICTIM, day=self.today - 7), "bounces+victim=example.org"]
        _, events = self.events_of([mail(path + DOMAIN, about=(FORGER,)) for path in paths])
        self.assertEqual([event["recipient"] for event in events], [VICTIM] * 3 + [FORGER])
        self.assertEqual([event["trust"] for event in events], ["suspect", "verified", "suspect", "suspect"])
        self.assertEqual(events[0]["return_path"]["tag"], "77")
        self.assertEqual(events[2]["warnings"], ["token-expired"])

    def test_complaints_without_a_token(self):
        complaint = COMPLAINT.format(address=VICTIM).encode()
        for keys, advice, trust in (("", "review", "suspect"), ("Complaints=unsigned", "suppress", "unsigned")):
            self.mailbox_keys = keys
            self.set_key()
            _, events = self.events_of([complaint, mail("bounces" + DOMAIN)])
            self.stop()
            shutil.rmtree(self.spool)
            self.assertEqual([(e["kind"], e["advice"], e["trust"]) for e in events],
                             [("complaint", advice, trust), ("bounce", "review", "suspect")])

    def test_the_service_manager_passes_the_key(self):
        self.configure()
        self.start(env={"CREDENTIALS_DIRECTORY": self.base})
        follower = self.client()
        follower.say("FOLLOW - first")
        self.deliver(mail("bounces" + DOMAIN))
        event, = follower.events(1)
        self.assertEqual((event["trust"], event["warnings"]), ("suspect", ["token-absent"]))

    def test_keys_are_read_anew_on_reload(self):
        self.set_key()
        self.start()
        with open(self.key_file, "w") as out:
            out.write("b %s\na %s\n" % ("ff" * 16, SECRET.hex()))
        self.process.send_signal(1)
        self.wait_for(lambda: "reloaded" in self.logged() or "anew" in self.logged(), "the reload")
        follower = self.client()
        follower.say("FOLLOW - first")
        self.deliver(mail(return_path("b", b"\xff" * 16, VICTIM) + DOMAIN))
        self.deliver(mail(return_path("a", SECRET, VICTIM) + DOMAIN))
        self.assertEqual([event["trust"] for event in follower.events(2)], ["verified", "verified"])

    def assert_refuses(self, *parts):
        result = self.run_daemon("--check-config")
        self.assertEqual((result.returncode, result.stderr.count("\n")), (EX_CONFIG, 1), result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def test_keys_that_cant_be_used_are_refused(self):
        self.set_key()
        os.chmod(self.key_file, 0o644)
        self.assert_refuses(self.key_file, "chmod 600")
        os.chmod(self.key_file, 0o600)
        with open(self.key_file, "a") as out:
            out.write("b 00\n")
        self.assert_refuses(self.key_file + ":2:", "hexadecimal")
        os.unlink(self.key_file)
        self.assert_refuses(self.key_file, "No such file")
        self.more = "[ReturnPath]\nTemplate={user}\n"
        self.configure()
        self.assert_refuses("[ReturnPath] Template", "such as bounces+{user}={domain}")

    def test_a_key_without_a_header_is_refused(self):
        self.more = "[ReturnPath]\nKeyFile=" + self.key_file
        self.configure()
        self.assert_refuses(self.config, "[ReturnPath] Header", "Delivered-To")


def is_whole(event):
    return event["part"][0] == event["part"][1]


if __name__ == "__main__":
    main()
