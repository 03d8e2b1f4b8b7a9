#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares the walkers with drgn, entry by entry: drgn_judge.py FOLDER VMLINUX WALK_DUMP.

FOLDER has core, the memory of a machine that was stopped; dump and hidden, what walk_dump sees in it,
with the kernel's types and with offsets found out by calibration; bpf and kcore, what it saw in the
running machine shortly before. drgn reads the same core with the debug symbols in VMLINUX. Prints TAP.
"""
import collections
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from drgn import Object, Program, container_of
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.nodemask import for_each_online_node

from tap import check, end

NAMES = 100000  # that dump.sh plants
ROUNDS, EVERY = 3, 8  # of the comparison of time; drgn sees one bucket in so many

# ---- drgn ----

Super = collections.namedtuple("Super", "device kind label unused")
Chain = collections.namedtuple("Chain", "length negative same what")  # "DIRECTORY NAME" of the most common


def supers(program):
    """{address: Super} of those that have a root."""
    found = {}
    for sb in list_for_each_entry("struct super_block", program["super_blocks"].address_of_(), "s_list"):
        if not sb.s_root:
            continue
        nodes = [sb.s_dentry_lru.node[n] for n in for_each_online_node(program)]
        device = sb.s_dev.value_()
        found[sb.value_()] = Super(f"{device >> 20}:{device & 0xFFFFF}", sb.s_type.name.string_().decode(),
                                   sb.s_id.string_().decode(), sum(n.nr_items.value_() for n in nodes))
    return found


def listed(program, address):
    """The unused entries of a superblock that no control group is charged for, one by one."""
    sb = Object(program, "struct super_block", address=address)
    return sum(1 for n in for_each_online_node(program)
               for _ in list_for_each_entry("struct dentry", sb.s_dentry_lru.node[n].lru.list.address_of_(), "d_lru"))


def table(program):
    heads = program.object("dentry_hashtable", filename="dcache.c")
    return heads, 1 << 32 - program.object("d_hash_shift", filename="dcache.c").value_()


def chain(program, head):
    """The entries of a bucket (include/linux/list_bl.h): bit 0 of its pointer is a lock."""
    node = head.first.value_() & ~1
    while node:
        entry = container_of(Object(program, "struct hlist_bl_node *", node), "struct dentry", "d_hash")
        yield entry
        node = entry.d_hash.next.value_()


def count_entries(program, every=1):
    """What a pass counts: entries and missing names per superblock, and lengths of chains."""
    hashed, negative, lengths = collections.Counter(), collections.Counter(), collections.Counter()
    heads, buckets = table(program)
    for bucket in range(0, buckets, every):
        length = 0
        for entry in chain(program, heads[bucket]):
            sb = entry.d_sb.value_()
            length += 1
            hashed[sb] += 1
            negative[sb] += not entry.d_inode
        lengths[length] += 1
    return hashed, negative, lengths


def path(program, entry):
    parts = []
    while entry.d_parent.value_() != entry.value_():
        parts.append(name(entry))
        entry = entry.d_parent.read_()
    return "/" + "/".join(reversed(parts))


def name(entry):
    return entry.d_name.name.string_().decode(errors="surrogateescape")


def chains(program):
    """{bucket: Chain}; without a name where several are as frequent. Like the walkers it takes names of one
    directory for the same when their hash and length are, and yields how often they were not."""
    heads, buckets = table(program)
    found, taken_for_same = {}, 0
    for bucket in range(buckets):
        entries = list(chain(program, heads[bucket]))
        if not entries:
            continue
        keys = [(e.d_parent.value_(), e.d_name.hash_len.value_()) for e in entries]
        most = collections.Counter(keys).most_common(2)
        (parent, key), same = most[0]
        names = {name(e) for e, k in zip(entries, keys) if k == (parent, key)}
        taken_for_same += len(names) > 1
        one = len(names) == 1 and (len(most) == 1 or most[1][1] < same)
        first = min(names)
        what = re.sub(r"[\x01-\x1f]", "?", f"{path(program, Object(program, 'struct dentry *', parent))} {first}") if one else None
        found[bucket] = Chain(len(entries), sum(not e.d_inode for e in entries), same, what)
    return found, taken_for_same


def children(program, wanted):
    """(all, missing) of the directory with most entries below the superblock WANTED."""
    sb = Object(program, "struct super_block", address=wanted)
    folder = next(d for d in list_for_each_entry("struct dentry", sb.s_root.d_subdirs.address_of_(), "d_child"))
    kids = list(list_for_each_entry("struct dentry", folder.d_subdirs.address_of_(), "d_child"))
    return path(program, folder), len(kids), sum(not k.d_inode for k in kids)


# ---- ours ----


class Dump:
    """What walk_dump says."""

    def __init__(self, file):
        text = file.read_bytes().decode(errors="surrogateescape")
        self.errors = re.findall(r"^error .*$", text, re.M)
        self.notes = re.findall(r"^note .*$", text, re.M)
        self.supers, self.handles = {}, {}
        for device, kind, label, unused, handle in re.findall(
                r"^superblock (\S+) (\S+) id (.*) unused (\d+) mounts .* handle (\w+)$", text, re.M):
            self.supers[device] = Super(device, kind, label, int(unused))
            self.handles[handle] = device
        self.counts = {self.handles.get(h, h): (int(a), int(b)) for h, a, b in
                       re.findall(r"^count (\w+) hashed (\d+) negative (\d+)$", text, re.M)}
        self.passes = [dict(re.findall(r"(\w+) (\d+(?:\.\d+)?)", line))
                       for line in re.findall(r"^pass .*$", text, re.M)]
        self.tops = [(int(length), what) for length, what in
                     re.findall(r"^chain (\d+) now \d+ same \d+ negative \d+ (.*)$", text, re.M)]
        self.directories = re.findall(r"^directory children (\d+) negative (\d+) error (\d+) (\S+) ", text, re.M)
        self.chains = {int(b): Chain(int(length), int(negative), int(same), what) for b, length, negative, same, what in
                       re.findall(r"^bucket (\d+) length (\d+) negative (\d+) same (\d+) (.*)$", text, re.M)}
        self.namespaces = int((re.findall(r"^netns (\d+)$", text, re.M) or [-1])[0])


def differ(a, b):
    return [(k, a.get(k), b.get(k)) for k in sorted(set(a) | set(b), key=str) if a.get(k) != b.get(k)]


def same_chain(ours, theirs):
    return ours and ours[:3] == theirs[:3] and theirs.what in (None, ours.what)


def judge_dump(what, dump, truth):
    check(f"{what}: no error", not dump.errors and len(dump.passes) > 0, *dump.errors[:5])
    if not dump.passes:
        return
    seen = dump.passes[-1]
    check(f"{what}: superblocks, their types and labels",
          {s[:3] for s in dump.supers.values()} == {s[:3] for s in truth.supers.values()},
          {s[:3] for s in dump.supers.values()} ^ {s[:3] for s in truth.supers.values()})
    check(f"{what}: entries and missing names of each superblock", dump.counts == truth.counts,
          *differ(dump.counts, truth.counts))
    check(f"{what}: all entries, missing names, buckets in use and the longest chain",
          [int(seen[k]) for k in ("entries", "negative", "nonempty", "max")]
          == [sum(a for a, _ in truth.counts.values()), sum(b for _, b in truth.counts.values()),
              sum(n for length, n in truth.lengths.items() if length), max(truth.lengths)], seen)
    check(f"{what}: network namespaces", dump.namespaces == truth.namespaces, dump.namespaces, truth.namespaces)
    path, most, missing = truth.directory
    found = next((tuple(map(int, d[:3])) for d in dump.directories if d[3] == path), (0, 0, 0))
    check(f"{what}: the children of the directory with most of them, within what is said of it",
          most <= found[0] <= most + found[2] and missing <= found[1] <= missing + found[2], found, truth.directory)


def judge_live(what, dump, truth):
    """The machine went on for a moment: what nobody touches is the same, the rest nearly."""
    check(f"{what}: no error", not dump.errors and len(dump.passes) > 0, *dump.errors[:5])
    planted = next(s.device for s in truth.supers.values() if s.label == "overlay" and truth.counts.get(s.device, (0, 0))[1] == NAMES)
    check(f"{what}: planted names, exactly", dump.counts.get(planted) == truth.counts[planted]
          and dump.supers[planted].unused == truth.supers[planted].unused, dump.supers.get(planted), truth.supers[planted])
    check(f"{what}: chains of the namespaces, exactly", sorted(dump.tops)[-2:] == truth.tops, sorted(dump.tops)[-2:], truth.tops)
    hashed = differ({k: v for k, v in dump.counts.items()}, truth.counts)
    unused = differ({k: s.unused for k, s in dump.supers.items()}, {k: s.unused for k, s in truth.supers.items()})
    for text, rows in ("entries, missing", hashed), ("unused", unused):
        for device, before, after in rows:
            print(f"# {what}, {text} of {device}: {before} in the machine, {after} once it was stopped")
    moved = sum(abs((a or (0, 0))[0] - (b or (0, 0))[0]) for _, a, b in hashed)
    check(f"{what}: other superblocks moved by less than 1,000 entries", moved < 1000, moved)


class Truth:
    def __init__(self, program):
        self.by_address = supers(program)
        hashed, negative, self.lengths = count_entries(program)
        self.supers = {s.device: s for s in self.by_address.values()}
        self.counts = {self.by_address[a].device if a in self.by_address else hex(a): (n, negative[a])
                       for a, n in hashed.items()}
        self.entries = sum(hashed.values())
        planted = max(self.by_address, key=lambda a: negative[a])
        self.directory = children(program, planted)
        self.namespaces = sum(1 for _ in list_for_each_entry("struct net", program["net_namespace_list"].address_of_(), "list"))
        self.chains, self.taken_for_same = chains(program)
        self.tops = sorted((c.length, c.what) for c in sorted(self.chains.values(), key=lambda c: c.length)[-2:])
        self.listed = {s.device: listed(program, a) for a, s in self.by_address.items()}


def compare_time(program, entries, walk):
    """Processor time for an entry, in turns: the least of each."""
    theirs, ours = [], []
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        hashed, _, _ = count_entries(program, EVERY)
        theirs.append((time.process_time_ns() - start) / sum(hashed.values()))
        before = os.times()
        one_pass = subprocess.run([*walk, "--passes", "11"], capture_output=True, check=True).stdout
        used = sum(os.times()[2:4]) - sum(before[2:4])
        before = os.times()
        subprocess.run([*walk, "--passes", "1"], capture_output=True, check=True)
        ours.append((used - sum(os.times()[2:4]) + sum(before[2:4])) * 1e9 / entries / 10)
        assert b"\npass entries" in one_pass
    print(f"# {entries} entries: drgn {min(theirs):.0f} ns each, a pass through the core file {min(ours):.0f} ns: "
          f"{min(theirs) / min(ours):.1f} times")


def main():
    folder, symbols, walk = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    program = Program()
    program.set_core_dump(folder / "core")
    program.load_debug_info([symbols])
    truth = Truth(program)
    dump, hidden = Dump(folder / "dump"), Dump(folder / "hidden")
    judge_dump("with types", dump, truth)
    check("with types: unused entries of each superblock",
          {k: s.unused for k, s in dump.supers.items()} == {k: s.unused for k, s in truth.supers.items()},
          *differ(dump.supers, truth.supers))
    check("drgn: the lists of unused entries are as long as they say", truth.listed == {k: s.unused for k, s in truth.supers.items()},
          *differ(truth.listed, {k: s.unused for k, s in truth.supers.items()}))
    wrong = [(b, dump.chains.get(b), c) for b, c in truth.chains.items() if not same_chain(dump.chains.get(b), c)]
    check(f"with types: each of {len(truth.chains)} chains, its length, missing names, most common name and directory",
          not wrong and set(dump.chains) == set(truth.chains), len(wrong), *wrong[:5])
    judge_dump("calibrated", hidden, truth)
    print(f"# in {truth.taken_for_same} chains two names have the same hash and length")
    for what in "bpf", "kcore":
        judge_live(what, Dump(folder / what), truth)
    compare_time(program, truth.entries, [walk, "--image", folder, "--types", symbols, "--nodes", "1"])
    sys.exit(end())


if __name__ == "__main__":
    main()
