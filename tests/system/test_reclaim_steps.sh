#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: superblocks
# dcachemon reclaim in steps, on the live kernel: through a control group of this test's own, v1 or
# v2, that is charged for the entries of a filesystem of its own. It frees them and no others, makes
# nobody wait, and stops between two steps.
. "$TOP/tests/lib/tap.sh"
give_up() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || give_up "needs root"
plant=$BUILD/tests/lib/plant
groups=20 each=${STEPS_EACH:-30000}
names=$((groups * each))

# ---- a control group and a filesystem ----

if [ -e /sys/fs/cgroup/memory/memory.force_empty ]; then
    hierarchy=/sys/fs/cgroup/memory
    group=$hierarchy$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/dcachemon-test.$$
    file=memory.force_empty
elif grep -qsw memory /sys/fs/cgroup/cgroup.subtree_control; then
    hierarchy=/sys/fs/cgroup
    group=$hierarchy/dcachemon-test.$$
    file=memory.reclaim
else
    give_up "no memory controller of control groups that this test may use"
fi
mkdir "$group" 2>/dev/null || give_up "cannot make a control group"
# A moment after its last process it may still be busy.
remove_group() {
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -e "$group" ]
}
on_exit 'wait_for 10 remove_group'
[ "$hierarchy" != /sys/fs/cgroup ] || echo +memory >"$group/cgroup.subtree_control" ||
    give_up "cannot hand the memory controller down"
for ((i = 0; i < groups; i++)); do mkdir "$group/$i"; done
[ -e "$group/0/$file" ] || give_up "no $file: Linux 5.19 or later"

for name in m other; do
    truncate -s 128M "$tmp/$name.image"
    mkdir "$tmp/$name"
    mkfs.ext4 -q "$tmp/$name.image" && mount -o loop "$tmp/$name.image" "$tmp/$name" ||
        give_up "no loop device or mkfs.ext4"
    on_exit "umount '$tmp/$name'"
done
m=$tmp/m

printf '[state]\nfolder =\n' >"$tmp/conf"
# One that remembers; the rest shall not be forecast by what went before.
mkdir "$tmp/state"
printf '[state]\nfolder = %s\n' "$tmp/state" >"$tmp/log.conf"
logged() { tail -n 1 "$tmp/state/reclaim.log" | grep -qE "^[0-9.]+ [0-9:]+ ext4 [0-9]+ [0-9]+ [0-9.]+ $1 "; }
reclaim() { "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" "$@"; }
# inside GROUP COMMAND...: run by a member of that group
inside() { sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group/$1" "${@:2}"; }
# fill PREFIX: the same number of missing names in each group, one process each
fill() { for ((i = 0; i < groups; i++)); do inside "$i" "$plant" negative "$m" "$each" "$1$i-" || return; done; }
get() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["reclaims"][0][sys.argv[2]])' "$tmp/out" "$1"; }
unused() {
    reclaim --dry-run --json --max-seconds 1e6 "$1" 2>/dev/null |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["reclaims"][0]["unused_before"])'
}
total() { awk '{print $2}' /proc/sys/fs/dentry-state; }

# ---- what it would do ----

"$plant" negative "$tmp/other" 100000
fill a
run 0 "--dry-run finds the control group by its memory" reclaim --dry-run "$m"
says "$tmp/out" "ext4 on $m .*${names:0:2}[0-9],[0-9]{3} unused dentries, in steps by memory reclaim inside a control group, $group: charged for"
says "$tmp/out" 'Ctrl-C ends it after the step that runs'
check "it freed nothing" test "$(unused "$m")" -ge "$names"
run 0 "--max-cache 0 leaves control groups alone" reclaim --dry-run --max-cache 0 "$m"
says "$tmp/out" 'no cgroup: max_cache is 0'
says "$tmp/out" 's_umount held for [0-9]'

# ---- only these, and nobody waits ----

# beside ARGUMENT...: reclaims by them; what a bystander saw goes to $tmp/seen
mkdir "$tmp/bind"
mkfifo "$tmp/stop"
exec 9<>"$tmp/stop"
beside() {
    local bystander status
    python3 "$TOP/tests/system/steps_bystander.py" "$m" "$tmp/bind" <&9 >"$tmp/seen" &
    bystander=$!
    wait_for 20 grep -q ready "$tmp/seen"
    reclaim --yes --json "$@" "$m" >"$tmp/out" 2>"$tmp/err"
    status=$?
    echo >&9
    wait "$bystander"
    read -r _ <&9 # it does not take the line
    return $status
}
longest() { tail -1 "$tmp/seen" | cut -d' ' -f"$1"; }

other=$(unused "$tmp/other")
grep -F "$tmp" /proc/self/mountinfo >"$tmp/mine"
tap_ok "it reclaims" beside
echo "# $(cat "$tmp/out")"
steps_sync=$(longest 1) steps_detach=$(longest 3)
check "by the control group" test "$(get method) $(get cgroup)" = "cgroup $group"
check "at most 1 % is left ($(get unused_after))" test "$(get unused_after)" -le $((names / 100 + 100))
check "in steps ($(get steps), the longest $(get longest_step_seconds) s)" test "$(get steps)" -ge $((groups / 2))
check "another ext4 lost less than 1 %" test $(($(unused "$tmp/other") * 100)) -ge $((other * 99))
check "no other filesystem lost 1 %" python3 -c "exit($(get others_lost_percent) >= 1)"
grep -F "$tmp" /proc/self/mountinfo >"$tmp/mine-after"
check "mountinfo is the same" cmp "$tmp/mine" "$tmp/mine-after"

