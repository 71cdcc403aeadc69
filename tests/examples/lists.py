"""The hooks that talk to a list manager over HTTP, against a server that plays its part.

    lists.py DIRECTORY      examples/lists
"""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest

LISTS = sys.argv.pop(1)
BOUNCE = {"v": 1, "id": "ab-1", "kind": "bounce", "recipient": "user@example.net", "class": "hard", "advice": "suppress",
          "category": "bad_mailbox", "status": "5.1.1"}
EX_TEMPFAIL = 75


class Played(http.server.BaseHTTPRequestHandler):
    """Answers what the server was told to, and notes what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.command, self.path, self.headers["Authorization"], body))
        status, answer = self.server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer.encode())

    do_PATCH = do_POST

    def log_message(self, *_):
        pass


class Hooks(unittest.TestCase):
    def setUp(self):
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Played)
        self.server.asked = []
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        secret = tempfile.NamedTemporaryFile("w", suffix=".secret")
        self.addCleanup(secret.close)
        secret.write("secret\n")
        secret.flush()
        self.secret = secret.name

    def run_hook(self, name, event, *answers, url=None):
        self.server.answers = list(answers)
        return subprocess.run([os.path.join(LISTS, name), url or self.url, "me", self.secret], input=json.dumps(event).encode(),
                              timeout=30, stderr=subprocess.DEVNULL, env=dict(os.environ, no_proxy="*")).returncode

    def test_listmonk_gets_a_record_of_the_bounce(self):
        self.assertEqual(self.run_hook("listmonk", BOUNCE, (200, "{}")), 0)
        [(command, path, credentials, body)] = self.server.asked
        self.assertEqual((command, path, credentials), ("POST", "/webhooks/bounce", "Basic bWU6c2VjcmV0"))
        record = json.loads(body)
        self.assertEqual(json.loads(record.pop("meta"))["status"], "5.1.1")
        self.assertEqual(record, {"email": "user@example.net", "source": "dsnd", "type": "hard"})

    def test_listmonk_hears_nothing_of_delays_and_forgeries(self):
        self.assertEqual(self.run_hook("listmonk", dict(BOUNCE, kind="delayed")), 0)
        self.assertEqual(self.run_hook("listmonk", dict(BOUNCE, trust="suspect")), 0)
        self.assertEqual(self.server.asked, [])

    def test_mailman_stops_delivery_to_every_membership(self):
        member = self.url + "/members/7"
        answer = json.dumps({"entries": [{"self_link": member}, {"self_link": member + "1"}]})
        self.assertEqual(self.run_hook("mailman3", BOUNCE, (200, answer), (204, ""), (204, "")), 0)
        self.assertEqual([asked[1] for asked in self.server.asked],
                         ["/members/find", "/members/7/preferences", "/members/71/preferences"])
        self.assertEqual(self.server.asked[0][3], "subscriber=user%40example.net&role=member")
        self.assertEqual(self.server.asked[1][3], "delivery_status=by_bounces")

    def test_mailman_hears_nothing_of_what_will_pass(self):
        self.assertEqual(self.run_hook("mailman3", dict(BOUNCE, advice="retry")), 0)
        self.assertEqual(self.server.asked, [])

    def test_a_server_in_trouble_is_asked_again_later_and_a_refusal_is_parked(self):
        for name in ("listmonk", "mailman3"):
            self.assertEqual(self.run_hook(name, BOUNCE, (503, "")), EX_TEMPFAIL)
            self.assertEqual(self.run_hook(name, BOUNCE, url="http://127.0.0.1:9"), EX_TEMPFAIL)
            self.assertEqual(self.run_hook(name, BOUNCE, (403, "")), 1)


if __name__ == "__main__":
    unittest.main()
