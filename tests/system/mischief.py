"""What an operator does to a running dsnd, step by step: the steps of test_operator.py.

A step is a list of words and numbers between 0 and 1, which choose among what is there, so that a sequence stays the same
when steps before it are left out. While a step is at work the daemon stands still, between two of its system calls."""

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import time

from harness import Client, SystemTest, report
from ledger import Consumer, Ledger

SHIM = os.environ.get("DSND_SHIM", "build/tests/system/shim.so")
USER = 65534 if os.geteuid() == 0 else None
DAY_S = 86400
RULES = "rule shut\ntext \"this box is shut for good\"\nsays inactive_mailbox\nproof \"550 this box is shut for good\"\n"
LUNCH = b"From: a@b.example\nTo: c@d.example\nSubject: lunch\n\nAt noon, on day %d?\n"
WAITS_S = (0, 0.002, 0.02, 0.1)
# what a path of a step stands for; "?" are chosen
PLACES = ("md", "md/new", "md/cur", "md/tmp", "md/.dsnd-other", "md/.dsnd-other/new", "md/new/?", "md/cur/?",
          "spool", "spool/?.jsonl", "spool/id", "spool/lock", "spool/stuck", "spool/consumer", "spool/consumer/?",
          "run", "run/s", "dsnd.conf", "rules", "rules/own.rules")


