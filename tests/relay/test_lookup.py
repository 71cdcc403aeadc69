"""Postfix and Exim themselves ask the lookup file that a relay published: as docs/suppression.md says, in a room of their own."""

import os
import subprocess
import tempfile
import unittest

from relays import RelayTest, main, rows

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# In the room /tmp is another; /var/tmp is the one from outside.
tempfile.tempdir = "/var/tmp"



@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Lookup(RelayTest):
    def ask(self, system):
        """What the system answers about an address that is suppressed and one that isn't."""
        packages = os.path.join(ROOT, "build-mta", "lookup" + system)
        if not os.path.exists(os.path.join(packages, "packages")):
            self.skipTest("tests/mta/fetch lookup%s brings the packages" % system)
        lookup = os.path.join(self.base, "lookup.db")
        self.write_config("Type=sqlite\nPath=%s/store.db\nLookup=%s" % (self.base, lookup))
        self.start()
        run = self.relay()
        self.deliver()
        self.wait_for(lambda: os.path.exists(lookup) and rows(lookup, "SELECT * FROM suppression"), "the lookup file", 60)
        self.end_relay(run)
        asked = subprocess.run([os.path.join(ROOT, "tests", "mta", "room"), packages, "sh", "-c",
                                'exec chroot "$ROOM" bash "$@"', "sh", "/dsnd/tests/relay/lookup%s.sh" % system, lookup], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300,
                               stdin=subprocess.DEVNULL)
        if asked.returncode == 77:
            self.skipTest(asked.stderr)
        self.assertEqual(asked.returncode, 0, asked.stdout + asked.stderr)
        return asked.stdout.splitlines()

    def test_postfix_asks(self):
        answers = self.ask("postfix")
        self.assertEqual(answers[:2], ["postmap: 550 5.1.1 suppressed: bad_mailbox", "postmap: free"])
        self.assertTrue(answers[2].startswith("smtpd: 550 5.1.1 <User0@Example.org>: Recipient address rejected: suppressed"), answers)
        self.assertTrue(answers[3].startswith("smtpd: 250 "), answers)

    def test_exim_asks(self):
        answers = self.ask("exim")
        self.assertTrue(answers[0].startswith("exim: 550 5.1.1 suppressed"), answers)
        self.assertTrue(answers[1].startswith("exim: 250 "), answers)


main()
