"""P31: dsnd notices within a second that a directory or file it relies on is not the one at its path. It stops taking mail,
says so, and goes on when that is safe. No mail is lost or recorded twice by it."""

import collections
import glob
import os
import shutil

from harness import SystemTest, main


class Identity(SystemTest):
    is_recorded = False  # its judge follows directories, not paths

    def recorded(self):
        return collections.Counter(event["source"]["file"] for event in self.spool_lines())

    def settle(self, count):
        self.wait_for(lambda: self.status()["mails"] == count, "the mails to be recorded")
        self.wait_for(lambda: not self.in_new(), "new to be empty")

    def assert_blocked(self, words):
        self.wait_for(lambda: self.status()["state"] == "blocked", "dsnd to take no mail")
        self.assertIn(words, self.status()["blocked"])
        self.assertIn("spool-blocked", self.logged())
        names = [self.deliver() for _ in range(5)]
        self.assertEqual(self.in_new(), sorted(names))
        return names

    def replace_spool(self, away):
        """Moves the spool away as `away` does; no mail leaves new/ until it's back."""
        first = self.deliver()
        self.settle(1)
        away()
        names = self.assert_blocked("no longer leads")
        self.assertTrue(set(names) <= set(self.in_new()))
        return [first, *names]

    def test_a_spool_that_is_moved_and_put_back(self):
        self.start()
        names = self.replace_spool(lambda: os.rename(self.spool, self.spool + ".old"))
        os.rename(self.spool + ".old", self.spool)
        self.settle(6)
        self.assertEqual(self.recorded(), dict.fromkeys(names, 1))
        self.assertIn("spool-resumed", self.logged())

    def test_another_directory_in_its_place(self):
        self.start()

        def away():
            os.rename(self.spool, self.spool + ".old")
            os.mkdir(self.spool + ".new")
            os.symlink(self.spool + ".new", self.spool)

        names = self.replace_spool(away)
        self.assertEqual(os.listdir(self.spool), [])
        os.unlink(self.spool)
        os.rename(self.spool + ".old", self.spool)
        self.settle(6)
        self.assertEqual(self.recorded(), dict.fromkeys(names, 1))

    def test_a_spool_that_is_deleted_is_another_one_after_a_restart(self):
        self.start()
        old = self.status()["spool"]["id"]
        names = self.replace_spool(lambda: shutil.rmtree(self.spool))
        self.assertEqual(self.stop(), 0)
        self.start()
        self.settle(5)
        self.assertNotEqual(self.status()["spool"]["id"], old)
        self.assertEqual(self.recorded(), dict.fromkeys(names[1:], 1))

    def test_deleted_segments_are_a_gap(self):
        self.start()
        for _ in range(3):
            self.deliver()
        self.settle(3)
        for path in glob.glob(os.path.join(self.spool, "*.jsonl")):
            os.unlink(path)
        self.wait_for(lambda: self.status()["spool"]["damaged"] == 1, "the loss to be noticed")
        self.assertIn("spool-lost", self.logged())
        later = self.deliver()
        self.settle(4)
        client = self.client()
        client.say("FOLLOW late")
        self.assertEqual(client.line()["from"], 4)
        self.assertEqual([event["source"]["file"] for event in client.events(1)], [later])
        with self.client() as reader:
            reader.say("FOLLOW - 1")
            self.assertEqual([reader.line(), reader.line()], [{"following": "-", "from": 1}, {"gap": {"from": 1, "to": 3}}])

    def test_the_files_beside_the_segments_are_made_again(self):
        self.start()
        self.deliver()
        with self.client() as client:
            client.say("FOLLOW mailer")
            client.events(1)
            client.say("ACK 1")
            while "acked" not in client.line():
                pass
        spool_id = self.status()["spool"]["id"]
        shutil.rmtree(os.path.join(self.spool, "consumer"))
        os.unlink(os.path.join(self.spool, "lock"))
        os.unlink(os.path.join(self.spool, "id"))
        for name in ("consumer/mailer", "lock", "id"):
            self.wait_for(lambda path=os.path.join(self.spool, name): os.path.exists(path), name)
        refused = self.run_daemon()
        self.assertEqual(refused.returncode, 75, refused)
        self.deliver()
        self.settle(2)
        self.assertEqual(self.stop(), 0)
        self.start()
        status = self.status()
        self.assertEqual((status["spool"]["id"], status["spool"]["next"]), (spool_id, 3))
        self.assertEqual([(one["name"], one["acked"]) for one in status["consumers"]], [("mailer", 1)])

    def replace_cur(self, replace, folder="cur"):
        """Whatever is done to cur/, each mail is recorded once and leaves new/."""
        self.start()
        self.deliver()
        self.settle(1)
        path = os.path.join(self.maildir, folder)
        replace(path)
        for _ in range(20):
            self.deliver()
        self.settle(21)
        self.assertEqual(set(self.recorded().values()), {1})
        self.assertEqual(len(self.recorded()), 21)
        return path

    def test_cur_removed_and_made_again(self):
        def replace(path):
            shutil.rmtree(path)
            os.mkdir(path)

        self.assertEqual(len(os.listdir(self.replace_cur(replace))), 20)

    def test_cur_renamed_and_made_again(self):
        def replace(path):
            os.rename(path, path + ".old")
            os.mkdir(path)

        path = self.replace_cur(replace)
        self.assertEqual(len(os.listdir(path)) + len(os.listdir(path + ".old")), 21)

    def test_cur_gone(self):
        self.start()
        self.deliver()
        self.settle(1)
        cur = os.path.join(self.maildir, "cur")
        shutil.rmtree(cur)
        self.wait_for(lambda: "mailbox-missing" in self.logged(), "the mailbox to be missed")
        names = [self.deliver() for _ in range(5)]
        self.wait_for(lambda: self.status()["mailboxes_missing"] == 1, "status to say so")
        self.assertEqual(self.in_new(), sorted(names))
        os.mkdir(cur)
        self.settle(6)
        self.assertEqual(set(self.recorded().values()), {1})

    def test_the_folder_for_other_mail_removed(self):
        self.start()
        other = os.path.join(self.maildir, ".dsnd-other")
        mail = b"From: a@b.example\nTo: c@d.example\nSubject: lunch\n\nhello %d\n"
        for n in range(1, 4):
            self.deliver(mail % n)
            self.settle(n)
            shutil.rmtree(other)
        self.deliver(mail % 4)
        self.settle(4)
        self.assertEqual(len(os.listdir(os.path.join(other, "new"))), 1)
        self.assertEqual(set(self.recorded().values()), {1})


main()
