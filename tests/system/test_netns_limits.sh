#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# The interface sampler when descriptors run out, and when the way back from a namespace fails.
. "${TOP:?set by tests/run}/tests/lib/netns_cache.sh"

# ---- few descriptors ----
make_three
all_settled
start -- /run/netns 10
tell refresh
want_three
tell "run 3"
check "10 descriptors: values still equal cat" equal "$(cached three)" "$(expected three)"
check "and no more are open" test "$(ask sysctls | wc -l)" -le 10
stop
start -- /run/netns
tell refresh
want_three
tell run
tell "limit 14"
for name in one two three; do set_sysctl $name ipv6/conf/v1/forwarding 1; done
ip -n one link add late type veth peer name late2
ip -n one link set late up
ip -n one link set late2 up
wait_for 5 settled one
tell "run 3"
check "EMFILE: survived, namespaces are still entered" test "$(ask "error two")" = ""
check "EMFILE was met" test "$(ask sysctls | wc -l)" -lt 14
tell "limit 4096"
tell "run 80"
for name in one two three; do
    check "after EMFILE \"$name\" equals cat" equal "$(cached $name)" "$(expected $name)"
done
stop

# ---- the way back ----
strace -f -qq -e trace=setns -e inject=setns:error=EPERM:when=2 -o "$tmp/trace" \
    "$BUILD/tests/lib/netns_cache" /run/netns >"$tmp/lost" <<'EOF'
refresh
netns
want one
run
netns
run
rows one
EOF
own=$(stat -Lc %i /proc/self/ns/net)
check "a failed way back: the next work is done at home and right again" \
    test "$(grep -cx "$own" "$tmp/lost")$(grep -c ' lo ' "$tmp/lost")" = 21
threads=$(awk '/setns/ { print $1 }' "$tmp/trace" | sort -u | wc -l)
check "the lost thread was replaced" test "$threads" -ge 2
done_testing
