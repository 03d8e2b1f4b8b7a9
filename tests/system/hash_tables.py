#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes entries in hash tables of the kernel and compares what a walk finds: hash_tables.py TOOL --FLAVOUR FOLDER

For test_hash_tables.sh, in a network namespace that is its own. A line per finding: "ok TEXT", "not ok TEXT" or
"skip TEXT because WHY". Tables of the whole host have other users: there, at least what was made is more.
"""
import collections
import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys

LONG = bool(os.environ.get("LONG"))
INTERFACES, ADDRESSES, LISTENERS, CONNECTIONS, USERS, MOUNTS, FILES, GROUPS = \
    (20000, 10000, 5000, 30000, 10000, 2000, 20000, 2000) if LONG else (400, 1000, 500, 1000, 200, 1000, 2000, 100)
STRANGERS = 500  # entries that others may add or take away meanwhile, in tables of the host
CLONE_NEWNS, MS_REC, MS_PRIVATE, MS_BIND = 0x20000, 0x4000, 0x40000, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


class Walk:
    def __init__(self, tool, flavour):
        self.tool = subprocess.Popen([tool, flavour], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self):
        """{(table, place): {"entries": N, ...}}; place is self, host or the inode of a namespace."""
        self.tool.stdin.write("\n")
        self.tool.stdin.flush()
        found = {}
        for line in self.tool.stdout:
            words = line.split()
            if words[0] == "walk":
                print(line.strip())
                return found
            if words[1] not in ("missing", "unproven"):
                found[words[0], words[1]] = {k: int(v) for k, v in zip(words[2::2], words[3::2])}
            else:
                found[words[0], words[1]] = line.strip()
        sys.exit("the walk ended")


def verdict(good, text):
    print("ok" if good else "not ok", text)


def missing(found, *tables):
    for table in tables:
        for state in ("missing", "unproven"):
            if (table, state) in found:
                print(f"skip {table} because {found[table, state]}" if state == "missing" else f"not ok {table} is proven")
                return True
    return False


def p99(lengths):
    """Exact: the length that at most 1 % of the chains exceed."""
    return sorted(lengths, reverse=True)[len(lengths) // 100]


def batch(*commands):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True, stdout=subprocess.DEVNULL)


def interfaces(walk):
    # Pairs of indexes that are equal modulo 256 are found where they are; names go anywhere.
    batch("link set lo up", *(f"link add dcmv{i} type veth peer name dcmp{i}" for i in range(INTERFACES // 2)))
    batch("link property add dev dcmv0 altname another-name-of-dcmv0")
    indexes = [i for i, _ in socket.if_nameindex()]
    chains = collections.Counter(i % 256 for i in indexes)
    found = walk()
    if not missing(found, "device_indexes"):
        t = found["device_indexes", "self"]
        verdict((t["buckets"], t["entries"], t["longest"]) == (256, len(indexes), max(chains.values())),
                f"{len(indexes)} indexes of interfaces, chains up to {max(chains.values())}: {t}")
        exact = p99(chains.values())
        verdict(exact <= t["p99"] <= exact * 9 / 8, f"99 of 100 chains are up to {exact}: {t['p99']}")
    if not missing(found, "device_names"):
        t = found["device_names", "self"]
        verdict(t["entries"] == len(indexes) + 1, f"{len(indexes)} names and an alternative one: {t}")
        # The hash is salted by an address: as many balls in as many bins.
        mean = t["entries"] / 256
        verdict(mean < t["longest"] <= mean + 7 * mean ** 0.5 + 7, f"chains of names up to {t['longest']} at {mean:.1f}")


def addresses(walk):
    before = walk()
    batch(*(f"addr add 10.{i >> 8 & 255}.{i & 255}.1/32 dev lo" for i in range(ADDRESSES)),
          *(f"addr add fd00::{i:x}/128 dev lo nodad" for i in range(1, ADDRESSES + 1)))
    found = walk()
    for table, name in ("ipv4_addresses", "IPv4"), ("ipv6_addresses", "IPv6"):
        if not missing(found, table):
            place = next(p for t, p in found if t == table and p in ("self", "host"))
            made = found[table, place]["entries"] - before[table, place]["entries"]
            verdict(made == ADDRESSES if place == "self" else abs(made - ADDRESSES) < STRANGERS,
                    f"{ADDRESSES} {name} addresses: {made} more, {found[table, place]}")


def bound(kind, port):
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(("127.0.0.1", port))
    return s


def listeners(walk):
    held = [bound(socket.SOCK_STREAM, 8080) for _ in range(LISTENERS)]
    for s in held:
        s.listen(1)
    held += [bound(socket.SOCK_DGRAM, 5353) for _ in range(LISTENERS)]
    found = walk()
    for table in "tcp_listening", "udp_ports", "udp_bound":
        if not missing(found, table):
            t = found[table, "host"]
            verdict(LISTENERS <= t["longest"] < LISTENERS + 50, f"{LISTENERS} sockets on one port in {table}: {t}")


def connections(walk):
    listener = socket.create_server(("127.0.0.1", 9090), backlog=CONNECTIONS)
    before = walk()
    held = []
    for i in range(CONNECTIONS):
        s = socket.socket()
        s.bind((f"127.0.{i // 20000}.2", 10000 + i % 20000))
        s.connect(("127.0.0.1", 9090))
        held += [s, listener.accept()[0]]
    with open("/proc/thread-self/net/tcp") as lines:
        seen = sum(line.split()[3] == "01" for line in lines)
    found = walk()
    if not missing(found, "tcp_connected"):
        made = found["tcp_connected", "host"]["entries"] - before["tcp_connected", "host"]["entries"]
        verdict(seen == len(held) and abs(made - seen) < STRANGERS, f"{seen} ends of connections: {made} more")
    if not missing(found, "tcp_ports"):
        ports = min(CONNECTIONS, 20000)
        made = found["tcp_ports", "host"]["entries"] - before["tcp_ports", "host"]["entries"]
        verdict(abs(made - ports) < STRANGERS, f"{ports} ports: {made} more")


def children(count, prepare):
    """Pids of processes that have called prepare(number), and wait to be killed."""
    pids = []
    for i in range(count):
        ready, go = os.pipe()
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            prepare(i)
            os.write(go, b"x")
            signal.pause()
        os.close(go)
        if os.read(ready, 1) != b"x":
            sys.exit("a process did not do what it should")
        os.close(ready)
        pids.append(pid)
    return pids


def end(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def user_chain(uid):
    return (uid >> 7) + uid & 127


def users(walk):
    # Users of one chain: user IDs that the kernel's formula takes to bucket 77.
    uids = [uid for uid in range(300000, 300000 + 128 * USERS) if user_chain(uid) == 77][:USERS]
    uids = uids[:min(len(uids), 500)]
    before = walk()
    pids = children(len(uids), lambda i: os.setresuid(uids[i], uids[i], uids[i]))
    found = walk()
    end(pids)
    if not missing(found, "users"):
        t = found["users", "host"]
        verdict(len(uids) <= t["longest"] <= len(uids) + 20 and t["entries"] - before["users", "host"]["entries"] >= len(uids) // 2,
                f"{len(uids)} users in one chain: {t}")
    if not missing(found, "ucounts"):
        made = found["ucounts", "host"]["entries"] - before["ucounts", "host"]["entries"]
        verdict(abs(made - len(uids)) < STRANGERS and made >= len(uids) // 2, f"{len(uids)} users have counts: {made} more")


def mounts(walk, folder):
    if libc.unshare(CLONE_NEWNS) or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
        return print("skip mounts because no mount namespace can be made")
    before = walk()
    for i in range(MOUNTS):
        os.mkdir(f"{folder}/m{i}")
        if libc.mount(folder.encode(), f"{folder}/m{i}".encode(), None, MS_BIND, None):
            sys.exit("mount: " + os.strerror(ctypes.get_errno()))
    found = walk()
    if not missing(found, "mounts"):
        made = found["mounts", "host"]["entries"] - before["mounts", "host"]["entries"]
        verdict(abs(made - MOUNTS) < STRANGERS and made >= MOUNTS // 2, f"{MOUNTS} mounts: {made} more")


def inodes(walk, folder):
    before = walk()
    for i in range(FILES):
        open(f"{folder}/f{i}", "w").close()
    found = walk()
    with open("/proc/sys/fs/inode-nr") as text:
        all_inodes = int(text.read().split()[0])
    if missing(found, "inodes"):
        return
    t = found["inodes", "host"]
    made = t["entries"] - before["inodes", "host"]["entries"]
    if subprocess.run(["stat", "-fc", "%T", folder], capture_output=True, text=True).stdout.strip() in ("tmpfs", "xfs"):
        print("skip files are found among the inodes because their filesystem does not hash them")
    else:
        verdict(made > FILES // 2, f"{FILES} files: {made} more inodes")
    verdict(t["entries"] <= all_inodes + 10 * STRANGERS, f"{t['entries']} inodes hashed of {all_inodes}")


def control_group_folder():
    with open("/proc/mounts") as lines:
        for words in map(str.split, lines):
            if words[2] == "cgroup2" or words[2] == "cgroup" and "pids" in words[3].split(","):
                if os.access(words[1], os.W_OK):
                    return words[1]
    return None


def control_groups(walk):
    top = control_group_folder()
    made = []
    try:
        for i in range(GROUPS if top else 0):
            os.mkdir(f"{top}/dcm-tables-{os.getpid()}-{i}")
            made.append(f"{top}/dcm-tables-{os.getpid()}-{i}")
        before = walk()
        pids = children(len(made), lambda i: open(made[i] + "/cgroup.procs", "w").write(str(os.getpid())))
        found = walk()
        end(pids)
    except OSError as err:
        top, before, found = None, {}, {}
        print("#", err)
    for group in made:
        os.rmdir(group)
    if not top:
        return print("skip control groups because none can be made here")
    if not missing(found, "css_sets"):
        more = found["css_sets", "host"]["entries"] - before["css_sets", "host"]["entries"]
        verdict(abs(more - GROUPS) < STRANGERS and more >= GROUPS // 2, f"{GROUPS} control groups in use: {more} more")
        t = found["css_sets", "host"]
        verdict(t["buckets"] == 128 and t["longest"] * 128 >= t["entries"], f"sets of control groups: {t}")


def main():
    tool, flavour, folder = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 200000), hard))
    walk = Walk(tool, flavour)
    for step in interfaces, addresses, listeners, connections, users, control_groups:
        step(walk)
        sys.stdout.flush()
    inodes(walk, folder)
    mounts(walk, folder)


main()
