"""The daemon and its workers in a memory cgroup of N MiB: large mails among good ones. What becomes of the good ones?"""
import collections
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib import Cgroup, make

import bombs  # lib tells where it is

mib = int(sys.argv[1])
t = make()
group = Cgroup("memory")
try:
    group.limit_memory(mib)
    group.start(t)
    end = time.monotonic() + 30
    while time.monotonic() < end and t.process.poll() is None and not os.path.exists(t.socket):
        time.sleep(.1)
    n = 0
    for r in range(6):
        for bomb in ("500k-parts", "1m-headers", "1m-empty-headers", "folded-header", "wide-report"):
            n += 1
            t.deliver(bombs.BOMBS[bomb]()[:1 << 20], name="%d.bomb%d-%s" % (1800000000 + n, r, bomb))
            for i in range(20):
                t.deliver(name="%d.good" % (1800000000 + n * 1000 + i))
    end = time.monotonic() + 200
    while time.monotonic() < end and t.process.poll() is None and t.in_new():
        time.sleep(.2)
    kinds = collections.Counter((("bomb" if "bomb" in e["source"]["file"] else "good"), e["kind"]) for e in t.spool_lines() if e["part"][0] == 1)
    print(mib, "MiB:", "alive" if t.process.poll() is None else "daemon ended %d" % t.process.returncode, dict(kinds), "in new", len(t.in_new()))
    print(t.logged()[-300:])
finally:
    t.kill()
    t.doCleanups()
    group.remove()
