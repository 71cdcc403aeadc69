"""The daemon says what dsnctl says: whole events, over every mail there is and every charset that the core names.

DSND_TEST_MAILS names a directory of further mails.
"""

import base64
import json
import os
import re
import subprocess
import unittest

from harness import SystemTest, main

DSNCTL = os.environ["DSNCTL"]
ROOT = os.environ["DSND_SOURCE"]
CORPUS = os.environ.get("DSND_TEST_MAILS")
MAIL_BYTES_MAX = 1 << 20

# What tells where and when an event was made.
OWN = ("seq", "time", "source", "crc", "ruleset")

TEXT = """From: MAILER-DAEMON@mx.example.net
To: bounces@example.com
Subject: =?{charset}?B?{subject}?=
MIME-Version: 1.0
Content-Type: text/plain; charset="{charset}"
Content-Transfer-Encoding: base64

"""
# Each charset has letters of its own, and all of them have these bytes: what they say differs.
WORDS = (b"Undelivered mail \xc3\xa9\xd0\xb0\xb1\xa1\xe0\n\nThe following address failed:\n\n"
         b"<user@example.org>: 550 5.1.1 no such user \xcf\xd2\xc9\xb2\xc4\xbb\xd4\xda\n")


def charsets():
    """The names that stand in the core's list."""
    with open(os.path.join(ROOT, "src/core/mail/mailtext.c"), encoding="utf-8") as file:
        block = re.search(r"charsets\[\] = \{(.*?)\};", file.read(), re.S)[1]
    return re.findall(r'"([^"]+)"', block)


def encodings(charset):
    """The words in the charset as Python writes it, where it can, and the same bytes for all."""
    words = "Nicht zustellbar.\n\n<user@example.org>: 550 5.1.1 %s\n"
    samples = {"1251": "пользователь", "koi8": "почта", "866": "ящик", "855": "ящик", "cyrillic": "ящик", "jp": "宛先不明", "932": "宛先不明",
               "jis": "宛先不明", "kr": "사용자 없음", "949": "사용자 없음", "johab": "사용자 없음", "gb": "用户不存在", "big5": "用戶不存在",
               "950": "用戶不存在", "utf": "użytkownik ящик 宛先", "125": "été", "8859": "été", "cp": "été", "ibm": "été"}
    for part, sample in samples.items():
        if part in charset.lower():
            try:
                yield (words % sample).encode(charset)
            except (LookupError, UnicodeEncodeError):
                continue
    yield WORDS
    yield b"\x1b$B08@hITL@\x1b(B\x1b$(C;gGE\x0e$@\x0f+AGE-\r\n" + WORDS


def mails_in_charsets():
    for charset in charsets():
        for n, text in enumerate(encodings(charset)):
            header = TEXT.format(charset=charset, subject=base64.b64encode(text[:40]).decode())
            yield "charset-%s-%d" % (charset.lower(), n), header.encode() + base64.encodebytes(text)


def stored_mails():
    for folder in [os.path.join(ROOT, "fixtures"), *([CORPUS] if CORPUS else [])]:
        for path, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.endswith(".eml"):
                    with open(os.path.join(path, name), "rb") as file:
                        content = file.read()
                    # dsnctl takes a file that starts with an envelope's From for a mbox, the daemon for a mail
                    yield "%s-%s" % (os.path.basename(path), name), re.sub(rb"\AFrom .*\n", b"", content)


def compared(line):
    event = json.loads(line)
    return event["source"]["file"].rsplit("/", 1)[-1], {key: value for key, value in event.items() if key not in OWN}


class Parity(SystemTest):
    is_recorded = False  # many thousand calls that other tests judge

    def test_whole_events_are_the_same(self):
        mails = list(mails_in_charsets()) + list(stored_mails())
        folder = os.path.join(self.base, "mails")
        os.mkdir(folder)
        names = {}
        for n, (what, content) in enumerate(mails):
            # below the cap both read all of it; names in the order of delivery
            name = "%d.%d.host" % (1700000000 + n, n)
            names[name] = what
            with open(os.path.join(folder, name), "wb") as out:
                out.write(content[:MAIL_BYTES_MAX])
            self.deliver(content[:MAIL_BYTES_MAX], name=name)
        run = subprocess.run([DSNCTL, "parse", "--json", "--rules", "", *(os.path.join(folder, name) for name in names)],
                             stdout=subprocess.PIPE, check=False)
        wanted, said = {}, {}
        for line in run.stdout.splitlines():
            name, event = compared(line)
            wanted.setdefault(name, []).append(event)
        self.start()
        self.wait_for(lambda: self.status()["mails"] == len(mails), "all mails to be recorded", 200)
        status = self.status()
        self.stop()
        for path in sorted(os.listdir(self.spool)):
            if path.endswith(".jsonl"):
                with open(os.path.join(self.spool, path), "rb") as lines:
                    for line in lines:
                        name, event = compared(line)
                        said.setdefault(name, []).append(event)
        differing = [names[name] for name in names if said.get(name) != wanted.get(name)]
        print("\n%d mails, %d of them in %d charsets: %d differ" % (len(mails), len(list(mails_in_charsets())), len(charsets()),
                                                                   len(differing)))
        self.assertEqual(differing, [])
        self.assertEqual(status["workers"]["refused_calls"], 0, self.logged())
        self.assertGreater(len(charsets()), 60)


@unittest.skipIf(os.environ.get("DSND_SANITIZED"), "there's no filter under a sanitizer")
class Refused(SystemTest):
    """A charset that isn't loaded: the C library asks for its module, and isn't given it."""

    def test_a_refused_call_is_counted_and_told_once(self):
        self.start()
        for n in range(3):
            text = TEXT.format(charset="EBCDIC-AT-DE", subject="QUJD") + base64.b64encode(b"abc%d" % n).decode() + "\n"
            self.deliver(text.encode())
        self.wait_for(lambda: self.status()["mails"] == 3, "the mails to be recorded")
        self.assertGreater(self.status()["workers"]["refused_calls"], 0)
        self.assertEqual(self.status()["workers"]["deaths"], 0)
        self.assertEqual(self.logged().count("call-refused"), 1, self.logged())


main()
