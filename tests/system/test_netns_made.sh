#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# needs: chains
# Network namespaces that live for 20 ms are counted, each of them, and their maker is named: 100 in 2 s by
# each kind of walk, 200 in 4 s by the daemon; LONG=1, by hand, 1,000 in 20 s, which raises netns_churn.
# Other tests make some, too: so the walk counts those of one maker, and the daemon at least those. Tests
# that plant chains of namespaces make thousands at once: only the last makers are kept, and those are theirs.
# A maker in a control group of docker's gives away the container.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/container.sh"
on_exit container_group_end
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
tool=$BUILD/tests/lib/netns_made dcachemon=$BUILD/bin/dcachemon
unshare -n true 2>/dev/null || { echo "1..0 # SKIP no network namespaces here"; exit 0; }

value() { sed -n "s/^$1 //p" "$tmp/out"; }
for flavour in fast compat bounded; do
    "$tool" --$flavour 100 20 2 >"$tmp/out" 2>&1
    case $? in
    0) ;;
    77)
        [ $flavour = fast ] || { echo "1..0 # SKIP no BPF here: $(cat "$tmp/out")"; exit 0; }
        skip "$flavour: namespaces are counted" "$(cat "$tmp/out")"
        continue ;;
    *) fail "$flavour: namespaces are made" "$tmp/out"; continue ;;
    esac
    echo "# $flavour: $(paste -sd' ' "$tmp/out")"
    check "$flavour: each of 100 that lived 20 ms is counted once" test "$(value unshared) $(value seen)" = "100 100"
    check "$flavour: hardly one was in a list" test "$(value listed)" -lt 50
done

[ -x "$BUILD/bin/dcachemon-snmp" ] || { skip "the daemon counts them" "built without SNMP"; done_testing; exit 0; }
count=200 seconds=4
[ -z "${LONG:-}" ] || count=1000 seconds=20
sock=$tmp/s.sock
printf '%s\n' '[sampling]' "socket = $sock" 'hash_interval = 0' 'superblocks_interval = 0' 'namespaces_interval = 1' 'containers_interval = 1' \
    '[containers]' "docker = $tmp/docker" '[state]' "folder = $tmp/state" >"$tmp/conf"
mkdir "$tmp/state"
: >"$tmp/empty"
"$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$tmp/agentx" >"$tmp/log" 2>&1 </dev/null &
sampler=$!
on_exit "kill $sampler 2>/dev/null && wait $sampler"

# sampled PYTHON: true of the namespaces n (and runs, alarms) in the daemon's snapshot; prints the value.
sampled() {
    "$dcachemon" show --cached --json --socket "$sock" -c "$tmp/empty" 2>/dev/null | python3 -c "
import json, sys
d = json.load(sys.stdin)
n, alarms = d['namespaces'], d['alarms']
runs = next(s['runs'] for s in d['sources'] if s['name'] == 'namespaces')
r = $1
print(r)
sys.exit(0 if r else 1)"
}
check "the daemon samples" wait_for 30 sampled "runs >= 1 and n['created'] is not None"
check "it counts each namespace as it is made" sampled "n['created_exact'] is True"
created=$(sampled "str(n['created'])") ended=$(sampled "str(n['ended'])")
"$tool" --compat $count 20 $seconds >"$tmp/out" 2>&1 || fail "$count namespaces are made" "$tmp/out"
runs=$(sampled "str(runs)")
check "it samples afterwards" wait_for 30 sampled "runs >= $runs + 2"
echo "# $(sampled "str(n['created'] - $created) + ' created, ' + str(n['ended'] - $ended) + ' ended'"), $(value all) by the tool"
check "a walk beside it counts each of $count" test "$(value seen)" = $count
check "created: each of $count in $seconds s, 20 ms each" sampled "n['created'] - $created >= $count"
# The kernel ends them in its own time, on a busy machine in seconds.
check "ended: those as well" wait_for 60 sampled "n['ended'] - $ended >= $count * 0.9"
check "the maker is named" sampled "'made-' in n['makers']"
if container_group; then
    SNMP_DIR=$tmp container_named web-1
    (echo 0 >"$group/cgroup.procs" && exec "$tool" --compat 50 20 1) >"$tmp/out" 2>&1
    check "the container that got the last is known when it has ended" wait_for 30 sampled \
        "n['container'] == dict(runtime='docker', id='$short', name='web-1', image='nginx:1.25', pod=None, namespace=None)"
    check "and the runtime with its maker" sampled "'for docker' in n['makers']"
else
    skip "the container that got the last is known" "no control group can be made here"
fi
if [ -n "${LONG:-}" ]; then
    check "netns_churn is raised, and names the maker" wait_for 120 sampled \
        "any(a['type'] == 'netns_churn' and 'most by made-' in a['text'] for a in alarms)"
    check "show has rates and maker" sh -c \
        "'$dcachemon' show --cached --socket '$sock' -c '$tmp/empty' | grep -E '^  namespaces .* created and .* ended per second, most by made-'"
fi
done_testing
