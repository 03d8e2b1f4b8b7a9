#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# needs: host
# A chain far longer than any in the field: names made to fall into one bucket (lib/plant_chain.c).
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
if [ "$(id -u)" = 0 ] && [ -z "${CHAIN_PRIVATE:-}" ]; then # a mount namespace of its own takes every mount with it
    CHAIN_PRIVATE=1 exec unshare -m --propagation private "$0"
fi
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/faults.sh
. "$TOP/tests/lib/faults.sh"

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP knows the name hash of 64-bit little-endian only"; exit 0; }
"$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1 || { echo "1..0 # SKIP no BPF here"; exit 0; }
members=$(times 10000 100000)
mkdir "$tmp/backing" "$tmp/merged"
mount -t tmpfs none "$tmp/backing" && mkdir "$tmp"/backing/{lower,upper,work} &&
    mount -t overlay none -o "lowerdir=$tmp/backing/lower,upperdir=$tmp/backing/upper,workdir=$tmp/backing/work" \
        "$tmp/merged" || { echo "1..0 # SKIP cannot mount an overlay"; exit 0; }
on_exit "umount -l '$tmp/merged' '$tmp/backing' 2>/dev/null"

show() { "$BUILD/bin/dcachemon" show --json --fresh >"$tmp/show"; }
chain() { # PYTHON: about c, the longest chain, and d, the document
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1])); c = d["chains"][0]
print("longest:", {k: c[k] for k in ("length", "negative", "unused", "truncated", "fstype")})
sys.exit(not eval(sys.argv[2]))' "$tmp/show" "$1"
}
as_planted() { chain "$members <= c['length'] <= $members + 10 and c['negative'] >= $members"; }

begin=$(date +%s%N)
check "$members names fall into one bucket" "$BUILD/tests/lib/plant_chain" "$tmp/merged" "$members"
echo "# planted in $((($(date +%s%N) - begin) / 1000000)) ms"
check "show ends with 0" show
check "show has its length to the member" as_planted
check "nothing of it is cut" chain 'not c["truncated"]'
check "all of it could be shrunk" chain "c['unused'] >= $members"
check "it is the longest of the table" chain 'd["hash"]["max_chain"] == c["length"]'
for flavour in fast compat bounded; do
    "$BUILD/tests/lib/walk_dump" "--$flavour" >"$tmp/walk" 2>&1
    case $? in
    77) skip "$flavour: the same length" "$(sed -n 's/^error open //p' "$tmp/walk")" ;;
    *)
        grep -a '^pass' "$tmp/walk" | sed 's/^/# /'
        found=$(sed -n 's/^pass .* max \([0-9]*\) truncated 0 .*/\1/p' "$tmp/walk")
        check "$flavour: the same length" test "${found:-0}" -ge "$members" -a "${found:-0}" -le $((members + 10))
        ;;
    esac
done
umount "$tmp/merged"
gone() { show && chain "c['length'] < $members"; }
check "gone with its filesystem" wait_for 30 gone
done_testing
