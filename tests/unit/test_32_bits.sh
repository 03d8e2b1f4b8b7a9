#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A build for 32 bits is refused before the first file, whatever asks for it; one for 64 bits is not.
# What a running program says of a 32-bit kernel is in unit/test_walk_find_table.
. "$TOP/tests/lib/tap.sh"
cd "$TOP" || exit 1
command -v clang >/dev/null || { echo "1..0 # SKIP no clang"; exit 0; }

plan() { # VARIABLE=VALUE...: what make would do, without what this run's make was told
    env -u MAKEFLAGS -u MFLAGS -u CC -u CFLAGS make -n O="$tmp/build" WITH_BPF=0 "$@" all >"$tmp/said" 2>&1
}
refuses() { ! plan "$@" && grep -q 'dcachemon is for 64-bit Linux' "$tmp/said" && ! grep -q ' -c common/' "$tmp/said"; }
builds() { plan "$@" && grep -q ' -c common/' "$tmp/said"; }

check "another architecture of 32 bits" refuses CC='clang --target=arm-linux-gnueabihf'
check "another architecture of 64 bits" builds CC='clang --target=aarch64-linux-gnu'
if [ "$(uname -m)" = x86_64 ]; then
    check "the compiler's option" refuses CC='gcc -m32'
    check "an option for make" refuses CFLAGS='-O2 -m32'
    check "pointers of 32 bits on 64" refuses CFLAGS=-mx32
fi
check "this machine's own" builds
done_testing
