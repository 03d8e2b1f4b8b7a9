#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges what inside.sh collected: judge.py FOLDER EXPECTED NAMESPACES NAMES.

Prints TAP, and one line "# cell LOCKDOWN CAPABILITIES SOURCE STATE REASON" for each source. Oracles:
the planted numbers, the kernel's boot message about the table's size, its symbol table and
memory image (/proc/kcore), mountinfo, /proc/sys/fs/dentry-state.
"""
import fnmatch
import json
import os
import re
import struct
import sys
from pathlib import Path

RELEASE = os.uname().release
WRONG = re.compile(r"WARNING:|BUG:|Oops|Call Trace|rcu.*stall|soft lockup|hung task|blocked for more")
CAP_SYS_PTRACE, CAP_BPF = 19, 39
TAINTS = 1 << 7 | 1 << 9 | 1 << 14  # died, warned, soft lockup (Documentation/admin-guide/tainted-kernels)


def print_cell(source, good, error):
    """What "who" says, for the matrix: root's, as it is needed there."""
    print("# cell", lockdown(), "all", source, "ok" if good else "refused", "-" if good else error.strip().splitlines()[-1])


class Tap:
    def __init__(self):
        self.number, self.failed = 0, 0

    def check(self, text, good, *notes):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {text}")
        if not good:
            for note in notes:
                print(f"# {note}")

    def skip(self, text, reason):
        self.number += 1
        print(f"ok {self.number} - {text} # SKIP {reason}")


def read(path):
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def release():
    return tuple(map(int, RELEASE.split(".")[:2]))


def lockdown():
    found = re.search(r"\[(\w+)\]", read("/sys/kernel/security/lockdown"))
    return found.group(1) if found else "none"


def load_expected(path):
    """Lines "KERNEL LOCKDOWN CAPABILITIES SOURCE STATE REASON"; the first that matches counts."""
    rows = []
    for line in read(path).splitlines():
        if line.strip() and not line.startswith("#"):
            rows.append(line.split(None, 5))
    return rows


def expectation(rows, *cell):
    for row in rows:
        if all(any(fnmatch.fnmatchcase(c, g) for g in glob.split("|")) for c, glob in zip(cell, row)):
            return row[4], row[5]
    return "undeclared", "-"


def kcore_pointer(address):
    """The 8 bytes at a kernel address, from the memory image; None where there is none."""
    try:
        with open("/proc/kcore", "rb") as f:
            header = f.read(64)
            offset, size, count = *struct.unpack_from("<Q", header, 32), *struct.unpack_from("<HH", header, 54)
            f.seek(offset)
            table = f.read(size * count)
            for i in range(count):
                kind, _, start, virtual, _, length = struct.unpack_from("<IIQQQQ", table, i * size)
                if kind == 1 and virtual <= address < virtual + length:
                    f.seek(start + address - virtual)
                    return struct.unpack("<Q", f.read(8))[0]
    except (OSError, struct.error):
        pass
    return None


def symbol(name):
    found = re.search(rf"^([0-9a-f]+) \w {name}$", read("/proc/kallsyms"), re.M)
    return int(found.group(1), 16) if found else 0


