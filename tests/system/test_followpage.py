"""Every command of docs/follow.md, as it stands there, with the real daemon: paths of the system are moved into a scratch
directory, and dsnctl is told its socket. A block of the page that no test here runs fails.

Those of systemd need a booted system: tests/boot/guest runs them.
"""

import json
import os
import re
import shlex
import stat
import subprocess
import sys

from harness import PATIENCE_S, SystemTest, main

DSNCTL = os.path.abspath(os.environ.get("DSNCTL", "build/src/cli/dsnctl"))
SOURCE = os.environ.get("DSND_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PAGE = os.path.join(SOURCE, "docs", "follow.md")
UNIT = os.path.join(SOURCE, "systemd", "dsnd-follow@.service")
# what only a booted system can run, as its first words
BOOTED = {"systemctl enable --now dsnd-follow@suppressor", "[Service]", "install -d -o dsnd-follow /srv/list"}


def blocks():
    with open(PAGE, encoding="utf-8") as page:
        return [block for _, block in re.findall(r"^```(\w*)\n(.*?)^```$", page.read(), re.M | re.S)]


def block_with(text):
    found = [block for block in blocks() if text in block]
    assert len(found) == 1, (text, found)
    return found[0]


class FollowPage(SystemTest):
    def setUp(self):
        super().setUp()
        self.root = os.path.join(self.base, "root")
        for name in ("bin", "usr/local/bin", "srv/list", "srv/bounces", "var/lib/suppressor/parked", "var/lib/dsnd-follow/suppressor"):
            os.makedirs(os.path.join(self.root, name))
        self.suppressed = os.path.join(self.root, "srv/list/suppressed")
        self.script("bin/dsnctl", '#!/bin/sh\nverb=$1; shift; exec "%s" "$verb" --socket "%s" "$@"\n' % (DSNCTL, self.socket))
        self.script("bin/runuser", '#!/bin/sh\nshift 3; exec "$@"\n')
        self.start()

    def script(self, name, text):
        path = os.path.join(self.root, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def moved(self, text):
        """The page's text with its absolute paths below the scratch directory."""
        return re.sub(r"(?<![\w/!])/(srv|var|usr/local|etc/dsnd)/", r"%s/\1/" % self.root, text)

    def example(self, name, place=""):
        """Writes the page's program @name where its command looks for it."""
        block = block_with("# %s: " % name)
        self.assertTrue(block.startswith("#!/"))
        self.script(os.path.join(place, name), self.moved(block))

    def run_page(self, command):
        """Starts a command of the page; ended when the test is."""
        run = subprocess.Popen(["sh", "-c", "exec " + self.moved(command)], cwd=self.root, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=dict(os.environ, PATH=os.path.join(self.root, "bin") + ":" + os.environ["PATH"]))
        self.addCleanup(lambda: run.poll() is None and (run.kill(), run.communicate()))
        return run

    def end(self, run, code=0):
        out, errors = run.communicate(timeout=PATIENCE_S)
        self.assertEqual(run.returncode, code, errors)
        return out + errors

    def stop(self, run):
        run.terminate()
        self.end(run)

    def bounce(self):
        """A mail that says that no-one@example.org doesn't exist."""
        self.deliver(b"From: MAILER-DAEMON@example.net\nTo: list@example.com\nSubject: Undelivered\nMIME-Version: 1.0\n"
                     b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo.\n--b\n"
                     b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
                     b"Final-Recipient: rfc822; no-one@example.org\nAction: failed\nStatus: 5.1.1\n"
                     b"Diagnostic-Code: smtp; 550 5.1.1 User unknown\n--b--\n")

    def acked(self, name):
        found = [consumer["acked"] for consumer in self.status()["consumers"] if consumer["name"] == name]
        return found[0] if found else 0

    def wait_for_ack(self, name):
        self.wait_for(lambda: self.acked(name) == self.n_delivered, "the ack of " + name)

    def listed(self):
        if not os.path.exists(self.suppressed):
            return []
        with open(self.suppressed, encoding="utf-8") as lines:
            return lines.read().split()

    def test_the_command_and_what_it_parks(self):
        self.example("suppress")
        self.bounce()
        run = self.run_page(block_with("--exec ./suppress --park").strip())
        self.wait_for_ack("suppressor")
        self.assertEqual(self.listed(), ["no-one@example.org"])
        self.stop(run)
        # one that fails for good, and then the page's way to try it again
        parked = os.path.join(self.root, "var/lib/suppressor/parked")
        self.script("suppress", "#!/bin/sh\nexit 1\n")
        self.bounce()
        run = self.run_page(block_with("--exec ./suppress --park").strip() + " --tries 1 --patience 0")
        self.wait_for_ack("suppressor")
        self.stop(run)
        self.assertEqual(len(os.listdir(parked)), 2)
        retry = block_with("--retry-parked --park").strip()
        self.assertIn("0 of 1 parked events were handled", self.end(self.run_page(retry), 1))
        self.example("suppress")
        self.assertIn("1 of 1 parked events were handled", self.end(self.run_page(retry)))
        self.assertEqual((os.listdir(parked), self.listed()), ([], ["no-one@example.org"] * 2))

    def test_the_program_that_stays(self):
        self.example("suppressd")
        self.bounce()
        run = self.run_page(block_with("--exec-lines ./suppressd").strip())
        self.bounce()
        self.wait_for_ack("suppressor")
        self.assertEqual(self.listed(), ["no-one@example.org"] * 2)
        self.stop(run)

    def test_files_and_lines(self):
        self.bounce()
        run = self.run_page(block_with("follow keeper").strip())
        self.wait_for_ack("keeper")
        self.stop(run)
        self.assertEqual(len(os.listdir(os.path.join(self.root, "srv/bounces"))), 1)
        with open(PAGE, encoding="utf-8") as page:
            line = re.search(r"`(dsnctl follow NAME --ack \| \./program)`", page.read())[1]
        self.script("program", "#!/bin/sh\nhead -n 1 > lines\n")
        self.run_page(line.replace("NAME", "liner").replace("--ack", "--ack --count 1"))
        self.wait_for_ack("liner")
        path = os.path.join(self.root, "lines")
        # acked as soon as the pipe has it
        self.wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "the program to have written")
        with open(path, encoding="utf-8") as lines:
            self.assertEqual([json.loads(text)["recipient"] for text in lines], ["no-one@example.org"])

    def test_the_service(self):
        """The unit's command with the page's options, split as systemd splits them; then the page's way to free the name."""
        self.example("suppress", "usr/local/bin")
        options = re.search(r"^OPTIONS=(.*)$", block_with("# /etc/dsnd/follow/suppressor.conf"), re.M)[1]
        with open(UNIT, encoding="utf-8") as unit:
            command = re.search(r"^ExecStart=@bindir@/(.*)$", unit.read(), re.M)[1]
        command = shlex.join([part for word in command.replace("%i", "suppressor").split()
                              for part in (shlex.split(self.moved(options)) if word == "$OPTIONS" else [word])])
        self.bounce()
        run = self.run_page(command)
        self.wait_for_ack("suppressor")
        self.assertEqual(self.listed(), ["no-one@example.org"])
        self.assertIn("suppressor", self.end(self.run_page("dsnctl consumers")))
        self.stop(run)
        self.assertIn("0 of 0 parked", self.end(self.run_page(block_with("runuser").strip())))
        self.end(self.run_page(block_with("dsnctl forget").strip()))
        self.assertEqual(self.status()["consumers"], [])

    def test_every_block_is_run(self):
        with open(os.path.abspath(__file__), encoding="utf-8") as file:
            mine = file.read()
        texts = re.findall(r'block_with\("(.*?)"\)', mine) + ["# %s: " % name for name in re.findall(r'self\.example\("(\w+)"', mine)]
        with open(os.path.join(SOURCE, "tests/boot/guest"), encoding="utf-8") as file:
            guest = file.read()
        for block in blocks():
            if block.splitlines()[0] in BOOTED:
                # the guest shortens some: the words that say what is done stand in it
                self.assertIn(block.splitlines()[-1].split()[-1], guest)
            else:
                self.assertTrue(any(text in block for text in texts), block)


main()
