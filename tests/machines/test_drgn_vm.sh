#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# needs: core
# long: only
# An oracle that shares nothing with us: drgn and debug symbols. A test machine is stopped and its memory
# written into a file; in that, the walkers and drgn must see the same, and in the machine nearly.
set -u
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/vm_test.sh"
export PYTHONDONTWRITEBYTECODE=1 VMCACHE=${VMCACHE:-$TOP/build/kernels} VM_SECONDS=400
series=${DRGN_KERNEL:-6.1-cloud}
[ "$(id -u)" = 0 ] || vm_skip "needs root"
# The one of the package, whatever comes first in PATH.
for python in python3 /usr/bin/python3 ''; do
    [ -z "$python" ] || ! "$python" -c 'import drgn' 2>/dev/null || break
done
[ -n "$python" ] || vm_skip "no python3-drgn (packaging/deps.sh drgn)"
package=$("$TOP/tests/kernels/newest" "$series" 2>&1) || vm_skip "$package"
symbols=$("$TOP/tests/kernels/symbols" "$package") || vm_skip "no debug symbols of $package"

export VM_DUMP=$tmp/core
"$TOP/tests/kernels/vm" "$package" "$TOP/tests/kernels/dump.sh" "dcm.build=$BUILD" >"$tmp/console" 2>&1
status=$?
case $status in 126 | 127) vm_skip "no test machine comes up here: $(tail -1 "$tmp/console")" ;; esac
sed -n '/^begin answers/,/^end answers/{//!p}' "$tmp/console" | base64 -d | tar -C "$tmp" -xz
check "the machine was stopped and its memory written" test $status = 0 -a -s "$tmp/core" -a -s "$tmp/bpf" -a -s "$tmp/kcore"
check "the core file has the kernel's addresses" "$python" "$TOP/tests/kernels/drgn_core.py" "$tmp/core" "$tmp/segments" "$tmp/notes" "$symbols"
walk() { "$BUILD/tests/lib/walk_dump" --image "$tmp" --nodes 1 "$@"; }
walk --types "$symbols" --every-chain >"$tmp/dump"
walk >"$tmp/hidden"
"$python" "$TOP/tests/kernels/drgn_judge.py" "$tmp" "$symbols" "$BUILD/tests/lib/walk_dump" >"$tmp/judged" 2>&1
check "drgn has seen all" grep -q '^1\.\.' "$tmp/judged"
while read -r line; do
    case $line in
    "ok "*) check "${line#*- }" true ;;
    "not ok "*) check "${line#*- }" false ;;
    1..*) ;;
    "# "*) echo "$line" ;;
    *) echo "# $line" ;;
    esac
done <"$tmp/judged"
done_testing
