"""dsn-relay's speed, for tools/bench --relay: a server that hands out events as fast as they're taken, and real engines on loopback. What an
engine does by itself with the same bytes is measured in the same run, by turns.

usage: benchrelay.py [--events N] [--rounds N] RELAY
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'relay'))

import engines  # noqa: E402
import natsclient  # noqa: E402

TICKS = os.sysconf('SC_CLK_TCK')
WAIT_S = 600
EVENT = ('{"v":1,"seq":%d,"id":"%032x-1","part":[1,1],"time":"2026-11-21T08:00:00.123Z","kind":"bounce","action":"failed","recipient":'
         '"user%d@example.org","recipient_source":"final","status":"5.1.1","status_source":"diagnostic","reply_code":"550","diagnostic":'
         '"550 5.1.1 <user%d@example.org>: no such user","category":"bad_mailbox","class":"hard","fault":"recipient","advice":"suppress",'
         '"confidence":85,"rule":"user-unknown","ruleset":"0.1.0","format":"postfix","reporting_mta":"mail.example.com","remote_mta":'
         '"mx.example.net","original":{"message_id":"<%d@example.com>","from":"bounces@example.com","subject":"A letter"},"report":'
         '{"message_id":"<r%d@mail.example.com>","from":"MAILER-DAEMON@mail.example.com","subject":"Undelivered Mail Returned to Sender",'
         '"date":"2026-11-21T07:59:58Z"},"source":{"mailbox":"bounces","file":"%d.host","size":2746,"ino":11509826,"mtime_ns":178},'
         '"crc":"608ec016"}\n')


class Feed:
    """Speaks dsnd's protocol to one consumer: all events at once, then the answers to ACKs."""

    def __init__(self, path, count):
        self.count, self.is_done = count, threading.Event()
        # 9,973 addresses: some have many events
        lines = [(EVENT % (n, n, n % 9973, n % 9973, n, n, n)).encode() for n in range(1, count + 1)]
        self.pieces = [b''.join(lines[first:first + 100]) for first in range(0, count, 100)]
        self.lock = threading.Lock()  # whole lines only: answers come between
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        connection.sendall(b'{"dsnd":1,"spool":"5c1e0d5a8e0f4cb59c7ab1b1f2a3d4e5","first":1,"next":%d}\n' % (self.count + 1))
        lines = connection.makefile('r')
        if not lines.readline().startswith('FOLLOW'):
            return
        connection.sendall(b'{"following":"r","from":1}\n')
        threading.Thread(target=self.send, args=[connection], daemon=True).start()
        # the relay is killed in the end
        with contextlib.suppress(OSError):
            for line in lines:
                with self.lock:
                    connection.sendall(b'{"acked":%d}\n' % int(line.split()[1]))
                if int(line.split()[1]) == self.count:
                    self.is_done.set()

    def send(self, connection):
        with contextlib.suppress(OSError):
            for piece in self.pieces:
                with self.lock:
                    connection.sendall(piece)


