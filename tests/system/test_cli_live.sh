#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: host
# dcachemon show and doctor on the live kernel, held against /proc; and against the daemon.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
dcachemon=$BUILD/bin/dcachemon
json() { python3 -c "import json, sys; d = json.load(open('$tmp/out')); $1"; }

run 0 "show" "$dcachemon" show
says "$tmp/out" '^ +longest chain +[0-9]'
says "$tmp/out" '^LENGTH +SAME-NAME +FSTYPE +PARENT +NAME'
says "$tmp/out" '^hash +ok '
silent "$tmp/err"

# Others mount and unmount beside this test, and make network namespaces.
spaces() { readlink /proc/[0-9]*/ns/net | sort -u; }
mounted() { awk '{ print $3 }' /proc/1/mountinfo | sort -u; }
cat /proc/sys/fs/dentry-state >"$tmp/before"
mounted >"$tmp/mounted-before"
spaces >"$tmp/spaces-before"
run 0 "show --json" "$dcachemon" show --json
cat /proc/sys/fs/dentry-state >"$tmp/after"
mounted | comm -12 - "$tmp/mounted-before" >"$tmp/mounted"
spaces | comm -12 - "$tmp/spaces-before" >"$tmp/spaces"
cat >"$tmp/check.py" <<'PY'
import json, sys
folder, what = sys.argv[1:]
d = json.load(open(folder + "/out"))
states = [list(map(int, open(f"{folder}/{f}").read().split())) for f in ("before", "after")]

def near(value, column):
    low, high = sorted(s[column] for s in states)
    room = 0.02 * high + 2000
    assert low - room <= value <= high + room, (value, low, high)

def totals():
    near(d["totals"]["dentries"], 0)
    near(d["totals"]["unused"], 1)
    near(d["totals"]["negative"], 4)

def superblocks():
    """Every mounted device is listed; the unused of all add up to the kernel's own sum."""
    listed = {s["device"] for s in d["superblocks"]}
    mounted = set(open(folder + "/mounted").read().split())
    assert mounted
    assert mounted <= listed, mounted - listed
    near(sum(s["unused"] for s in d["superblocks"]), 1)
    assert len({s["index"] for s in d["superblocks"]}) == len(d["superblocks"])

def hash():
    """Pipes and sockets are dentries outside the table: it holds fewer, but most."""
    h = d["hash"]
    assert 0.5 * d["totals"]["dentries"] <= h["entries"] <= 1.02 * d["totals"]["dentries"] + 2000, h
    assert h["coverage"] == 1 and h["buckets"] & (h["buckets"] - 1) == 0
    assert h["max_chain"] == d["chains"][0]["length"]
    chains = [c["length"] for c in d["chains"]]
    assert chains == sorted(chains, reverse=True) and len(chains) >= 10
    counted = sum(r["chains"] for r in h["histogram"])
    assert counted in (h["buckets"], h["nonempty"]), (counted, h)
    hashed = sum(s["hashed"] or 0 for s in d["superblocks"])
    assert abs(hashed - h["entries"]) <= 0.02 * h["entries"] + 2000, (hashed, h["entries"])

def namespaces():
    """Those that were there before and after are counted, and maybe some without a process."""
    seen = open(folder + "/spaces").read().split()
    assert seen
    assert d["namespaces"]["network"] >= len(seen)

def sources():
    for s in d["sources"]:
        assert s["state"] in ("ok", "off", "unsupported"), s
        assert s["state"] != "unsupported" or s["reason"], s
    ok = {s["name"] for s in d["sources"] if s["state"] == "ok"}
    assert {"dentry_state", "memory", "superblocks", "hash", "lookups", "namespaces"} <= ok, ok

globals()[what]()
PY
for what in totals superblocks hash namespaces sources; do
    check "JSON and the kernel agree: $what" python3 "$tmp/check.py" "$tmp" "$what"
done

run 0 "doctor" "$dcachemon" doctor
says "$tmp/out" '^ok +bpf '
says "$tmp/out" '^ok +hash_table '

if [ -x "$BUILD/bin/dcachemon-snmp" ]; then
    printf '[sampling]\nsocket = %s\n' "$tmp/snapshot.sock" >"$tmp/conf"
    "$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$tmp/no-agentx" 2>"$tmp/daemon.log" &
    daemon=$!
    on_exit "kill $daemon 2>/dev/null"
    cached=("$dcachemon" show --cached --json --socket "$tmp/snapshot.sock")
    check "the daemon's snapshot is there" wait_for 20 "${cached[@]}"
    run 0 "show --cached --json" "${cached[@]}"
    check "it holds totals and the daemon's cost" json 'assert d["totals"]["dentries"] > 0 and d["self"]["rss_bytes"]'
    run 0 "show --cached as a table" "$dcachemon" show --cached -c "$tmp/conf"
    says "$tmp/out" 'dentries +[0-9]'
    kill "$daemon" && wait "$daemon"
    check "the daemon ended cleanly" test $? = 0
    run 1 "show --cached after its end" "${cached[@]}"
    says "$tmp/err" 'no daemon answers'
fi
done_testing
