"""Mails in, events out: once each, in order, with mails put where they belong."""

import os
import subprocess

from harness import SystemTest, main, report


class Basic(SystemTest):
    def test_events_come_once_each_in_order(self):
        self.start()
        follower = self.client()
        names = [self.deliver() for _ in range(200)]
        events = follower.events(200)
        self.assert_once_in_order(events, names)
        for i, event in enumerate(events):
            self.assertEqual(event["kind"], "bounce")
            self.assertEqual(event["recipient"], "user%d@example.org" % i)
            self.assertEqual(event["source"]["mailbox"], "bounces")
        self.assertTrue(follower.is_silent())
        self.wait_for(lambda: not self.in_new(), "all mails to leave new")
        self.assertEqual(sorted(os.listdir(os.path.join(self.maildir, "cur"))),
                         sorted(name + ":2,S" for name in names))
        self.assertEqual(self.stop(), 0)
        self.assertEqual(self.spool_lines(), events)

    def test_mails_that_wait_come_in_the_order_of_their_names(self):
        names = [self.deliver() for _ in range(500)]
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        self.assertEqual(follower.line(), {"following": "-", "from": 1})
        self.assert_once_in_order(follower.events(500), names)

    def test_mails_of_all_sizes_keep_apart_in_the_workers_memory(self):
        sizes = [0, 0, 0, 500, 5000, 60000, 300000, 0, 9000, 1 << 20]
        said = {}
        for n in range(400):
            mail = report(n) + b"padding of mail %d\n" % n * (sizes[n * 7 % 10] // 20)
            said[self.deliver(mail)] = ("user%d@example.org" % n, len(mail))
        self.start()
        follower = self.client()
        follower.say("FOLLOW - first")
        events = follower.events(400)
        self.assertEqual({event["source"]["file"]: (event["recipient"], event["source"]["size"])
                          for event in events}, said)

    def test_a_report_for_many_has_one_event_for_each(self):
        self.start()
        follower = self.client()
        self.deliver(report(7, 1000))
        events = follower.events(1000)
        self.assertEqual([event["part"] for event in events],
                         [[i + 1, 1000] for i in range(1000)])
        self.assertEqual(len({event["id"] for event in events}), 1000)

    def test_a_silent_client_gets_live_events(self):
        self.deliver()
        self.start()
        self.wait_for(lambda: self.status()["mails"] == 1, "the first mail")
        reader = subprocess.Popen(["socat", "-", "UNIX-CONNECT:" + self.socket],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        self.assertIn(b'"next":2', reader.stdout.readline())
        self.deliver()
        self.assertIn(b'"seq":2', reader.stdout.readline())
        reader.stdin.close()
        reader.stdout.close()

    def test_people_s_mail_goes_to_its_folder(self):
        self.start()
        follower = self.client()
        name = self.deliver(b"From: a@example.org\nTo: b@example.com\nSubject: lunch?\n\nAt noon?\n")
        self.assertEqual(follower.events(1)[0]["kind"], "other")
        self.wait_for(lambda: not self.in_new(), "the mail to leave new")
        self.assertEqual(self.in_new(os.path.join(self.maildir, ".dsnd-other")), [name])

    def test_a_name_that_is_taken_in_cur_overwrites_nothing(self):
        taken = os.path.join(self.maildir, "cur", "1.host:2,S")
        with open(taken, "w") as out:
            out.write("kept")
        self.start()
        self.deliver(name="1.host")
        self.wait_for(lambda: not self.in_new(), "the mail to leave new")
        with open(taken) as text:
            self.assertEqual(text.read(), "kept")
        self.assertEqual(sorted(os.listdir(os.path.join(self.maildir, "cur"))),
                         ["1.host,1:2,S", "1.host:2,S"])

    def test_a_file_copied_into_new_is_read_when_it_is_whole(self):
        self.start()
        follower = self.client()
        follower.say("FOLLOW - next")
        follower.line()
        whole = report(1)
        with open(os.path.join(self.maildir, "new", "slow"), "wb") as out:
            out.write(whole[:100])
            out.flush()
            self.assertTrue(follower.is_silent())
            out.write(whole[100:])
        self.assertEqual(follower.events(1)[0]["source"]["size"], len(whole))


class Deleting(SystemTest):
    mailbox_keys = "Processed=delete\nOtherFolder="

    def test_processed_mail_is_deleted_and_nothing_else_is(self):
        self.start()
        follower = self.client()
        self.deliver()
        follower.events(1)
        self.wait_for(lambda: not self.in_new(), "the mail to leave new")
        self.assertEqual(os.listdir(os.path.join(self.maildir, "cur")), [])


if __name__ == "__main__":
    main()
