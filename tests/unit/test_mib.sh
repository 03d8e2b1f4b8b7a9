#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# judges: tree
# The MIB file: well-formed, the same as the metric table, resolvable; docs/metrics.md is current.
. "$TOP/tests/lib/tap.sh"
cd "$TOP" || exit 1
dump=$BUILD/tests/lib/dump_metrics
mib=mibs/DCACHEMON-MIB.txt
. tests/lib/mibs.sh

need() { # COMMAND TEXT: skips when it is missing
    command -v "$1" >/dev/null && return 0
    skip "$2" "$1 is not installed"
    return 1
}

quiet() { # CMD...: smilint and smidump exit 0 even on errors
    local out
    out=$("$@" 2>&1)
    printf '%s' "$out"
    [ -z "$out" ]
}
compare() {
    "$dump" mib >"$tmp/table" && smidump -f xml -o "$tmp/mib.xml" $mib &&
        python3 tests/lib/compare_mib.py "$tmp/mib.xml" "$tmp/table"
}
# A comparison that never finds anything proves nothing: change one thing at a time.
compare_finds() { # SED-EXPRESSION
    "$dump" mib | sed "$1" >"$tmp/wrong" && ! cmp -s "$tmp/table" "$tmp/wrong" &&
        ! python3 tests/lib/compare_mib.py "$tmp/mib.xml" "$tmp/wrong"
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
# smidump copies texts into Python as they are, where a backslash is an escape; ruby-snmp reads that.
no_backslash() {
    ! grep -n '\\' $mib
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
    check "smilint prints nothing at level 6" quiet smilint -m -s -l 6 $mib
    check "MIB and metric table hold the same objects" compare
    check "the comparison notices a name" compare_finds 's/^dcmChainName\t/dcmChainNamed\t/'
    check "the comparison notices an arc" compare_finds 's/\t4.5\t/\t4.50\t/'
    check "the comparison notices a syntax" compare_finds '/^dcmHashEntries\t/s/Gauge32/Counter32/'
    check "the comparison notices a unit" compare_finds '/^dcmLookupTime\t/s/1000000/1000/'
    check "the comparison notices a label" compare_finds 's/,stuck=6/,stuck=7/'
    check "the comparison notices an index" compare_finds '/^dcmChainEntry\t/s/Rank/Length/'
    check "the comparison notices the order of variables" compare_finds '/varbind/{s/Value/X/;s/Threshold/Value/;s/X/Threshold/}'
fi
check "LAST-UPDATED is the newest REVISION" date_is_newest
check "the number of the root is written once" root_once
check "everything is read-only" read_only
check "no text has a backslash, which smidump's Python does not survive" no_backslash
if need snmptranslate "names resolve with Net-SNMP's tools"; then
    if ls /usr/lib/erlang/lib/snmp-*/mibs/SNMPv2-SMI.mib >/dev/null 2>&1; then
        check "a column resolves" resolves dcmChainLength 1.6.1.2
        check "a notification resolves" resolves dcmAlarmCleared 0.2
    else
        skip "names resolve with Net-SNMP's tools" "no SNMPv2-SMI: erlang-snmp is not installed"
    fi
fi
check "docs/metrics.md is current (make generate)" docs_current
done_testing
