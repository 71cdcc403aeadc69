"""Common part of the scripts: the project's own test harness, with a scratch directory of its own.

DSND_SRC: another checkout, with build/ in it."""

import os
import sys
import tempfile

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
