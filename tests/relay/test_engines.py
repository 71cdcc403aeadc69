"""dsn-relay to real engines: kills of the relay and the engine at random moments, connections that are cut, wrong secrets, events
that are too large, an engine that says nothing. Afterwards every event is there, those of one recipient in their order."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import random
import shutil
import subprocess
import threading
import time
import unittest

import engines
import natsclient
from relays import PATIENCE_S, SINKS, RelayTest, main, parked_events, report, rows

ROUNDS = int(os.environ.get("DSN_RELAY_ROUNDS", "6"))
KAFKA_MOCK = os.environ.get("DSN_KAFKA_MOCK")


class Faults:
    """What every engine is put through. The class says how to configure the sink, how to read what is there, and, if more than
    one copy of an event may be there, that `may_repeat`."""

    may_repeat = False
    has_process = True
    wrong_secret = None

    def deliver_some(self, count):
        """Mails about few recipients, so that each has many events."""
        for _ in range(count):
            n = self.n_delivered
            self.deliver(report(n).replace(b"user%d@" % n, b"user%d@" % (n % 7)))

    def settle(self):
        self.wait_until_settled(240)

    def assert_all_there(self):
        events = {event["seq"]: event for event in self.spool_lines()}
        found = self.read()
        self.assertEqual(sorted(set(found)), sorted(events), "lost or made up")
        if not self.may_repeat:
            self.assertEqual(len(found), len(set(found)), "there twice")
        self.note(len(events), len(found) - len(set(found)))
        # R3: the first copies of one recipient's events, and the last copies, are in their order
        for copies in (list(dict.fromkeys(found)), list(reversed(dict.fromkeys(reversed(found))))):
            last = {}
            for seq in copies if self.is_in_order else ():
                recipient = events[seq]["recipient"]
                self.assertLess(last.get(recipient, 0), seq, "out of order")
                last[recipient] = seq

    is_in_order = True
    n_kills = 0

    def note(self, n_events, n_doubled):
        """A line for the page of results."""
        path = os.environ.get("DSN_RELAY_RESULTS")
        if path:
            with open(path, "a") as out:
                out.write("%s\t%s\t%d\t%d\t0\t%d\n" % (type(self).__name__, self._testMethodName, n_events, self.n_kills, n_doubled))

    def test_kills_of_relay_and_engine(self):
        self.start()
        chance = random.Random()
        run = self.relay()
        for turn in range(ROUNDS):
            self.deliver_some(30)
            time.sleep(chance.uniform(0.01, 0.3))
            if turn % 2 == 0 or not self.has_process:
                run.kill()
                run.wait()
                run = self.relay()
            else:
                self.engine.kill()
                self.deliver_some(5)
                self.engine.start()
            self.n_kills += 1
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_there()

    def test_connections_are_cut(self):
        self.start()
        proxy = engines.Proxy(self.engine.port)
        self.addCleanup(proxy.close)
        self.configure_sink(port=proxy.port)
        chance = random.Random()
        run = self.relay()
        for _ in range(ROUNDS):
            self.deliver_some(30)
            time.sleep(chance.uniform(0.01, 0.3))
            proxy.cut()
            self.n_kills += 1
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_there()

    def test_an_engine_that_says_nothing(self):
        self.start()
        proxy = engines.Proxy(self.engine.port)
        self.addCleanup(proxy.close)
        self.configure_sink(port=proxy.port)
        run = self.relay()
        self.deliver_some(3)
        self.settle()
        proxy.is_silent = True
        self.deliver_some(20)
        self.wait_for(lambda: "trying again" in self.relay_log(), "word of the trouble", 120)
        proxy.is_silent = False
        proxy.cut()
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assertIn("the sink is back", self.relay_log())
        self.assert_all_there()

    def test_check(self):
        self.start()
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("sink: OK", said)
        self.assertEqual(self.read(), [])
        self.engine.kill()
        status, said = self.check()
        self.assertEqual(status, 1, said)
        self.assertIn("sink: failed", said)

    def test_a_wrong_secret_stops_it_and_stands_in_no_log(self):
        if not self.wrong_secret:
            self.skipTest("nothing to log in to")
        self.start()
        secret = os.path.join(self.base, "secret")
        with open(secret, "w") as out:
            out.write("not-the-password\n")
        self.ask_for_password()
        self.configure_sink(more=self.wrong_secret % secret)
        self.deliver_some(1)
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 2), 78, self.relay_log())
        self.assertNotIn("not-the-password", self.relay_log())
        self.assertEqual(self.lag(), 1)


class EngineTest(RelayTest):
    engine_class = None

    def setUp(self):
        super().setUp()
        self.engine = self.engine_class(os.path.join(self.base, "engine"))
        self.addCleanup(self.engine.stop)
        self.engine.start()
        self.prepare()
        self.configure_sink()

    def prepare(self):
        pass


def needs(sink, engine):
    return unittest.skipUnless(sink in SINKS and engine, "no %s here" % sink)


@needs("redis", engines.Redis.is_here)
class Redis(Faults, EngineTest):
    engine_class = engines.Redis
    wrong_secret = "Password=%s"

    def configure_sink(self, port=None, more=""):
        self.write_config("Type=redis\nPort=%d\n%s" % (port or self.engine.port, more))

    def ask_for_password(self):
        self.engine.cli("CONFIG", "SET", "requirepass", "the-password")

    def read(self):
        found = []
        for key in json.loads(self.engine.cli("--json", "KEYS", "dsn:*")):
            for ident, fields in json.loads(self.engine.cli("--json", "XRANGE", key, "-", "+")):
                fields = fields if isinstance(fields, dict) else dict(zip(fields[::2], fields[1::2]))
                event = json.loads(fields["event"])
                self.assertEqual(ident, "%d-0" % event["seq"])
                found.append(event["seq"])
        return found

    def test_a_full_redis_is_waited_for(self):
        self.start()
        self.engine.cli("CONFIG", "SET", "maxmemory", "100kb")
        run = self.relay()
        self.deliver_some(20)
        self.wait_for(lambda: "OOM" in self.relay_log(), "word of the trouble", 60)
        self.engine.cli("CONFIG", "SET", "maxmemory", "0")
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_there()


@needs("postgresql", engines.PostgreSQL.is_here)
class PostgreSQL(Faults, EngineTest):
    engine_class = engines.PostgreSQL
    is_in_order = False  # a set: what order there is is in the states

    def configure_sink(self, port=None, more=""):
        self.write_config("Type=postgresql\nConnection=host=127.0.0.1 port=%d user=dsn dbname=postgres\n%s" % (port or self.engine.port, more))

    def read(self):
        if not self.engine.sql("SELECT to_regclass('dsnd.history')").strip():
            return []
        return [int(seq) for seq in self.engine.sql("SELECT seq FROM dsnd.history ORDER BY seq").split()]

    def test_the_store_says_who_is_suppressed(self):
        self.start()
        run = self.relay()
        self.deliver_some(14)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assertEqual(self.engine.sql("SELECT count(*) FROM dsnd.address WHERE standing = 'suppressed'").strip(), "7")
        asked = subprocess.run([os.environ["DSNCTL"], "suppressed", "--store", self.engine.connection, "--json", "user3@example.org"],
                               stdout=subprocess.PIPE, text=True, timeout=PATIENCE_S)
        self.assertEqual(asked.returncode, 1)
        self.assertEqual(len(json.loads(asked.stdout)["events"]), 2)

    def test_two_relays_with_the_same_events(self):
        """Both enter everything: each event is there once, and no state loses what the other wrote."""
        self.start()
        self.write_config("Type=postgresql\nConnection=" + self.engine.connection, name="r2")
        runs = [self.relay(), self.relay("r2")]
        self.deliver_some(200)
        self.wait_for(lambda: not self.in_new() and len(self.status()["consumers"]) == 2 and
                      all(consumer["lag"] == 0 for consumer in self.status()["consumers"]), "both", 240)
        for run in runs:
            run.terminate()
            self.assertEqual(run.wait(PATIENCE_S), 0)
        self.assert_all_there()
        self.assertEqual(self.engine.sql("SELECT count(*) FROM dsnd.address WHERE standing = 'suppressed'").strip(), "7")

    def test_wrong_database(self):
        self.start()
        self.write_config("Type=postgresql\nConnection=host=127.0.0.1 port=%d user=dsn dbname=elsewhere" % self.engine.port)
        self.deliver_some(1)
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 2), 78, self.relay_log())
        self.assertIn("does not exist", self.relay_log())


@needs("nats", engines.Nats.is_here)
class Nats(Faults, EngineTest):
    engine_class = engines.Nats
    wrong_secret = "User=relay\nPassword=%s"

    def prepare(self):
        self.with_client(lambda client: client.make_stream("DSN"))

    def with_client(self, do, **login):
        client = natsclient.Nats(self.engine.port, **login)
        try:
            return do(client)
        finally:
            client.close()

    def configure_sink(self, port=None, more=""):
        self.write_config("Type=nats\nUrl=nats://127.0.0.1:%d\nStream=DSN\n%s" % (port or self.engine.port, more))

    def ask_for_password(self):
        self.engine.kill()
        self.engine.more = 'authorization { user: relay, password: "the-password" }'
        self.engine.start()

    def read(self):
        found = []
        for headers, event in self.with_client(lambda client: client.messages("DSN")):
            self.assertEqual(headers["Nats-Msg-Id"], "%s-%d" % (headers["dsn-spool"], event["seq"]))
            found.append(event["seq"])
        return found

    def test_a_stream_that_is_gone_stops_it(self):
        self.start()
        self.with_client(lambda client: client.ask("$JS.API.STREAM.DELETE.DSN"))
        self.deliver_some(3)
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 3), 78, self.relay_log())
        self.assertIn("there's no stream DSN", self.relay_log())
        self.assertEqual(self.lag(), 3)

    def test_an_event_that_is_too_large_is_parked(self):
        self.start()
        self.with_client(lambda client: client.ask("$JS.API.STREAM.UPDATE.DSN", {"name": "DSN", "subjects": ["dsn.>"], "storage": "file",
                         "num_replicas": 1, "max_msg_size": 2000, "retention": "limits", "duplicate_window": 120000000000}))
        run = self.relay()
        self.deliver_some(1)
        long = b"x" * 3000
        self.deliver(report(1).replace(b"no such user", b"no such user " + long))
        self.deliver_some(1)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assertEqual([event["seq"] for event, _ in parked_events(self.parked())], [2])
        self.assertEqual(self.read(), [1, 3])

    def test_from_the_stream_into_a_store(self):
        """Two relays share the stream, and one of them is killed again and again: in the store each event is there once."""
        if "sqlite" not in SINKS:
            self.skipTest("built without SQLite")
        store = os.path.join(self.base, "store.db")
        source = "Type=nats\nUrl=%s\nStream=DSN\nDurable=stores" % self.engine.url
        for name in ("s1", "s2"):
            self.write_config("Type=sqlite\nPath=" + store, name=name, source=source)
        self.start()
        run, steady, killed = self.relay(), self.relay("s1"), self.relay("s2")
        for _ in range(ROUNDS):
            self.deliver_some(20)
            time.sleep(0.2)
            killed.kill()
            killed.wait()
            killed = self.relay("s2")
            self.n_kills += 1
        self.settle()
        # what the killed one held is sent again after AckWait, half a minute
        self.wait_for(lambda: rows(store, "SELECT count(*) FROM history")[0][0] == self.n_delivered, "all in the store", 120)
        for one in (run, steady, killed):
            self.assertEqual(self.end_relay_any(one), 0)
        self.assertEqual([seq for seq, in rows(store, "SELECT seq FROM history ORDER BY seq")], list(range(1, self.n_delivered + 1)))

    def end_relay_any(self, run):
        self.wait_for(run.has_begun, "the relay to start\n")
        run.terminate()
        return run.wait(PATIENCE_S * 2)


class WebServer:
    """Takes webhooks; `codes` says what to answer, by default 200."""

    def __init__(self, base):
        self.port = engines.free_port()
        self.requests, self.codes, self.headers, self.server = [], [], {}, None

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                code = outer.codes.pop(0) if outer.codes else 200
                code = code(body) if callable(code) else code
                outer.requests.append((code, dict((name.lower(), value) for name, value in self.headers.items()), body))
                self.answer(code)

            def do_HEAD(self):
                self.answer(200)

            def answer(self, code):
                self.send_response(code)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def kill(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None

    stop = kill


@needs("http", True)
class Http(Faults, EngineTest):
    engine_class = WebServer
    may_repeat = True  # a receiver tells by webhook-id
    key = base64.b64encode(bytes(range(32))).decode()

    def configure_sink(self, port=None, more="", relay=""):
        self.secret = os.path.join(self.base, "key")
        with open(self.secret, "w") as out:
            out.write("whsec_%s\n" % self.key)
        self.write_config("Type=http\nUrl=http://127.0.0.1:%d/hook\nSecret=%s\n%s" % (port or self.engine.port, self.secret, more), relay=relay)

    def verify(self, headers, body):
        """By the text of Standard Webhooks, with none of the relay's code."""
        signed = b"%s.%s.%s" % (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
        expected = base64.b64encode(hmac.new(base64.b64decode(self.key), signed, hashlib.sha256).digest()).decode()
        self.assertIn("v1," + expected, headers["webhook-signature"].split(" "))
        self.assertLess(abs(int(headers["webhook-timestamp"]) - time.time()), 300)
        self.assertNotIn(".", headers["webhook-id"])

    def read(self):
        found, ids = [], {}
        for code, headers, body in self.engine.requests:
            self.verify(headers, body)
            # an id stands for one body, at each try
            self.assertEqual(ids.setdefault(headers["webhook-id"], body), body)
            data = json.loads(body)["data"]
            if code == 200:
                found += [event["seq"] for event in (data if isinstance(data, list) else [data])]
        return found

    def test_codes(self):
        self.start()
        self.engine.codes = [503, 429, 400, 200, 413]
        run = self.relay()
        self.deliver_some(4)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assertEqual([event["seq"] for event, _ in parked_events(self.parked())], [1, 3])
        self.assertIn("400", parked_events(self.parked())[0][1])
        self.assertEqual(self.read(), [2, 4])

    def test_one_bad_event_of_a_batch_is_found(self):
        self.configure_sink(more="Batch=50")
        self.start()
        self.deliver_some(30)
        self.wait_for(lambda: not self.in_new(), "dsnd")
        self.engine.codes = [lambda body: 422 if b'"seq":17,' in body else 200] * 1000
        run = self.relay()
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assertEqual([event["seq"] for event, _ in parked_events(self.parked())], [17])
        self.assertEqual(self.read(), [seq for seq in range(1, 31) if seq != 17])

    def test_a_batch_keeps_its_id(self):
        self.configure_sink(more="Batch=10")
        self.start()
        self.engine.codes = [503, 503]
        run = self.relay()
        for _ in range(5):
            self.deliver_some(5)
            time.sleep(0.2)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_there()

    def test_who_is_sent_away_stops(self):
        self.start()
        self.engine.codes = [401]
        self.deliver_some(1)
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 2), 78)
        self.assertIn("answered 401", self.relay_log())

    def test_two_keys_and_a_token(self):
        token = os.path.join(self.base, "token")
        with open(token, "w") as out:
            out.write("a-token\n")
        second = os.path.join(self.base, "second")
        with open(second, "w") as out:
            out.write("whsec_%s\n" % base64.b64encode(b"z" * 24).decode())
        self.configure_sink(more="SecondSecret=%s\nToken=%s" % (second, token))
        self.start()
        run = self.relay()
        self.deliver_some(1)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        (_, headers, body), = self.engine.requests
        self.verify(headers, body)
        self.key = base64.b64encode(b"z" * 24).decode()
        self.verify(headers, body)
        self.assertEqual(headers["authorization"], "Bearer a-token")
        self.assertNotIn("a-token", self.relay_log())

    def test_cloudevents(self):
        self.configure_sink(relay="Format=cloudevents\nOrigin=https://mail.example.com/dsnd")
        self.start()
        run = self.relay()
        self.deliver_some(1)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        (_, headers, body), = self.engine.requests
        self.assertEqual(headers["content-type"], "application/cloudevents+json; charset=utf-8")
        event = json.loads(body)
        data = event.pop("data")
        self.assertEqual(event, {"specversion": "1.0", "id": "%s/1" % self.status()["spool"]["id"], "source": "https://mail.example.com/dsnd",
                                 "type": "dsn.bounce", "subject": "user0@example.org", "time": data["time"],
                                 "datacontenttype": "application/json"})
        self.assertEqual(data["seq"], 1)


