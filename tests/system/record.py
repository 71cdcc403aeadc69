"""Reading what recorder.c wrote, and two judges of it: the order in which the daemon lets go of mails, and a disk that
may lose all that wasn't synced."""

import collections
import json
import re

Call = collections.namedtuple("Call", "name arguments result")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
SEQ = re.compile(rb'"seq":(\d+)')
ACKED = re.compile(rb'^{"acked":(\d+)', re.M)
SPOOL = re.compile(rb'^{"dsnd":1,"spool":"(\w+)"', re.M)


def read(path):
    """All calls in order. The result is None if the process ended within the call."""
    calls = []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            mark, *words = line.rstrip("\n").split(" ")
            if not words or words.pop() != ";":
                continue  # death came while it was written, before the call
            if mark == ">":
                calls.append(Call(words[0], words[1:], None))
            elif mark == "<":
                calls[-1] = calls[-1]._replace(result=(int(words[0]), *words[1:]))
    return calls


def succeeded(call):
    return call.result is not None and call.result[0] >= 0


def unhex(text):
    return bytes.fromhex(text)


class File:
    """A file as the running system sees it, and as a sync last left it."""

    def __init__(self):
        self.content = b""
        self.synced = b""

    def write(self, offset, data):
        self.content = self.content[:offset].ljust(offset, b"\0") + data + self.content[offset + len(data):]

    def truncate(self, length):
        self.content = self.content[:length].ljust(length, b"\0")


def events_of(content):
    """The whole lines of a segment, as objects."""
    found = []
    for line in content.split(b"\n")[:-1]:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "seq" in event:
            found.append(event)
    return found


class Automaton:
    """P3: a mail leaves new/ only when all its events are synced, and no event is sent before."""

    def __init__(self):
        self.files = collections.defaultdict(File)
        self.parts = collections.defaultdict(set)  # of the mail in this file: events that are synced
        self.counts = {}
        self.own = set()  # directory and name of files that the daemon made
        self.ids = {}     # seq -> id of the event, of those that are synced
        self.seqs = collections.defaultdict(set)  # of the mail in this file
        self.names = {}   # directory and name -> file that the daemon made there
        self.deleted = set()  # seqs in segments that the daemon deleted
        self.acked = 0    # as told to the consumer
        self.spool = None  # its id, as told to clients
        self.next = 1
        self.violations = []
        self.n_moves = self.n_events = 0

    def take(self, call):
        judge = getattr(self, "take_" + call.name, None)
        if judge:
            judge(call, *call.arguments)

    def take_create(self, call, directory, name):
        self.own.add((directory, name))
        if succeeded(call):
            self.files[call.result[1]] = File()
            self.names[directory, name] = call.result[1]

    take_empty = take_create

    def take_write(self, call, file, offset, data=""):
        # cut short by death, it may be on its way all the same
        n = call.result[0] if call.result else len(data) // 2
        self.files[file].write(int(offset), unhex(data)[:max(n, 0)])

    def take_truncate(self, call, file, length):
        if succeeded(call):
            self.files[file].truncate(int(length))

    def take_sync(self, call, name):
        file = self.files.get(name)
        if not file or not succeeded(call):
            return
        known = len(file.synced) if file.content.startswith(file.synced) else 0
        for event in events_of(file.content[known:]):
            mail = event["source"]["file"]
            self.parts[mail].add(event["part"][0])
            self.counts[mail] = event["part"][1]
            self.ids[event["seq"]] = event["id"]
            self.seqs[mail].add(event["seq"])
            self.next = max(self.next, event["seq"] + 1)
            self.n_events += 1
        file.synced = file.content

    def let_go(self, name):
        mail = CONTROLS.sub("?", unhex(name).decode("utf-8", "replace"))
        if mail not in self.counts or len(self.parts[mail]) < self.counts[mail]:
            self.violations.append("%s leaves new/ before its events are synced" % mail)
        self.n_moves += 1

    def take_rename(self, call, from_directory, name, to_directory, to):
        if (from_directory, name) in self.own:
            self.own.add((to_directory, to))
        elif call.result is None or succeeded(call):
            self.let_go(name)

    def take_unlink(self, _call, directory, name):
        if (directory, name) not in self.own:
            self.let_go(name)
        elif (directory, name) in self.names:
            self.deleted |= {event["seq"] for event in events_of(self.files[self.names[directory, name]].content)}

    def take_send(self, _call, data):
        for acked in ACKED.findall(unhex(data)):
            self.acked = max(self.acked, int(acked))
        for spool in SPOOL.findall(unhex(data)):
            self.spool = spool.decode()
        for seq in SEQ.findall(unhex(data)):
            if int(seq) >= self.next:
                self.violations.append("event %d is sent before it's synced" % int(seq))


def judge(path):
    """The automaton after all that is recorded."""
    automaton = Automaton()
    for call in read(path):
        automaton.take(call)
    return automaton