def judge_sees(tap, caps, d, namespaces, names):
    """BPF works in this cell: what was planted must be there, exactly."""
    chains = {(c["parent"], c["name"]): c for c in d["chains"]}
    for name in "ipv6", "core":
        c = chains.get(("/proc/sys/net", name), {})
        tap.check(f"{caps}: chain of {name} holds {namespaces} namespaces and the host",
                  namespaces + 1 <= c.get("length", 0) <= namespaces + 10
                  and c.get("same_name") == namespaces + 1, c, list(chains)[:4])
    tap.check(f"{caps}: both chains are the longest",
              {(c["parent"], c["name"]) for c in d["chains"][:2]}
              == {("/proc/sys/net", "ipv6"), ("/proc/sys/net", "core")}, list(chains)[:4])
    tap.check(f"{caps}: {namespaces + 1} network namespaces",
              d["namespaces"]["network"] == namespaces + 1, d["namespaces"])
    row = next((s for s in d["superblocks"] if s["mountpoint"] == "/mnt/merged"), {})
    # The probed directory is hashed as well; it stays on the LRU until a shrink looks at it.
    tap.check(f"{caps}: the overlay's row is exact",
              row.get("negative") == names and row.get("hashed") == names + 1
              and row.get("unused") in (names, names + 1), row)
    where = next((x for x in d["directories"] if x["path"] == "/mnt/merged/probed"), {})
    # A directory's count may have another's entries in it, at most as many as it says.
    error = where.get("children_error") or 0
    tap.check(f"{caps}: the probed directory is found, within what is said of it, at most 3 %",
              error <= names * 3 // 100 and all(names - names // 100 <= where.get(key, 0) <= names + names // 100 + error
                                               for key in ("children", "negative")), where, d["directories"][:2])
    tap.check(f"{caps}: every mounted device has a row",
              {line.split()[2] for line in read("/proc/self/mountinfo").splitlines()}
              <= {s["device"] for s in d["superblocks"]})
    said = re.search(r"Dentry cache hash table entries: (\d+)", read(sys.argv[1] + "/log"))
    tap.check(f"{caps}: as many buckets as the kernel told at boot",
              said and d["hash"]["buckets"] == int(said.group(1)), said, d["hash"]["buckets"])
    entries, dentries = d["hash"]["entries"], d["totals"]["dentries"]
    tap.check(f"{caps}: the table holds nearly all dentries",
              0.9 * dentries <= entries <= dentries + 500, (entries, dentries))


def judge_blind(tap, caps, d):
    """BPF is not to be had: absent values, never a zero that looks like a measurement."""
    # Superblocks may still come from mountinfo, without any count.
    counted = [s for s in d["superblocks"] if any(s[k] is not None for k in ("unused", "hashed", "negative"))]
    numbers = {k: d["hash"][k] for k in ("buckets", "entries", "max_chain") if d["hash"]} if d["hash"] else {}
    tap.check(f"{caps}: nothing is made up",
              not d["chains"] and not d["directories"] and not counted
              and all(v is None for v in numbers.values()), d["hash"], counted[:2])


def judge_show(tap, folder, rows, caps, namespaces, names):
    status, text = read(f"{folder}/{caps}.show.status").strip(), read(f"{folder}/{caps}.show")
    try:
        d = json.loads(text)
    except ValueError:
        d = None
    tap.check(f"{caps}: show ends well", status == "0" and d is not None, f"status {status}",
              read(f"{folder}/{caps}.show.err"))
    if d is None:
        return
    states = {}
    for s in d["sources"]:
        cell = RELEASE, lockdown(), caps, s["name"]
        state, reason = expectation(rows, *cell)
        states[s["name"]] = s["state"]
        print("# cell", *cell[1:], s["state"], s["reason"] or "-")
        tap.check(f"{caps}: {s['name']} is {state}", s["state"] in state.split("|")
                  and (reason == "-" or re.search(reason, s["reason"] or "")), (s["state"], s["reason"]))
    if states.get("hash") == "ok" and states.get("superblocks") == "ok":
        judge_sees(tap, caps, d, namespaces, names)
    else:
        judge_blind(tap, caps, d)
    live = int(read(f"{folder}/{caps}.state").split()[0])
    tap.check(f"{caps}: totals are those of dentry-state",
              abs(d["totals"]["dentries"] - live) <= 3000 and d["totals"]["negative"] >= names,
              d["totals"], live)


def judge_walk(tap, folder, rows, caps, flavour, namespaces):
    """The walkers alone, each flavour; and as they come, where little memory may be locked."""
    cell = RELEASE, lockdown(), caps, "walk_" + flavour
    text, status = read(f"{folder}/{caps}.{flavour}"), read(f"{folder}/{caps}.{flavour}.status").strip()
    error = re.search(r"^error (.*)$", text, re.M)
    state = "ok" if status == "0" and not error else "refused" if status == "77" else "broken"
    want, reason = expectation(rows, *cell)
    print("# cell", *cell[1:], state, error.group(1) if error else "-")
    tap.check(f"{caps}: walkers, {flavour}: {want}", state == want
              and (reason == "-" or (error and re.search(reason, error.group(1)))),
              f"status {status}", text[:400], read(f"{folder}/{caps}.{flavour}.err")[:400])
    if state == "ok":
        lengths = {m.group(2): int(m.group(1)) for m in
                   re.finditer(r"^chain (\d+) now \d+ same \d+ negative \d+ \S+/net (ipv6|core)$", text, re.M)}
        tap.check(f"{caps}: walkers, {flavour}: both chains", len(lengths) == 2 and all(
            namespaces + 1 <= n <= namespaces + 10 for n in lengths.values()), lengths)


