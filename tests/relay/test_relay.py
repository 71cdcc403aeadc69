"""dsn-relay from the real dsnd into the store: promises R1, R2, R4 to R6, R8, R9, R11, R12 with the sink that needs no server."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import unittest

from relays import PATIENCE_S, RELAY, RelayTest, main, rows

# Sinks can be left out of a build.
HAS_SQLITE = "sqlite" in os.environ.get("DSN_RELAY_SINKS", "sqlite").split()


@unittest.skipUnless(HAS_SQLITE, "built without SQLite")
class Store(RelayTest):
    def setUp(self):
        super().setUp()
        self.store = os.path.join(self.base, "store.db")
        self.lookup = os.path.join(self.base, "lookup.db")
        self.write_config("Type=sqlite\nPath=%s\nLookup=%s" % (self.store, self.lookup))

    def cursor(self):
        """The highest number that the store has entered."""
        if not os.path.exists(self.store):
            return 0
        try:
            found = rows(self.store, "SELECT seq FROM cursor")
        except sqlite3.OperationalError:
            return 0  # no tables yet
        return found[0][0] if found else 0

    def acked(self):
        consumers = self.status()["consumers"]
        return consumers[0]["acked"] if consumers else 0

    def assert_all_entered(self):
        ids = sorted(event["id"] for event in self.spool_lines())
        self.assertEqual(sorted(row[0] for row in rows(self.store, "SELECT id FROM history")), ids)
        self.assertEqual(rows(self.store, "SELECT count(*) FROM address WHERE standing = 'suppressed'")[0][0], len(set(ids)))

    def test_killed_at_random_moments_nothing_is_lost_and_nothing_twice(self):
        self.start()
        chance = random.Random()
        for turn in range(12):
            run = self.relay()
            for _ in range(40):
                self.deliver()
            killer = threading.Timer(chance.uniform(0.01, 0.4), run.kill)
            killer.start()
            run.wait(PATIENCE_S)
            killer.join()
            # R1: what dsnd holds for done is in the store
            self.assertLessEqual(self.acked(), self.cursor())
            if turn % 4 == 3:
                self.kill()
                self.start()
        run = self.relay()
        self.wait_until_settled()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_entered()

    def test_a_daemon_killed_under_it_costs_a_new_connection(self):
        self.start()
        run = self.relay()
        for _ in range(4):
            for _ in range(25):
                self.deliver()
            self.wait_for(lambda: self.cursor() > 0, "the first event in the store")
            self.kill()
            self.start()
        self.wait_until_settled()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_entered()

    def test_a_new_spool_is_told_and_its_events_come_too(self):
        self.start()
        run = self.relay()
        self.deliver()
        self.wait_until_settled()
        self.kill()
        shutil.rmtree(self.spool)
        self.start()
        self.deliver()
        self.wait_for(lambda: len(rows(self.store, "SELECT * FROM cursor")) == 2, "the other spool", 120)
        self.assertEqual(self.end_relay(run), 0)
        self.assertIn("another spool", self.relay_log())
        self.assertEqual(rows(self.store, "SELECT count(*) FROM history"), [(2,)])

    def test_a_store_that_is_away_costs_a_line_and_no_memory(self):
        self.start()
        lock = sqlite3.connect(self.store, isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("PRAGMA journal_mode=WAL")
        run = self.relay()
        self.deliver()
        self.wait_until_settled()
        lock.execute("BEGIN IMMEDIATE")
        for _ in range(300):
            self.deliver()
        # the relay waits for the lock as long as its patience says, and then says so once
        self.wait_for(lambda: "trying again" in self.relay_log(), "word of the trouble", 120)
        self.assertEqual(self.cursor(), 1)
        self.assertEqual(self.acked(), 1)
        lock.execute("ROLLBACK")
        self.wait_until_settled()
        self.assertEqual(self.end_relay(run), 0)
        log = self.relay_log()
        self.assertEqual(log.count("trying again"), 1, log)
        self.assertIn("the sink is back", log)
        self.assert_all_entered()

    def test_the_window_bounds_what_is_taken(self):
        """R6: with room for ten events, no more than ten are taken while the sink stands still."""
        self.write_config("Type=sqlite\nPath=%s" % self.store, window="Events=10")
        self.start()
        lock = sqlite3.connect(self.store, isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("PRAGMA journal_mode=WAL")
        lock.execute("BEGIN IMMEDIATE")
        for _ in range(50):
            self.deliver()
        self.wait_for(lambda: not self.in_new(), "dsnd")
        run = self.relay()
        self.wait_for(lambda: "trying again" in self.relay_log(), "word of the trouble", 120)
        lock.execute("ROLLBACK")
        self.wait_until_settled()
        self.assertEqual(self.end_relay(run), 0)
        # a turn never has more than the window, so 50 events are five turns at least, and one failed
        figures = self.figures()
        self.assertGreaterEqual(figures["dsn_relay_turns_total"], 6)
        self.assertEqual(figures["dsn_relay_confirmed_total"], 50)
        self.assertGreaterEqual(figures["dsn_relay_failures_total"], 1)

    def test_the_lookup_file_follows(self):
        self.start()
        run = self.relay()
        self.deliver()
        self.wait_for(lambda: os.path.exists(self.lookup) and rows(self.lookup, "SELECT * FROM suppression"), "the lookup file", 60)
        self.assertEqual([row[0] for row in rows(self.lookup, "SELECT address FROM suppression")], ["user0@example.org"])
        self.assertEqual(rows(self.lookup, "PRAGMA journal_mode"), [("delete",)])
        self.assertEqual(os.stat(self.lookup).st_mode & 0o777, 0o644)
        self.deliver()
        self.wait_for(lambda: len(rows(self.lookup, "SELECT * FROM suppression")) == 2, "the second address", 60)
        self.assertEqual(self.end_relay(run), 0)

    def test_a_reload_takes_window_and_rate_and_repeats_nothing(self):
        self.start()
        run = self.relay()
        for _ in range(20):
            self.deliver()
        self.wait_until_settled()
        self.write_config("Type=sqlite\nPath=%s\nLookup=%s" % (self.store, self.lookup), window="Events=5\nRate=1000")
        run.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "reloaded" in self.relay_log(), "the reload")
        self.write_config("Type=sqlite\nPath=/elsewhere")
        run.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "needs a restart" in self.relay_log(), "the second reload")
        self.write_config("Nonsense")
        run.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "the old configuration stays" in self.relay_log(), "the third reload")
        for _ in range(20):
            self.deliver()
        self.wait_until_settled()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_entered()
        self.assertEqual(self.figures()["dsn_relay_taken_total"], 40)

    def test_check_says_what_is_there_and_changes_nothing_at_the_source(self):
        self.start()
        self.deliver()
        self.wait_for(lambda: not self.in_new(), "dsnd")
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("source: OK: dsnd at %s" % self.socket, said)
        self.assertIn("sink: OK: a store with 0 addresses", said)
        self.assertEqual(self.status()["consumers"], [])
        self.kill()
        status, said = self.check()
        self.assertEqual(status, 1, said)
        self.assertIn("source: failed", said)

    def test_what_is_no_store_is_left_alone_and_stops_it(self):
        self.start()
        other = sqlite3.connect(self.store)
        other.execute("CREATE TABLE t (x)")
        other.commit()
        other.close()
        self.deliver()
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 2), 78)
        self.assertIn("no store of dsnd", self.relay_log())
        self.assertEqual(rows(self.store, "SELECT name FROM sqlite_master"), [("t",)])

    def test_its_memory_is_bounded(self):
        self.start()
        run = self.relay()
        for _ in range(300):
            self.deliver()
        self.wait_until_settled()
        with open("/proc/%d/status" % run.pid) as status:
            peak_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.assertEqual(self.end_relay(run), 0)
        if "DSND_SANITIZED" not in os.environ:
            self.assertLess(peak_kib, 32 * 1024)


class Configuration(RelayTest):
    def complaint(self, text):
        path = os.path.join(self.base, "bad.conf")
        with open(path, "w") as out:
            out.write(text)
        run = subprocess.run([RELAY, "--config", path, "--check"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=PATIENCE_S)
        self.assertEqual(run.returncode, 78, run.stderr)
        self.assertTrue(run.stderr.startswith("dsn-relay: " + path), run.stderr)
        return run.stderr

    def test_what_is_wrong_is_told_with_file_section_and_key(self):
        for text, said in (
                ("[Sink]\n", "[Sink] Type: this must be given"),
                ("[Sink]\nType=fax\n", "[Sink] Type: 'fax' isn't built in"),
                ("[Source]\nType=pigeon\n[Sink]\nType=sqlite\n", "[Source] Type: 'pigeon' isn't built in: socket"),
                ("[Sink]\nType=sqlite\nPaht=/x\n", "[Sink] Paht: there's no such key here"),
                ("[Source]\nSocket=/x\n[Sink]\nType=sqlite\n", "[Source] Socket: there's no such key here"),
                ("[Sinks]\n", "[Sinks]: there's no such section"),
                ("[Sink]\nType=sqlite\n[Window]\nEvents=0\n", "[Window] Events: '0' isn't a number from 1 to 100000"),
                ("[Sink]\nType=sqlite\n[Window]\nBytes=4T\n", "[Window] Bytes: '4T' isn't a number"),
                ("[Sink]\nType=sqlite\n[Window]\nRate=-1\n", "[Window] Rate: '-1' isn't a number"),
                ("[Sink]\nType=sqlite\n[Relay]\nFormat=xml\n", "[Relay] Format: 'xml' is none of dsnd, cloudevents"),
                ("[Sink]\nType=sqlite\n[Relay]\nFormat=ses\n", "[Relay] Format: a store takes events as they are"),
                ("[Sink]\nType=sqlite\nCaseSensitive=maybe\n", "[Sink] CaseSensitive: 'maybe' is none of no, yes"),
                ("[Sink]\nType=sqlite\nHash=/nonexistent\n", "[Sink] Hash: "),
                ("[Sink]\nType=sqlite\nHash=secret\n", "[Sink] Hash: 'secret' is neither a path nor a credential"),
                ("[Sink]\nType=sqlite\nSoftDays=31\n", "[Sink] SoftDays: '31' isn't a number from 1 to 30"),
                ("nonsense\n", "")):
            if HAS_SQLITE or "Type=sqlite" not in text:
                self.assertIn(said, self.complaint(text))

    def test_usage(self):
        self.assertEqual(subprocess.run([RELAY], stderr=subprocess.DEVNULL, timeout=PATIENCE_S).returncode, 2)
        self.assertEqual(subprocess.run([RELAY, "--chek"], stderr=subprocess.DEVNULL, timeout=PATIENCE_S).returncode, 2)
        self.assertEqual(subprocess.run([RELAY, "--config", "/nonexistent"], stderr=subprocess.DEVNULL,
                                        timeout=PATIENCE_S).returncode, 78)


main()
