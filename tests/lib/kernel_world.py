# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a made-up kernel has: superblocks, directory entries, network namespaces. No memory yet: that
is kernel_image.py's. All sums (truth.json) are made of the lists here."""
import string

DIRECTORY, FILE, LINK = range(3)


class Super:
    def __init__(self, kind, label, major, minor):
        self.kind, self.label, self.dev = kind, label, major << 20 | minor
        self.root = None
        self.anonymous = []  # roots without a parent, in s_roots
        self.dying = False
        self.own_hash = False  # its d_hash() folds letters: the name does not give the hash
        self.address = 0


class Entry:
    __slots__ = ("name", "parent", "sb", "ino", "kind", "refs", "hashed", "listed", "node", "group",
                 "address", "hash", "kids", "inode")

    def __init__(self, name, parent, sb, ino, kind):
        self.name, self.parent, self.sb, self.ino, self.kind = name, parent or self, sb, ino, kind
        self.refs, self.hashed, self.listed, self.node, self.group = 0, True, False, 0, 0
        self.address = self.hash = self.inode = 0
        self.kids = []

    @property
    def missing(self):
        return not self.ino

    def path(self):
        parts, at = [], self
        while at.parent is not at:
            parts.append(at.name.decode(errors="backslashreplace"))
            at = at.parent
        return "/" + "/".join(reversed(parts))


class World:
    """SUPERS of all kinds; ENTRIES hashed ones, of which CHAIN are named ipv6 in one directory."""

    def __init__(self, draw, entries, chain):
        self.draw = draw
        self.supers, self.entries, self.planted = [], [], []
        self.inodes = 1000
        self.used = set()
        self.namespaces = [0xF0000000 + 8 + i * 3 for i in range(40)]
        self.disk = self.super("ext4", "sda1", 8, 1)
        self.proc = self.super("proc", "proc", 0, 22)
        for label, minor in (("sysfs", 21), ("tmpfs", 24)):
            self.super(label, label, 0, minor)
        self.overlays = [self.super("overlay", "overlay", 0, 40 + i) for i in range(3)]
        self.fat = self.super("vfat", "sdb1", 8, 17)
        self.fat.own_hash = True
        self.pipes = self.super("pipefs", "pipefs", 0, 13)
        dead = self.super("overlay", "overlay", 0, 99)
        dead.dying, dead.root = True, None
        self.supers[3].anonymous = [self.loose(self.supers[3], b"") for _ in range(3)]
        self.loose_ends = [self.loose(self.pipes, b"") for _ in range(20)]
        self.folder = self.plant()
        self.chains(chain)
        self.fill(entries)
        self.hold()

    def super(self, kind, label, major, minor):
        sb = Super(kind, label, major, minor)
        sb.root = Entry(b"/", None, sb, self.inode(), DIRECTORY)
        sb.root.hashed = False
        self.supers.append(sb)
        return sb

    def loose(self, sb, name):
        entry = Entry(name, None, sb, self.inode(), FILE)
        entry.hashed, entry.refs = False, 1
        return entry

    def inode(self):
        self.inodes += self.draw.randint(1, 5)
        return self.inodes

    def add(self, parent, name, ino=None, kind=FILE):
        """An entry below PARENT; ino 0: a name that is not there."""
        entry = Entry(name, parent, parent.sb, self.inode() if ino is None else ino, kind)
        parent.kids.append(entry)
        self.entries.append(entry)
        return entry

    def name(self, shortest, longest, alphabet=string.ascii_letters + string.digits + "._-"):
        while True:
            name = "".join(self.draw.choices(alphabet, k=self.draw.randint(shortest, longest))).encode()
            if name not in self.used and name not in (b".", b".."):
                self.used.add(name)
                return name

    def plant(self):
        """A folder with 64 missing and 64 existing names, inline and not, as a reader plants them."""
        state = self.add(self.add(self.disk.root, b"var", kind=DIRECTORY), b"lib", kind=DIRECTORY)
        folder = self.add(state, b"dcachemon", kind=DIRECTORY)
        for i in range(128):
            name = self.name(33, 60) if i % 4 == 3 else self.name(8, 31)
            self.planted.append(self.add(folder, name, 0 if i < 64 else None))
        self.draw.shuffle(self.planted)
        return folder

    def chains(self, chain):
        """Every network namespace has entries of its own below one parent, with the same names."""
        net = self.add(self.add(self.proc.root, b"sys", kind=DIRECTORY), b"net", kind=DIRECTORY)
        self.net, self.made = net, {b"ipv6": chain, b"core": chain // 4}
        for i, name in enumerate((b"unix", b"netfilter", b"x25", b"bridge", b"mptcp", b"vsock", b"xfrm",
                                  b"iw_cm", b"nf_conntrack_max", b"nf_log")):
            self.made[name] = 20 + 5 * i
        for name, length in self.made.items():
            for _ in range(length):
                self.add(net, name, kind=DIRECTORY).refs = 1

    def fill(self, entries):
        busy = [self.add(self.add(sb.root, b"tmp", kind=DIRECTORY), b"cache", kind=DIRECTORY) for sb in self.overlays]
        trees = {sb: [sb.root] for sb in self.supers if sb.root and sb not in (self.pipes, self.proc)}
        roots = list(trees)
        while len(self.entries) < entries:
            dice = self.draw.random()
            if dice < 0.4:  # one program probes for names that are not there
                self.add(busy[0], b".%s_dOeSnotExist_.db" % self.name(6, 40), 0)
            elif dice < 0.5:
                self.add(busy[1], self.name(4, 20), 0)
            else:
                tree = trees[self.draw.choices(roots, weights=[8] + [1] * (len(roots) - 1))[0]]
                parent = tree[int(len(tree) * self.draw.random())]
                name = self.name(200, 255) if dice > 0.998 else self.name(33, 60) if dice > 0.9 else self.name(2, 31)
                if dice > 0.98:
                    tree.append(self.add(parent, name, kind=DIRECTORY))
                else:
                    self.add(parent, name, 0 if dice < 0.6 else None, LINK if dice > 0.97 else FILE)

    def hold(self):
        """References, and the lists of entries that nobody holds, by node and control group."""
        roots = {sb.root for sb in self.supers if sb.root}
        ours = set(self.planted)  # who plants names holds none of them
        for entry in [*self.entries, *sorted(roots, key=lambda r: r.ino)]:
            entry.refs += len(entry.kids) + (self.draw.random() < 0.02 and entry not in ours) + (entry in roots)
            # An entry may stay listed while it is used, and one made just now is in no list yet.
            entry.listed = entry.parent is not entry and (
                self.draw.random() < 0.97 if not entry.refs else self.draw.random() < 0.01)
            entry.node = self.draw.random() < 0.3
            entry.group = self.draw.randint(0, 2) if entry.sb.kind == "overlay" else 0
