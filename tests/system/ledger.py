"""The oracle of test_operator.py: what became of each mail, of each number, and what each consumer was told.

Each mail is in exactly one of: new/, recorded once, a loud refusal. No number stands for two events. Each named consumer has
seen all that was recorded, or a gap. What the operator destroyed himself counts against nobody, but no more than that."""

import collections
import contextlib
import json
import os
import stat


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def events_of(content):
    """The valid events among these bytes."""
    found = []
    for line in content.split(b"\n")[:-1]:
        body, mark, crc = line.rpartition(b',"crc":"')
        if not mark or crc != b'%08x"}' % crc32c(body):
            continue
        found.append(json.loads(line))
    return found


class Mail:
    """A file that stood in new/. What counts is the file, whatever it's called."""

    def __init__(self):
        self.puts = collections.Counter()  # name -> how often somebody put it there
        self.n_parts = 1
        self.is_taken = False  # by the operator


class Ledger:
    def __init__(self):
        self.mails = {}       # device and inode -> Mail
        self.pins = {}        # keep what is deleted, and its inode from being used again
        self.segments = {}    # device and inode -> spool id
        self.sizes = {}       # device and inode -> size and time when it was read last
        self.events = collections.defaultdict(set)   # spool id, seq -> ids of events
        self.records = collections.defaultdict(set)  # name, part -> spool id, seq
        self.marks = collections.Counter()           # spool id -> numbers below were given
        self.n_destroyed = 0
        self.wrong = []

    def close(self):
        for fd in self.pins.values():
            os.close(fd)

    def blame(self, words):
        if words not in self.wrong:
            self.wrong.append(words)

    def pin(self, path):
        """The file's key, which is its own as long as the ledger lives; None: it's no plain file."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        st = os.fstat(fd)
        key = st.st_dev, st.st_ino
        if key in self.pins or not stat.S_ISREG(st.st_mode):
            os.close(fd)
        else:
            self.pins[key] = fd
        return key if stat.S_ISREG(st.st_mode) else None

    # --- mails

    def enter(self, key, name, n_parts=1):
        """Somebody put this file into new/, by this name."""
        mail = self.mails.setdefault(key, Mail())
        mail.n_parts = max(mail.n_parts, n_parts)
        mail.puts[name] += 1

    def take_away(self, path):
        """The operator is about to delete what is there."""
        for folder, _, names in os.walk(path):
            for name in names:
                self.take_away_file(os.path.join(folder, name))
        self.take_away_file(path)

    def take_away_file(self, path):
        mail = self.mails.get(self.pin(path))
        if mail:
            mail.is_taken = True

    def tamper(self, path):
        """The operator is about to change the file: it's another mail then, though dsnd may have recorded it already."""
        mail = self.mails.get(self.pin(path))
        if mail:
            mail.n_parts = 1
            for name in mail.puts:
                mail.puts[name] += 1

    def note_new(self, before, path):
        """What the operator's last deed brought into new/, which had `before` in it."""
        now = self.list_new(path)
        for name in now:
            key = self.pin(os.path.join(path, name))
            if key and before.get(name) != now[name] and not name.startswith("."):
                self.enter(key, name)

    def list_new(self, path):
        found = {}
        try:
            names = os.listdir(path)
        except OSError:
            return found
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                st = os.lstat(os.path.join(path, name))
                found[name] = st.st_dev, st.st_ino
        return found

    # --- the spool

    def note_event(self, spool, event):
        self.events[spool, event["seq"]].add(event["id"])
        if len(self.events[spool, event["seq"]]) > 1:
            self.blame("number %d of spool %s was given to two events" % (event["seq"], spool[:8]))
        if event["source"]:
            self.records[event["source"]["file"], event["part"][0]].add((spool, event["seq"]))
        self.marks[spool] = max(self.marks[spool], event["seq"] + 1)

    def note_spool(self, path):
        """Remembers all segments, and what stands in them until the end."""
        try:
            with open(os.path.join(path, "id"), "rb") as text:
                spool = text.read(32).decode("ascii", "replace")
            names = [name for name in os.listdir(path) if name.endswith(".jsonl")]
        except OSError:
            return
        for name in names:
            key = self.pin(os.path.join(path, name))
            if key:
                self.segments.setdefault(key, spool)
        self.read_segments()

    def read_segments(self):
        for key, spool in self.segments.items():
            st = os.fstat(self.pins[key])
            if self.sizes.get(key) == (st.st_size, st.st_mtime_ns):
                continue
            self.sizes[key] = st.st_size, st.st_mtime_ns
            for event in events_of(os.pread(self.pins[key], st.st_size, 0)):
                self.note_event(spool, event)

    # --- the end

    def names_where(self, base):
        """Where each file is now: key -> paths."""
        places = collections.defaultdict(list)
        for folder, _, names in os.walk(base):
            for name in names:
                path = os.path.join(folder, name)
                st = os.lstat(path)
                places[st.st_dev, st.st_ino].append(path)
        return places

    def is_waiting(self, paths):
        """Whether it stands in new/, or in what was new/ before the operator moved that."""
        for path in paths:
            parent, above = path.split(os.sep)[-2:-4:-1]
            if parent.startswith("new") and not above.startswith(".dsnd"):
                return True
        return False

    def is_recorded(self, mail):
        return any(all((name, part + 1) in self.records for part in range(mail.n_parts)) for name in mail.puts)

    def judge_mails(self, base):
        places = self.names_where(base)
        missing = [mail for key, mail in self.mails.items()
                   if not mail.is_taken and not self.is_recorded(mail) and not self.is_waiting(places[key])]
        # what the operator destroyed before anybody saw it; readers are told of these numbers
        unknown = sum(mark - 1 - sum(spool == one for spool, _ in self.events) for one, mark in self.marks.items())
        if sum(mail.n_parts for mail in missing) > unknown:
            self.blame("lost: %s (%d numbers are unknown)" % ([dict(mail.puts) for mail in missing], unknown))

    def judge_doubles(self, intact):
        """@intact: what a reader gets of the last spool, (name, part) -> how often."""
        allowed = collections.Counter()
        for mail in self.mails.values():
            allowed.update(mail.puts)
        for (name, part), numbers in self.records.items():
            limit = allowed[name]
            if intact[name, part] > limit or len(numbers) > limit + self.n_destroyed:
                self.blame("%s, part %d, recorded %d times (%d times there), put there %d times"
                           % (name, part, len(numbers), intact[name, part], allowed[name]))