class World(SystemTest):
    """A daemon with a Maildir and a spool, its operator, and the ledger."""

    is_recorded = False

    def runTest(self):
        pass

    def tell_hold(self):
        """Thousands of these would say nothing."""

    def setUp(self):
        super().setUp()
        self.ledger = Ledger()
        self.addCleanup(self.ledger.close)
        self.socket = os.path.join(self.base, "run", "s")
        self.rules = os.path.join(self.base, "rules")
        self.spool_path = os.path.join(self.base, "spool")
        os.mkdir(os.path.join(self.base, "run"))
        os.mkdir(self.rules)
        self.offset_file = os.path.join(self.base, "offset")
        with open(self.offset_file, "wb") as out:
            out.write(struct.pack("=q", 0))
        self.write_settings()
        self.consumers = {}
        self.mounts = []
        self.n_made = 0
        self.n_said = 0
        self.is_killed = True  # by us, or never started
        self.addCleanup(self.unmount_all)
        self.own(self.base)

    def own(self, path):
        """Gives all below to the daemon's user."""
        if USER is None:
            return
        for folder, folders, names in os.walk(path):
            os.chown(folder, USER, USER)
            for name in names:
                os.chown(os.path.join(folder, name), USER, USER, follow_symlinks=False)

    def write_settings(self):
        for path in (self.config, os.path.join(self.rules, "own.rules")):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            with contextlib.suppress(OSError):
                os.unlink(path)
        os.makedirs(self.rules, exist_ok=True)
        self.configure(maildir=os.path.join(self.base, "md"), spool=self.spool_path, more="")
        with open(self.config, encoding="utf-8") as text:
            words = text.read().replace("Path=/nonexistent", "Path=" + self.rules)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(words)
        with open(os.path.join(self.rules, "own.rules"), "w", encoding="utf-8") as out:
            out.write(RULES)

    # --- the daemon

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def begin(self):
        """Starts the daemon if it isn't there, and doesn't wait for it."""
        if self.is_up():
            return
        self.judge_end()
        self.is_killed = False
        self.start(wait=False, env={"LD_PRELOAD": SHIM, "DSND_SHIM_CLOCK": self.offset_file}, user=USER)

    def judge_end(self):
        """A daemon that ended by itself said why."""
        with open(self.log, "ab"):
            pass
        with open(self.log, "rb") as log:
            log.seek(self.n_said)
            said = log.read()
        self.n_said += len(said)
        if not self.is_killed and self.process is not None and self.process.poll() is not None:
            if self.process.returncode < 0 or b"dsnd" not in said:
                self.ledger.blame("the daemon ended with %d and said %r" % (self.process.returncode, said[-300:]))
            self.is_killed = True  # and judged

    def signal(self, number):
        if self.is_up():
            self.process.send_signal(number)

    def hang_up(self):
        """SIGHUP, but not before dsnd had a chance to put it off: it ends any process that is just being loaded."""
        deadline = time.monotonic() + 20
        while self.is_up() and time.monotonic() < deadline:
            if self.is_loaded():
                self.signal(signal.SIGHUP)
                return
            time.sleep(0.005)

    def is_loaded(self):
        """Whether the process is dsnd by now, not Python that starts it, and blocks the signal."""
        proc = "/proc/%d/" % self.process.pid
        with contextlib.suppress(OSError):
            if os.path.basename(os.readlink(proc + "exe")).startswith("dsnd"):
                with open(proc + "status", encoding="ascii", errors="replace") as status:
                    blocked = [line.split()[1] for line in status if line.startswith("SigBlk")]
                return bool(int(blocked[0], 16) >> (signal.SIGHUP - 1) & 1)
        return False

    def end(self, number):
        """Ends the daemon by this signal."""
        if not self.is_up():
            return
        self.is_killed = True
        self.signal(number)
        try:
            self.process.wait(300)
        except subprocess.TimeoutExpired:
            self.ledger.blame("the daemon doesn't end")
            self.process.kill()
            self.process.wait()

    @contextlib.contextmanager
    def standing_still(self):
        self.signal(signal.SIGSTOP)
        deadline = time.monotonic() + 60
        while self.is_up() and time.monotonic() < deadline:
            with open("/proc/%d/stat" % self.process.pid, "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[0] in b"TZ":
                    break
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def wait_up(self):
        """Until the daemon answers, or for a while."""
        self.wait_a_while(self.is_answering)

    def is_answering(self):
        with contextlib.suppress(OSError, TimeoutError, ValueError), self.client_of() as client:
            return client.line(2) is not None
        return not self.is_up()

    def wait_settled(self):
        """Until new/ is empty, or for a while."""
        self.wait_a_while(lambda: not os.listdir(os.path.join(self.base, "md", "new")))

    def wait_a_while(self, condition):
        deadline = time.monotonic() + 1.5
        with contextlib.suppress(OSError):
            while not condition() and time.monotonic() < deadline:
                time.sleep(0.01)

    # --- places

    def path_of(self, place, choice):
        """The path of the place; None: nothing there to choose."""
        parts = place.split("/")
        if "?" not in parts[-1]:
            return os.path.join(self.base, *parts)
        folder = os.path.join(self.base, *parts[:-1])
        suffix = parts[-1].lstrip("?")
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith(suffix) and not name.startswith("."))
        except OSError:
            return None
        return os.path.join(folder, names[int(choice * len(names))]) if names else None

    def new_name(self, path, word):
        self.n_made += 1
        return "%s.%s%d" % (path, word, self.n_made)

    def last_name(self, path, word):
        """The last that was made of this path, None if there's none."""
        parent, name = os.path.split(path)
        try:
            found = [one for one in os.listdir(parent) if one.startswith("%s.%s" % (name, word))]
        except OSError:
            return None
        return os.path.join(parent, max(found, key=lambda one: int(one.rpartition(word)[2]))) if found else None

    def mount(self, *arguments):
        done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
        if done.returncode == 0:
            self.mounts.append((arguments[-1], arguments[0]))
            if arguments[0] == "-t" and USER is not None:
                os.chown(arguments[-1], USER, USER)

    def unmount(self, number):
        path, kind = self.mounts.pop(number)
        if kind == "-t":
            self.ledger.take_away(path)  # what was in it is gone with it
        subprocess.run(["umount", "-l", path], capture_output=True, check=False)

    def unmount_all(self, but=0):
        """All but the first so many."""
        while len(self.mounts) > but:
            self.unmount(-1)

    # --- mails and consumers

    def deliver_some(self, count, kind):
        for _ in range(count):
            n = self.n_delivered
            self.n_delivered += 1
            n_parts = {"three": 3, "many": 150}.get(kind, 1)
            self.deliver_one("%d.M%dP1.host" % (1700000000 + n, n), LUNCH % n if kind == "lunch" else report(n, n_parts), n_parts)

    def deliver_one(self, name, content, n_parts):
        """Writes the mail beside new/, and renames it; nothing is delivered where there is no new/."""
        new = os.path.join(self.base, "md", "new")
        for temporary in (os.path.join(self.base, "out"), os.path.join(new, ".out")):
            with contextlib.suppress(OSError):
                with open(temporary, "wb") as out:
                    out.write(content)
                if USER is not None:
                    os.chown(temporary, USER, USER)
                key = self.ledger.pin(temporary)
                os.rename(temporary, os.path.join(new, name))
                self.ledger.enter(key, name, n_parts)
                return

    def client_of(self):
        client = Client(self.socket, self.logged)
        client.patience_s = 2
        return client

    def consume(self, name, count):
        """The consumer reads so many lines and acknowledges; it connects first if it must."""
        consumer = self.consumers.setdefault(name, Consumer(self.ledger, name))
        if not consumer.client:
            try:
                client = self.client_of()
            except OSError:
                return
            if not consumer.follow(client):
                return
        if consumer.read(1, 0.3) and consumer.read(count - 1, 0.05):
            consumer.acknowledge(1)

    def forget(self, name):
        consumer = self.consumers.get(name)
        if consumer:
            consumer.leave()
            consumer.is_gone = consumer.may_fall = True
        with contextlib.suppress(OSError, TimeoutError), self.client_of() as client:
            client.say("FORGET " + name)
            client.line(2)
            if "forgot" in (client.line(2) or {}):
                self.consumers.pop(name, None)


