"""How fast the daemon is from Maildir to acknowledged events, beside what the core alone costs.

Fills a scratch Maildir with N mails (fixtures, or --mails=DIR, repeated), starts dsnd, reads and
acknowledges all events, and runs `dsnctl parse --json` over the same mails before and after. Machines
are noisy: compare figures of one run only.
"""

import argparse
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

CONFIG = """[Mailbox bounces]
Path={base}/md
[Spool]
Path={base}/spool
[Socket]
Path={base}/s
[Workers]
Count={jobs}
[Rules]
Path=/nonexistent
"""
TICKS = os.sysconf("SC_CLK_TCK")


def sources(path):
    """The mails to repeat: all plain files below `path`."""
    found = []
    for folder, _, names in sorted(os.walk(path)):
        for name in sorted(names):
            if not name.endswith((".tsv", ".md", ".json")):
                with open(os.path.join(folder, name), "rb") as mail:
                    found.append(mail.read())
    return found


def fill(base, mails, count):
    for part in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(base, "md", part))
    for n in range(count):
        with open(os.path.join(base, "md", "new", "%d.M%dP1.host" % (1700000000, n)), "wb") as out:
            out.write(mails[n % len(mails)])


def processes(daemon):
    """The daemon and its children, as pid -> (CPU seconds, those of ended children, peak MiB)."""
    found = {}
    for name in os.listdir("/proc"):
        try:
            with open("/proc/%d/stat" % int(name)) as text:
                stat = text.read().rsplit(")", 1)[1].split()
            if int(name) != daemon and int(stat[1]) != daemon:
                continue
            with open("/proc/%s/status" % name) as text:
                peak = [line for line in text if line.startswith("VmHWM")]
            found[int(name)] = ((int(stat[11]) + int(stat[12])) / TICKS,
                                (int(stat[13]) + int(stat[14])) / TICKS,
                                int(peak[0].split()[1]) / 1024 if peak else 0)
        except (ValueError, OSError):
            continue
    return found


def connect(base):
    for _ in range(2000):
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(base + "/s")
            return client
        except OSError:
            client.close()
            time.sleep(0.005)
    sys.exit("the daemon doesn't listen")


def consume(client, count):
    """Reads until `count` mails are told, acknowledging; returns the time of the first event.

    A mail of several recipients has several events: the last of its parts counts."""
    first = 0.0
    tail = b""
    mails = 0
    while mails < count:
        got = client.recv(1 << 20)
        if not got:
            sys.exit("the daemon closed the connection")
        lines = (tail + got).split(b"\n")
        tail = lines.pop()
        last = None
        for line in lines:
            if not line.startswith(b'{"v"'):
                continue
            first = first or time.monotonic()
            last = line
            part = line[line.index(b'"part":[') + 8:].split(b"]", 1)[0].split(b",")
            mails += part[0] == part[1]
        if last:
            client.sendall(b"ACK %s\n" % last[last.index(b'"seq":') + 6:].split(b",", 1)[0])
    return first


def run_daemon(program, base, jobs, count):
    with open(base + "/conf", "w") as out:
        out.write(CONFIG.format(base=base, jobs=jobs))
    start = time.monotonic()
    with open(base + "/log", "wb") as log:
        daemon = subprocess.Popen([program, "--config", base + "/conf"], stderr=log)
    try:
        client = connect(base)
        client.sendall(b"FOLLOW bench\n")
        first = consume(client, count)
        end = time.monotonic()
        now = processes(daemon.pid)
    finally:
        daemon.terminate()
        daemon.wait()
    own_s, ended_s, own_peak = now.pop(daemon.pid)
    workers_s = ended_s + sum(cpu for cpu, _, _ in now.values())
    print("daemon: %.0f mails/s; first event after %.2f s; peak memory %.1f MiB, workers %s MiB"
          % (count / (end - first), first - start, own_peak,
             ", ".join("%.1f" % peak for _, _, peak in now.values())))
    print("daemon: CPU %.0f us a mail in the daemon, %.0f us in its workers"
          % (own_s / count * 1e6, workers_s / count * 1e6))
    return count / (end - first)


def run_core(program, base, jobs, count):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    folder = base + "/md/new" if os.listdir(base + "/md/new") else base + "/md/cur"
    subprocess.run([program, "parse", "--json", "--rules=", "--jobs=%d" % jobs, folder],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    end = time.monotonic()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("core: %.0f mails/s with %d processes; CPU %.0f us a mail"
          % (count / (end - start), jobs, cpu / count * 1e6))
    return count / (end - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="the build directory")
    parser.add_argument("--mails", default="fixtures", help="directory of mails to repeat")
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--base", help="scratch directory's parent; its disk is what's measured")
    args = parser.parse_args()
    base = tempfile.mkdtemp(prefix="dsnd-bench-", dir=args.base)
    try:
        fill(base, sources(args.mails), args.count)
        core = run_core(args.build + "/src/cli/dsnctl", base, args.jobs, args.count)
        daemon = run_daemon(args.build + "/src/daemon/dsnd", base, args.jobs, args.count)
        core = (core + run_core(args.build + "/src/cli/dsnctl", base, args.jobs, args.count)) / 2
        print("the daemon reaches %.2f of the core alone" % (daemon / core))
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