class Consumer:
    """What one named consumer was told, against what it was promised."""

    def __init__(self, ledger, name):
        self.ledger, self.name = ledger, name
        self.client = None
        self.sent = collections.Counter()       # spool id -> highest number it acknowledged
        self.confirmed = collections.Counter()  # and was told so
        self.reached = {}                       # spool id -> all before it were seen, or told as a gap
        self.may_fall = False  # the operator damaged its cursor, or put an old one there: events come again
        self.is_gone = False   # or took it away: it may be a new consumer to dsnd

    def follow(self, client):
        """Takes over a new connection; False: it was refused."""
        self.client, self.expected, self.last = client, None, 0
        line = self.line(client.patience_s)
        if not line or "dsnd" not in line:
            return self.leave()
        self.spool = line["spool"]
        client.say("FOLLOW " + self.name)
        while line is not None and "following" not in line:
            line = self.line(client.patience_s)
            if line and "error" in line:
                return self.leave()
        if line is None:
            return self.leave()
        self.expected = line["from"]
        self.judge_start()
        return True

    def leave(self):
        if self.client:
            self.client.close()
        self.client = None
        return False

    def line(self, patience_s):
        try:
            return self.client.line(patience_s)
        except (OSError, TimeoutError, ValueError):
            return None

    def judge_start(self):
        start, sent, confirmed = self.expected, self.sent[self.spool], self.confirmed[self.spool]
        reached = self.reached.get(self.spool)
        if reached is not None and start > max(sent + 1, reached) and not self.is_gone:
            self.ledger.blame("%s goes on from %d, though it had seen up to %d only" % (self.name, start, reached - 1))
        if start <= confirmed and not self.may_fall:
            self.ledger.blame("%s goes on from %d, though %d was confirmed" % (self.name, start, confirmed))
        if start <= confirmed:
            self.confirmed[self.spool] = self.sent[self.spool] = start - 1
        if reached is None or start < reached or self.is_gone:
            self.reached[self.spool] = start

    def take(self, line):
        if "gap" in line:
            first, last = line["gap"]["from"], line["gap"]["to"]
        elif "seq" in line and self.expected is not None:
            first = last = self.last = line["seq"]
            self.ledger.note_event(self.spool, line)
        else:
            if "acked" in line:
                self.confirmed[self.spool] = max(self.confirmed[self.spool], line["acked"])
            return
        if first != self.expected:
            self.ledger.blame("%s got %s where %d was due" % (self.name, "%d to %d" % (first, last), self.expected))
        self.expected = last + 1
        self.reached[self.spool] = max(self.reached[self.spool], self.expected)

    def read(self, count, patience_s):
        """So many lines, as far as they come; whether the connection still stands."""
        for _ in range(count):
            try:
                line = self.client.line(patience_s)
            except TimeoutError:
                return True
            except (OSError, ValueError):
                line = None
            if line is None:
                return self.leave()
            self.take(line)
        return True

    def acknowledge(self, patience_s):
        """All that it got; of a gap there's nothing to acknowledge."""
        if not self.client or self.last <= self.sent[self.spool]:
            return
        try:
            self.client.say("ACK %d" % self.last)
        except OSError:
            self.leave()
            return
        self.sent[self.spool] = self.last
        self.read(1, patience_s)