def judge_calibration(tap, folder):
    """What the kernel's structures look like, found out from planted names, is what BTF says."""
    status, text = read(f"{folder}/calibrated.status").strip(), read(f"{folder}/calibrated")
    if lockdown() == "confidentiality":
        tap.check("calibration: refused", status == "77" and "lockdown" in text, text)
        return
    tap.check("calibration: 22 offsets, each that of BTF", status == "0" and
              len(re.findall(r"^(\w+\.\S+) (\d+) types \2$", text, re.M)) == 22, text)
    tap.check("calibration: all planted names agree", "agreed 128 of 128" in text, text)
    left = read(f"{folder}/left-over").split()
    tap.check("calibration: the folder is gone", not left, left)


def judge_hidden(tap, folder, namespaces, names):
    """What is counted at the places that a calibration has found, by a process in a control group."""
    text = read(f"{folder}/hidden.kcore")
    if lockdown() == "confidentiality":
        return  # refused, see judge_walk
    unused = [int(n) for n in re.findall(r"^superblock \S+ overlay id .* unused (\d+) ", text, re.M)]
    tap.check("hidden: the planted names are unused, exactly", any(n in (names, names + 1) for n in unused), unused,
              re.findall(r"^note .*$", text, re.M))
    tap.check(f"hidden: {namespaces + 1} network namespaces", f"\nnetns {namespaces + 1}\n" in text,
              re.findall(r"^.*netns.*$", text, re.M))


def judge_made(tap, folder):
    """Network namespaces are counted as they are made, where there are walkers."""
    for flavour in "fast", "compat", "bounded":
        text = read(f"{folder}/made.{flavour}")
        if read(f"{folder}/all.{flavour}.status").strip() not in ("", "77"):
            # Up to 6.18 the kernel tells of each; later ones pass some events over, and count them.
            found = re.match(r"unshared 100\nseen (\d+)\n(?s:.*)^passed over (\d+)$", text, re.M)
            seen, passed_over = map(int, found.groups()) if found else (0, 0)
            tap.check(f"{flavour}: each of 100 namespaces that lived 20 ms is counted, and its group",
                      100 - min(passed_over, 5) <= seen <= 100 and (release() >= (7, 0) or not passed_over)
                      and "\ngroup /above/made\n" in text, text)


def judge_verifier(tap, folder):
    """No program is refused, nor takes a quarter of the million instructions that the verifier goes through."""
    for flavour in "fast", "compat", "bounded":
        text = read(f"{folder}/verifier.{flavour}")
        if read(f"{folder}/all.{flavour}.status").strip() in ("", "77"):
            continue
        costs = {name: int(count) for name, count in re.findall(r"^([a-z]+) (\d+)$", text, re.M)}
        print("# verifier", flavour, costs)
        tap.check(f"{flavour}: the kernel refused no program", {"pass", "chain", "directory", "superblocks"} <= {
            name for name in re.findall(r"^([a-z]+) (?:\d+|unknown)$", text, re.M)} and "refused" not in text, text)
        tap.check(f"{flavour}: no program takes a quarter of what the verifier allows",
                  all(count <= 250000 for count in costs.values()), text)


def judge_left(tap, folder):
    """What a process left is the growth of the kernel's own totals, to the percent."""
    if lockdown() == "confidentiality":
        return  # refused, see judge_who
    before, after = (list(map(int, read(f"{folder}/left.{when}").split())) for when in ("before", "after"))
    try:
        d = json.loads(read(f"{folder}/who-left"))
    except ValueError:
        d = None
    tap.check("who: one process ends well", d is not None, read(f"{folder}/who-left.err"))
    if d is None:
        return
    grown, totals = after[0] - before[0], d["totals"]
    first = d["processes"][0] if d["processes"] else None
    print("# left", before, after, totals, first)
    if totals["new_negative"] is None:
        tap.skip("who: new negative dentries", "this kernel's counter was not found")
        return
    tap.check("who: new negative dentries are the growth of nr_dentry within 1 %",
              abs(totals["new_negative"] - grown) <= grown / 100, grown, totals)
    tap.check("who: and of its maker", first and first["command"] == "lookups"
              and abs(first["new_negative"] - grown) <= grown / 100, grown, first)
    tap.check("who: allocations are no fewer", totals["dentries"] is None or totals["dentries"] >= 0.99 * grown,
              grown, totals)


