#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads an image of kernel_image.py again and compares it with its truth.json.

    kernel_image_read.py FOLDER        exits with 1 and says what differs

It shares no code with the generator but the hash of names: it parses the file, follows the pointers,
and counts. It believes a node whose back pointer is right, and ends a chain at one that is not.
"""
import collections
import json
import struct
import sys
from pathlib import Path

from name_hash import HASHES


class Core:
    def __init__(self, path):
        self.data = path.read_bytes()
        assert self.data[:5] == b"\x7fELF\2" and struct.unpack_from("<H", self.data, 16)[0] == 4, "not an ELF core file"
        at, size, count = struct.unpack_from("<Q", self.data, 32)[0], *struct.unpack_from("<HH", self.data, 54)
        headers = [struct.unpack_from("<IIQQQQ", self.data, at + i * size) for i in range(count)]
        self.segments = sorted((h[3], h[3] + h[5], h[2]) for h in headers if h[0] == 1)
        for (_, end, _), (start, _, _) in zip(self.segments, self.segments[1:]):
            assert end <= start, "segments overlap"
        assert len(self.segments) <= 4096
        self.last = self.segments[0]

    def load(self, address, form):
        """The values there, or None where there is no memory."""
        size = struct.calcsize("<" + form)
        if not self.last[0] <= address <= self.last[1] - size:
            here = [s for s in self.segments if s[0] <= address <= s[1] - size]
            if not here:
                return None
            self.last = here[0]
        return struct.unpack_from("<" + form, self.data, self.last[2] + address - self.last[0])

    def word(self, address):
        found = self.load(address, "Q")
        return found[0] if found else 0


class Reader:
    def __init__(self, folder):
        self.core = Core(folder / "core")
        self.truth = json.loads((folder / "truth.json").read_text())
        lines = [line.split() for line in (folder / "symbols").read_text().splitlines()]
        self.symbols = {line[2]: int(line[0], 16) for line in lines}
        self.at = self.truth["offsets"]
        self.names = collections.Counter()
        self.wrong = []

    def compare(self, what, found, wanted):
        if found != wanted:
            self.wrong.append(f"{what}: {found} in memory, {wanted} in truth.json")

    def buckets(self):
        if "d_hash_mask" in self.symbols:
            return self.core.load(self.symbols["d_hash_mask"], "I")[0] + 1
        shift = self.core.load(self.symbols["d_hash_shift"], "I")[0]
        return 1 << (32 - shift)

    def chain(self, head):
        """Addresses of the entries of a bucket, as far as back pointers are right."""
        node, previous, seen = self.core.word(head) & ~1, head, []
        while node:
            found = self.core.load(node, "QQ")
            if not found or found[1] != previous or len(seen) > 1 << 20:
                break
            seen.append(node - self.at["dentry.d_hash"])
            previous, node = node, found[0]
        return seen

    def name(self, entry):
        _, length, where = self.core.load(entry + self.at["dentry.d_name"], "IIQ")
        text = self.core.load(where, f"{length}s")[0]
        assert self.core.load(where + length, "B")[0] == 0, "a name without its end"
        return text, where

    def table(self):
        table, at = self.core.word(self.symbols["dentry_hashtable"]), self.at
        self.compare("address of the table", table, self.truth["table"]["address"])
        self.compare("buckets", self.buckets(), self.truth["table"]["buckets"])
        sums, by_super = collections.Counter(), collections.defaultdict(collections.Counter)
        self.lengths, parents = {}, collections.Counter()
        for bucket in range(self.buckets()):
            entries = self.chain(table + 8 * bucket)
            if entries:
                self.lengths[bucket] = len(entries)
            for entry in entries:
                inode = self.core.word(entry + at["dentry.d_inode"])
                parent = self.core.word(entry + at["dentry.d_parent"])
                flags = self.core.load(entry + at["dentry.d_flags"], "I")[0]
                text, where = self.name(entry)
                found = {"hashed": 1, "negative": not inode, "unused": flags >> 19 & 1}
                sums.update(found, external=where != entry + at["dentry.d_iname"])
                by_super[self.core.word(entry + at["dentry.d_sb"])].update(found)
                hashed = self.core.load(entry + at["dentry.d_name"], "I")[0]
                sums["own_hash"] += hashed != HASHES[self.truth["name_hash"]](text, parent)
                parents[parent] += 1
                self.names[text, self.inode_number(inode)] += 1
        return sums, by_super, parents

    def inode_number(self, inode):
        return self.core.word(inode + self.at["inode.i_ino"]) if inode else 0

    def lru(self, sb):
        """(entries in the lists of unused ones, what the counters say)."""
        where, at = sb + self.at["super_block.s_dentry_lru"], self.at
        if "super_block.s_nr_dentry_unused" in at:
            return self.ring(where), self.core.word(sb + at["super_block.s_nr_dentry_unused"])
        listed, array, size = 0, self.core.word(where), self.truth["sizes"]["list_lru_node"]
        for node in (array, array + size):
            groups = self.core.word(node + at["list_lru_node.memcg_lrus"])
            ones = [node + at["list_lru_node.lru"]] + [self.core.word(groups + 16 + 8 * i) for i in (1, 2)]
            for one in ones:
                listed += self.ring(one)
                self.compare("a list's own counter", self.ring(one), self.core.word(one + 16))
        return listed, sum(self.core.word(array + i * size + at["list_lru_node.nr_items"]) for i in (0, 1))

    def ring(self, head):
        return len(self.members(head))

    def members(self, head):
        found, at = [], self.core.word(head)
        while at != head:
            assert self.core.word(self.core.word(at + 8)) == at, "a list whose pointers disagree"
            found.append(at)
            at = self.core.word(at)
        return found

    def supers(self, by_super):
        found = [s - self.at["super_block.s_list"] for s in self.members(self.symbols["super_blocks"])]
        self.compare("superblocks", found, [s["address"] for s in self.truth["superblocks"]])
        for sb, wanted in zip(found, self.truth["superblocks"]):
            what = f"{wanted['type']} {wanted['dev']:x}"
            root, dev = self.core.word(sb + self.at["super_block.s_root"]), self.at["super_block.s_dev"]
            self.compare(f"{what}: device", self.core.load(sb + dev, "I")[0], wanted["dev"])
            kind = self.core.word(self.core.word(sb + self.at["super_block.s_type"]))
            name = wanted["type"].encode()
            self.compare(f"{what}: type", self.core.load(kind, f"{len(name) + 1}s")[0], name + b"\0")
            self.compare(f"{what}: dying", not root, wanted["dying"])
            if root:
                self.compare(f"{what}: root's superblock", self.core.word(root + self.at["dentry.d_sb"]), sb)
                self.compare(f"{what}: root's parent", self.core.word(root + self.at["dentry.d_parent"]), root)
                self.compare(f"{what}: root's inode", self.inode_number(
                    self.core.word(root + self.at["dentry.d_inode"])), wanted["root_ino"])
            self.compare(f"{what}: unused", self.lru(sb), (wanted["unused"], wanted["unused"]))
            for count in ("hashed", "negative", "unused"):
                self.compare(f"{what}: {count} in the table", by_super[sb][count], wanted[count])

    def planted(self, folder):
        first, *lines = (folder / "planted").read_text().splitlines()
        dev, kind, ino, name = first.split()[1:]
        self.compare("the folder", self.names[name.encode(), int(ino)], 1)
        self.compare("its superblock", sum(s["dev"] == int(dev, 16) and s["type"] == kind
                                           for s in self.truth["superblocks"]), 1)
        for line in lines:
            kind, *ino, name = line.split()
            if kind in ("namespace", "later"):
                continue
            self.compare(f"planted {kind} {name}", self.names[name.encode(), int(ino[0]) if ino else 0], 1)
        self.compare("missing and existing names", [sum(l.startswith(k) for l in lines) >= 16
                                                    for k in ("missing ", "existing ")], [True, True])

    def hostile(self):
        """Broken chains: as much as truth.json believes, and no more."""
        for broken in self.truth["hostile"]:
            self.compare(f"chain with {broken['kind']}", self.lengths.get(broken["bucket"], 0), broken["reached"])

    def run(self, folder):
        sums, by_super, parents = self.table()
        if self.truth["hostile"]:
            self.hostile()
            return
        for count in ("hashed", "negative", "unused", "external", "own_hash"):
            self.compare(count, sums[count], self.truth[count])
        histogram = collections.Counter(self.lengths.values())
        self.compare("lengths of chains", {str(k): v for k, v in sorted(histogram.items())}, self.truth["histogram"])
        longest = self.truth["longest"]
        self.compare("longest chain", self.lengths.get(longest["bucket"], 0), longest["length"])
        self.compare("its name", self.named(longest["bucket"])[longest["name"].encode()], longest["named"])
        self.supers(by_super)
        self.compare("directories", [n for _, n in parents.most_common(20)],
                     [d["entries"] for d in self.truth["directories"]])
        inum = self.at.get("net.proc_inum", self.at.get("net.ns", 0) + 16)
        nets = [n - self.at["net.list"] for n in self.members(self.symbols["net_namespace_list"])]
        self.compare("namespaces", [self.core.load(n + inum, "I")[0] for n in nets], self.truth["namespaces"])
        self.planted(folder)

    def named(self, bucket):
        return collections.Counter(self.name(e)[0] for e in self.chain(self.truth["table"]["address"] + 8 * bucket))


def main():
    folder = Path(sys.argv[1])
    reader = Reader(folder)
    reader.run(folder)
    for line in reader.wrong[:20]:
        print(line)
    return bool(reader.wrong)


if __name__ == "__main__":
    sys.exit(main())
