"""The metrics of a real daemon: the file for node_exporter, and that the alerts and the dashboard use no others."""

import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import SystemTest, main, report

DSNCTL = os.environ["DSNCTL"]
ROOT = os.environ["DSND_SOURCE"]
EXAMPLES = os.path.join(ROOT, "examples/monitoring")
# of others: node_exporter's, and of Prometheus itself
FOREIGN = {"node_textfile_mtime_seconds"}
FORGED = b"Delivered-To: bounces@example.com\n"


class Metrics(SystemTest):
    more = "[ReturnPath]\nHeader=Delivered-To\n"

    def setUp(self):
        super().setUp()
        self.key_file = os.path.join(self.base, "token-key")
        with open(self.key_file, "w", encoding="ascii") as out:
            out.write("a %s\n" % bytes(range(32)).hex())
        os.chmod(self.key_file, 0o600)
        self.more = Metrics.more + "KeyFile=%s\n" % self.key_file
        self.configure()

    def write(self):
        """The text that a daemon with some events and a consumer gives, and its samples."""
        path = os.path.join(self.base, "dsnd.prom")
        subprocess.run([DSNCTL, "status", "--socket", self.socket, "--textfile", path], check=True, timeout=30)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
        self.assertEqual(glob.glob(path + "?*"), [])
        with open(path, encoding="utf-8") as file:
            text = file.read()
        return text, dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    def fill(self):
        self.start()
        self.deliver(report(1, 2))
        self.deliver(FORGED + report(2))
        with self.client() as client:
            client.say("FOLLOW mailer")
            client.events(3)
        return self.write()

    def test_figures(self):
        text, samples = self.fill()
        for name, value in {"dsnd_mails_total": "2", "dsnd_events_total": "3", "dsnd_blocked": "0",
                            'dsnd_kind_mails_total{kind="bounce"}': "2", 'dsnd_category_events_total{category="bad_mailbox"}': "3",
                            'dsnd_category_events_total{category="unknown"}': "0", 'dsnd_trust_mails_total{trust="suspect"}': "2",
                            'dsnd_consumer_lag_events{consumer="mailer"}': "3"}.items():
            self.assertEqual(samples.get(name), value, name)
        if shutil.which("promtool"):
            lint = subprocess.run(["promtool", "check", "metrics"], input=text, encoding="utf-8", stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60, check=False)
            self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_examples_use_what_there_is(self):
        _, samples = self.fill()
        names = {name.split("{")[0] for name in samples}
        labels = {label for name in samples for label in re.findall(r"\{(\w+)=", name)}
        for path in (EXAMPLES + "/alerts.yml", EXAMPLES + "/dashboard.json"):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if path.endswith(".json"):
                text = "\n".join(json.dumps(target) for panel in json.loads(text)["panels"] for target in panel["targets"])
            used = set(re.findall(r"\b(?:dsnd|node)_\w+", text))
            self.assertGreater(len(used), 5)
            self.assertEqual(used - names - FOREIGN, set(), path)
            for label in re.findall(r"(?:by|without) \((\w+)\)", text):
                self.assertIn(label, labels | {"instance"}, path)

    def test_a_file_that_cannot_be_written(self):
        self.start()
        run = subprocess.run([DSNCTL, "status", "--socket", self.socket, "--textfile", self.base + "/no/dsnd.prom"],
                             stderr=subprocess.PIPE, encoding="utf-8", timeout=30, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("no/dsnd.prom", run.stderr)


@unittest.skipUnless(shutil.which("promtool"), "needs promtool, of Debian's package prometheus")
class Alerts(unittest.TestCase):
    def test_rules(self):
        with tempfile.TemporaryDirectory() as scratch:
            for path in (EXAMPLES + "/alerts.yml", ROOT + "/tests/docs/alerts.test.yml"):
                shutil.copy(path, scratch)
            for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
                run = subprocess.run(["promtool", *command], cwd=scratch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     encoding="utf-8", timeout=60, check=False)
                self.assertEqual(run.returncode, 0, run.stdout)


main()
