#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# judges: tree
# The tree keeps its own rules (tests/check-house), and breaking one is noticed.
. "$TOP/tests/lib/tap.sh"
cd "$TOP" || exit 1
git rev-parse --git-dir >/dev/null 2>&1 || { echo "1..0 # SKIP the tree is no git checkout"; exit 0; }

check "rooms, names, purity, callers, options" tests/check-house --program "$BUILD/bin/dcachemon"

# A copy of the tree, with one rule broken at a time.
git clone -q --no-hardlinks . "$tmp/tree" 2>"$tmp/err" && cp tests/check-house "$tmp/tree/tests/"
cd "$tmp/tree" || exit 1
notices() { # TEXT FILE LINE: appending LINE to FILE breaks a rule, and TEXT is said
    cp "$2" "$tmp/kept"
    printf '%s\n' "$3" >>"$2"
    check "notices: $1" sh -c "! tests/check-house >'$tmp/said' && grep -qF '$1' '$tmp/said'"
    cp "$tmp/kept" "$2"
}
notices 'common/parse may not use common/kernel/walk/walk.h' common/parse/psi.c '#include "common/kernel/walk/walk.h"'
notices 'is not spelled from the root' common/parse/psi.c '#include "psi.h"'
notices 'a pure room calls clock_gettime()' common/parse/psi.c 'int dcm_now(void) { return clock_gettime(0, 0); }'
notices 'dcm_psi_unused() has no caller' common/parse/psi.h 'int dcm_psi_unused(void);'
notices '(void)x: mark the parameter instead' common/parse/psi.c 'static void f(int x) { (void)x; }'
cp common/parse/psi.c common/model/psi.c
check "notices: the same file name" sh -c "! tests/check-house >'$tmp/said' && grep -qF 'the same file name' '$tmp/said'"
done_testing