# --- what is done to a place: functions of the world, its path, and a number that chooses

def remove(world, path, _):
    world.ledger.take_away(path)
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def move_away(world, path, _):
    os.rename(path, world.new_name(path, "away"))


def put_back(world, path, _):
    """The last that was moved away."""
    away = world.last_name(path, "away")
    if away and not os.path.lexists(path):
        os.rename(away, path)


def make_directory(world, path, _):
    if os.path.isdir(os.path.dirname(path)) and not os.path.lexists(path):
        os.makedirs(path)
        world.own(path)


def make_file(world, path, _):
    if not os.path.lexists(path):
        with open(path, "wb"):
            pass
        world.own(os.path.dirname(path))


def make_link(world, path, _):
    """It's moved away, and a symbolic link leads there."""
    away = world.new_name(path, "away")
    os.rename(path, away)
    os.symlink(away, path)


def link_hard(world, path, _):
    os.link(path, world.new_name(path, "link"), follow_symlinks=False)


def copy(world, path, _):
    to = world.new_name(path, "copy")
    subprocess.run(["cp", "-a", path, to], check=False, capture_output=True)


def restore(world, path, choice):
    """The last copy takes its place."""
    copied = world.last_name(path, "copy")
    if not copied:
        return
    if os.path.lexists(path):
        (move_away if choice < 0.5 else remove)(world, path, choice)
    subprocess.run(["cp", "-a", copied, path], check=False, capture_output=True)


def overwrite(world, path, _):
    """The last copy is written over it, file by file."""
    copied = world.last_name(path, "copy")
    if copied and os.path.isdir(copied) == os.path.isdir(path):
        world.ledger.tamper(path)
        subprocess.run(["cp", "-a", copied + "/." if os.path.isdir(copied) else copied, path], check=False, capture_output=True)


def change_mode(_, path, choice):
    os.chmod(path, (0, 0o400, 0o500, 0o777)[int(4 * choice)])


def change_owner(_, path, choice):
    os.chown(path, 0 if choice < 0.7 else 12345, 0)


def cut(world, path, choice):
    world.ledger.tamper(path)
    os.truncate(path, int(choice * os.path.getsize(path)))


