#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The manual pages are well-formed and name every command, option and configuration key.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
man=$TOP/docs/man

for page in "$man"/*.[1578]; do
    mandoc -T lint -W warning "$page" >"$tmp/lint" 2>&1
    check "$(basename "$page"): mandoc has no warning" diff /dev/null "$tmp/lint"
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
done_testing
