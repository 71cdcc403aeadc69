"""Users' rules and policies: picked up by a reload that loses and repeats nothing; a bad one changes nothing."""

import os
import signal

from harness import SystemTest, main, report

ATTIC = """rule example-attic
    text "the attic is stuffed"
    says mailbox_full
    proof "554 5.7.1 the attic is stuffed"
"""


def refusal(n, text="554 5.7.1 the attic is stuffed"):
    return report(n).replace(b"Status: 5.1.1", b"Status: 5.0.0").replace(
        b"550 5.1.1 <user%s@example.org>: no such user" % str(n).encode(), text.encode())


class Rules(SystemTest):
    def setUp(self):
        super().setUp()
        self.rules = os.path.join(self.base, "rules.d")
        os.mkdir(self.rules)

    def use(self, name, text, policy=""):
        with open(os.path.join(self.rules, name), "w") as out:
            out.write(text)
        self.configure()
        with open(self.config) as source:
            whole = source.read()
        with open(self.config, "w") as out:
            out.write(whole.replace("Path=/nonexistent", "Path=" + self.rules) + policy)

    def reload(self, word):
        before = self.logged().count(word)
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.logged().count(word) > before, "the log to say " + word)

    def test_a_reload_picks_a_rule_up_and_loses_and_repeats_nothing(self):
        self.use("none.rules", "# nothing yet\n")
        self.start()
        follower = self.client()
        names = [self.deliver(refusal(i)) for i in range(100)]
        first = follower.events(1)[0]
        self.assertNotEqual(first["category"], "mailbox_full")
        self.use("local.rules", ATTIC)
        self.process.send_signal(signal.SIGHUP)
        names += [self.deliver(refusal(i)) for i in range(100, 200)]
        events = [first] + follower.events(199)
        self.assert_once_in_order(events, names)
        self.wait_for(lambda: "loaded anew" in self.logged(), "the reload")
        self.deliver(refusal(200))
        last = follower.events(1)[0]
        self.assertEqual((last["category"], last["rule"]), ("mailbox_full", "example-attic"))
        self.assertNotEqual(last["ruleset"], first["ruleset"])

    def test_a_bad_rule_file_is_named_and_the_old_rules_stay(self):
        self.use("local.rules", ATTIC)
        self.start()
        follower = self.client()
        self.use("more.rules", 'rule x\n    text "hello there"\n    says mailbox_ful\n')
        self.reload("keeping the old")
        self.assertIn("more.rules:3:10: unknown category 'mailbox_ful': did you mean 'mailbox_full'?", self.logged())
        self.deliver(refusal(1))
        self.assertEqual(follower.events(1)[0]["rule"], "example-attic")

    def test_a_policy_of_the_configuration_decides_the_class(self):
        self.use("local.rules", ATTIC, "[Policy]\nmailbox_full=hard review\nbad_mailbox=soft\n")
        self.start()
        follower = self.client()
        self.deliver(refusal(1))
        self.deliver()
        full, bad = follower.events(2)
        self.assertEqual((full["category"], full["class"], full["advice"]), ("mailbox_full", "hard", "review"))
        self.assertEqual((bad["category"], bad["class"], bad["advice"]), ("bad_mailbox", "soft", "retry"))
        self.use("local.rules", ATTIC, "[Policy]\nmailbox_ful=hard\n")
        self.reload("keeping the old")
        self.assertIn("[Policy] mailbox_ful: unknown category", self.logged())
        self.use("local.rules", ATTIC, "[Policy]\nmailbox_full=hard soft\n")
        self.reload("keeping the old")
        self.assertIn('[Policy] mailbox_full: \\"hard soft\\" is not permitted', self.logged().replace('\\\\', '\\'))


if __name__ == "__main__":
    main()
