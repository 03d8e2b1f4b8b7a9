#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The MIB file: well-formed, the same as the metric table, resolvable; docs/metrics.md is current.
set -u
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
dump=${BUILD:-build}/tests/lib/dump_metrics
mib=mibs/DCACHEMON-MIB.txt
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
. tests/lib/mibs.sh

count=0 failed=0
ok() { # TEXT CMD...: the output of CMD shows only when it fails
    local text=$1 out
    shift
    count=$((count + 1))
    if out=$("$@" 2>&1); then
        echo "ok $count - $text"
    else
        printf '%s\n' "$out" | sed 's/^/# /'
        echo "not ok $count - $text"
        failed=1
    fi
}
skip() { # TEXT REASON
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
need() { # COMMAND TEXT: skips when it is missing
    command -v "$1" >/dev/null && return 0
    skip "$2" "$1 is not installed"
    return 1
}

silent() { # CMD...: smilint and smidump exit 0 even on errors
    local out
    out=$("$@" 2>&1)
    printf '%s' "$out"
    [ -z "$out" ]
}
compare() {
    "$dump" mib >"$work/table" && smidump -f xml -o "$work/mib.xml" $mib &&
        python3 tests/lib/compare_mib.py "$work/mib.xml" "$work/table"
}
# A comparison that never finds anything proves nothing: change one thing at a time.
compare_finds() { # SED-EXPRESSION
    "$dump" mib | sed "$1" >"$work/wrong" && ! cmp -s "$work/table" "$work/wrong" &&
        ! python3 tests/lib/compare_mib.py "$work/mib.xml" "$work/wrong"
}
date_is_newest() {
    local updated newest
    updated=$(sed -n 's/.*LAST-UPDATED "\(.*\)"/\1/p' $mib)
    newest=$(sed -n 's/.*REVISION "\(.*\)"/\1/p' $mib | sort -r | head -1)
    [ -n "$updated" ] && [ "$updated" = "$newest" ]
}
root_once() {
    [ "$(grep -cw 1806 $mib)" = 1 ]
}
read_only() {
    ! grep -n 'MAX-ACCESS' $mib | grep -v 'read-only\|not-accessible'
}
resolves() { # NAME OID
    [ "$(snmptranslate -On "DCACHEMON-MIB::$1")" = ".1.3.6.1.4.1.8072.9999.9999.1806.$2" ]
}
docs_current() {
    "$dump" docs | diff docs/metrics.md -
}

if need smilint "smilint prints nothing at level 6"; then
    ok "smilint prints nothing at level 6" silent smilint -m -s -l 6 $mib
    ok "MIB and metric table hold the same objects" compare
    ok "the comparison notices a name" compare_finds 's/^dcmChainName\t/dcmChainNamed\t/'
    ok "the comparison notices an arc" compare_finds 's/\t4.5\t/\t4.50\t/'
    ok "the comparison notices a syntax" compare_finds '/^dcmHashEntries\t/s/Gauge32/Counter32/'
    ok "the comparison notices a unit" compare_finds '/^dcmLookupTime\t/s/1000000/1000/'
    ok "the comparison notices a label" compare_finds 's/,stuck=6/,stuck=7/'
    ok "the comparison notices an index" compare_finds '/^dcmChainEntry\t/s/Rank/Length/'
    ok "the comparison notices the order of variables" compare_finds '/varbind/{s/Value/X/;s/Threshold/Value/;s/X/Threshold/}'
fi
ok "LAST-UPDATED is the newest REVISION" date_is_newest
ok "the number of the root is written once" root_once
ok "everything is read-only" read_only
if need snmptranslate "names resolve with Net-SNMP's tools"; then
    if ls /usr/lib/erlang/lib/snmp-*/mibs/SNMPv2-SMI.mib >/dev/null 2>&1; then
        ok "a column resolves" resolves dcmChainLength 1.6.1.2
        ok "a notification resolves" resolves dcmAlarmCleared 0.2
    else
        skip "names resolve with Net-SNMP's tools" "no SNMPv2-SMI: erlang-snmp is not installed"
    fi
fi
ok "docs/metrics.md is current (build/tests/lib/dump_metrics docs)" docs_current
echo "1..$count"
exit $failed
