#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 280
# needs: chains
# The plugin in a real collectd on the live kernel: equal to "dcachemon show --json" beside it, a
# clean end during a pass, and what is left without BPF, libbpf or root.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
need_collectd
show=$BUILD/bin/dcachemon

# ---- equal to the command line ----

collectd_conf self <<EOF
<Plugin dcachemon>
  Source self
  BudgetPercent 0
  HashInterval 1
  SuperblocksInterval 1
  MemoryInterval 1
  MaxSuperblocks 100000
</Plugin>
EOF
start_collectd self
check "sampling by itself" wait_for 20 csv_has self totals/objects-dentries
reads() { [ "$(csv self totals/objects-dentries | wc -l)" -ge "$1" ]; }
# Samples before, during and after 20 reads: a read shows what was true up to 2 s ago.
until reads 24; do
    "$show" show --json >>"$tmp/samples" 2>>"$tmp/show.err"
    sleep 0.3
done
"$show" show --json >>"$tmp/samples" 2>>"$tmp/show.err"
cat >"$tmp/compare.py" <<'EOF'
"""Every csv value must lie between the smallest and the largest sample, give or take what they
differ by and one percent: the change of the moment. Usage: compare.py CSV_FOLDER SAMPLES"""
import json, sys
from pathlib import Path
samples = [json.loads(line) for line in open(sys.argv[2])]
folder, compared, wrong = Path(sys.argv[1]), 0, []

def series(path):
    files = sorted(folder.glob(f"dcachemon-{path}-20*"))
    return [float(l.split(",")[1]) for f in files for l in open(f) if l[0].isdigit()][3:23]

def compare(path, wanted, more=0):
    global compared
    wanted = [w for w in wanted if w is not None]
    got = series(path)
    if not wanted or not got:
        if bool(wanted) != bool(got):
            wrong.append(f"{path}: {len(wanted)} samples, {len(got)} values")
        return
    low, high = min(wanted), max(wanted)
    slack = (high - low) + 0.01 * abs(high) + 20 + more
    compared += 1
    for value in got:
        if not low - slack <= value <= high + slack:
            wrong.append(f"{path}: {value} is not in {low}..{high}")
            break

for key in "dentries unused negative".split():
    compare(f"totals/objects-{key}", [s["totals"][key] for s in samples])
compare("totals/memory-dentry_slab", [s["totals"]["slab_bytes"] for s in samples])
compare("memory/memory-total", [s["memory"]["total_bytes"] for s in samples])
compare("memory/total_operations-drop_slab", [s["memory"]["drop_slab"] for s in samples])
compare("hash/objects-hashed", [s["hash"]["entries"] for s in samples])
compare("hash/objects-nonempty_buckets", [s["hash"]["nonempty"] for s in samples])
compare("hash/objects-max_chain", [s["hash"]["max_chain"] for s in samples])
compare("chain-1/objects-length", [s["chains"][0]["length"] for s in samples if s["chains"]])
compare("namespaces/objects-network", [s["namespaces"]["network"] for s in samples])
superblocks = {}
for s in samples:
    names = {}
    for row in s["superblocks"]:
        path = row["mountpoint"]
        if path and "_" not in path and path.replace("/", "").replace("-", "").isalnum():
            names.setdefault((row["fstype"], path[1:].replace("/", "_") or "_"), []).append(row)
    for name, rows in names.items():
        oldest = min(rows, key=lambda r: r["index"])
        superblocks.setdefault(name, []).append(oldest["unused"])
for (fstype, path), unused in superblocks.items():
    if len(unused) == len(samples) and fstype.isalnum():
        # Each sample is a process, with entries of its own in /proc that go when it ends.
        compare(f"superblock-{fstype}-{path}/objects-unused", unused, 200 if fstype == "proc" else 0)
print(f"# {compared} series of 20 values beside {len(samples)} samples")
print("\n".join(f"# {w}" for w in wrong))
sys.exit(1 if wrong or compared < 10 else 0)
EOF
if python3 "$tmp/compare.py" "$tmp/self/csv/test" "$tmp/samples" >"$tmp/compare.out"; then
    pass "20 reads equal show --json beside them"
    cat "$tmp/compare.out"
else
    fail "20 reads equal show --json beside them" "$tmp/compare.out" "$tmp/show.err"
fi
hash_works() { csv_is self source-hash/total_operations-failures 0 && csv_has self hash/objects-max_chain; }
if hash_works; then
    # With no budget and HashInterval 1 a pass is under way for most of the time.
    for round in 1 2 3; do
        stop_collectd
        check "clean end $round while passes run ($stop_ms ms)" test "$stop_ms" -lt 2000 -a "$stop_status" = 0
        [ "$round" = 3 ] || start_collectd self
    done
