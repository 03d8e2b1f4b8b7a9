#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes entries in hash tables of the kernel and compares what a walk finds: hash_tables.py TOOL --FLAVOUR FOLDER [STEP...]

For test_hash_tables.sh and test_hash_tables_large.sh, in a network namespace that is its own. A line per finding: "ok TEXT",
"not ok TEXT" or "skip TEXT because WHY". Tables of the whole host have other users: there, at least what was made is more.
TOOL is tables_walk, other tools are beside it.
"""
import collections
import ctypes
import fcntl
import os
import resource
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import netlink_batch  # noqa: E402

LARGE = bool(os.environ.get("LARGE"))
INTERFACES, ADDRESSES, LISTENERS, CONNECTIONS, TRACKED, USERS, MOUNTS, FILES, GROUPS = \
    (20000, 10000, 5000, 30000, 20000, 10000, 10000, 100000, 20000) if LARGE else (400, 1000, 500, 1000, 1000, 1200, 1000, 2000, 100)
STRANGERS = 500  # entries that others may add or take away meanwhile, in tables of the host
CLONE_NEWNS, CLONE_NEWNET, MS_REC, MS_PRIVATE, MS_BIND = 0x20000, 0x40000000, 0x4000, 0x40000, 0x1000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
libc = ctypes.CDLL(None, use_errno=True)


class Walk:
    def __init__(self, *command):
        self.tool = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self):
        """{(table, place): {"entries": N, ...}}; place is self, host or the inode of a namespace."""
        self.tool.stdin.write("\n")
        self.tool.stdin.flush()
        found = {}
        for line in self.tool.stdout:
            words = line.split()
            if words[0] == "walk":
                print(line.strip())
                self.ns = int(words[2])
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


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def loopback_up():
    with socket.socket() as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def interfaces(walk):
    # Indexes that are equal modulo 256 are in one chain; names go anywhere.
    netlink_batch.interfaces([f"dcm{i}" for i in range(INTERFACES)])
    run("ip", "link", "property", "add", "dev", "dcm0", "altname", "another-name-of-dcm0")
    indexes = [i for i, _ in socket.if_nameindex()]
    chains = collections.Counter(i % 256 for i in indexes)
    found = walk()
    if not missing(found, "device_indexes"):
        t = found["device_indexes", "self"]
        verdict((t["buckets"], t["entries"], t["longest"]) == (256, len(indexes), max(chains.values())),
                f"{len(indexes)} indexes of interfaces, chains up to {max(chains.values())}: {t}")
        exact = p99(chains.values())
        verdict(exact <= t["p99"] <= exact * 9 / 8, f"99 of 100 chains are up to {exact}: {t['p99']}")
        cut = Walk(*walk.tool.args, "300")()["device_indexes", "self"]
        verdict({**cut, "ns": 0} == {**t, "ns": 0}, f"the same when a run ends after each level: {cut}")
    if not missing(found, "device_names"):
        t = found["device_names", "self"]
        verdict(t["entries"] == len(indexes) + 1, f"{len(indexes)} names and an alternative one: {t}")
        # The hash is salted by an address: as many balls in as many bins.
        mean = t["entries"] / 256
        verdict(mean < t["longest"] <= mean + 7 * mean ** 0.5 + 7, f"chains of names up to {t['longest']} at {mean:.1f}")


def addresses(walk):
    before = walk()
    devices = [i for i, _ in socket.if_nameindex()][:100]  # a device looks through its own for each one more
    for form in "10.{0}.{1}.1", "fd00::{0:x}:{1:x}":
        netlink_batch.addresses((form.format(i >> 8, i & 255), devices[i % len(devices)]) for i in range(ADDRESSES))
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


def connect(count, number):
    """@count connections to a port of this process; both ends of each."""
    listener = socket.create_server(("127.0.0.1", 9000 + number), backlog=count)
    held = []
    for i in range(count):
        s = socket.socket()
        s.bind((f"127.0.{number}.2", 10000 + i))
        s.connect(listener.getsockname())
        held += [s, listener.accept()[0]]
    return held


def hold(parts, make):
    """A process for each of @parts that keeps what make(part, its number) returns; they end when what this returns is closed."""
    end, ends = os.pipe()
    for number, part in enumerate(parts):
        ready, told = os.pipe()
        if not os.fork():
            os.close(ends)
            held = make(part, number)
            os.write(told, b"x")
            os.read(end, 1)
            os._exit(not held)
        os.close(told)
        if os.read(ready, 1) != b"x":
            sys.exit("a process did not do what it should")
        os.close(ready)
    os.close(end)
    return os.fdopen(ends)


def connections(walk):
    before = walk()
    at_once = min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 3)
    parts = [min(at_once, CONNECTIONS - i) for i in range(0, CONNECTIONS, at_once)]
    held = hold(parts, connect)
    with open("/proc/thread-self/net/tcp") as lines:
        seen = sum(line.split()[3] == "01" for line in lines)
    found = walk()
    if not missing(found, "tcp_connected"):
        made = found["tcp_connected", "host"]["entries"] - before["tcp_connected", "host"]["entries"]
        verdict(seen == 2 * CONNECTIONS and abs(made - seen) < STRANGERS, f"{seen} ends of connections: {made} more")
    if not missing(found, "tcp_ports"):
        ports = max(parts)
        made = found["tcp_ports", "host"]["entries"] - before["tcp_ports", "host"]["entries"]
        verdict(abs(made - ports) < STRANGERS, f"{ports} ports: {made} more")
    held.close()
    for _ in parts:
        os.wait()


class Zombies:
    """A process in each folder of cgroup2 that has ended and is not waited for until the end."""

    def __init__(self, walk, folders):
        self.tool = subprocess.Popen([os.path.join(os.path.dirname(walk.tool.args[0]), "zombies")],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.tool.stdin.write("".join(folder + "\n" for folder in folders) + "\n")
        self.tool.stdin.flush()
        self.good = self.tool.stdout.readline() == "ready\n"

    def end(self):
        self.tool.stdin.close()
        return self.tool.wait() == 0 and self.good


def user_chain(uid):
    return (uid >> 7) + uid & 127


def users(walk):
    # Users of one chain: user IDs that the kernel's formula takes to root's bucket. The table is found by root, and has to
    # stay found when more than a thousand are in front of that.
    uids = [uid for uid in range(300000, 300000 + 128 * USERS) if user_chain(uid) == user_chain(0)][:USERS]
    uids = uids[:resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100]
    before, held = walk(), []
    for uid in uids:
        # A file keeps the credentials that it was opened with.
        os.setresuid(uid, 0, 0)
        held.append(os.open("/dev/null", os.O_RDONLY))
    os.setresuid(0, 0, 0)
    found = walk()
    for fd in held:
        os.close(fd)
    if not missing(before, "users"):
        t = found.get(("users", "host"), collections.Counter())
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
            if words[2] == "cgroup2" and os.access(words[1], os.W_OK):
                return words[1]
    return None


def processes_left():
    """How many more the controller "pids" of version 1 lets this one have, as far as can be seen."""
    try:
        with open("/proc/self/cgroup") as lines:
            path = next(line.strip().split(":", 2)[2] for line in lines if line.split(":")[1] == "pids")
        with open(f"/sys/fs/cgroup/pids{path}/pids.max") as most, open(f"/sys/fs/cgroup/pids{path}/pids.current") as now:
            return int(most.read()) - int(now.read())
    except (StopIteration, OSError, ValueError):
        return sys.maxsize


def control_groups(walk):
    top = control_group_folder()
    if not top:
        return print("skip control groups because no cgroup2 is mounted here")
    groups = min(GROUPS, processes_left() // 2)
    top = f"{top}/dcm-tables-{os.getpid()}"
    made, crowd = [], None
    try:
        for folder in [top] + [f"{top}/{i}" for i in range(groups)]:
            os.mkdir(folder)
            made.append(folder)
        before = walk()
        crowd = Zombies(walk, made[1:])
        found = walk()
    finally:
        good = crowd and crowd.end()
        for folder in reversed(made):
            os.rmdir(folder)
    verdict(good, f"{groups} control groups have a process, of {GROUPS} that were wanted")
    if not missing(found, "css_sets"):
        more = found["css_sets", "host"]["entries"] - before["css_sets", "host"]["entries"]
        verdict(abs(more - groups) < STRANGERS and more >= groups // 2, f"{groups} control groups in use: {more} more")
        t = found["css_sets", "host"]
        verdict(t["buckets"] == 128 and t["longest"] * 128 >= t["entries"], f"sets of control groups: {t}")


def sysctl(name):
    with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}") as text:
        return int(text.read())


def conntrack(walk):
    before = walk()
    if missing(before, "conntrack"):
        return
    try:
        netlink_batch.connections(TRACKED)
    except OSError as err:
        return print(f"skip connections are tracked because {err}")
    found = walk()
    t = found["conntrack", "host"]
    made = t["entries"] - before["conntrack", "host"]["entries"]
    # Each connection is in it twice, by the packets of both directions.
    verdict(sysctl("count") == TRACKED and abs(made - 2 * TRACKED) < STRANGERS, f"{TRACKED} tracked connections: {made} more, {t}")
    mean = t["entries"] / t["buckets"]
    verdict(t["buckets"] == sysctl("buckets") and mean < t["longest"] <= mean + 7 * mean ** 0.5 + 7, f"in {t['buckets']} buckets")


def walk_ns(walk):
    times = []
    for _ in range(41):
        walk()
        times.append(walk.ns)
    return sorted(times)[len(times) // 4]


def namespaces(walk):
    """Most namespaces have few devices: what a thousand of these cost, beside before and after."""
    without, own, held = walk_ns(walk), os.open("/proc/self/ns/net", os.O_RDONLY), []
    for _ in range(1000):
        if libc.unshare(CLONE_NEWNET):
            sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
        loopback_up()
        held.append(os.open("/proc/self/ns/net", os.O_RDONLY))
    libc.setns(own, CLONE_NEWNET)
    within = walk_ns(walk)
    for fd in held:
        os.close(fd)
    more = within - (without + walk_ns(walk)) / 2
    # 2 ms where nothing else runs
    verdict(more < 4000000, f"1000 network namespaces take {more / 1e6:.2f} ms of a processor more than none: {within / 1e6:.2f} ms")


def main():
    tool, flavour, folder = sys.argv[1:4]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    loopback_up()
    walk = Walk(tool, flavour)
    steps = {"interfaces": interfaces, "addresses": addresses, "listeners": listeners, "connections": connections,
             "conntrack": conntrack, "users": users, "control_groups": control_groups,
             "inodes": lambda w: inodes(w, folder), "mounts": lambda w: mounts(w, folder)}
    for step in sys.argv[4:] or steps:
        (namespaces if step == "namespaces" else steps[step])(walk)
        sys.stdout.flush()


main()
