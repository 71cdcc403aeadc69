"""Many hosts on one machine: three dsnd with their Maildirs, three nats-server in a JetStream cluster (replicas 3), a relay from each dsnd
to it, two relays from it to one PostgreSQL. While mails flow, a dsnd, a relay of either side, the leader of the stream and PostgreSQL
are killed at random, several times each. At the end every event is in the store once, and nothing lags.

DSN_CLUSTER_MAILS says how many mails, DSN_CLUSTER_KILLS how many kills.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

import engines
import natsclient
from relays import DSNCTL, DSND, PATIENCE_S, RELAY, SINKS, Client, main, parked_events, report

MAILS = int(os.environ.get("DSN_CLUSTER_MAILS", "3000"))
KILLS = int(os.environ.get("DSN_CLUSTER_KILLS", "12"))
HOSTS = 3
HAS_ALL = "nats" in SINKS and "postgresql" in SINKS and engines.Nats.is_here and engines.PostgreSQL.is_here


class Program:
    """A process that is started anew after each kill."""

    def __init__(self, base, name, *command):
        self.log, self.command, self.process = os.path.join(base, name + ".log"), command, None
        self.name = name

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None


class Host(Program):
    """A dsnd with its Maildir, its spool and its socket."""

    def __init__(self, base, number):
        self.base = os.path.join(base, "h%d" % number)
        for part in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(self.base, "md", part))
        config = os.path.join(self.base, "dsnd.conf")
        with open(config, "w") as out:
            out.write("[Mailbox bounces]\nPath={0}/md\n[Spool]\nPath={0}/spool\n[Socket]\nPath={0}/s\nMode=0666\n[Workers]\nCount=1\n"
                      "[Rules]\nPath=/nonexistent\n".format(self.base))
        super().__init__(base, "dsnd%d" % number, DSND, "--config", config)

    def deliver(self, n):
        name = "%d.M%dP%d.host" % (1700000000 + n, n, os.getpid())
        text = report(n).replace(b"user%d@" % n, b"user%d@" % (n % 500))
        with open(os.path.join(self.base, "md", "tmp", name), "wb") as out:
            out.write(text)
        os.rename(os.path.join(self.base, "md", "tmp", name), os.path.join(self.base, "md", "new", name))

    def is_settled(self):
        """Every mail recorded, every event acknowledged."""
        if os.listdir(os.path.join(self.base, "md", "new")):
            return False
        with Client(os.path.join(self.base, "s")) as client:
            client.say("STATUS")
            line = client.line()
            while "status" not in line or "seq" in line:
                line = client.line()
        consumers = line["status"]["consumers"]
        return bool(consumers) and consumers[0]["lag"] == 0

    def ids(self):
        found = []
        for name in os.listdir(os.path.join(self.base, "spool")):
            if name.endswith(".jsonl"):
                with open(os.path.join(self.base, "spool", name)) as lines:
                    found += [json.loads(line)["id"] for line in lines]
        return found


@unittest.skipUnless(HAS_ALL, "needs nats-server and PostgreSQL, and a relay with both")
class Cluster(unittest.TestCase):
    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="dsnd-cluster-")
        self.addCleanup(shutil.rmtree, self.base, True)
        self.start_nats()
        self.postgresql = engines.PostgreSQL(os.path.join(self.base, "pg"))
        self.addCleanup(self.postgresql.stop)
        self.postgresql.start()
        self.hosts = [Host(self.base, n) for n in range(HOSTS)]
        self.relays = [self.relay("in%d" % n, "Type=socket\nPath=%s/s" % host.base, "Type=nats\nUrl=%s\nStream=DSN" % self.urls)
                       for n, host in enumerate(self.hosts)]
        self.stores = [self.relay("out%d" % n, "Type=nats\nUrl=%s\nStream=DSN\nDurable=store" % self.urls,
                                  "Type=postgresql\nConnection=" + self.postgresql.connection) for n in range(2)]
        for program in (*self.hosts, *self.relays, *self.stores):
            self.addCleanup(program.kill)
            program.start()

    def start_nats(self):
        self.nats = [engines.Nats(os.path.join(self.base, "n%d" % n), "c1", "n%d" % n) for n in range(3)]
        for server in self.nats:
            server.routes = [other.cluster_port for other in self.nats]
            self.addCleanup(server.stop)
            server.start()
        self.urls = ",".join(server.url for server in self.nats)
        engines.wait_for(self.make_stream, "the cluster", 120)

    def make_stream(self):
        client = natsclient.Nats(self.nats[0].port)
        try:
            client.make_stream("DSN", replicas=3)
            return True
        except (AssertionError, ConnectionError):
            return False  # no leader yet
        finally:
            client.close()

    def relay(self, name, source, sink):
        path = os.path.join(self.base, name + ".conf")
        with open(path, "w") as out:
            out.write("[Source]\n%s\n[Sink]\n%s\n[Relay]\nPark=%s/%s.parked\n" % (source, sink, self.base, name))
        return Program(self.base, name, RELAY, "--config", path)

    def leader(self):
        """The server that leads the stream."""
        for server in self.nats:
            try:
                client = natsclient.Nats(server.port)
                try:
                    name = client.ask("$JS.API.STREAM.INFO.DSN")["cluster"]["leader"]
                finally:
                    client.close()
                return next(one for one in self.nats if one.name == name)
            except (OSError, KeyError, StopIteration):
                continue
        return self.nats[0]

    def count(self):
        return int(self.postgresql.sql("SELECT CASE WHEN to_regclass('dsnd.history') IS NULL THEN '0' ELSE (xpath('/row/c/text()', "
                                       "query_to_xml('SELECT count(*) AS c FROM dsnd.history', true, true, '')))[1]::text END"))

    def test_everything_dies_and_nothing_is_lost(self):
        chance = random.Random()
        victims = [*self.hosts[:1], self.relays[1], self.stores[0], "leader", self.postgresql]
        kills = {}
        for n in range(MAILS):
            self.hosts[n % HOSTS].deliver(n)
            if n % max(1, MAILS // KILLS) == MAILS // KILLS // 2:
                victim = victims[len(kills) % len(victims)] if len(kills) < len(victims) else chance.choice(victims)
                victim = self.leader() if victim == "leader" else victim
                victim.kill()
                time.sleep(chance.uniform(0, 1))
                victim.start()
                name = getattr(victim, "name", "postgresql")
                kills[name] = kills.get(name, 0) + 1
        engines.wait_for(lambda: all(host.is_settled() for host in self.hosts), "the first relays", 600)
        engines.wait_for(lambda: self.count() >= MAILS, "the store", 600)
        ids = sorted(ident for host in self.hosts for ident in host.ids())
        self.assertEqual(sorted(self.postgresql.sql("SELECT id FROM dsnd.history").split()), sorted(set(ids)))
        self.assertEqual(len(set(ids)), MAILS)
        self.assertEqual([parked_events(os.path.join(self.base, one.name + ".parked")) for one in self.relays + self.stores], [[]] * 5)
        self.assertEqual(self.postgresql.sql("SELECT count(*) FROM dsnd.address WHERE standing = 'suppressed'").strip(),
                         str(min(500, MAILS)))
        asked = subprocess.run([DSNCTL, "suppressed", "--store", self.postgresql.connection, "user7@example.org"],
                               stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
        self.assertEqual(asked.returncode, 1)
        client = natsclient.Nats(self.leader().port)
        stored = client.ask("$JS.API.STREAM.INFO.DSN")["state"]["messages"]
        client.close()
        print("\n%d mails, kills: %s; in the stream %d, in the store %d, lost 0, doubled 0" % (
            MAILS, ", ".join("%s %d" % pair for pair in sorted(kills.items())), stored, MAILS))


main()
