"""dsnctl suppressed on a store of its own: by hand, lists, forgetting, exit codes.

    suppressed.py DSNCTL
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

DSNCTL = sys.argv.pop(1)


class Suppressed(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dsnctl-test-")
        self.addCleanup(folder.cleanup)
        self.base = folder.name
        self.store = os.path.join(self.base, "store.db")

    def run_it(self, *arguments, status=0, stdin=None):
        run = subprocess.run([DSNCTL, "suppressed", "--store", self.store, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, timeout=60, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run.stdout if status < 2 else run.stderr

    def ask(self, address, status=0):
        return json.loads(self.run_it("--json", address, status=status))

    def write(self, name, text):
        path = os.path.join(self.base, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def test_a_person_adds_and_lifts(self):
        self.run_it("add", "Some.One@Example.net", "--why", "asked by phone,\nreally")
        found = self.ask("some.one@EXAMPLE.NET", status=1)
        self.assertEqual(found["standing"], "suppressed")
        self.assertEqual(found["reason"], "manual")
        self.assertEqual(found["why"], "asked by phone, really")
        self.assertTrue(found["who"])
        self.assertIn("asked by phone", self.run_it("some.one@example.net", status=1))
        self.run_it("lift", "some.one@example.net", "--why", "changed their mind")
        self.assertEqual(self.ask("some.one@example.net")["standing"], "ok")

    def test_until(self):
        self.run_it("add", "a@example.net", "--why", "holiday", "--until", "2098-12-31")
        self.assertEqual(self.ask("a@example.net", status=1)["until"], "2098-12-31T23:59:59Z")
        self.assertIn("--until", self.run_it("add", "b@example.net", "--why", "x", "--until", "2001-01-01", status=2))
        self.assertIn("--until", self.run_it("add", "b@example.net", "--why", "x", "--until", "soon", status=2))

    def test_one_of_several_addresses(self):
        self.run_it("add", "a@example.net", "--why", "x")
        self.assertEqual(len(self.run_it("--json", "b@example.net", "a@example.net", status=1).splitlines()), 2)
        self.run_it("b@example.net", "c@example.net")

    def test_what_cannot_be_told_is_no_answer(self):
        self.run_it("a@example.net", status=2)  # no store
        self.assertFalse(os.path.exists(self.store))
        self.run_it("add", "a@example.net", "--why", "x")
        self.assertIn("no address", self.run_it("nonsense", status=2))
        self.assertIn("--why", self.run_it("add", "a@example.net", status=2))
        self.run_it(status=2)
        self.run_it("add", "--why", "x", status=2)
        self.run_it("list", "more", status=2)
        self.write("store.db", "this is no database, whatever its name says")
        self.run_it("a@example.net", status=2)

    def test_lists_of_others_are_read(self):
        for name, text, found in (
                ("ours", "address,reason,since,until\r\na1@example.net,bad_mailbox,2026-11-21T08:00:00Z,\r\n", ["a1@example.net"]),
                ("sendgrid", 'status,reason,email,created\r\n5.1.1,"550, no\nsuch ""user""",A2@example.net,1\r\n', ["a2@example.net"]),
                ("mailgun", "address,code,error,created_at\na3@example.net,550,gone,\n", ["a3@example.net"]),
                ("sparkpost", "recipient,transactional,non_transactional,description,subaccount_id\na4@example.net,true,true,x,0\n",
                 ["a4@example.net"]),
                ("ses", "a5@example.net,BOUNCE\nb5@example.net,COMPLAINT\n", ["a5@example.net", "b5@example.net"]),
                ("ses-json", '{"emailAddress":"a6@example.net","reason":"BOUNCE"}\n', ["a6@example.net"]),
                ("plain", "\ufeffa7@example.net\n\nnobody\nb7@example.net", ["a7@example.net", "b7@example.net"])):
            said = self.run_it("import", self.write(name, text))
            self.assertEqual(said, "%d addresses imported\n" % len(found), name)
            for address in found:
                self.assertIn(name, self.ask(address, status=1)["why"])
        self.assertIn("no such", self.ask("a2@example.net", status=1)["why"])
        self.assertIn("COMPLAINT", self.ask("b5@example.net", status=1)["why"])

    def test_no_part_of_a_list_does_harm(self):
        text = 'status,reason,email,created\r\n5.1.1,"a ""b"",\r\nc",x@example.net,1\r\n'
        for n in range(0, len(text), 3):
            self.run_it("import", self.write("part", text[:n]))

    def test_what_is_exported_can_be_imported(self):
        self.run_it("add", "a@example.net", 'b"c"@example.net', "--why", "x")
        self.assertEqual(self.run_it("export", "--format", "ses").splitlines()[0], "a@example.net,BOUNCE")
        self.assertEqual(self.run_it("export", "--format", "sendgrid").splitlines()[0], "status,reason,email,created")
        self.assertIn("no format", self.run_it("export", "--format", "fax", status=2))
        list_of_all = self.run_it("export")
        self.store = os.path.join(self.base, "other.db")
        self.run_it("import", self.write("all", list_of_all))
        self.ask('b"c"@example.net', status=1)
        self.ask("a@example.net", status=1)
        self.assertEqual(len(self.run_it("list").splitlines()), 4)

    def test_who_is_forgotten_leaves_a_digest_only_if_asked(self):
        self.run_it("add", "a@example.net", "b@example.net", "--why", "x")
        self.run_it("forget", "a@example.net")
        self.assertEqual(self.ask("a@example.net")["standing"], "ok")
        self.run_it("forget", "--keep-hash", "b@example.net")
        self.assertEqual(self.ask("B@example.net", status=1)["reason"], "forgotten")
        with open(self.store, "rb") as file:
            before = file.read()
        self.assertEqual(self.run_it("list"), "")
        self.assertTrue(before)

    def test_a_hashed_store_holds_no_address(self):
        secret = self.write("secret", "0123456789abcdef\n")
        self.run_it("--hash", secret, "add", "someone@example.net", "--why", "x")
        self.run_it("--hash", secret, "someone@example.net", status=1)
        for name in os.listdir(self.base):
            with open(os.path.join(self.base, name), "rb") as file:
                self.assertNotIn(b"someone@", file.read())


unittest.main()
