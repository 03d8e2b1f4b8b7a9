#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# judges: tree
# The manual pages are well-formed and name every command, option and configuration key.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
man=$TOP/docs/man

for page in "$man"/*.[1578]; do
    mandoc -T lint -W warning "$page" >"$tmp/lint" 2>&1
    check "$(basename "$page"): mandoc has no warning" diff /dev/null "$tmp/lint"
    mandoc -T utf8 "$page" | col -b | grep -nE ',\)|[[:alnum:]] [.,;:)]( |$)' >"$tmp/torn"
    check "$(basename "$page"): no macro ends before its text" diff /dev/null "$tmp/torn"
done

mandoc -T utf8 "$man/dcachemon.1" | col -b >"$tmp/page"
: >"$tmp/missing"
for c in $("$dcachemon" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do
    grep -qw -- "$c" "$tmp/page" || echo "command $c" >>"$tmp/missing"
    for o in $("$dcachemon" "$c" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        grep -q -- "$o" "$tmp/page" || echo "$c $o" >>"$tmp/missing"
    done
done
check "dcachemon.1 names every command and option" diff /dev/null "$tmp/missing"

mandoc -T utf8 "$man/dcachemon.conf.5" | col -b >"$tmp/page"
"$dcachemon" default-config | sed -nE 's/^#? ?(\[[a-z_]+)[] ].*/\1/p; s/^#? ?([a-z_]+) *=.*/\1/p' | sort -u |
    while read -r key; do grep -qF -- "$key" "$tmp/page" || echo "$key"; done >"$tmp/missing"
check "dcachemon.conf.5 names every key of default-config" diff /dev/null "$tmp/missing"

# "section key" of each key that takes a restart, as the page and as the program have them.
sed -n '/^\.Sh RELOADING/,/^\.Sh FILES/p' "$man/dcachemon.conf.5" |
    awk '/^\.It Bq/ { section = $3 } section && /^\.Va/ { gsub(/[,.]/, ""); for (i = 2; i <= NF; i++) print section, $i }
        /^\.El/ { exit }' >"$tmp/told"
"$dcachemon" default-config |
    awk '/^\[/ { section = substr($1, 2, length($1) - 2) } /^# Changes with a restart only/ { restart = 1 }
        !/^#/ { if (restart) print section, $1; restart = 0 }' >"$tmp/restart"
check "dcachemon.conf.5 names each key that takes a restart" diff "$tmp/restart" "$tmp/told"
check "which are some" grep -qx 'sampling socket_group' "$tmp/restart"
done_testing