fill b
tap_ok "the same by one call" beside --way reconfigure
call_sync=$(longest 1)
check "has no steps" test "$(get method) $(get steps)" = "reconfigure None"
echo "# longest syncfs $steps_sync us beside steps, $call_sync us beside one call of $(get seconds) s; longest lazy unmount $steps_detach us"
# The longest wait of many is that of a step, or of a processor that is busy: once in three rounds it is not.
enough() { [ $((steps_sync * 3)) -le "$call_sync" ]; }
for ((round = 1; round < 3; round++)); do
    enough && break
    fill "again$round-" && beside
    again=$(longest 1) && steps_sync=$((again < steps_sync ? again : steps_sync))
done
check "a sync beside steps waits at most a third of what it waits beside one call ($steps_sync us, round $round)" enough

# ---- it stops ----

fill c
run 1 "--max-seconds" reclaim -c "$tmp/log.conf" --yes --json --max-seconds 0.02 "$m"
left=$(get unused_after)
check "stopped early: $left of $(get unused_before) are left" test "$left" -gt $((names / 10)) -a "$left" -lt "$names"
check "and says so ($(get stopped))" grep -q '"stopped":"took .* max_seconds is 0.02' "$tmp/out"
check "as its result, without an error" test "$(get result) $(get error)" = "stopped None"
check "the log has the same, and why" logged "stopped $m - took[^ ]*max_seconds.040is.0400.02 1 0 0"

reclaim --yes --way reconfigure "$m" >/dev/null
fill d
before=$(total)
"$BUILD/bin/dcachemon" reclaim -c "$tmp/log.conf" --yes "$m" >"$tmp/out" 2>"$tmp/err" &
running=$!
begun() { [ "$(total)" -lt $((before - each)) ]; }
until begun; do kill -0 $running 2>/dev/null || break; done
kill -INT $running
wait $running
status=$?
check "Ctrl-C ends it (status $status)" test $status = 1
says "$tmp/err" 'stopped: interrupted'
check "the log says so" logged "stopped $m - interrupted 2 0 0"
left=$(unused "$m")
check "between two steps: $left are left" test "$left" -gt $((names / 10)) -a "$left" -lt "$names"
says "$tmp/out" "-> [1-9][0-9,]+ unused dentries in .*[0-9]+ steps, the longest"

# ---- beside makers ----

fill e
while "$plant" negative "$m" 20000 "made-$RANDOM-"; do :; done &
maker=$!
on_exit "kill $maker 2>/dev/null; wait $maker 2>/dev/null"
made() { reclaim --dry-run "$m" >"$tmp/out" 2>&1 && grep -q 'are made per second' "$tmp/out"; }
tap_ok "the plan says how many are made meanwhile" wait_for 10 made
begin=$(date +%s%N)
reclaim --yes --cgroup "${group#"$hierarchy"}" "$m" >"$tmp/out" 2>"$tmp/err"
ms=$((($(date +%s%N) - begin) / 1000000))
check "steps end beside a maker that is not in the group ($ms ms)" test $ms -lt 30000
kill $maker
wait $maker 2>/dev/null
check "having freed what is in it" python3 - "$tmp/out" "$names" <<'PY'
import re, sys
before, after = (int(n.replace(",", "")) for n in re.findall(r"([0-9,]+) -> ([0-9,]+) unused", open(sys.argv[1]).read())[0])
sys.exit(before < int(sys.argv[2]))
PY

# ---- whose entries ----

reclaim --yes --way reconfigure "$m" >/dev/null
fill f
for ((i = 0; i < groups; i++)); do inside "$i" "$plant" negative "$tmp/other" "$each" "f$i-"; done
run 0 "a group with as many of another filesystem" reclaim --dry-run "$m"
says "$tmp/out" 'no cgroup: no control group is charged for them and little else'
run 0 "named, it gives up both" reclaim --yes --json --cgroup "$group" "$m"
check "of this one" test "$(get unused_after)" -le $((names / 100 + 100))
other=$(unused "$tmp/other")
check "and of the other ($other), but not what is charged elsewhere" test "$other" -lt $((names / 2)) -a "$other" -ge 99000

# ---- on a terminal ----

if command -v script >/dev/null; then
    fill g
    script -qec "'$BUILD/bin/dcachemon' reclaim -c '$tmp/conf' --yes '$m'" /dev/null </dev/null >"$tmp/typescript" 2>&1
    check "a bar with speed and time left" grep -qE '\[#+-+\] [0-9]+ %, [0-9,]+ left, [0-9,]+ per second, .* to go' "$tmp/typescript"
else
    skip "a bar on a terminal" "no script(1)"
fi

# ---- mistakes ----

run 2 "--way nothing" reclaim --way nothing "$m"
says "$tmp/err" '--way needs shrinker, cgroup or reconfigure'
run 2 "--cgroup and another way" reclaim --way reconfigure --cgroup /x "$m"
for bad in / /none x /../x; do
    run 1 "--cgroup $bad" reclaim --dry-run --cgroup "$bad" "$m"
    says "$tmp/err" 'control group'
done
done_testing
