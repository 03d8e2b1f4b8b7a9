#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: host
# sees: mounts
# What walks must not take for something else: open directory streams for children, an unreadable
# number of NUMA nodes for one node; and that finding the hash table enters no mount.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf
SNMP_DIR=$(mktemp -d /tmp/dcachemon-edges.XXXXXX)
reader=
stop() {
    [ -z "$reader" ] || { kill "$reader"; wait "$reader"; } 2>/dev/null
    umount -l "$SNMP_DIR/ram" 2>/dev/null
    rm -rf "$SNMP_DIR"
}
trap stop EXIT

# ---- cursors ----
mkdir "$SNMP_DIR/ram"
mount -t ramfs dcm-test "$SNMP_DIR/ram" || exit 1
for i in $(seq 2000); do : >"$SNMP_DIR/ram/f$i"; done
python3 - "$SNMP_DIR/ram" >"$SNMP_DIR/ready" <<'PY' &
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
libc.opendir.restype = ctypes.c_void_p
libc.readdir.argtypes = [ctypes.c_void_p]
for _ in range(6):
    stream = libc.opendir(os.fsencode(sys.argv[1]))
    libc.readdir(stream)
print("ready", flush=True)
time.sleep(60)
PY
reader=$!
wait_for 10 grep -q ready "$SNMP_DIR/ready"
show_json
ram="next((x for x in d['directories'] if x['path'] == '$SNMP_DIR/ram'), {})"
tap_ok "a directory with half-read streams" json "$ram['children'] >= 2000 - max(100, 2 * $ram['children_error'])"
tap_ok "its streams are not among its names" json "$ram['sample_names'] == ['f#']"

# ---- the verifier ----
# A program that it gives up is loaded in another flavour, or missing: nobody would notice but by its cost.
for flavour in fast compat bounded; do
    if ! "$BUILD/tests/lib/verifier_cost" --$flavour >"$SNMP_DIR/cost"; then
        tap_skip "$flavour: what the verifier takes" "$(cat "$SNMP_DIR/cost")"
        continue
    fi
    tap_ok "$flavour: the chain walker is loaded, and the pass" [ "$(grep -cE '^(chain|pass) [0-9]+$' "$SNMP_DIR/cost")" = 2 ]
    tap_ok "$flavour: no program takes a quarter of what the verifier allows" \
        awk '$2 + 0 > 250000 { many = 1; print "# " $0 } END { exit many }' "$SNMP_DIR/cost"
done

if ${CC:-cc} -shared -fPIC -o "$SNMP_DIR/refuse.so" "$TOP/tests/lib/preload/refuse_program.c" 2>/dev/null; then
    LD_PRELOAD=$SNMP_DIR/refuse.so REFUSE_PROGRAM=tables ASAN_OPTIONS=verify_asan_link_order=0 \
        "$dcachemon" show --all --json >"$SNMP_DIR/show.json" 2>/dev/null
    tap_ok "a program that the verifier gives up: its source says so" json \
        "[s['reason'] for s in d['sources'] if s['name'] == 'tables'] == ['the kernel refused the BPF program \"tables\": its verifier gave up']"
    tap_ok "and it is the only one that is lost" json \
        "{s['name']: s['state'] for s in d['sources']}['hash'] == 'ok' and d['superblocks'] and not d['tables']"
else
    tap_skip "a program that the verifier gives up" "no compiler"
fi

# ---- NUMA nodes ----
dump=$BUILD/tests/lib/walk_dump
mkdir -p "$SNMP_DIR/root/sys/kernel"
ln -s /sys/kernel/btf "$SNMP_DIR/root/sys/kernel/btf"
"$dump" --passes 0 --root "$SNMP_DIR/root" >"$SNMP_DIR/nodes"
tap_ok "without a number of NUMA nodes: superblocks are listed" grep -q '^superblock ' "$SNMP_DIR/nodes"
tap_ok "their unused entries are unknown, and it says why" \
    grep -q '^note superblocks unused entries are not known: .*/node/possible cannot be read' "$SNMP_DIR/nodes"
tap_ok "and not those of one node" sh -c "! grep -q '^error superblocks' '$SNMP_DIR/nodes'"

