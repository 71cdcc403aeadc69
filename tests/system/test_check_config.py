"""dsnd --check-config tries what a start will do: a Maildir or a spool that its user can't use is refused before."""
import os
import shutil
import subprocess
import tempfile
import unittest

from harness import DSND


class CheckConfig(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.base)
        for folder in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(self.base, "box", folder))

    def check(self):
        path = os.path.join(self.base, "dsnd.conf")
        with open(path, "w", encoding="utf-8") as conf:
            conf.write("[Mailbox box]\nPath=%s/box\n[Spool]\nPath=%s/spool\n[Socket]\nPath=%s/sock\n" % ((self.base,) * 3))
        return subprocess.run([DSND, "--check-config", "--config", path], capture_output=True, text=True, check=False)

    def test_all_is_there(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertFalse(os.path.exists(os.path.join(self.base, "spool")), "a check makes nothing")

    def test_no_maildir(self):
        os.rmdir(os.path.join(self.base, "box/cur"))
        result = self.check()
        self.assertEqual(result.returncode, 78)
        self.assertIn("[Mailbox box] %s/box/cur: No such file or directory" % self.base, result.stderr)

    def test_spool_is_a_file(self):
        open(os.path.join(self.base, "spool"), "w", encoding="utf-8").close()
        result = self.check()
        self.assertEqual(result.returncode, 78)
        self.assertIn("[Spool] %s/spool: not a directory" % self.base, result.stderr)


if __name__ == "__main__":
    unittest.main()
