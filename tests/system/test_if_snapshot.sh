#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 60
# Interface rows travel from the sampler of dcachemon-snmp to a reader that asks for them, and to nobody
# else; their sysctl values are those that cat shows. In network and mount namespaces of its own.
TOP=${TOP:-$PWD} BUILD=${BUILD:-$PWD/build}
export TOP BUILD
if [ "$(id -u)" != 0 ] || [ ! -x "$BUILD/bin/dcachemon-snmp" ]; then
    echo "1..0 # SKIP needs root and dcachemon-snmp"
    exit 0
fi
if [ -z "${DCM_UNSHARED:-}" ]; then
    DCM_UNSHARED=1 exec unshare -n -m --propagation private "$BASH" "$0" "$@"
fi
. "$TOP/tests/lib/tap.sh"
ip link set lo up
ip link add va type veth peer name vb
ip link set va up
ip link set vb up
ip addr add 10.1.1.1/24 dev va
echo 1 >/proc/sys/net/ipv6/conf/va/forwarding
cat >"$tmp/conf" <<EOF
[sampling]
socket = $tmp/socket
bpf = no
[snmp]
agentx_socket = $tmp/no-master
EOF
"$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" >"$tmp/log" 2>&1 &
daemon=$!
on_exit "kill $daemon; wait $daemon"
check "the sampler listens" wait_for 10 test -S "$tmp/socket"

cat >"$tmp/reader.py" <<'EOF'
"""Validates little: a reader of the flat layout (snapshot.h) as of a 64-bit machine."""
import array, mmap, os, re, socket, struct, sys, time

top, path = sys.argv[1:]
sections = re.findall(r"^\tDCM_SEC_(\w+),", open(top + "/common/model/snapshot/snapshot.h").read(), re.M)
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(5)
s.connect(path)

def snapshot():
    s.send(b"n")
    _, ancillary, _, _ = s.recvmsg(16, socket.CMSG_SPACE(4))
    fd = array.array("i", ancillary[0][2])[0]
    data = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
    os.close(fd)
    return data

def section(data, name):
    return struct.unpack_from("III", data, 48 + 24 * sections.index(name))

def until(wanted, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = snapshot()
        if (section(data, "INTERFACES")[1] > 0) == wanted:
            return data
    sys.exit("no such snapshot")

unasked = snapshot(), snapshot()
assert all(section(d, "INTERFACES")[1] == 0 for d in unasked), "rows that nobody asked for"
begin = time.monotonic()
s.send(b"i")
data = until(True, 5)
print(f"# rows after {(time.monotonic() - begin) * 1e3:.1f} ms", file=sys.stderr)
offset, count, size = section(data, "INTERFACES")
strings = section(data, "STRINGS")[0]
for i in range(count):
    row = data[offset + i * size:offset + (i + 1) * size]
    has, index, name = (struct.unpack_from(f, row, o)[0] for f, o in (("Q", 0), ("I", 20), ("I", 56)))
    name = data[strings + name:data.find(b"\0", strings + name)].decode()
    values = []
    for at in range(size - 16, size, 4):
        values += struct.unpack_from("i", row, at) if has >> (at - 8) // 4 & 1 else "-"
    print(index, name, *values)
EOF
python3 "$tmp/reader.py" "$TOP" "$tmp/socket" >"$tmp/rows" 2>"$tmp/err"
status=$?
cat "$tmp/err"
check "rows come when asked for, and not before" test $status = 0
ip -o link | sed 's/^\([0-9]*\): \([^:@]*\).*/\1 \2/' | while read -r index n; do
    v4=- v6='- - -'
    if ip -4 addr show dev "$n" | grep -q inet; then v4=$(cat "/proc/sys/net/ipv4/neigh/$n/retrans_time_ms"); fi
    if ip -6 addr show dev "$n" | grep -q inet6; then
        v6=$(cd /proc/sys/net/ipv6 && cat "neigh/$n/retrans_time_ms" "neigh/$n/base_reachable_time_ms" \
            "conf/$n/forwarding" | tr '\n' ' ')
    fi
    echo "$index $n $v4 ${v6% }"
done | sort -n >"$tmp/expected"
check "names and sysctl values equal cat" diff "$tmp/expected" "$tmp/rows"
done_testing