# ---- a kernel with PREEMPT_RT ----
pass_of() { # ROOT: "RUNS NS" of a pass
    "$dump" --root "$1" | sed -n 's/^pass .* runs \([0-9]*\) run_ns \([0-9]*\) .*/\1 \2/p'
}
mkdir -p "$SNMP_DIR/rt/sys/kernel"
ln -s /sys/kernel/btf "$SNMP_DIR/rt/sys/kernel/btf"
ln -s /sys/devices "$SNMP_DIR/rt/sys/devices"
echo 1 >"$SNMP_DIR/rt/sys/kernel/realtime"
read -r runs ns < <(pass_of '')
read -r rt_runs rt_ns < <(pass_of "$SNMP_DIR/rt")
echo "# a pass of $runs runs of $((ns / runs)) ns, with PREEMPT_RT $rt_runs of $((rt_ns / rt_runs))"
if [ $((ns / runs)) -gt 80000 ]; then
    tap_ok "with PREEMPT_RT runs are shorter" test $((rt_runs * 2)) -gt $((runs * 3))
else
    tap_skip "with PREEMPT_RT runs are shorter" "all are short: the hash table is small"
fi

# ---- a kernel without one of the members ----
# The same kernel, whose description of itself has another name for it.
without() { # MEMBER
    mkdir -p "$SNMP_DIR/without/sys/kernel/btf"
    ln -sfn /sys/devices "$SNMP_DIR/without/sys/devices"
    python3 - "$1" "$SNMP_DIR/without/sys/kernel/btf/vmlinux" <<'PY' &&
import sys
name, path = sys.argv[1].encode(), sys.argv[2]
types = open("/sys/kernel/btf/vmlinux", "rb").read()
assert types.count(b"\0" + name + b"\0") == 1, name
open(path, "wb").write(types.replace(b"\0" + name + b"\0", b"\0" + b"~" * len(name) + b"\0"))
PY
        "$dump" --passes 1 --root "$SNMP_DIR/without" >"$SNMP_DIR/without.out"
    grep '^error' "$SNMP_DIR/without.out" | cut -c1-150 | sed "s/^/# without $1: /"
}
lost() { # "KIND..." STRUCT.MEMBER: these and no other are lost, each with that reason
    [ "$(sed -n "s/^error \([a-z]*\) the kernel has no struct $2\$/\1/p" "$SNMP_DIR/without.out" | sort -u | xargs)" = "$1" ] &&
        [ "$(grep -c '^error' "$SNMP_DIR/without.out")" = "$(wc -w <<<"$1")" ]
}
while read -r member type kinds; do
    without "${member%%.*}"
    tap_ok "a kernel without $type.$member loses $kinds" lost "$kinds" "$type.$member"
done <<'LIST'
net_cookie net netns
loopback_dev net netns
s_bdi super_block superblocks
s_subtype super_block superblocks
s_id super_block superblocks
fdt files_struct pass table
f_path.dentry file pass table
LIST
# A member of a member.
without node
tap_ok "a kernel without list_lru.node loses superblocks" lost superblocks super_block.s_dentry_lru.node

# ---- mounts below the folders that the table is found with ----
if command -v strace >/dev/null; then
    # Folders of container runtimes are on whichever mount they are.
    printf '[sampling]\ncontainers_interval = 0\n' >"$SNMP_DIR/alone.conf"
    strace -f -qq -e trace=openat,openat2 -o "$SNMP_DIR/strace" "$dcachemon" show --json -c "$SNMP_DIR/alone.conf" >/dev/null 2>&1
    tap_ok "entries are looked at" grep -qE 'O_PATH.*RESOLVE_NO_XDEV.* = [0-9]' "$SNMP_DIR/strace"
    tap_ok "none of another mount" sh -c "! grep -E 'O_NOFOLLOW.*O_PATH|O_PATH.*O_NOFOLLOW' '$SNMP_DIR/strace' | grep -v RESOLVE_NO_XDEV"
    tap_ok "what is mounted in /dev is left out" grep -q 'RESOLVE_NO_XDEV.* = -1 EXDEV' "$SNMP_DIR/strace"
else
    tap_skip "entries are looked at" "no strace"
fi
tap_done
