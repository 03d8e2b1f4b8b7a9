#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion offers what the program has.
. "$TOP/tests/lib/tap.sh"
. "$TOP/packaging/completion/dcachemon"
compopt() { :; } # works only while the shell completes

offers() { # EXPECTED WORD...
    local want=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _dcachemon "$1"
    check "${*:2}: $want" test "${COMPREPLY[*]}" = "$want"
}

offers 'doctor default-config' "$BUILD/bin/dcachemon" d
offers '--version' "$BUILD/bin/dcachemon" --v
offers '--json' "$BUILD/bin/dcachemon" show --j
offers '--json --snmp --config --help' "$BUILD/bin/dcachemon" doctor --
offers '' "$BUILD/bin/dcachemon" show --watch ''
offers '--device --dry-run' "$BUILD/bin/dcachemon" reclaim --d
offers 'proc' "$BUILD/bin/dcachemon" reclaim --fstype pro
offers 'status mute unmute config' "$BUILD/bin/dcachemon" snmpd ''
COMP_WORDS=("$BUILD/bin/dcachemon" reclaim /pro) COMP_CWORD=2
_dcachemon "$BUILD/bin/dcachemon"
check "reclaim /pro: /proc is among them" grep -qx /proc <(printf '%s\n' "${COMPREPLY[@]}")
touch "$tmp/a.conf"
offers "$tmp/a.conf" "$BUILD/bin/dcachemon" show --config "$tmp/a"
done_testing