def judge_who(tap, folder):
    """Both ways to see who makes dentries name the same, in the order that was planted."""
    wanted, ranks = ["first", "second", "third"], {}
    blind = lockdown() == "confidentiality"
    print_cell("who", read(f"{folder}/who.status").strip() == "0", read(f"{folder}/who.err") or "?")
    for way, allocations in ("who", True), ("who--lookups-only", False):
        status, error = read(f"{folder}/{way}.status").strip(), read(f"{folder}/{way}.err")
        if blind:
            tap.check(f"{way}: refused in words", status == "1" and "refused the BPF programs" in error, status, error)
            continue
        try:
            d = json.loads(read(f"{folder}/{way}"))
        except ValueError:
            tap.check(f"{way}: ends well", False, f"status {status}", error)
            continue
        tap.check(f"{way}: ends well", status == "0", f"status {status}", error)
        tap.check(f"{way}: {'watches' if allocations else 'leaves'} the allocation",
                  (d["totals"]["dentries"] is not None) == allocations, d["totals"])
        processes = [p for p in d["processes"] if p["command"] in wanted]
        folders = [x for x in d["directories"] if x["directory"].startswith("/mnt/who/")]
        ranks[way] = [p["command"] for p in processes], [x["directory"] for x in folders]
        tap.check(f"{way}: processes in the planted order", ranks[way][0] == wanted, d["processes"][:4])
        tap.check(f"{way}: no process comes before them", d["processes"][:1] == processes[:1], d["processes"][:4])
        tap.check(f"{way}: directories in the planted order",
                  ranks[way][1] == [f"/mnt/who/{name}" for name in wanted], d["directories"][:4])
        tap.check(f"{way}: each directory's process", [x["command"] for x in folders] == wanted, folders)
        key = "dentries" if allocations else "failed_lookups"
        counts = [p[key] or 0 for p in processes] + [0, 0, 0]
        tap.check(f"{way}: in the planted proportions, within a third",
                  counts[2] > 0 and all(1.5 < a / max(b, 1) < 3 for a, b in (counts[:2], counts[1:3])), counts)
    if not blind:
        tap.check("who: the same ranking with the allocation and without",
                  len(ranks) == 2 and len({str(r) for r in ranks.values()}) == 1, ranks)


def judge_locks(tap, folder):
    """Waits for locks are watched where the kernel tells of them, else what is missing is said."""
    status, error = read(f"{folder}/who-locks.status").strip(), read(f"{folder}/who-locks.err")
    print_cell("who_locks", status == "0", error or "?")
    if release() < (5, 19):
        tap.check("who --locks: says what this kernel lacks", status == "1" and "came with Linux 5.19" in error, status, error)
    elif lockdown() == "confidentiality":
        tap.check("who --locks: refused in words", status == "1" and "refused the BPF programs" in error, status, error)
    else:
        tap.check("who --locks: watches", status == "0" and json.loads(read(f"{folder}/who-locks"))["totals"]["ended_by"] == "time",
                  status, error)


def judge_doctor(tap, folder):
    found = re.search(r"^\w+ +lockdown +(\w+)", read(f"{folder}/all.doctor"), re.M)
    tap.check("doctor: the lockdown state", found and found.group(1) == (lockdown() if Path("/sys/kernel/security/lockdown").exists() else "no"), found, lockdown())
    judge_sysctls(tap, folder)


