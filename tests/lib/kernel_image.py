#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lays out the dentry cache of an old kernel in memory: the oracle of a reader of /proc/kcore.

    kernel_image.py [--kernel 3.10|4.18|5.4|5.10|patched|random] [--entries N] [--chain N] [--seed N]
                    [--hostile all|KIND,KIND] [--bits N] [--run N] [--later] [--no-totals]
                    [--fixed-number] FOLDER

FOLDER gets
    core        an ELF core file whose PT_LOAD segments have kernel addresses
    symbols     lines "ADDRESS T NAME" as in /proc/kallsyms
    planted     "dir DEV TYPE INO NAME", "missing NAME", "existing INO NAME", "namespace NUMBER" (what
                calibration knows)
    truth.json  what the image holds, summed from the lists it was made of; offsets of all members

--later adds core.1 and core.2, the same memory when fewer of the planted names were unused, and the
order in which calibration sees them to planted: "later BY CORE", BY more being unused than before.
--no-totals counts unused entries by control group alone, as 4.0 to 4.12. --fixed-number: the first
network namespace has the number that it has since 6.18.

patched is one of the others with further members between those, random one with its members in
another order: kernels that nobody knows. HOSTILE breaks one chain per kind (see Hostile); truth.json
says how much of it can still be believed.
"""
import argparse
import collections
import json
import random
from pathlib import Path

from kernel_hostile import KINDS, Hostile
from kernel_layouts import KERNELS, layout, shuffle, stretch
from kernel_memory import Memory, Slab
from kernel_world import World
from name_hash import HASHES

REFERENCED, LRU_LIST = 0x40, 0x80000
NODES = 2
LATER = (24, 41)  # planted names that are not unused in core.1 and core.2


class Image:
    def __init__(self, options):
        draw = self.draw = random.Random(options.seed)
        self.name, self.totals = options.kernel, not options.no_totals
        base = options.kernel if options.kernel in KERNELS else draw.choice(sorted(KERNELS))
        self.base, self.kernel = base, KERNELS[base]
        self.layout = {"random": shuffle, "patched": stretch}[options.kernel](base, draw) \
            if options.kernel not in KERNELS else layout(base)
        self.world = World(draw, options.entries, options.chain)
        if options.fixed_number:
            self.world.namespaces[0] = 0xEFFFFFF9  # include/uapi/linux/nsfs.h, NET_NS_INIT_INO
        self.memory = Memory(draw, options.run)
        self.bits = options.bits or max(10, (options.entries - 1).bit_length())
        self.slabs = {name: Slab(self.memory, self.layout[name][1])
                      for name in ("dentry", "inode", "super_block", "net", "net_device")}
        self.names = {size: Slab(self.memory, size) for size in (32, 64, 96, 128, 192, 256, 512)}
        self.text = self.memory.zone(self.memory.text, 1 << 16)
        self.heads = self.memory.table(8 << self.bits)
        self.variables, self.places = {}, {}
        self.tops = [self.data(64) for _ in range(6)]  # tables of functions: d_op, i_op and so on
        self.everything = self.world.entries + self.world.loose_ends + [
            e for sb in self.world.supers for e in [sb.root, *sb.anonymous] if e]
        self.build()

    # ---- addresses ----

    def at(self, struct, member):
        return self.layout[struct][0][member]

    def data(self, size):
        found = self.text
        self.text += -(-size // 8) * 8
        return found

    def variable(self, name, size=8):
        self.variables[name] = self.data(size)
        return self.variables[name]

    def put(self, struct, address, member, form, *values):
        offset = self.layout[struct][0].get(member)
        if offset is not None:
            self.memory.put(address + offset, form, *values)

    def ring(self, head, nodes):
        """A list_head and its members."""
        all_of_it = [head, *nodes]
        for i, node in enumerate(all_of_it):
            self.memory.put(node, "QQ", all_of_it[(i + 1) % len(all_of_it)], all_of_it[i - 1])

    # ---- structures ----

    def build(self):
        for sb in self.world.supers:
            sb.address = self.slabs["super_block"].take()
        for entry in self.everything:
            entry.address = self.slabs["dentry"].take()
            entry.inode = self.slabs["inode"].take() if entry.ino else 0
        for entry in self.everything:
            self.put_entry(entry)
        self.chains = self.put_chains()
        for entry in self.everything:
            self.ring(entry.address + self.at("dentry", "d_subdirs"),
                      [kid.address + self.at("dentry", "d_child") for kid in reversed(entry.kids)])
        self.put_lists()
        for sb in self.world.supers:
            self.put_super(sb)
        s_list = self.at("super_block", "s_list")
        self.ring(self.variable("super_blocks", 16), [sb.address + s_list for sb in self.world.supers])
        self.put_namespaces()
        self.put_leftovers()

    def put_entry(self, entry):
        entry.hash = HASHES[self.kernel.name_hash](
            entry.name.lower() if entry.sb.own_hash else entry.name, entry.parent.address)
        if entry.parent is entry:
            entry.hash = 0
        flags = REFERENCED if self.draw.random() < 0.5 else 0
        flags |= LRU_LIST if entry.listed else 0
        flags |= self.kernel.types[entry.kind] if entry.ino else 0
        put, address = self.put, entry.address
        put("dentry", address, "d_flags", "I", flags)
        put("dentry", address, "d_seq", "I", self.draw.randrange(6) * 2)
        put("dentry", address, "d_parent", "Q", entry.parent.address)
        put("dentry", address, "d_name", "IIQ", entry.hash, len(entry.name), self.put_name(entry))
        put("dentry", address, "d_inode", "Q", entry.inode)
        put("dentry", address, "d_lockref", "II", 0, entry.refs)
        put("dentry", address, "d_op", "Q", self.tops[len(entry.sb.kind) % 3])
        put("dentry", address, "d_sb", "Q", entry.sb.address)
        put("dentry", address, "d_time", "Q", self.draw.randrange(1 << 32))
        put("dentry", address, "d_fsdata", "Q", entry.sb.address if entry.sb.kind == "ext4" else 0)
        for member in ("d_lru", "d_child"):
            self.ring(address + self.at("dentry", member), [])
        if entry.inode:
            self.put_inode(entry)

    def put_name(self, entry):
        """Address of the name: in the entry, or, if it is too long, in an allocation of its own."""
        inline = self.layout["dentry"][2]["d_iname"]
        if len(entry.name) < inline:
            where = entry.address + self.at("dentry", "d_iname")
        else:
            need = self.kernel.external + len(entry.name) + 1
            slab = self.names[next(size for size in self.names if size >= need)].take()
            if self.kernel.external:
                self.memory.put(slab, "I", 1)
            where = slab + self.kernel.external
        self.memory.write(where, entry.name + b"\0")
        return where

    def put_inode(self, entry):
        put, address = self.put, entry.inode
        alias = entry.address + self.at("dentry", "d_alias")
        put("inode", address, "i_mode", "H", (0o040755, 0o100644, 0o120777)[entry.kind])
        put("inode", address, "i_op", "Q", self.tops[3])
        put("inode", address, "i_fop", "Q", self.tops[4])
        put("inode", address, "i_sb", "Q", entry.sb.address)
        put("inode", address, "i_mapping", "Q", address + 64)
        put("inode", address, "i_ino", "Q", entry.ino)
        put("inode", address, "i_nlink", "I", 1)
        put("inode", address, "i_size", "Q", self.draw.randrange(1 << 20))
        put("inode", address, "i_count", "I", 1)
        put("inode", address, "i_dentry", "Q", alias)
        self.memory.put(alias, "QQ", 0, address + self.at("inode", "i_dentry"))

    def put_chains(self):
        """{bucket: [entry, ...]}, newest first, as the kernel adds at the head."""
        node, chains = self.at("dentry", "d_hash"), collections.defaultdict(list)
        order = self.world.entries[:]
        self.draw.shuffle(order)
        for entry in order:
            chains[self.kernel.bucket(entry.hash, entry.parent.address, self.bits)].insert(0, entry)
        for bucket, chain in chains.items():
            self.link(self.heads + 8 * bucket, chain, node, self.draw.random() < 0.001)
        for sb in self.world.supers:  # roots without a parent are linked, but not in the table
            head = self.layout["super_block"][0].get("s_roots", self.layout["super_block"][0].get("s_anon"))
            self.link(sb.address + head, sb.anonymous, node, False)
        self.memory.put(self.variable("dentry_hashtable"), "Q", self.heads)
        for name, value in self.kernel.symbols(self.bits).items():
            self.memory.put(self.variable(name), "I", value)
        return chains

    def link(self, head, chain, node, locked):
        previous = head
        for i, entry in enumerate(chain):
            following = chain[i + 1].address + node if i + 1 < len(chain) else 0
            self.memory.put(entry.address + node, "QQ", following, previous)
            previous = entry.address + node
        self.memory.put(head, "Q", (chain[0].address + node if chain else 0) | locked)

    def put_lists(self):
        """Lists of unused entries: one per superblock in 3.10, per node and control group later."""
        lru = self.at("dentry", "d_lru")
        self.listed = collections.defaultdict(list)
        for entry in self.world.entries:
            if entry.listed:
                self.listed[entry.sb, entry.node, entry.group].append(entry.address + lru)

    def put_super(self, sb):
        address = sb.address
        for member, offset in self.layout["super_block"][0].items():
            size = self.layout["super_block"][2][member]
            if size == 4:
                self.memory.put(address + offset, "I", self.draw.randrange(5))
            elif size == 8 and member not in ("s_roots", "s_anon"):
                self.memory.put(address + offset, "Q", self.draw.choice((0, self.tops[5], address, 4096)))
        for member in ("s_mounts", "s_inodes", "s_inode_lru", "s_inodes_wb"):
            if member in self.layout["super_block"][0]:
                self.ring(address + self.at("super_block", member), [])
        name = self.data(16)
        self.memory.write(name, sb.kind.encode() + b"\0")
        kind = self.data(self.layout["file_system_type"][1])
        self.put("file_system_type", kind, "name", "QI", name, 8)
        self.put("super_block", address, "s_dev", "I", sb.dev)
        self.put("super_block", address, "s_blocksize", "Q", 4096)
        self.put("super_block", address, "s_type", "Q", kind)
        self.put("super_block", address, "s_root", "Q", sb.root.address if sb.root else 0)
        self.memory.write(address + self.at("super_block", "s_id"), sb.label.encode().ljust(32, b"\0"))
        self.put("super_block", address, "s_count", "I", 1)
        self.put("super_block", address, "s_active", "I", 1)
        self.put_unused(sb)

    def put_unused(self, sb):
        own = {key[1:]: nodes for key, nodes in self.listed.items() if key[0] is sb}
        where = sb.address + self.at("super_block", "s_dentry_lru")
        if "list_lru_node" not in self.layout:
            everything = [n for nodes in own.values() for n in nodes]
            self.ring(where, everything)
            self.put("super_block", sb.address, "s_nr_dentry_unused", "Q", len(everything))
            return
        size = self.layout["list_lru_node"][1]
        for i, nodes in enumerate((own, {})):  # of entries, and of inodes
            array = self.lru_nodes(size, nodes, (sb, i))
            lists = sb.address + self.at("super_block", ("s_dentry_lru", "s_inode_lru")[i])
            self.memory.put(lists, "Q", array)
            self.ring(lists + 8, [])

    def lru_nodes(self, size, own, key):
        array = -(-self.slab(size * NODES + 64, key) // 64) * 64
        for node in range(NODES):
            at = array + node * size
            of_node = {group: nodes for (n, group), nodes in own.items() if n == node}
            groups = self.slab(16 + 8 * 3, (key, node))
            for group in (1, 2):
                one = self.slab(24, (key, node, group))
                self.one(one, of_node.get(group, []))
                self.memory.put(groups + 16 + 8 * group, "Q", one)
            self.one(at + self.at("list_lru_node", "lru"), of_node.get(0, []))
            self.put("list_lru_node", at, "memcg_lrus", "Q", groups)
            self.put("list_lru_node", at, "nr_items", "q", sum(map(len, of_node.values())) if self.totals else 0)
        return array

    def one(self, address, nodes):
        self.ring(address, nodes)
        self.memory.put(address + 16, "q", len(nodes))

    def slab(self, size, key):
        """Always the same for one KEY."""
        if key not in self.places:
            self.places[key] = self.names[next(s for s in self.names if s >= size)].take()
        return self.places[key]

    def use(self, count):
        """The same memory, when COUNT of the planted names were in no list of unused ones."""
        listed = [e for e in self.world.planted if e.listed]
        for i, entry in enumerate(listed):
            entry.listed = i >= count
            self.ring(entry.address + self.at("dentry", "d_lru"), [])
        self.put_lists()
        self.put_unused(self.world.disk)
        for entry in listed:
            entry.listed = True

    def put_namespaces(self):
        nets = []
        for inum in self.world.namespaces:
            net = self.slabs["net"].take() if nets else self.variable("init_net", self.layout["net"][1])
            self.put("net", net, "count", "I", 1)
            self.put("net", net, "proc_inum", "I", inum)
            self.put("net", net, "ns", "QQI", 0, self.tops[0], inum)
            # Something else that points back, and that has "lo" near it in the first namespace alone.
            other = self.slabs["net_device"].take()
            self.memory.put(other + 64, "Q", net)
            self.memory.write(other + 512, b"xx\0" if nets else b"lo\0")
            self.put("net", net, "proc_net", "Q", other)
            device = self.slabs["net_device"].take()
            self.memory.write(device + self.at("net_device", "name"), b"lo\0")
            self.put("net_device", device, "nd_net", "Q", net)
            self.put("net", net, "loopback_dev", "Q", device)
            self.put("net", net, "hash_mix", "I", self.draw.randrange(1 << 32))
            nets.append(net + self.at("net", "list"))
        self.ring(self.variable("net_namespace_list", 16), nets)

    def put_leftovers(self):
        """Slots that are free have what was there before: entries that look well, but are in no chain."""
        slab = self.slabs["dentry"]
        for free in slab.freed():
            old = self.draw.choice(self.world.entries).address
            self.memory.write(free, self.memory.read(old, slab.size))

    # ---- what is said about it ----

    def symbols(self):
        lines = [f"{self.memory.text:016x} T _stext"]
        lines += [f"{a:016x} {'D' if n.endswith('s') else 'b'} {n}" for n, a in self.variables.items()]
        return "\n".join(sorted(lines)) + "\n"

    def planted(self):
        folder = self.world.folder
        lines = [f"dir {folder.sb.dev:x} {folder.sb.kind} {folder.ino} {folder.name.decode()}"]
        for entry in self.world.planted:
            name = entry.name.decode()
            lines.append(f"existing {entry.ino} {name}" if entry.ino else f"missing {name}")
        lines += [f"namespace {number}" for number in self.world.namespaces[3:13]]
        return "\n".join(lines) + "\n"

    def truth(self):
        entries, lengths = self.world.entries, [len(c) for c in self.chains.values()]
        parents = collections.Counter(e.parent for e in entries)
        missing = collections.Counter(e.parent for e in entries if e.missing)
        longest = max(self.chains, key=lambda b: len(self.chains[b]))
        named = collections.Counter((e.name, e.parent) for e in self.chains[longest]).most_common(1)[0]
        return {
            "kernel": self.name, "base": self.base, "name_hash": self.kernel.name_hash, "nodes": NODES,
            "offsets": {f"{s}.{m}": o for s in self.layout for m, o in self.layout[s][0].items()
                        if not m.startswith(("gap", "end", "rest"))},
            "sizes": {s: self.layout[s][1] for s in self.layout},
            "inline": self.layout["dentry"][2]["d_iname"],
            "table": {"address": self.heads, "buckets": 1 << self.bits, "used": len(lengths)},
            "hashed": len(entries), "negative": sum(e.missing for e in entries),
            "unused": sum(e.listed for e in entries),
            "external": sum(len(e.name) >= self.layout["dentry"][2]["d_iname"] for e in entries),
            "own_hash": sum(e.sb.own_hash and e.name != e.name.lower() for e in entries),
            "histogram": dict(sorted(collections.Counter(lengths).items())),
            "longest": {"bucket": longest, "length": len(self.chains[longest]), "name": named[0][0].decode(),
                        "named": named[1], "parent": named[0][1].path()},
            "chains": {n.decode(): c for n, c in self.world.made.items()},
            "superblocks": [self.super_truth(sb) for sb in self.world.supers],
            "directories": [{"path": p.path(), "dev": p.sb.dev, "ino": p.ino, "entries": n, "negative": missing[p]}
                            for p, n in parents.most_common(20)],
            "namespaces": self.world.namespaces,
        }

    def super_truth(self, sb):
        own = [e for e in self.world.entries if e.sb is sb]
        return {"address": sb.address, "dev": sb.dev, "type": sb.kind, "id": sb.label, "dying": sb.dying,
                "root_ino": sb.root.ino if sb.root else 0, "hashed": len(own),
                "negative": sum(e.missing for e in own), "unused": sum(e.listed for e in own)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", default="3.10", choices=[*KERNELS, "patched", "random"])
    parser.add_argument("--entries", type=int, default=100000)
    parser.add_argument("--chain", type=int, default=8000, help="entries named ipv6 in one directory")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hostile", default="", help="all, or some of " + ",".join(KINDS))
    parser.add_argument("--bits", type=int, default=0, help="of a bucket's number; 0: one per entry or two")
    parser.add_argument("--run", type=int, default=1, help="pages of a slab that follow each other; 0: all")
    parser.add_argument("--later", action="store_true", help="the memory at other times as well")
    parser.add_argument("--no-totals", action="store_true", help="unused entries are counted by control group")
    parser.add_argument("--fixed-number", action="store_true", help="of the first network namespace")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    image = Image(options)
    truth = image.truth()
    kinds = KINDS if options.hostile == "all" else [k for k in options.hostile.split(",") if k]
    truth["hostile"] = Hostile(image).break_all(kinds)
    options.folder.mkdir(parents=True, exist_ok=True)
    image.memory.save(options.folder / "core")
    (options.folder / "symbols").write_text(image.symbols())
    planted = image.planted()
    if options.later:
        for i, used in enumerate(LATER, 1):
            image.use(used)
            image.memory.save(options.folder / f"core.{i}")
        planted += "".join(f"later {-LATER[i]} core.{i + 1}\nlater {LATER[i]} core\n" for i in (0, 1, 0))
    (options.folder / "planted").write_text(planted)
    (options.folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    main()