else
    stop_collectd
    skip "clean end while passes run" "no BPF here: $(grep -m1 'source hash' "$tmp/self.log")"
fi

# ---- what is left without libbpf, BPF, root ----

degrades() { # NAME REASON: one exact warning, degraded, the rest works
    check "$1: dentry-state works" wait_for 20 csv_has "$1" totals/objects-dentries
    check "$1: degraded" wait_for 20 csv_is "$1" agent/bool-degraded 1.000000
    check "$1: one warning, exact" test "$(grep -c "source hash is unsupported: $2" "$tmp/$1.log")" = 1
    stop_collectd
    check "$1: clean end" test "$stop_status" = 0 -a "$stop_ms" -lt 2000
}

collectd_conf nolib <<EOF
<Plugin dcachemon>
  Source self
</Plugin>
EOF
mkdir -m 755 "$tmp/lib"
: >"$tmp/lib/libbpf.so.1"
start_collectd nolib env LD_LIBRARY_PATH="$tmp/lib"
degrades nolib "libbpf.so.1 cannot be loaded: install libbpf"

collectd_conf nobpf <<EOF
<Plugin dcachemon>
  Source self
  BPF false
  <Alarm dentries_total>
    Warning 10
    Critical off
    RaiseAfter 0
  </Alarm>
</Plugin>
EOF
start_collectd nobpf
check "its own alarms are told" wait_for 20 \
    grep -q "severity = WARNING, .* plugin_instance = totals, type = objects, type_instance = dentries" "$tmp/nobpf.log"
degrades nobpf "switched off"

if [ "$(id -u)" = 0 ]; then
    collectd_conf user <<EOF
<Plugin dcachemon>
  Source self
</Plugin>
EOF
    chown -R nobody "$tmp/user"
    : >"$tmp/user.log"
    chmod 666 "$tmp/user.log"
    start_collectd user setpriv --reuid nobody --regid nogroup --clear-groups
    degrades user "needs CAP_BPF and CAP_PERFMON"
else
    skip "as an ordinary user" "is one already"
fi

# ---- an unprivileged collectd beside the real sampler ----

if [ "$(id -u)" = 0 ] && [ -x "$BUILD/bin/dcachemon-snmp" ]; then
    printf '[sampling]\nsocket = %s\nsocket_group = nogroup\n[snmp]\nuser =\n[state]\nfolder =\n' \
        "$tmp/real.sock" >"$tmp/real.conf"
    chmod 755 "$tmp"
    "$BUILD/bin/dcachemon-snmp" -f -c "$tmp/real.conf" -x "$tmp/no-master" >"$tmp/real.out" 2>&1 </dev/null &
    sampler=$!
    on_exit "kill $sampler 2>/dev/null; wait $sampler 2>/dev/null"
    wait_for 20 test -S "$tmp/real.sock"
    collectd_conf client <<EOF
<Plugin dcachemon>
  Source daemon
  Socket "$tmp/real.sock"
</Plugin>
EOF
    chown -R nobody "$tmp/client"
    : >"$tmp/client.log"
    chmod 666 "$tmp/client.log"
    start_collectd client setpriv --reuid nobody --regid nogroup --clear-groups
    check "client: the daemon's totals" wait_for 20 csv_has client totals/objects-dentries
    if grep -q "source hash is unsupported" "$tmp/client.log"; then
        skip "client: the daemon's hash table" "no BPF here"
    else
        check "client: the daemon's hash table" wait_for 60 csv_has client hash/objects-max_chain
        check "client: not degraded" wait_for 20 csv_is client agent/bool-degraded 0.000000
    fi
    kill -TERM "$sampler"
    wait "$sampler"
    check "client: its end is told" wait_for 20 grep -q "no daemon answers" "$tmp/client.log"
    stop_collectd
    check "client: clean end" test "$stop_status" = 0 -a "$stop_ms" -lt 2000
else
    skip "an unprivileged collectd beside the sampler" "needs root and dcachemon-snmp"
fi

# ---- Source auto follows a daemon and does without it ----

collectd_conf auto <<EOF
<Plugin dcachemon>
  Socket "$tmp/late.sock"
  BPF false
</Plugin>
EOF
start_collectd auto
check "auto: by itself while there is no daemon" wait_for 20 csv_has auto totals/objects-dentries
scene late 1
check "auto: follows the daemon when it comes" wait_for 20 csv_is auto totals/objects-dentries 5000000000.000000
tell end
own_again() { [ "$(csv_last auto totals/objects-dentries)" != 5000000000.000000 ]; }
check "auto: by itself again when it is gone" wait_for 20 own_again
check "auto: says so" grep -q "sampling by ourselves" "$tmp/auto.log"
stop_collectd
check "auto: clean end" test "$stop_status" = 0
done_testing
