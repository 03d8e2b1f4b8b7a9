#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds what the walkers see of an image (kernel_image.py) against what it was made of.

    kernel_image_walk.py FOLDER CALIBRATE DUMP

CALIBRATE and DUMP are the outputs of calibrate and walk_dump. Prints what differs; exits with 1.
"""
import collections
import json
import re
import sys
from pathlib import Path

problems = []


def same(what, seen, true):
    if seen != true:
        problems.append(f"{what}: {seen}, and in truth {true}")


def offset(truth, name):
    """That of a member as calibrate names it: dentry___subdirs.d_child."""
    struct, *path = re.sub("___[a-z]+", "", name).split(".")
    if f"{struct}.{path[0]}" == "net.ns" and "net.proc_inum" in truth["offsets"]:
        return truth["offsets"]["net.proc_inum"]
    at = truth["offsets"][f"{struct}.{path[0]}"]
    inner = {("d_name", "name"): "qstr.name", ("d_lockref", "count"): "lockref.count",
             ("ns", "inum"): "ns_common.inum"}.get(tuple(path))
    return at + (truth["offsets"][inner] if inner else 0)


def check_offsets(truth, text):
    found = re.findall(r"^(\w+\.\S+) (\d+)$", text, re.M)
    counts_itself = "super_block.s_nr_dentry_unused" in truth["offsets"]
    same("offsets found", len(found), 21 if counts_itself else 22)
    for name, at in found:
        same(f"the offset of {name}", int(at), offset(truth, name))
    size = re.search(r"^size of list_lru_node (\d+)$", text, re.M)
    same("the size of what counts unused entries", int(size.group(1)) if size else None,
         truth["sizes"].get("list_lru_node"))


def numbers(line):
    words = line.split()
    return {k: int(v) for k, v in zip(words[1::2], words[2::2]) if v.isdigit()}


def check_table(truth, lines):
    seen = numbers(next(l for l in lines if l.startswith("pass ")))
    same("entries", seen["entries"], truth["hashed"])
    same("negative entries", seen["negative"], truth["negative"])
    same("buckets in use", seen["nonempty"], truth["table"]["used"])
    same("the longest chain", seen["max"], truth["longest"]["length"])
    same("truncated chains", seen["truncated"], 0)
    longest = truth["longest"]
    chain = next(l for l in lines if l.startswith("chain "))
    same("its length, most common name, and directory", re.sub(" negative [0-9]+", "", chain),
         "chain {length} now {length} same {named} {parent} {name}".format(**longest))


def check_superblocks(truth, lines):
    alive = [sb for sb in truth["superblocks"] if not sb["dying"]]
    seen = [m.groups() for m in (re.match(r"superblock (\d+):(\d+) (\S+) id (\S+) unused (\d+) ", l)
                                 for l in lines) if m]
    same("superblocks, and their unused entries", sorted(seen),
         sorted((str(sb["dev"] >> 20), str(sb["dev"] & 0xFFFFF), sb["type"], sb["id"], str(sb["unused"]))
                for sb in alive))
    counts = collections.Counter(tuple(int(n) for n in re.findall(r" (\d+)", l[6:])[-2:])
                                 for l in lines if l.startswith("count "))
    same("entries by superblock", sorted(counts.elements()),
         sorted((sb["hashed"], sb["negative"]) for sb in truth["superblocks"] if sb["hashed"]))


def check_directories(truth, lines):
    largest = max(truth["directories"], key=lambda d: d["negative"])
    seen = next(l for l in lines if l.startswith("directory "))
    m = re.match(r"directory children (\d+) negative (\d+) error \d+ (\S+) ", seen)
    same("the directory with the most missing names", m.groups(),
         (str(largest["entries"]), str(largest["negative"]), largest["path"]))


def main():
    folder, calibrated, dump = (Path(a) for a in sys.argv[1:])
    truth = json.loads((folder / "truth.json").read_text())
    lines = dump.read_text(errors="replace").splitlines()
    check_offsets(truth, calibrated.read_text())
    check_table(truth, lines)
    check_superblocks(truth, lines)
    check_directories(truth, lines)
    same("network namespaces", [l for l in lines if "netns" in l], [f"netns {len(truth['namespaces'])}"])
    print("\n".join(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