def measure_relay(program, base, count, sink):
    """Events a second, CPU in microseconds an event, and the most memory in MiB."""
    feed = Feed(os.path.join(base, 's'), count)
    config = os.path.join(base, 'r.conf')
    with open(config, 'w') as out:
        out.write('[Source]\nType=socket\nPath=%s/s\n[Sink]\n%s\n[Relay]\nPark=%s/parked\n' % (base, sink, base))
    start = time.monotonic()
    run = subprocess.Popen([program, '--config', config], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not feed.is_done.wait(WAIT_S):
            raise TimeoutError('not all events were acknowledged')
        seconds = time.monotonic() - start
        with open('/proc/%d/stat' % run.pid) as stat:
            fields = stat.read().rsplit(')', 1)[1].split()
        with open('/proc/%d/status' % run.pid) as status:
            peak_kib = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
    finally:
        run.kill()
        run.wait()
        feed.listener.close()
    return count / seconds, (int(fields[11]) + int(fields[12])) / TICKS * 1e6 / count, peak_kib / 1024


def bare_sqlite(base, count):
    """The same rows, by a loop of prepared statements in the same transactions."""
    db = sqlite3.connect(os.path.join(base, 'bare.db'), isolation_level=None)
    db.executescript('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'
                     'CREATE TABLE address (key TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID;'
                     'CREATE TABLE history (id TEXT PRIMARY KEY, key TEXT, at INTEGER, entered INTEGER, diagnostic TEXT) WITHOUT ROWID;'
                     'CREATE INDEX history_key ON history (key, at); CREATE INDEX history_entered ON history (entered);')
    start = time.monotonic()
    for first in range(0, count, 1000):
        turn = range(first, min(first + 1000, count))
        db.execute('BEGIN IMMEDIATE')
        db.executemany('INSERT INTO history VALUES (?, ?, 1, 2, ?) ON CONFLICT DO NOTHING',
                       (('%032x-1' % n, 'user%d@example.org' % (n % 9973), '550 5.1.1 <user%d@example.org>: no such user' % (n % 9973))
                        for n in turn))
        db.executemany('INSERT INTO address VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET state = excluded.state',
                       (('user%d@example.org' % (n % 9973), 'hard 1 2 85 %032x-1 bad_mailbox user-unknown' % n) for n in turn))
        db.execute('COMMIT')
    seconds = time.monotonic() - start
    db.close()
    return count / seconds


def sqlite_pair(program, base, count):
    return measure_relay(program, base, count, 'Type=sqlite\nPath=%s/store.db' % base), bare_sqlite(base, count)


def redis_pair(program, base, count):
    engine = engines.Redis(os.path.join(base, 'engine'))
    engine.start()
    try:
        run = subprocess.run(['redis-benchmark', '-h', '127.0.0.1', '-p', str(engine.port), '-n', str(count), '-c', '1', '-P', '1000', '--csv',
                              'XADD', 'bench', '*', 'event', 'x' * len(EVENT)], stdout=subprocess.PIPE, text=True, check=True, timeout=WAIT_S)
        own = float(run.stdout.splitlines()[-1].split(',')[1].strip('"'))
        return measure_relay(program, base, count, 'Type=redis\nPort=%d' % engine.port), own
    finally:
        engine.stop()


def nats_pair(program, base, count):
    engine = engines.Nats(os.path.join(base, 'engine'))
    engine.start()
    try:
        client = natsclient.Nats(engine.port)
        client.make_stream('DSN')
        client.close()
        return measure_relay(program, base, count, 'Type=nats\nUrl=%s\nStream=DSN' % engine.url), None
    finally:
        engine.stop()


def postgresql_pair(program, base, count):
    """COPY into a staging table and one merge, for each thousand."""
    engine = engines.PostgreSQL(os.path.join(base, 'engine'))
    engine.start()
    try:
        engine.sql('CREATE TABLE a (key text PRIMARY KEY, state text); CREATE TABLE h (id text PRIMARY KEY, key text, at bigint, diagnostic text)')
        script = ['CREATE TEMP TABLE s (id text, key text, at bigint, diagnostic text);']
        for first in range(0, count, 1000):
            script.append('BEGIN; TRUNCATE s; COPY s FROM stdin;')
            script += ['%032x-1\tuser%d@example.org\t1\t550 5.1.1 no such user' % (n, n % 9973) for n in range(first, min(first + 1000, count))]
            script.append('\\.\nINSERT INTO h SELECT * FROM s ON CONFLICT DO NOTHING; INSERT INTO a SELECT DISTINCT ON (key) key, id FROM s '
                          'ON CONFLICT (key) DO UPDATE SET state = excluded.state; COMMIT;')
        start = time.monotonic()
        subprocess.run([os.path.join(engine.bin, 'psql'), '-h', '127.0.0.1', '-p', str(engine.port), '-U', 'dsn', '-Xq', 'postgres'],
                       input='\n'.join(script), text=True, check=True, stdout=subprocess.DEVNULL, timeout=WAIT_S)
        own = count / (time.monotonic() - start)
        return measure_relay(program, base, count, 'Type=postgresql\nConnection=' + engine.connection), own
    finally:
        engine.stop()


PAIRS = {
    'SQLite': (sqlite_pair, True, 'bare prepared statements'),
    'PostgreSQL': (postgresql_pair, engines.PostgreSQL.is_here, 'COPY and a merge'),
    'Redis Streams': (redis_pair, engines.Redis.is_here and shutil.which('redis-benchmark'), 'redis-benchmark'),
    'NATS JetStream': (nats_pair, engines.Nats.is_here, 'none in Debian'),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--events', type=int, default=50000)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('relay')
    options = parser.parse_args()
    results = {name: [] for name, (_, is_here, _) in PAIRS.items() if is_here}
    for _ in range(options.rounds):
        for name in results:
            with tempfile.TemporaryDirectory(prefix='dsn-bench-') as base:
                results[name].append(PAIRS[name][0](options.relay, base, options.events))
    print('| sink | events a second | the engine\'s own way | ratio | CPU an event | memory |\n|---|---|---|---|---|---|')
    for name, runs in results.items():
        rate, cpu, peak = (statistics.median(run[0][i] for run in runs) for i in range(3))
        own = statistics.median(run[1] for run in runs) if runs[0][1] else None
        print('| %s | %d | %s (%s) | %s | %.1f µs | %.0f MiB |' % (
            name, rate, '%d' % own if own else '-', PAIRS[name][2], '%.2f' % (rate / own) if own else '-', cpu, peak))


if __name__ == '__main__':
    main()
