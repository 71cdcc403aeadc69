"""What a mailbox, a disk or a worker may do to the daemon."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import time

from harness import SystemTest, main, report

NOBODY = 65534


class Hazards(SystemTest):
    def test_special_files_are_left_alone_and_stop_nothing(self):
        new = os.path.join(self.maildir, "new")
        os.mkfifo(os.path.join(new, "1.fifo"))
        os.mkdir(os.path.join(new, "2.directory"))
        os.symlink("/etc/passwd", os.path.join(new, "3.link"))
        os.symlink("/nowhere", os.path.join(new, "4.dangling"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.join(new, "5.socket"))
        with open(os.path.join(new, ".6.hidden"), "wb") as out:
            out.write(report(6))
        before = self.in_new()
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        follower.line()
        names = [self.deliver(name="%d.mail" % i) for i in range(7, 12)]
        self.assert_once_in_order(follower.events(5), names)
        self.wait_for(lambda: self.in_new() == before, "the mails to leave new")
        self.assertEqual(self.status()["special"], 5)

    def test_odd_mails_give_an_event_each(self):
        new = os.path.join(self.maildir, "new")
        self.start()
        follower = self.client()
        self.deliver(b"", name="1.empty")
        with open(os.path.join(self.maildir, "tmp", "sparse"), "wb") as out:
            out.truncate(10 << 30)
        os.rename(os.path.join(self.maildir, "tmp", "sparse"), os.path.join(new, "2.sparse"))
        self.deliver(b"\0" * 5000, name="3.nul")
        self.deliver(b"x" * 3000000, name="4.endless")
        self.deliver(report(5), name="5.\xff\x1b[31m\"\\".encode("latin-1").decode("utf-8",
                                                                                "surrogateescape"))
        events = follower.events(5)
        self.assertEqual([event["seq"] for event in events], [1, 2, 3, 4, 5])
        self.assertEqual(events[1]["source"]["size"], 10 << 30)
        self.wait_for(lambda: not self.in_new(), "the mails to leave new")

    def test_a_mail_from_the_future_is_read(self):
        self.start()
        follower = self.client()
        name = "9999999999.future"
        path = os.path.join(self.maildir, "tmp", name)
        with open(path, "wb") as out:
            out.write(report(1))
        os.utime(path, (9999999999, 9999999999))
        os.rename(path, os.path.join(self.maildir, "new", name))
        self.assertEqual(follower.events(1)[0]["source"]["file"], name)

    def test_a_vanishing_mailbox_is_waited_for(self):
        self.start()
        os.rename(self.maildir, self.maildir + ".gone")
        self.wait_for(lambda: "mailbox-missing" in self.logged(), "the loss to be logged", 60)
        self.make_maildir("md")
        self.deliver()
        self.wait_for(lambda: not self.in_new(), "the mail to leave new", 60)
        self.assertIn("mailbox-back", self.logged())

    def test_a_killed_worker_costs_no_mail(self):
        self.start()
        follower = self.client()
        for _ in range(20):
            for _ in range(20):
                self.deliver()
            for worker in self.workers()[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        events = follower.events(400)
        self.assertEqual(len({event["source"]["file"] for event in events}), 400)
        self.assertEqual({event["kind"] for event in events}, {"bounce"})

    def test_a_mail_that_ends_its_workers_is_given_up_and_the_next_is_read(self):
        # GMime needs more for so many parts than a worker may have
        bomb = (b"Subject: x\nno field\nContent-Type: multipart/mixed; boundary=b\n\n"
                + b"--b\n\n" * 200000 + b"--b--\n")
        self.start()
        follower = self.client()
        for _ in range(3):
            self.deliver(bomb)
            follower.events(1)
            good = self.deliver()
            self.assertEqual(follower.events(1)[0]["source"]["file"], good)

    def test_a_stopped_worker_is_replaced_within_its_deadline(self):
        self.start()
        follower = self.client()
        os.kill(self.ready_workers()[0], signal.SIGSTOP)
        began = time.monotonic()
        for _ in range(40):
            self.deliver()
        events = follower.events(40)
        self.assertLess(time.monotonic() - began, 15)
        self.assertEqual(len({event["source"]["file"] for event in events}), 40)

    def change_config(self, *changes):
        """Changes the configuration, asks for a reload, and waits until that is over."""
        with open(self.config) as file:
            text = file.read()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        with open(self.config, "w") as file:
            file.write(text)
        n = self.logged().count("[reload")
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: self.logged().count("[reload") > n, "the reload")

    def test_a_reload_takes_mailboxes_over(self):
        other = os.path.join(self.base, "other")
        for name in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(other, name))
        self.start()
        follower = self.client()
        self.deliver()
        first = follower.events(1)[0]["source"]["mailbox"]
        # one more
        self.change_config(("[Spool]", "[Mailbox second]\nPath=%s\n\n[Spool]" % other))
        self.deliver(maildir=other)
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], "second")
        self.deliver()
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], first)
        # one that isn't there leaves all as it was
        self.change_config(("[Spool]", "[Mailbox third]\nPath=%s\n\n[Spool]" % (other + "-missing")))
        self.assertIn("[reload-failed]", self.logged())
        self.deliver(maildir=other)
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], "second")
        # the second goes, and comes back with what was delivered meanwhile
        self.change_config(("[Mailbox third]\nPath=%s\n\n" % (other + "-missing"), ""), ("[Mailbox second]\nPath=%s\n\n" % other, ""))
        self.deliver(maildir=other)
        self.deliver()
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], first)
        self.assertEqual(len(os.listdir(os.path.join(other, "new"))), 1)
        self.change_config(("[Spool]", "[Mailbox second]\nPath=%s\nProcessed=delete\n\n[Spool]" % other))
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], "second")
        self.wait_for(lambda: not os.listdir(os.path.join(other, "new")), "the move")
        # it isn't read twice, and no name changes while it's read
        self.change_config(("[Mailbox second]", "[Mailbox renamed]"))
        self.wait_for(lambda: "[restart-needed]" in self.logged(), "the answer")
        self.assertEqual(self.status()["restart_needed"], "[Mailbox renamed]")
        self.deliver(maildir=other)
        self.assertEqual(follower.events(1)[0]["source"]["mailbox"], "second")

    def test_what_needs_a_restart_is_told_and_the_rest_is_in_force(self):
        self.start()
        self.assertNotIn("restart_needed", self.status())
        with open(self.config) as file:
            text = file.read()
        before = self.status()["spool_max_bytes"]
        socket_path = re.search(r"\[Socket\]\nPath=(.*)", text)[1]
        spool_path = re.search(r"\[Spool\]\nPath=(.*)", text)[1]
        self.change_config(("Path=" + spool_path, "Path=%s-other\nMaxSize=77M" % spool_path), ("Path=" + socket_path + "\n", "Path=%s-other\n" % socket_path))
        self.wait_for(lambda: "[restart-needed]" in self.logged(), "the answer")
        self.assertEqual(self.status()["restart_needed"], "[Spool] Path, [Socket] Path")
        self.assertNotEqual(before, 77 << 20)
        self.assertEqual(self.status()["spool_max_bytes"], 77 << 20)
        self.change_config((spool_path + "-other", spool_path), (socket_path + "-other", socket_path))
        self.wait_for(lambda: "restart_needed" not in self.status(), "nothing to wait for")

    def test_reload_takes_what_is_good_and_keeps_what_it_had(self):
        rules = os.path.join(self.base, "rules.d")
        os.mkdir(rules)
        with open(self.config) as text:
            config = text.read().replace("Path=/nonexistent", "Path=" + rules)
        with open(self.config, "w") as out:
            out.write(config)
        self.start()
        follower = self.client()
        self.deliver()
        self.assertNotEqual(follower.events(1)[0].get("rule"), "ours")
        with open(os.path.join(rules, "ours.rules"), "w") as out:
            out.write('rule ours\n  text "no such user"\n  says policy\n  weight 100\n'
                      '  proof "550 5.1.1 no such user"\n')
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "[reload" in self.logged(), "the reload")
        self.assertIn("[reloaded]", self.logged())
        time.sleep(0.5)
        self.deliver()
        self.assertEqual(follower.events(1)[0].get("rule"), "ours")
        with open(os.path.join(rules, "bad.rules"), "w") as out:
            out.write("nonsense\n")
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: "[reload-failed]" in self.logged(), "the reload to fail")
        self.assertIn("bad.rules:1:", self.logged())
        self.deliver()
        self.assertEqual(follower.events(1)[0].get("rule"), "ours")

    def test_stopping_under_load_is_quick_and_loses_nothing(self):
        for _ in range(3000):
            self.deliver()
        self.start()
        began = time.monotonic()
        self.assertEqual(self.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        recorded = [event["source"]["file"] for event in self.spool_lines()]
        self.assertEqual(len(recorded), len(set(recorded)))
        self.assertEqual(len(recorded) + len(self.in_new()), 3000)


class Unreadable(SystemTest):
    def test_an_unreadable_mail_is_left_and_told_once(self):
        as_root = os.getuid() == 0
        name = self.deliver()
        os.chmod(os.path.join(self.maildir, "new", name), 0)
        good = self.deliver()
        if as_root:
            os.chmod(self.base, 0o755)
            for folder in (self.base, self.maildir,
                           *(os.path.join(self.maildir, part) for part in ("new", "cur", "tmp"))):
                os.chown(folder, NOBODY, NOBODY)
            os.chown(os.path.join(self.maildir, "new", good), NOBODY, NOBODY)
        self.start(user=NOBODY if as_root else None)
        self.wait_for(lambda: self.status()["mails"] == 1, "the good mail")
        self.assertEqual(self.in_new(), [name])
        self.assertEqual(self.status()["denied"], 1)
        self.assertEqual(self.logged().count("[mail-denied]"), 1)


class FullDisk(SystemTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.spool)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "dsnd-test", self.spool],
                                 capture_output=True, text=True)
        if mounted.returncode:
            self.skipTest("a small file system can't be mounted: " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", self.spool])

    def test_a_full_disk_stops_intake_and_loses_nothing(self):
        filler = os.path.join(self.spool, "filler")
        with open(filler, "wb") as out:
            out.write(b"x" * 1700000)
        self.start()
        for _ in range(600):
            self.deliver()
        self.wait_for(lambda: self.status()["state"] == "blocked", "the daemon to notice")
        self.assertIn("full", self.status()["blocked"])
        self.assertEqual(self.logged().count("[spool-blocked]"), 1)
        time.sleep(0.5)
        left = self.in_new()
        self.assertTrue(left)
        os.unlink(filler)
        began = time.monotonic()
        self.wait_for(lambda: not self.in_new(), "all mails to leave new")
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(self.stop(), 0)
        recorded = [event["source"]["file"] for event in self.spool_lines()]
        self.assertEqual(len(recorded), 600)
        self.assertEqual(len(set(recorded)), 600)


class Retention(SystemTest):
    spool_keys = "MaxSize=1M\nKeep=1m"

    def test_a_reader_is_told_of_its_gap_and_a_named_one_holds_everything(self):
        self.start()
        for _ in range(3000):
            self.deliver()
        self.wait_for(lambda: self.status()["mails"] == 3000, "the mails")
        spool = self.status()["spool"]
        self.assertGreater(spool["first"], 1)
        self.assertLess(spool["bytes"], 2 << 20)
        reader = self.client()
        reader.say("FOLLOW - 1")
        self.assertEqual(reader.line(), {"following": "-", "from": 1})
        self.assertEqual(reader.line(), {"gap": {"from": 1, "to": spool["first"] - 1}})
        self.assertEqual(reader.events(1)[0]["seq"], spool["first"])
        named = self.client()
        named.say("FOLLOW holder")
        start = named.line()["from"]
        for _ in range(3000):
            self.deliver()
        self.wait_for(lambda: self.status()["state"] == "blocked", "intake to stop")
        self.assertTrue(self.in_new())
        first = self.status()["spool"]["first"]
        self.assertLessEqual(first, start)
        seen = 0
        while seen < 6000:
            seen = named.events(1)[0]["seq"]
            if seen % 200 == 0:
                named.say("ACK %d" % seen)
        self.assertEqual(self.status()["spool"]["next"], 6001)


if __name__ == "__main__":
    main()
