"""P10: the same bytes give the same events, byte for byte: run after run, in any locale and time zone, with any number of
processes. All fixtures, 50 runs."""

import hashlib
import os
import subprocess
import tempfile
import unittest

DSNCTL = os.environ.get("DSNCTL", "build/src/cli/dsnctl")
FIXTURES = os.path.join(os.path.dirname(__file__), "../../fixtures")
# Turkish has its own lower case of I, German and French commas in numbers
LOCALES = {"tr_TR.UTF-8": ("tr_TR", "UTF-8"), "de_DE.UTF-8": ("de_DE", "UTF-8"), "fr_FR.ISO-8859-1": ("fr_FR", "ISO-8859-1")}
ZONES = ["UTC", "America/St_Johns", "Pacific/Kiritimati", ":nonsense"]
RUNS = 50


class Deterministic(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.locales = scratch.name
        self.names = ["C", "C.UTF-8"]
        for name, (source, charset) in LOCALES.items():
            made = subprocess.run(["localedef", "-i", source, "-f", charset, os.path.join(self.locales, name)],
                                  capture_output=True)
            # 1: made, with warnings
            if made.returncode in (0, 1) and os.path.isdir(os.path.join(self.locales, name)):
                self.names.append(name)

    def events(self, locale, zone, jobs):
        """The digest of all fixtures' events."""
        # a locale of the scratch directory stands before the system's only for those that have it there
        environment = dict(os.environ, LC_ALL=locale, LANG=locale, TZ=zone)
        if locale in LOCALES:
            environment["LOCPATH"] = self.locales
            # the C library's setlocale() keeps the parts of LOCPATH: no leak of ours, and not what is tested here
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        run = subprocess.run([DSNCTL, "parse", "--json", "--jobs", str(jobs), "--explain", FIXTURES], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=environment, timeout=300)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertGreater(run.stdout.count(b"\n"), 100)
        return hashlib.sha256(run.stdout).hexdigest()

    def test_50_runs_say_the_same(self):
        wanted = self.events("C.UTF-8", "UTC", 1)
        tried = set()
        for i in range(RUNS):
            how = (self.names[i % len(self.names)], ZONES[i // len(self.names) % len(ZONES)], 1 + i % 3 % 2)
            self.assertEqual(self.events(*how), wanted, how)
            tried.add(how)
        print("%d runs, %d ways, locales %s: one answer" % (RUNS, len(tried), " ".join(self.names)))


if __name__ == "__main__":
    unittest.main()
