"""The daemon from Maildir to acknowledged events, for tools/bench: rate, latency, memory, backlog.

Each measurement fills a scratch Maildir, starts dsnd on it, and reads and acknowledges all events over the socket, so that every event
counted is synced in the spool. The disk is that of --base.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
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
TICKS = os.sysconf('SC_CLK_TCK')
WAIT_S = 600


class Daemon:
    """A daemon on a scratch Maildir of `count` mails, and a consumer of it."""

    def __init__(self, build, base, jobs):
        self.program, self.base, self.jobs = build / 'src/daemon/dsnd', base, jobs
        for part in ('new', 'cur', 'tmp'):
            (base / 'md' / part).mkdir(parents=True)
        (base / 'conf').write_text(CONFIG.format(base=base, jobs=jobs))

    def fill(self, mails, count):
        for n in range(count):
            (self.base / 'md/new' / f'1700000000.M{n}P1.host').write_bytes(mails[n % len(mails)])

    def __enter__(self):
        self.started = time.monotonic()
        with open(self.base / 'log', 'wb') as log:
            self.process = subprocess.Popen([self.program, '--config', self.base / 'conf'], stderr=log)
        self.client = self.connect()
        self.client.sendall(b'FOLLOW bench\n')
        self.tail = b''
        return self

    def __exit__(self, *_):
        self.client.close()
        self.process.terminate()
        self.process.wait(WAIT_S)

    def connect(self):
        for _ in range(4000):
            client = socket.socket(socket.AF_UNIX)
            with contextlib.suppress(OSError):
                client.connect(str(self.base / 's'))
                client.settimeout(WAIT_S)
                return client
            client.close()
            time.sleep(0.005)
        raise SystemExit("bench: the daemon doesn't listen: " + (self.base / 'log').read_text(errors='replace')[-500:])

    def events(self):
        """The next events, and acknowledges them: (is it the last of its mail, when it was read)."""
        got = self.client.recv(1 << 20)
        if not got:
            raise SystemExit('bench: the daemon closed the connection')
        now = time.monotonic()
        lines = (self.tail + got).split(b'\n')
        self.tail = lines.pop()
        last = None
        for line in lines:
            if line.startswith(b'{"v"'):
                last = line
                part = line[line.index(b'"part":[') + 8:].split(b']', 1)[0].split(b',')
                yield part[0] == part[1], now
        if last:
            self.client.sendall(b'ACK %s\n' % last[last.index(b'"seq":') + 6:].split(b',', 1)[0])

    def read(self, count):
        """When each of `count` mails was told, in order."""
        told = []
        while len(told) < count:
            told += [now for is_last, now in self.events() if is_last]
        return told

    def processes(self):
        """CPU seconds and peak MiB of the daemon, CPU seconds of its workers, and the peaks of those that live."""
        own, workers, peaks = (0.0, 0.0), 0.0, []
        for name in filter(str.isdigit, os.listdir('/proc')):
            with contextlib.suppress(OSError, ValueError, IndexError):  # it may have ended
                stat = pathlib.Path('/proc', name, 'stat').read_text().rsplit(')', 1)[1].split()
                status = pathlib.Path('/proc', name, 'status').read_text()
                peak = int(status.split('VmHWM:')[1].split()[0]) / 1024
                if int(name) == self.process.pid:
                    own = ((int(stat[11]) + int(stat[12])) / TICKS, peak)
                    workers += (int(stat[13]) + int(stat[14])) / TICKS
                elif int(stat[1]) == self.process.pid:
                    workers += (int(stat[11]) + int(stat[12])) / TICKS
                    peaks.append(peak)
        return own, workers, peaks


@contextlib.contextmanager
def scratch(base):
    folder = pathlib.Path(tempfile.mkdtemp(prefix='dsnd-bench-', dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def backlog(build, base, mails, count):
    """`count` mails wait when the daemon starts."""
    with scratch(base) as folder:
        daemon = Daemon(build, folder, os.cpu_count() or 1)
        daemon.fill(mails, count)
        with daemon:
            told = daemon.read(count)
            own, workers, peaks = daemon.processes()
            tenth = max(1, count // 10)
            rate = lambda times: (len(times) - 1) / max(times[-1] - times[0], 1e-9)
            return {'mails': count, 'first_s': told[0] - daemon.started, 'per_s': count / (told[-1] - told[0]),
                    'first_tenth_per_s': rate(told[:tenth]), 'last_tenth_per_s': rate(told[-tenth:]),
                    'daemon_us': own[0] / count * 1e6, 'workers_us': workers / count * 1e6,
                    'daemon_mib': own[1], 'worker_mib': max(peaks, default=0.0)}


def sync_ms(folder, rounds):
    """One appended line and fdatasync on the same disk, as one event costs at least."""
    times = []
    with open(folder / 'sync', 'wb', buffering=0) as out:
        for _ in range(rounds):
            out.write(b'x' * 1500)
            start = time.monotonic()
            os.fdatasync(out.fileno())
            times.append((time.monotonic() - start) * 1000)
    return statistics.median(times)


def latency(build, base, mails, count):
    """Milliseconds from the rename into new/ to the line on the socket, one mail at a time, the daemon idle."""
    with scratch(base) as folder, Daemon(build, folder, os.cpu_count() or 1) as daemon:
        times = []
        for n in range(count + 20):
            name = f'1700000000.M{n}P1.host'
            (folder / 'md/tmp' / name).write_bytes(mails[n % len(mails)])
            start = time.monotonic()
            os.rename(folder / 'md/tmp' / name, folder / 'md/new' / name)
            times.append((daemon.read(1)[0] - start) * 1000)
            time.sleep(0.002)
        times = sorted(times[20:])  # the workers' first mails load code and charsets
        return {'mails': count, 'p50_ms': times[len(times) // 2], 'p99_ms': times[len(times) * 99 // 100], 'worst_ms': times[-1],
                'fdatasync_ms': sync_ms(folder, 50)}
