"""What a disk may hold after the power went, by what recorder.c wrote down.

A name that was made, moved or deleted is certain once its directory was synced, and what a file holds once the file
was. Until then any change may have reached the disk or not, whatever became of the others; of what was written into a
file the end may be missing, and any block be old, or zeros. `journal` is a milder disk, as most are: names change in
the order of the calls, and a sync of anything makes all changes before it certain."""

import collections
import os

from record import File, succeeded, unhex

BLOCK = 512
ID_BYTES = 63  # of a spool's file "id"; what follows tells which file it is, and ours is another


class Directory:
    def __init__(self):
        self.synced = {}                                # name -> inode
        self.changes = collections.defaultdict(list)    # name -> (number of the call, inode or None), not synced

    def now(self):
        return self.choose(lambda number: True)

    def choose(self, is_done):
        """The names, if of the calls that aren't certain those were done."""
        names = dict(self.synced)
        for name, changes in self.changes.items():
            for number, inode in changes:
                if is_done(number):
                    names[name] = inode
        return {name: inode for name, inode in names.items() if inode}

    def sync(self):
        self.synced = self.now()
        self.changes.clear()


class Disk:
    """One file system, from directories that are there at the start."""

    def __init__(self, root):
        self.files = {}
        self.links = {}  # inode of a mail -> path of another link to it
        self.states = {}  # inode -> contents since the last sync, the synced one first
        self.directories = {}
        self.keys = {}  # inode -> what its file is called here: the inode of a deleted file may become another's
        self.root = self.scan(root)
        self.n_calls = self.n_synced = 0

    def scan(self, path):
        inode = identity(path)
        directory = self.directories[inode] = Directory()
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                directory.synced[entry.name] = self.scan(entry.path)
        return inode

    def deliver(self, directory, name, link):
        """A mail system puts a mail there, and syncs it; @link is another name of the same file."""
        key = self.renew(identity(link))
        self.links[key] = link
        self.directories[directory].synced[name] = key

    def renew(self, inode):
        self.keys[inode] = "%s#%d" % (inode, len(self.files) + len(self.links))
        return self.keys[inode]

    def key(self, inode):
        return self.keys.get(inode, inode)

    def change(self, directory, name, inode):
        self.directories[directory].changes[os.fsdecode(unhex(name))].append((self.n_calls, inode))

    def take(self, call):
        """One call; of one that death cut short, nobody knows: it's taken as not done."""
        self.n_calls += 1
        if succeeded(call):
            getattr(self, "take_" + call.name)(call, *call.arguments)

    def take_create(self, call, directory, name):
        key = self.renew(call.result[1])
        self.files[key] = File()
        self.states[key] = [b""]
        self.change(directory, name, key)

    def take_empty(self, call, _directory, _name):
        self.take_truncate(call, call.result[1], 0)

    def take_mkdir(self, call, directory, name):
        self.directories[call.result[1]] = Directory()
        self.change(directory, name, call.result[1])

    def take_write(self, call, file, offset, data=""):
        key = self.key(file)
        if key not in self.files:  # the log
            return
        self.files[key].write(int(offset), unhex(data)[:call.result[0]])
        self.states[key].append(self.files[key].content)

    def take_truncate(self, _call, file, length):
        key = self.key(file)
        self.files[key].truncate(int(length))
        self.states[key].append(self.files[key].content)

    def take_sync(self, _call, inode):
        self.n_synced = self.n_calls
        if inode in self.directories:
            self.directories[inode].sync()
        elif self.key(inode) in self.files:
            self.states[self.key(inode)] = [self.files[self.key(inode)].content]

    def take_rename(self, _call, from_directory, name, to_directory, to):
        inode = self.directories[from_directory].now()[os.fsdecode(unhex(name))]
        self.change(from_directory, name, None)
        self.change(to_directory, to, inode)

    def take_unlink(self, _call, directory, name):
        self.change(directory, name, None)

    def take_send(self, _call, _data):
        pass

    def content(self, inode, chance, kind):
        """What a file may hold."""
        states = self.states[inode]
        if kind == "all" or len(states) == 1:
            return states[-1]
        if kind == "none":
            return states[0]
        shortest, longest = min(map(len, states)), max(map(len, states))
        length = chance.choice([shortest, longest, chance.randint(shortest, longest)])
        blocks = []
        for at in range(0, length, BLOCK):
            pieces = [state[at:at + BLOCK].ljust(BLOCK, b"\0") for state in states]
            blocks.append(pieces[-1] if kind == "end" else chance.choice(pieces))
        return b"".join(blocks)[:length]

    def put(self, path, inode, chance, kind, is_done):
        """Fills the directory at `path`."""
        for name, child in self.directories[inode].choose(is_done).items():
            target = os.path.join(path, name)
            if child in self.directories:
                os.mkdir(target)
                self.put(target, child, chance, kind, is_done)
            elif child in self.links:
                os.link(self.links[child], target)
            else:
                content = self.content(child, chance, kind)
                if name == "id":
                    content = content[:ID_BYTES]
                with open(target, "wb") as out:
                    out.write(content)

    def crash(self, path, chance, kind):
        """Makes a tree at `path` that the disk may hold now. Kinds: none and all of the uncertain changes; end: all
        but the ends of files; any: each change by chance; journal."""
        os.mkdir(path)
        if kind == "journal":
            last = chance.randint(self.n_synced, self.n_calls)
            self.put(path, self.root, chance, "any", lambda number: number <= last)
            return
        if kind == "any":
            done = {number for number in range(self.n_calls + 1) if chance.random() < 0.5}
            split = chance.random() < 0.3
            self.put(path, self.root, chance, kind,
                     lambda number: chance.random() < 0.5 if split else number in done)
            return
        self.put(path, self.root, chance, kind, lambda number: kind != "none")


def identity(path):
    st = os.stat(path)
    return "%d:%d" % (st.st_dev, st.st_ino)
