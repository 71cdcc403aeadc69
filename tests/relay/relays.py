"""dsn-relay between the real dsnd and a sink, in a scratch directory."""

import json
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from harness import DSND, PATIENCE_S, Client, SystemTest, main, report  # noqa: E402,F401

RELAY = os.path.abspath(os.environ.get("DSN_RELAY", "build/src/relay/dsn-relay"))
DSNCTL = os.path.abspath(os.environ.get("DSNCTL", "build/src/cli/dsnctl"))
SINKS = os.environ.get("DSN_RELAY_SINKS", "").split()


class RelayTest(SystemTest):
    """A daemon, and relays from it. Each relay has its configuration, its log, and a place for what is parked."""

    is_recorded = False

    def setUp(self):
        super().setUp()
        self.relays = []
        self.addCleanup(self.kill_relays)

    def write_config(self, sink, name="r", source=None, window="", relay=""):
        path = os.path.join(self.base, name + ".conf")
        with open(path, "w") as out:
            out.write("[Source]\n%s\n[Sink]\n%s\n[Window]\n%s\n[Relay]\nPark=%s\nMetrics=%s\n%s\n" % (
                source or "Type=socket\nPath=" + self.socket, sink, window, self.parked(name), self.metrics(name), relay))
        return path

    def parked(self, name="r"):
        return os.path.join(self.base, name + ".parked")

    def metrics(self, name="r"):
        return os.path.join(self.base, name + ".prom")

    def relay(self, name="r", env=None):
        """Starts the relay of NAME.conf."""
        with open(os.path.join(self.base, name + ".log"), "ab") as log:
            begin = log.tell()
            run = subprocess.Popen([RELAY, "--config", os.path.join(self.base, name + ".conf")], stdin=subprocess.DEVNULL,
                                   stderr=log, env=dict(os.environ, **(env or {})))
        run.has_begun = lambda: " from " in self.relay_log(name)[begin:]
        self.relays.append(run)
        return run

    def check(self, name="r"):
        """What --check says, and its exit status."""
        run = subprocess.run([RELAY, "--config", os.path.join(self.base, name + ".conf"), "--check"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S * 2)
        return run.returncode, run.stdout

    def relay_log(self, name="r"):
        with open(os.path.join(self.base, name + ".log"), errors="replace") as log:
            return log.read()

    def kill_relays(self):
        for run in self.relays:
            if run.poll() is None:
                run.kill()
            run.wait()

    def end_relay(self, run):
        self.wait_for(run.has_begun, "the relay to start\n")
        run.terminate()
        return run.wait(PATIENCE_S * 2)

    def lag(self):
        """Events that the relay hasn't acknowledged; all, if it has never been here."""
        consumers = self.status()["consumers"]
        return consumers[0]["lag"] if consumers else self.status()["spool"]["next"] - 1

    def wait_until_settled(self, patience_s=120):
        """All that was delivered is recorded, relayed and acknowledged."""
        self.wait_for(lambda: not self.in_new() and self.status()["consumers"] and self.lag() == 0, "the last acknowledgement\n",
                      patience_s)

    def figures(self, name="r"):
        """The metrics file, as a dictionary."""
        with open(self.metrics(name)) as lines:
            text = lines.read()
        self.assertTrue(text.endswith("# EOF\n"), text)
        return {line.split("{")[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line[0] != "#"}


def rows(path, query, *values):
    """What the SQLite file answers."""
    connection = sqlite3.connect("file:%s?mode=ro" % path, uri=True, timeout=30)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def parked_events(folder):
    """The events parked, with their reasons."""
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".json") and not name.startswith("."):
            with open(os.path.join(folder, name)) as file, open(os.path.join(folder, name[:-5] + ".reason")) as reason:
                found.append((json.load(file), reason.read()))
    return found