def judge_sysctls(tap, folder):
    """Doctor shows each setting of the dentry cache that this kernel has; what fs.dentry-negative does."""
    found = re.search(r"^\w+ +dentry_sysctls +(.*)$", read(f"{folder}/all.doctor"), re.M)
    said = re.sub(r" \([^)]*\)", "", found.group(1)).split(", ") if found else []
    want = [line.replace("/", ".", 1).replace(":", "=", 1) for line in read(f"{folder}/sysctls").splitlines()]
    print("# sysctls", *want)
    tap.check("doctor: each setting of the dentry cache", want and sorted(said) == sorted(want), said, want)
    for value, least, most in (0, 1950, 2050), (1, -50, 50):
        before, after = (read(f"{folder}/removed.{value}.{when}").split() for when in ("before", "after"))
        if before:
            grown = int(after[4]) - int(before[4])
            tap.check(f"fs.dentry-negative={value}: {'2,000' if least > 0 else 'none'} of 2,000 removed files leave an entry",
                      least <= grown <= most, before, after)


def judge_kept(tap, folder):
    """CAP_BPF stays with the daemon only where bpf(2) takes it for a run: before 5.19, with unprivileged BPF off."""
    off = read("/proc/sys/kernel/unprivileged_bpf_disabled").strip() not in ("", "0")
    old = release() < (5, 19)
    found = re.search(r"^CapEff:\s*(\w+)", read(f"{folder}/daemon.kept"), re.M)
    kept = int(found.group(1), 16) if found else -1
    needs = off and old and lockdown() != "confidentiality"
    print(f"# kept {kept:x}, unprivileged BPF {'off' if off else 'on'}")
    tap.check("daemon: CAP_BPF is kept where runs need it, and nothing else",
              kept & ~(1 << CAP_SYS_PTRACE) == (1 << CAP_BPF if needs else 0), hex(kept), off, RELEASE)


def judge_base(tap, folder):
    """Symbols, where there, agree with the discovery that needs none."""
    found = re.search(r"base ([0-9a-f]+)", read(f"{folder}/base"))
    address = symbol("dentry_hashtable")
    want = kcore_pointer(address) if address else None
    text = "the table's address agrees with the kernel's symbols"
    if not found:
        tap.skip(text, "no BPF here")
    elif want is None:
        tap.skip(text, "no symbol or no memory image to read it from")
    else:
        tap.check(text, int(found.group(1), 16) == want, found.group(0), hex(want))


def main():
    folder, rows = sys.argv[1], load_expected(sys.argv[2])
    namespaces, names = int(sys.argv[3]), int(sys.argv[4])
    tap = Tap()
    print(f"# kernel {RELEASE} lockdown {lockdown()}")
    wanted = re.search(r"lockdown=(\w+)", read("/proc/cmdline"))
    tap.check("lockdown is what was asked for", lockdown() == (wanted.group(1) if wanted else "none"))
    for caps in (c for c in ("all", "bpf", "none") if Path(f"{folder}/{c}.show").exists()):
        judge_show(tap, folder, rows, caps, namespaces, names)
        for flavour in "fast", "compat", "bounded", "kcore", "limited":
            judge_walk(tap, folder, rows, caps, flavour, namespaces)
        status = read(f"{folder}/{caps}.doctor.status").strip()
        tap.check(f"{caps}: doctor ends", status in ("0", "1"), f"status {status}")
    if Path(f"{folder}/kcore.show").exists():
        judge_show(tap, folder, rows, "kcore", namespaces, names)
        judge_calibration(tap, folder)
        judge_walk(tap, folder, rows, "hidden", "kcore", namespaces)
        judge_hidden(tap, folder, namespaces, names)
    if Path(f"{folder}/sysctls").exists() and Path(f"{folder}/all.doctor").exists():
        judge_doctor(tap, folder)
    if Path(f"{folder}/daemon.status").exists():
        judge_show(tap, folder, rows, "daemon", namespaces, names)
        status = read(f"{folder}/daemon.status").strip()
        tap.check("daemon: ends cleanly", status == "0", f"status {status}", read(f"{folder}/daemon.log"))
        judge_kept(tap, folder)
    judge_made(tap, folder)
    judge_verifier(tap, folder)
    if Path(f"{folder}/storm").exists():
        judge_who(tap, folder)
        judge_left(tap, folder)
    judge_locks(tap, folder)
    judge_base(tap, folder)
    bad = [line for line in read(f"{folder}/log").splitlines() if WRONG.search(line)]
    tap.check("kernel log is clean", not bad, *bad[:20])
    tainted = int(read("/proc/sys/kernel/tainted") or 0)
    tap.check("kernel is not tainted by a fault", not tainted & TAINTS, tainted)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
