#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: host
# sees: mounts
# A rule for one mount point, when the mount leaves the host's table while a namespace holds the superblock.
. "$TOP/tests/lib/tap.sh"
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
"$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1 || { echo "1..0 # SKIP no BPF here"; exit 0; }
dcachemon=$BUILD/bin/dcachemon
sampler='' holder='' m=$tmp/m
: >"$tmp/empty"
mkdir "$tmp/base" "$m"
end() { [ -z "$1" ] || { kill "$1" && wait "$1"; } 2>/dev/null; }
on_exit 'end "$holder"; end "$sampler"; umount -l "$m" "$tmp/base" 2>/dev/null'
mount -t tmpfs dcm-test "$tmp/base" && mkdir "$tmp/base"/{lower,upper,work}
mount -t overlay dcm-test "$m" -o "lowerdir=$tmp/base/lower,upperdir=$tmp/base/upper,workdir=$tmp/base/work"

printf '%s\n' '[sampling]' "socket = $tmp/sock" 'superblocks_interval = 1' 'hash_interval = 0' '[state]' 'folder =' \
    '[alarm superblock_unused]' 'clear_after = 2' "[alarm superblock_unused $m]" 'warning = 1000' \
    'critical = 3000' 'raise_after = 1' >"$tmp/conf"
"$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$tmp/agentx" >"$tmp/log" 2>&1 </dev/null &
sampler=$!
# snapshot PYTHON-EXPRESSION over a (alarms), e (events), s (superblocks) and runs (of that source)
snapshot() {
    "$dcachemon" show --cached --json --socket "$tmp/sock" -c "$tmp/empty" 2>/dev/null | python3 -c "
import json, sys
j = json.load(sys.stdin); a, e, s = j['alarms'], j['events'], j['superblocks']
runs = next(x['runs'] for x in j['sources'] if x['name'] == 'superblocks')
r = $1
print(r)
sys.exit(0 if r else 1)" 2>/dev/null
}
ours="[x for x in a if x['type'] == 'superblock_unused' and x['resource'] == '$m']"
check "the daemon samples" wait_for 20 snapshot "runs > 1"
mkfifo "$tmp/hold"
unshare -m --propagation private sh -c "echo held >'$tmp/held'; read -r _ <'$tmp/hold'" &
holder=$!
check "a namespace holds the mount" wait_for 10 test -s "$tmp/held"
"$BUILD/tests/lib/plant" negative "$m" 20000 >/dev/null
check "the rule of the mount point raises" wait_for 20 snapshot "$ours and $ours[0]['severity'] == 'critical'"
umount "$m"
check "the host's table no longer has it" wait_for 20 snapshot "s and not any(x['mountpoint'] == '$m' for x in s)"
looked=$(snapshot runs)
check "the superblock is looked at for longer than it takes to clear" wait_for 30 snapshot "runs >= $looked + 6"
check "the alarm stays: the superblock is the same" snapshot "$ours"
check "nothing was said of another level" sh -c "! grep 'cleared' '$tmp/log'"
echo >"$tmp/hold"
wait "$holder"
holder=''
check "the end of the namespace clears it" wait_for 30 snapshot "not $ours"
says "$tmp/log" "alarm [0-9]* superblock_unused cleared: superblock $m is unmounted"
done_testing
