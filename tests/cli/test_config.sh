#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-config and default-config.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon

run 0 "default-config" "$dcachemon" default-config
cp "$tmp/out" "$tmp/default.conf"
says "$tmp/default.conf" '^\[sampling\]'
run 0 "the defaults have no mistakes" "$dcachemon" check-config "$tmp/default.conf"
check "check-config reads standard input" sh -c "'$dcachemon' default-config | '$dcachemon' check-config -"

printf '[sampling]\nbudget_percent = much\nbogus = 1\n[nonsense]\nx = 1\n' >"$tmp/bad.conf"
run 1 "mistakes" "$dcachemon" check-config "$tmp/bad.conf"
says "$tmp/err" "bad.conf:2: \[sampling\] budget_percent: "
says "$tmp/err" "bad.conf:3: \[sampling\] bogus: "
says "$tmp/err" "bad.conf:[45]: \[nonsense\]"
run 1 "show refuses the same file" "$dcachemon" show -c "$tmp/bad.conf"
silent "$tmp/out"

printf '[sampling]\n\033[31m\xff = 1\n' >"$tmp/hostile.conf"
run 1 "control characters" "$dcachemon" check-config "$tmp/hostile.conf"
check "messages hold no control characters" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/err'"
head -c 2000000 /dev/zero | tr '\0' '#' >"$tmp/huge.conf"
run 1 "a file of 2 MB" "$dcachemon" check-config "$tmp/huge.conf"
run 1 "a folder" "$dcachemon" check-config "$tmp"
run 1 "a device without end" "$dcachemon" check-config /dev/zero
done_testing