def flip(world, path, choice):
    world.ledger.tamper(path)
    bit = int(choice * 8 * os.path.getsize(path))
    with open(path, "r+b") as file:
        file.seek(bit // 8)
        old = file.read(1)
        if old:
            file.seek(bit // 8)
            file.write(bytes([old[0] ^ 1 << bit % 8]))


def append(world, path, choice):
    world.ledger.tamper(path)
    with open(path, "ab") as out:
        out.write(b"\0" * 7 if choice < 0.5 else b'{"v":1,"seq":9,\n')


def mount_empty(world, path, _):
    if os.path.isdir(path):
        world.mount("-t", "tmpfs", "-o", "size=2m", "dsnd-test", path)


def mount_bound(world, path, choice):
    """The directory on itself, or a copy of it on it."""
    copied = world.last_name(path, "copy")
    if os.path.isdir(path):
        world.mount("--bind", copied if copied and choice < 0.5 else path, path)


def unmount(world, path, _):
    mounted = [number for number, (one, _) in enumerate(world.mounts) if one == path]
    if mounted:
        world.unmount(mounted[-1])


def fill(_, path, choice):
    """Leaves room for a few bytes, so that the next write may be cut short; only on a small file system."""
    space = os.statvfs(path)
    if space.f_blocks * space.f_frsize > 16 << 20:
        return
    with open(os.path.join(path, ".filler"), "wb", buffering=0) as out:
        for _ in range(max(0, space.f_bavail - int(3 * choice))):
            out.write(b"x" * space.f_frsize)


def empty(_, path, __):
    os.unlink(os.path.join(path, ".filler"))


DEEDS = {"rm": remove, "mv": move_away, "mv-back": put_back, "mkdir": make_directory, "touch": make_file, "ln-s": make_link,
         "ln": link_hard, "cp": copy, "restore": restore, "cp-over": overwrite, "chmod": change_mode, "chown": change_owner,
         "truncate": cut, "flip": flip, "append": append, "mount": mount_empty, "bind": mount_bound, "umount": unmount,
         "fill": fill, "empty": empty}
HARMLESS = ("mkdir", "touch", "ln", "cp", "chmod", "chown", "fill", "empty")


def note_harm(world, deed, place):
    """What the deed may cost, by what it's done to."""
    if not place.startswith("spool") or deed in HARMLESS:
        return
    if "consumer" not in place and "lock" not in place:
        world.ledger.n_destroyed += 1
    if place in ("spool", "spool/consumer", "spool/consumer/?"):
        for consumer in world.consumers.values():
            consumer.may_fall = True
            consumer.is_gone |= deed not in ("flip", "truncate", "append", "cp-over")


def do_deed(world, deed, place, choice):
    path = world.path_of(place, choice)
    if not path or (deed == "chown" and USER is None):
        return
    new = os.path.join(world.base, "md", "new")
    with world.standing_still():
        world.ledger.note_spool(world.spool_path)
        before = world.ledger.list_new(new)
        note_harm(world, deed, place)
        with contextlib.suppress(OSError, shutil.Error):
            DEEDS[deed](world, path, choice)
        world.ledger.note_new(before, new)


def jump(world, choice):
    seconds = (0, DAY_S, -DAY_S, 3600, 3000 * DAY_S, -3000 * DAY_S)[int(6 * choice)]
    with open(world.offset_file, "r+b") as out:
        out.write(struct.pack("=q", seconds))


def kill_worker(world, choice):
    if world.is_up():
        workers = world.workers()
        if workers:
            with contextlib.suppress(OSError):
                os.kill(workers[int(choice * len(workers))], signal.SIGKILL)


def leave(world, name):
    if name in world.consumers:
        world.consumers[name].leave()


STEPS = {
    "deliver": World.deliver_some, "consume": World.consume, "leave": leave, "forget": World.forget,
    "kill": lambda world: world.end(signal.SIGKILL), "stop": lambda world: world.end(signal.SIGTERM),
    "start": World.begin, "hup": World.hang_up, "clock": jump, "kill-worker": kill_worker,
    "up": World.wait_up, "settle": World.wait_settled, "wait": lambda _, seconds: time.sleep(seconds),
}


def do_step(world, step):
    word, *arguments = step
    if word in DEEDS:
        do_deed(world, word, *arguments)
    else:
        STEPS[word](world, *arguments)


# --- making sequences

def deed(chance):
    """One of the deeds at a place where it means something."""
    place = chance.choice(PLACES)
    is_file = place.endswith(("?", "jsonl", "id", "lock", "stuck", "conf", "rules/own.rules", "/s"))
    words = ["rm", "mv", "mv-back", "ln-s", "cp", "restore", "restore", "cp-over", "chmod", "chown"]
    if is_file:
        words += ["flip", "flip", "truncate", "append", "ln"] * 2 + ["mkdir"]
    else:
        words += ["mkdir", "mkdir", "mount", "bind", "umount", "touch"]
    if place in ("spool", "md"):
        words += ["fill", "empty"] * 2
    return [chance.choice(words), place, round(chance.random(), 4)]


def other_step(chance):
    name = chance.choice("abc")
    return chance.choices([
        ["deliver", chance.randint(1, 6), chance.choice(["one", "one", "lunch", "three"])],
        ["deliver", 1, "many"],
        ["consume", name, chance.randint(1, 12)],
        ["leave", name], ["forget", name], ["kill"], ["stop"], ["start"], ["hup"],
        ["clock", round(chance.random(), 4)], ["kill-worker", round(chance.random(), 4)], ["wait", 1.2],
        ["settle"],
    ], [24, 2, 14, 3, 1, 6, 4, 8, 4, 3, 2, 3, 8])[0]


def make_sequence(chance):
    """The steps, each with a short wait after it, so that dsnd is met at all it does."""
    steps = []
    if chance.random() < 0.85:
        steps += [["up"], ["deliver", chance.randint(1, 8), chance.choice(["one", "three", "lunch"])], ["settle"], ["consume", "a", chance.randint(1, 8)]]
    for _ in range(chance.randint(3, 14)):
        steps.append(deed(chance) if chance.random() < 0.45 else other_step(chance))
        if steps[-1][0] in ("kill", "stop") and chance.random() < 0.6:
            if chance.random() < 0.5:
                steps.append(deed(chance))
            steps.append(["start"])
            if chance.random() < 0.6:
                steps.append(["up"])
        if chance.random() < 0.5:
            steps.append(["wait", chance.choice(WAITS_S)])
    return steps
