#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A pass over the dentry hash table beside random loads of the same count, in all flavours of its BPF
# programs, and beside OTHER's, another build of dcachemon, if that is set. Root.
# Usage: tests/bench/pass.sh BUILD [one|many] [DENTRIES]
#   one   DENTRIES missing names in one directory
#   many  24 missing names in each of DENTRIES / 24 directories
# All runs alternate, so that a machine whose speed drifts treats them alike; ROUNDS=7 times.
set -u
BUILD=$(realpath "$1") kind=${2:-one} dentries=${3:-1000000}
[ "$(id -u)" = 0 ] || { echo "pass: needs root" >&2; exit 1; }
if [ -z "${PASS_PRIVATE:-}" ]; then # a mount namespace of its own takes every mount with it
    PASS_PRIVATE=1 exec unshare -m --propagation private "$0" "$BUILD" "$kind" "$dentries"
fi
dir=$(mktemp -d /tmp/dcachemon-bench.XXXXXX)
finish() {
    umount -l "$dir/merged" "$dir/backing" 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM
mkdir "$dir"/{backing,merged}
mount -t tmpfs bench "$dir/backing"
mkdir "$dir"/backing/{lower,upper,work}
mount -t overlay bench -o "lowerdir=$dir/backing/lower,upperdir=$dir/backing/upper,workdir=$dir/backing/work" "$dir/merged"
case $kind in
one) "$BUILD/tests/lib/plant" negative "$dir/merged" "$dentries" || exit 1 ;;
many) "$BUILD/tests/lib/plant" spread "$dir/merged" $((dentries / 24)) 24 || exit 1 ;;
*) echo "pass: one or many?" >&2; exit 2 ;;
esac

python3 - "$BUILD" "${OTHER:+$(realpath "$OTHER")}" "${ROUNDS:-7}" <<'PY'
import re, subprocess, sys
from statistics import median
build, other, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
probes, bounded = "probe reads, as before 6.2", "and bounded loops, as before 5.17"
kinds = {"this build": (build, "fast"), probes: (build, "compat"), bounded: (build, "bounded")}
if other: # one without a choice of flavours takes the best in any case
    kinds["the other build"] = (other, "fast")

def measure(folder, flavour):
    text = subprocess.run([f"{folder}/tests/bench/walk_bench", "3", flavour], check=True, capture_output=True, text=True).stdout
    ns, small, huge = (float(n) for n in re.findall(r"^(?:pass|random loads) +([\d.]+)", text, re.M))
    return ns, small, huge, float(re.search(r"^longest BPF run +([\d.]+)", text, re.M)[1]), text.split("\n")[0]

seen = {kind: [] for kind in kinds}
for _ in range(rounds):
    for kind, what in kinds.items():
        seen[kind].append(measure(*what))
print(seen["this build"][-1][4])
for kind, runs in seen.items():
    ratios = [run[0] / run[1] for run in runs]
    line = f"{kind:34}{median(run[0] for run in runs):6.1f} ns per dentry, {median(ratios):5.2f} x random loads ({min(ratios):.2f} to {max(ratios):.2f})"
    if kind != "this build":
        by = [slow[0] / fast[0] for slow, fast in zip(runs, seen["this build"])]
        line += f", {median(by):.2f} x this build ({min(by):.2f} to {max(by):.2f})"
    print(line)
loops = [slow[0] / fast[0] for slow, fast in zip(seen[bounded], seen[probes])]
print(f"{'bounded loops':34}{median(loops):6.2f} x bpf_loop ({min(loops):.2f} to {max(loops):.2f})")
mine = seen["this build"]
print(f"{'random loads':34}{median(run[1] for run in mine):6.1f} ns each in 4 KiB pages, {median(run[2] for run in mine):.1f} in huge pages")
print(f"{'longest BPF run':34}{median(run[3] for run in mine):6.2f} ms, median of {rounds}")
PY
