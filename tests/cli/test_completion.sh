#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# judges: tree
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
offers "$tmp/a.conf" "$BUILD/bin/dcachemon" show -o "$tmp/a"
offers '--all' "$BUILD/bin/dcachemon" show -a --al
offers 'chain_length' "$BUILD/bin/dcachemon" check -o chain

# Names that others choose are offered as they are, quoted, and nothing in them runs.
# shellcheck disable=SC2016
evil='$(touch${IFS}ran)`touch${IFS}ran`'
# shellcheck disable=SC2016
printf '#!/bin/sh\n[ "$1" != events ] || echo '"'recording-%s.jsonl  2026'"'\n' "$evil" >"$tmp/dcachemon"
chmod 755 "$tmp/dcachemon"
cd "$tmp" || exit 1
offers "$(printf %q "recording-$evil.jsonl")" "$tmp/dcachemon" events rec
check "the name of a recording is no command" test ! -e "$tmp/ran"

complete_mounted() { # in a mount namespace
    mkdir "$tmp/a b" "$tmp/$evil" "$tmp"/'back\slash' && mount -t tmpfs none "$tmp/a b" &&
        mount -t tmpfs none "$tmp/$evil" && mount -t tmpfs none "$tmp"/'back\slash' || exit 2
    COMP_WORDS=("$BUILD/bin/dcachemon" reclaim "$tmp") COMP_CWORD=2
    _dcachemon "$BUILD/bin/dcachemon"
    printf '%s\n' "${COMPREPLY[@]}"
}
export -f complete_mounted _dcachemon _dcachemon_offer _dcachemon_mount_points compopt
export tmp evil BUILD
if [ "$(id -u)" = 0 ] && unshare -m --propagation private bash -c complete_mounted >"$tmp/mounted"; then
    check "mount points are offered quoted" diff "$tmp/mounted" <(printf '%q\n' "$tmp/a b" "$tmp/$evil" "$tmp"/'back\slash')
    check "the name of a mount point is no command" test ! -e "$tmp/ran"
else
    skip "mount points" "cannot mount in a namespace of its own"
fi
done_testing
