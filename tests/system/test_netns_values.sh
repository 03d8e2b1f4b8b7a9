#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: chains
# The interface sampler's values on the live kernel, against cat(1) inside each namespace; its system
# calls, against strace(1).
. "${TOP:?set by tests/run}/tests/lib/netns_cache.sh"

make_three
ip -n three link add br0 type bridge
set_sysctl two ipv4/neigh/v1/retrans_time_ms 1234
set_sysctl two ipv6/neigh/v1/base_reachable_time_ms 4321
set_sysctl three ipv6/conf/v2/forwarding 1
set_sysctl three ipv6/neigh/w2/retrans_time_ms 777
all_settled

start strace -f -qq -e trace=%file,read,pread64,setns -o "$tmp/trace" -- /run/netns
tell refresh
for name in '' one two three; do tell "want $name"; done
tell run
for name in one two three; do
    check "values of \"$name\" equal cat inside it" equal "$(cached $name)" "$(expected $name)"
done
set_sysctl one ipv4/neigh/v1/retrans_time_ms 99
set_sysctl two ipv4/neigh/v1/retrans_time_ms 98
set_sysctl three ipv6/conf/v1/forwarding 1
tell run
for name in one two three; do
    check "changed values of \"$name\" follow" equal "$(cached $name)" "$(expected $name)"
done
# ---- no path walk ----
dentries() { cut -f1 /proc/sys/fs/dentry-state; }
files=$(ask sysctls)
tell "mark warm"
tell "run 20"
tell "mark end"
check "20 rounds open and close nothing" equal "$(ask sysctls)" "$files"
sed -n '/mark-warm/,/mark-end/p' "$tmp/trace" >"$tmp/polling"
check "the trace has the rounds (60 entered namespaces)" \
    equal "$(grep -c 'setns(.*CLONE_NEWNET) *= 0' "$tmp/polling")" 120
check "no system call names a path under /proc/sys" \
    equal "$(grep -c '/proc/sys' "$tmp/polling")" 0
reads=$(grep -c pread64 "$tmp/polling")
check "values come from pread: $reads calls" test "$reads" -ge 400
stop

start -- /run/netns
tell refresh
want_three
tell "run 2"
# The whole machine is counted, and others fill its cache: such an attempt is repeated. What a round
# leaves is there after each.
for _ in 1 2 3 4 5; do
    before=$(dentries)
    tell "run 1000"
    after=$(dentries)
    [ $((after - before)) -ge 3000 ] || break
done
check "1000 rounds leave nr_dentry where it was ($before, $after)" test $((after - before)) -lt 3000
fds=$(ask fds)
check "one descriptor of nsfs (home), no socket between rounds ($fds)" \
    test "${fds#* nsfs }" = "1 sockets 0"

# ---- interfaces that change ----
ip -n one link set v2 down
ip -n one link set v2 name renamed
ip -n one link set renamed up
ip -n one link del v3
ip -n one link set w1 down
ip -n one link set w1 name moved
ip -n one link set moved netns two
ip -n two link set moved up
wait_for 5 settled one
tell run
check "renamed, deleted and moved away: like cat" equal "$(cached one)" "$(expected one)"
wait_for 5 settled two
tell run
check "moved in: like cat" equal "$(cached two)" "$(expected two)"
ip -n two addr flush dev v1
tell run
check "addresses gone: values gone" equal "$(cached two)" "$(expected two)"
files=$(ask sysctls | wc -l)
values=$(for name in one two three; do expected $name; done |
    awk '{ for (i = 3; i <= NF; i++) n += $i != "-" } END { print n }')
check "one file per value, none of interfaces that are gone" equal "$files" "$values"
stop
done_testing
