"""Who splits mails into their parts, as status tells it; and what happens where the two ways differ."""

import os

from harness import SystemTest, main, report

FAULTY = os.environ["DSND_FAULTY"]
# Workers say of the first three mails that each reads that the two ways differed.
DIFFERENT = {"DSND_FAULT_PLAN": "split:1:5:3"}
# A boundary that the header names wrongly is no plain structure.
ODD = report("odd").replace(b'boundary="b"', b'boundary="c"')
MAILS = 2000


class Structure(SystemTest):
    def wait_for_mails(self, n):
        self.wait_for(lambda: self.status()["mails"] == n, "%d mails to be recorded" % n, 120)
        return self.status()["structure"]

    def test_each_mail_is_counted_and_some_are_split_both_ways(self):
        for _ in range(MAILS):
            self.deliver()
        for _ in range(3):
            self.deliver(ODD)
        self.start()
        counts = self.wait_for_mails(MAILS + 3)
        self.assertEqual((counts["plain"], counts["gmime"], counts["different"]), (MAILS, 3, 0), self.logged())
        # which ones is a matter of their bytes, so that it's the same in each run
        self.assertGreater(counts["compared"], 0)
        self.assertLess(counts["compared"], 10)

    def test_gmime_alone_is_a_setting_that_a_reload_takes(self):
        self.configure(more="[Parser]\nStructure=gmime\n")
        self.start()
        self.deliver()
        self.assertEqual(self.wait_for_mails(1), {"plain": 0, "gmime": 1, "compared": 0, "different": 0})
        self.configure(more="[Parser]\nStructure=auto\n")
        self.process.send_signal(1)
        self.wait_for(lambda: "reloaded" in self.logged(), "the reload")
        self.deliver()
        counts = self.wait_for_mails(2)
        self.assertEqual((counts["plain"], counts["gmime"]), (1, 1))

    def test_a_wrong_setting_is_told(self):
        for text, says in (("Structure=both", "[Parser] Structure: \"both\" is not permitted; it must be auto or gmime"),
                           ("Structur=auto", "[Parser] Structur: unknown key")):
            self.configure(more="[Parser]\n%s\n" % text)
            run = self.run_daemon("--check-config")
            self.assertEqual(run.returncode, 78)
            self.assertIn(says, run.stderr)

    def test_a_difference_is_counted_and_told_once_a_minute(self):
        self.program = FAULTY
        self.configure(more="")
        for _ in range(10):
            self.deliver()
        self.start(env=DIFFERENT)
        counts = self.wait_for_mails(10)
        # one worker may have read them all, or both their share
        self.assertIn(counts["different"], (3, 4, 5, 6))
        self.assertEqual(counts["different"], counts["gmime"])
        self.assertEqual(counts["plain"], 10 - counts["gmime"])
        told = [line for line in self.logged().splitlines() if "structure-differs" in line]
        self.assertEqual(len(told), 1, self.logged())
        self.assertRegex(told[0], r'mailbox="bounces" file="[^"]*\.host"')
        self.assertEqual(self.status()["workers"]["deaths"], 0)


main()
