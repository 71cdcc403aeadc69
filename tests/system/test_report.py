"""dsnctl report on the spool of a real daemon, while it's at work and after it was killed."""

import os
import re
import subprocess

from harness import PATIENCE_S, SystemTest, main

DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")


class Report(SystemTest):
    def page(self, *arguments):
        run = subprocess.run([DSNCTL, "report", "--spool", self.spool, *arguments], capture_output=True,
                             text=True, timeout=PATIENCE_S)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def deliver_and_wait(self, count):
        for _ in range(count):
            self.deliver()
        self.wait_for(lambda: not self.in_new(), "the mails to be recorded")

    def test_the_spool_of_a_daemon_at_work(self):
        self.start()
        self.assertIn("No events in this time.", self.page())
        self.deliver_and_wait(30)
        self.deliver(b"not a bounce\n")
        self.wait_for(lambda: not self.in_new(), "the letter")
        page = self.page()
        self.assertIn("31 mails, 31 events, recipients: 30", page)
        self.assertIn('31 mails told of 30 bounces, 30 of them hard. The most frequent reason is "no such mailbox", 100%', page.replace("\n", " "))
        self.assertRegex(page, r"(?m)^  example\.org .* 30 +100%$")
        self.assertRegex(page, r"(?m)^  mx\.example\.net .* 30 +100%$")
        self.assertNotIn("Notes", page)
        self.assertIn("</html>", self.page("--html", "-"))

    def test_reports_while_mails_arrive_see_only_whole_events(self):
        self.start()
        seen = []
        for _ in range(5):
            for _ in range(40):
                self.deliver()
            page = self.page()
            self.assertNotRegex(page, "damaged|no event and")
            found = re.search(r"(\d+) events", page)
            seen.append(int(found[1]) if found else 0)
        self.assertEqual(seen, sorted(seen))
        self.wait_for(lambda: not self.in_new(), "the mails to be recorded")
        self.assertIn("200 mails, 200 events", self.page())

    def test_a_torn_end_of_a_killed_daemon(self):
        self.start()
        self.deliver_and_wait(3)
        self.kill()
        last = os.path.join(self.spool, max(name for name in os.listdir(self.spool) if name.endswith(".jsonl")))
        os.truncate(last, os.path.getsize(last) - 5)
        page = self.page()
        self.assertIn("2 mails, 2 events", page)
        self.assertNotIn("Notes", page)
        # what the next start repairs and records again
        self.start()
        self.deliver_and_wait(1)
        self.assertIn("3 mails, 3 events", self.page())


if __name__ == "__main__":
    main()
