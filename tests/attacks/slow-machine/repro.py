"""The daemon in a CPU cgroup of N %: 1 MiB mails that cost a worker 0.25 to 0.6 s of processor time, among good ones. What is given up?"""
import collections
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib import Cgroup, make

import hostile  # lib tells where it is

percent = int(sys.argv[1])
t = make()
group = Cgroup("cpu")
try:
    group.start(t)
    t.wait_for(t.is_listening, "the daemon to listen")
    t.ready_workers()
    group.limit_cpu(percent)
    worst = hostile.report(hostile.R, tail=b"--b\nContent-Type: message/rfc822\n\n" + b"To: a@b\n" * (((1 << 20) - 600) // 8))
    for i in range(12):
        t.deliver(worst + b" " * i, name="%d.big" % (1700000000 + i * 10))
        for k in range(5):
            t.deliver(name="%d.good" % (1700000001 + i * 10 + k))
    end = time.monotonic() + 240
    while time.monotonic() < end and t.in_new() and t.process.poll() is None:
        time.sleep(.3)
    group.limit_cpu(None)
    time.sleep(2)
    kinds = collections.Counter((e["source"]["file"].split(".")[1][:4], e["kind"]) for e in t.spool_lines())
    print(percent, "% CPU:", dict(kinds), "left", len(t.in_new()), t.status()["workers"] if t.process.poll() is None else "daemon ended")
finally:
    t.kill()
    t.doCleanups()
    group.remove()
