"""What is wrong at the start: one clear line each, the right exit status, and nothing changed."""

import os
import re

from harness import SystemTest, main

EX_TEMPFAIL = 75
EX_CONFIG = 78


class Refusals(SystemTest):
    def assert_refuses(self, status, *parts, arguments=()):
        result = self.run_daemon(*arguments)
        lines = result.stderr.strip().split("\n")
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(len(lines), 1, result.stderr)
        for part in parts:
            self.assertIn(part, lines[0])

    def rewrite(self, pattern, replacement):
        with open(self.config) as text:
            config = text.read()
        changed = re.sub(pattern, replacement, config, count=1)
        self.assertNotEqual(changed, config)
        with open(self.config, "w") as out:
            out.write(changed)

    def test_an_unknown_key_is_named(self):
        self.rewrite("Count=2", "Cuont=2")
        self.assert_refuses(EX_CONFIG, self.config, "[Workers] Cuont", "the keys of this section")
        self.assert_refuses(EX_CONFIG, "[Workers] Cuont", arguments=["--check-config"])
        self.assertFalse(os.path.exists(self.spool))

    def test_an_unknown_section_is_named(self):
        self.rewrite(r"\[Workers\]", "[Wrokers]")
        self.assert_refuses(EX_CONFIG, self.config, "[Wrokers]", "Mailbox NAME, Spool, Socket")

    def test_a_value_out_of_range_is_told_its_range(self):
        self.rewrite("Count=2", "Count=65")
        self.assert_refuses(EX_CONFIG, self.config, "[Workers] Count", '"65"', "to 64")

    def test_a_missing_configuration_is_told(self):
        os.unlink(self.config)
        self.assert_refuses(EX_CONFIG, self.config, "No such file")

    def test_a_missing_maildir_is_told(self):
        self.configure(maildir=os.path.join(self.base, "nowhere"))
        self.assert_refuses(EX_CONFIG, "[Mailbox bounces]", "nowhere", "No such file")

    def test_a_directory_that_is_no_maildir_is_told(self):
        os.rmdir(os.path.join(self.maildir, "cur"))
        self.assert_refuses(EX_CONFIG, "[Mailbox bounces]", "cur")

    def test_a_bad_rule_file_is_told_by_line_and_column(self):
        rules = os.path.join(self.base, "rules.d")
        os.mkdir(rules)
        with open(os.path.join(rules, "local.rules"), "w") as out:
            out.write("# ours\nrule ours\n    text \"no such person\"\n    says no_such_category\n")
        self.rewrite("Path=/nonexistent", "Path=" + rules)
        self.assert_refuses(EX_CONFIG, "local.rules:4:10:")
        self.assert_refuses(EX_CONFIG, "local.rules:4:10:", arguments=["--check-config"])

    def test_a_good_configuration_is_ok(self):
        result = self.run_daemon("--check-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("OK", result.stdout)

    def test_a_second_instance_on_the_spool_is_refused(self):
        self.start()
        self.configure(maildir=self.make_maildir("other"), socket=self.socket + "2")
        self.assert_refuses(EX_TEMPFAIL, self.spool, "another dsnd")
        self.assertEqual(self.status()["state"], "running")

    def test_a_second_instance_on_the_maildir_is_refused(self):
        self.start()
        self.configure(spool=self.spool + "2", socket=self.socket + "2")
        self.assert_refuses(EX_TEMPFAIL, "[Mailbox bounces]", "another dsnd")

    def test_a_socket_in_use_is_refused(self):
        self.start()
        self.configure(maildir=self.make_maildir("other"), spool=self.spool + "2")
        self.assert_refuses(EX_CONFIG, "[Socket]", "another program listens")
        self.assertEqual(self.status()["state"], "running")

    def test_places_within_each_other_are_refused(self):
        new = os.path.join(self.maildir, "new")
        os.symlink(self.maildir, os.path.join(self.base, "link"))
        os.symlink(os.path.join(self.maildir, "cur"), os.path.join(self.base, "cur-link"))
        other = self.make_maildir("md/.dsnd-x")
        for words, values in (("the spool stands within", {"spool": new}), ("the spool stands within", {"spool": new + "/spool"}),
                              ("the spool stands within", {"spool": os.path.join(self.base, "cur-link", "spool")}),
                              ("the spool's Path", {"spool": self.maildir}), ("the socket stands within", {"socket": new + "/s"}),
                              ("another mailbox is the same", {"more": "[Mailbox b]\nPath=%s/link\n" % self.base}),
                              ("it's a mailbox, too", {"mailbox_keys": "OtherFolder=.dsnd-x\n",
                                                       "more": "[Mailbox b]\nPath=%s\nOtherFolder=.y\n" % other})):
            self.configure(**values)
            self.assert_refuses(EX_CONFIG, "[Mailbox", words)
            self.assert_refuses(EX_CONFIG, "[Mailbox", words, arguments=["--check-config"])
        self.assertEqual(os.listdir(new), [])

    def test_a_command_line_that_is_not_understood_is_refused(self):
        result = self.run_daemon("--frobnicate")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--frobnicate", result.stderr)
        self.assertIn("usage:", result.stderr)


if __name__ == "__main__":
    main()
