"""Common part of the scripts: the project's own test harness, with a scratch directory of its own.

DSND_SRC: another checkout, with build/ in it."""

import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TMPDIR", tempfile.mkdtemp(prefix="dsnd-attack-"))
HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.abspath(os.environ.get("DSND_SRC", os.path.join(HERE, "../..")))
os.environ.setdefault("DSND", SRC + "/build/src/daemon/dsnd")
sys.path[:0] = [SRC + "/tests/system", HERE + "/slow-parse"]

from harness import Client, SystemTest, report  # noqa: the scripts take them from here


class Attacked(SystemTest):
    is_recorded = False

    def runTest(self):
        pass


def make(**kw):
    """A scratch Maildir, configuration and daemon, not yet started."""
    attacked = Attacked()
    for key, value in kw.items():
        setattr(attacked, key, value)
    attacked.setUp()
    return attacked


class Cgroup:
    """A control group of our own, of either version, with one controller: "memory" or "cpu"."""

    def __init__(self, controller):
        root = "/sys/fs/cgroup"
        self.is_old = os.path.isdir(os.path.join(root, controller))
        if not self.is_old:
            self.write(os.path.join(root, "cgroup.subtree_control"), "+" + controller)
        self.path = os.path.join(root, controller if self.is_old else "", "dsnd-attack-%d" % os.getpid())
        os.mkdir(self.path)

    def write(self, name, text):
        with open(os.path.join(self.path, name) if name[0] != "/" else name, "w") as file:
            file.write(text)

    def limit_memory(self, mib):
        self.write("memory.limit_in_bytes" if self.is_old else "memory.max", str(mib << 20))

    def limit_cpu(self, percent):
        """None: no limit."""
        if self.is_old:
            self.write("cpu.cfs_quota_us", str(percent * 1000 if percent else -1))
        else:
            self.write("cpu.max", "%s 100000" % (percent * 1000 if percent else "max"))

    def start(self, attacked):
        """Starts its daemon in the group."""
        with open(attacked.log, "ab") as log:
            attacked.process = subprocess.Popen([os.environ["DSND"], "--config", attacked.config], stderr=log,
                                                preexec_fn=lambda: self.write("cgroup.procs", "0"))

    def remove(self):
        for _ in range(50):  # what was killed may not be gone yet
            try:
                os.rmdir(self.path)
                return
            except OSError:
                time.sleep(0.1)