@needs("amqp", engines.RabbitMQ.is_here and shutil.which("amqp-get"))
class RabbitMQ(Faults, EngineTest):
    engine_class = engines.RabbitMQ
    may_repeat = True  # a consumer tells by message-id
    wrong_secret = "Password=%s"

    def prepare(self):
        self.assertEqual(self.tool("amqp-declare-queue", "-d", "-q", "dsn").returncode, 0)

    def ask_for_password(self):
        pass  # it's "guest"

    def tool(self, program, *arguments):
        return subprocess.run([program, "-u", "amqp://guest:guest@127.0.0.1:%d/%%2f" % self.engine.port, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=PATIENCE_S)

    def configure_sink(self, port=None, more=""):
        self.write_config("Type=amqp\nPort=%d\nRoutingKey=dsn\n%s" % (port or self.engine.port, more))

    def read(self):
        found = []
        while True:
            got = self.tool("amqp-get", "-q", "dsn")
            if got.returncode != 0 or not got.stdout:
                return found
            found.append(json.loads(got.stdout)["seq"])

    def test_a_queue_that_is_not_there_stops_it(self):
        self.write_config("Type=amqp\nPort=%d\nRoutingKey=elsewhere" % self.engine.port)
        self.start()
        self.deliver_some(1)
        run = self.relay()
        self.assertEqual(run.wait(PATIENCE_S * 2), 78, self.relay_log())
        self.assertIn("no queue takes the events", self.relay_log())


class MockCluster:
    """Brokers in one process: they can't be killed singly, but told to be away."""

    is_here = KAFKA_MOCK

    def __init__(self, base):
        self.process = None

    def start(self):
        if not self.process:
            self.process = subprocess.Popen([KAFKA_MOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.brokers = self.process.stdout.readline().strip()
            self.port = int(self.brokers.split(",")[0].rsplit(":", 1)[1])
        for broker in (1, 2, 3):
            self.tell("up %d" % broker)

    def tell(self, words):
        """Gives an order; the lines of the answer."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "done\n":
                return lines
            lines.append(line.rstrip("\n"))
        raise EOFError("the mock cluster ended")

    def kill(self):
        for broker in (1, 2, 3):
            self.tell("down %d" % broker)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()


@needs("kafka", MockCluster.is_here)
class Kafka(Faults, EngineTest):
    engine_class = MockCluster
    may_repeat = True  # a new producer after a kill can't know what the old one sent

    def configure_sink(self, port=None, more=""):
        self.write_config("Type=kafka\nBrokers=%s\nTopic=dsn\n%s" % (self.engine.brokers, more))

    def read(self):
        found = []
        for line in self.engine.tell("dump"):
            key, text = line.split("\t", 1)
            event = json.loads(text)
            self.assertEqual(key, event["recipient"])
            found.append(event["seq"])
        return found

    def test_connections_are_cut(self):
        self.skipTest("brokers tell their own addresses: a proxy isn't passed through")

    test_an_engine_that_says_nothing = test_connections_are_cut

    def test_requests_fail(self):
        """NOT_LEADER, NOT_ENOUGH_REPLICAS, a connection that ends: each is tried again, and the library keeps the order."""
        self.start()
        run = self.relay()
        for code in (6, 19, -195, 7):
            self.engine.tell("errors 3 %d" % code)
            self.deliver_some(20)
            time.sleep(0.3)
        self.settle()
        self.assertEqual(self.end_relay(run), 0)
        self.assert_all_there()

    def test_from_the_topic_into_a_store(self):
        if "sqlite" not in SINKS:
            self.skipTest("built without SQLite")
        store = os.path.join(self.base, "store.db")
        self.write_config("Type=sqlite\nPath=" + store, name="s1", source="Type=kafka\nBrokers=%s\nTopic=dsn" % self.engine.brokers)
        self.start()
        run, into_store = self.relay(), self.relay("s1")
        for _ in range(2):
            self.deliver_some(50)
            self.wait_for(lambda: os.path.exists(store) and rows(store, "SELECT name FROM sqlite_master WHERE name = 'history'"),
                          "the store", 120)
            into_store.kill()
            into_store.wait()
            into_store = self.relay("s1")
        self.wait_for(lambda: rows(store, "SELECT count(*) FROM history")[0][0] == 100, "all in the store", 120)
        self.settle()
        for one in (run, into_store):
            one.terminate()
            self.assertEqual(one.wait(PATIENCE_S * 2), 0)


main()
