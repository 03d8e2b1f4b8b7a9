#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: superblocks
# Superblocks are walked while hundreds of tmpfs and overlays are mounted and unmounted: one that is
# being unmounted is left out, or has a count that it can have.
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/kernel_log.sh
. "$TOP/tests/lib/kernel_log.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
tool=$BUILD/tests/lib/dying_superblocks rounds=300 names=200

mkdir "$tmp/none"
"$tool" --compat "$tmp/none" 0 0 >"$tmp/out"
[ $? != 77 ] || { echo "1..0 # SKIP no BPF here: $(cat "$tmp/out")"; exit 0; }
kernel_log_begin "$tmp"
value() { sed -n "s/^status .*\b$1 \([0-9]*\).*/\1/p; s/^$1 \([0-9]*\) .*/\1/p" "$tmp/out"; }
for flavour in fast compat bounded; do
    mkdir "$tmp/$flavour"
    "$tool" "--$flavour" "$tmp/$flavour" $rounds $names >"$tmp/out"
    case $? in
    0) ;;
    77) skip "$flavour: superblocks that come and go" "$(cat "$tmp/out")"; continue ;;
    *) fail "$flavour: superblocks that come and go" "$tmp/out"; continue ;;
    esac
    echo "# $flavour: $(tail -n 1 "$tmp/out")"
    check "$flavour: $rounds tmpfs and overlays come and go" test "$(value status) $(value rounds)" = "0 $rounds"
    check "$flavour: they are walked, also while they are unmounted" \
        test "$(value rows)" -gt $rounds -a "$(value beside_unmount)" -gt $((rounds / 4))
    check "$flavour: their entries are counted" test "$(value most)" -gt 0 -a "$(value most)" -le $names
    check "$flavour: hardly any walk gets lost" test $(($(value lost) * 10)) -lt "$(value walks)"
    grep '^impossible' "$tmp/out" | head -5 | sed 's/^/# /'
    check "$flavour: no count that cannot be" test "$(value impossible)" = 0
done
kernel_log_check "$tmp"
done_testing
