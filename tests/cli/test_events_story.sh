#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The whole story of an alarm, over made-up recordings: dcachemon events NAME as text, JSON and HTML. The page is read by two parsers that
# know nothing of it (tests/lib/check_story.py), with names that are markup, control characters or endless, and must say what --json says.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
folder=$tmp/recordings
mkdir "$folder"
name() { echo "recording-20261122T1${1}0000Z-00.jsonl"; }

# What a recording may have: a story with hostile names, all that is too much, one of an earlier version, junk.
python3 - "$folder" <<'PY'
import json, sys
BEGIN = 1795348800
HOSTILE = "<script>alert(1)</script><img src=//x.example/y onerror=z>&lt;&amp;]]>--><!--\"'"
UGLY = "a\nb\x1b[2J\x01\x7f\\\\x\\xff\\x9b\\\\xff\\x00</td></table>"

def sample(i, **more):
    return {"sample": {"time": BEGIN + i, "monotonic": i, "dentries": 1000 + 10 * i, "unused": 5, "slab_bytes": 3 << 62 if i > 300 else 1,
                       "negative": None if 100 < i < 300 else i * 37 % 101, "psi_some_avg10": i % 7 / 3, "pgscan_direct": 100 * (i // 360),
                       "lookups": [2e-6 if i < 600 else 3.21e-4, None, 0.25, None], **more}}

def event(i, severity, text, index=12, type="dentries_total", resource=""):
    return {"event": {"sequence": i, "time": BEGIN + i, "index": index, "severity": severity, "type": type, "resource": resource, "text": text}}

def tables(i, *rows):
    return {"tables": {"time": BEGIN + i, "rows": [{"resource": r, "longest": n, "load": x} for r, n, x in rows]}}

def table(*rows, total=None):
    return {"total": len(rows) if total is None else total, "rows": list(rows)}

def state(i, text, cut=0):
    return {"state": {"time": BEGIN + i + 0.125, "cut": cut, "tables": {
        "totals": table({"dentries": -5, "unused": 2**63 - 1, "slab_bytes": 2**64 - 1}),
        "hash": table({"buckets": 1 << 20, "coverage": 0.25, "max_chain": 5000, "entries_low": 7, "entries_high": 9}),
        "namespaces": table({"network": 1200, "created_exact": True, "created_per_second": 1.5, "makers": "runc (shim)" + text}),
        "memory": table(), "snmpd": table({"reload_every_seconds": 0, "wedge_ratio": 0.001}), "self": table({"version": text, "cpu_percent": 0.1}),
        "alarms": table({"index": 12, "severity": "warning", "type": "dentries_total", "resource": text, "value": 6.5e7, "threshold": 5e7,
                         "unit": "entries", "text": text, "time": BEGIN + i, "test": False}),
        "superblocks": table(*({"index": n, "unused": 10**6 - n, "name": text, "fstype": "overlay", "id": text, "device": "0:45",
                                "mountpoint": "/mnt/" + text, "hashed": 2**64 - 1, "negative_low": 10, "negative_high": 12345,
                                "shrink_low_seconds": 0.5, "shrink_high_seconds": 1.25, "container_name": text, "container_id": "3f2a",
                                } if n % 2 else {"index": n, "unused": 7, "process_command": text, "part_mountpoint": text} if n % 4 else
                               {"index": n, "process_command": text, "hashed_low": 3} for n in range(20)), total=812),
        "chains": table({"rank": 1, "length": 5000, "same_name": 4999, "parent": "/proc/sys/net", "name": text, "truncated": True, "container_name": text}, total=3),
        "directories": table({"rank": 1, "path": text, "children": 9, "sample_names": [text, "a#"], "hint": text, "container_id": "3f2a", "watch_low_seconds": 1e-7,
                              "watch_high_seconds": 3e-7}),
        "tables": table({"index": 101, "name": "device_names-1", "namespace": "/run/netns/" + text, "state": "ok", "buckets": 256, "entries": 5120,
                         "longest": 2**63, "p99": 30, "load": 20, "truncated": True},
                        {"index": 1600, "name": "conntrack", "state": "unsupported", "reason": text}, total=112),
        "lookups": table({"index": 1, "path": text, "seconds": 3.21e-4}, {"index": 2, "path": "/gone", "error": text}),
        "reclaim": table({"actions": 3, "time": BEGIN + i, "result": "done", "target": text, "rules_age": 4000.5, "rules_failed": 0}),
        "sources": table({"index": 1, "name": "hash", "state": "ok", "age_seconds": 1.5}, {"index": 2, "name": text, "reason": text})}}}

def first(*paths):
    return {"recording": 1, "schema_version": 1, "lookups": list(paths)}

story = [first("/proc/sys/net/ipv6", "", HOSTILE, "")]
for i in range(720):
    story.append(sample(i, drop_slab=3 + (i > 650), snmpd_reload_every_seconds=None if i < 640 else 0 if i < 700 else 60))
    if i % 60 == 0:
        story.append(tables(i, ("css_sets", 7, 1.5), (HOSTILE, 400 + i, 3), ("ucounts", 2, 0.5)) if i != 300 else tables(i, ("css_sets", 7, 1.5)))
    if i == 600:
        story += [state(i, HOSTILE, 3), event(i, "warning", HOSTILE), event(i, "warning", "long chain", 13, "table_chain", HOSTILE)]
    if i == 660:
        story += [state(i, UGLY), event(i, "critical", UGLY), event(i, "cleared", "")]
old = [first("a", "b", "c", "d")] + [sample(i) for i in range(60)] + [event(30, "warning", "old", 11)]
long = 100 * "&\x01<"
huge = [first(*(str(n) for n in range(3000)))] + 5 * [state(3, long, 2**64 - 1)]
huge += [tables(i, ("css_sets", i, i / 3), *((f"{n}{long}", 5, 0.5) for n in range(15))) for i in range(0, 1200, 20)]
huge += [sample(i, negative=None if i % 2 else i) for i in range(1200)] + [event(i, "warning" + long, long, 10) for i in range(700)]
digits = 3000 * "1"
junk = [first(), {"tables": 5}, {"tables": {"time": "x", "rows": 7}}, {"tables": {"rows": [7, {"resource": 5}, {"resource": "", "longest": "x"}]}},
        {"tables": {"time": BEGIN, "rows": [{"resource": "css_sets", "longest": "many", "load": 2}, {"resource": "css_sets", "load": 7}]}}, {"state": {}}, {"state": {"tables": 7, "time": "x", "cut": "y"}}, sample(1), event(2, "warning", "junk", 9), {"state": 5},
        {"state": {"tables": {"superblocks": {"rows": [7, None, {"unused": "many", "hashed": [], "fstype": 5, "device": {}, "sample_names": {}},
                                                       {"unused": "EXACT", "mountpoint": ""}], "total": -1},
                              "chains": {"rows": [], "total": 9}, "directories": {"rows": {}}, "hash": [], "totals": {"rows": [[]]}}}}]
plain = [first("/proc/sys/net/ipv6", "", "/proc/self", "")] + [sample(i, dentries=2**63 + i) for i in range(60)]
plain += [state(30, "web-1"), tables(30, ("device_names of /run/netns/web-1", 5000, 19.5)),
          event(31, "critical", "hash table device_names of /run/netns/web-1 has a chain of 5000 entries, at or above the critical level of 5000", 14,
                "table_chain", "device_names of /run/netns/web-1")]
ended = [first()] + [sample(i) for i in range(60)] + [event(30, "warning", "another", 20), event(40, "cleared", "that of plain", 14)]
for number, lines in enumerate((old, huge, junk, story, plain, ended)):
    with open(f"{sys.argv[1]}/recording-20261122T1{number}0000Z-00.jsonl", "w") as f:
        f.write("".join(json.dumps(line) + "\n" for line in lines).replace('"EXACT"', digits + "." + digits))

def about(key, value, share):
    return {key: value, key + "_low": value - share, key + "_high": value + share}

def numbers(n):
    return {**about("new_negative", n, 0), **about("failed_lookups", n + 1000, n % 3), **about("dentries", n, 1), "new_names": None}

who = {"schema_version": 1, "time": BEGIN + 605.25, "totals": {"elapsed_seconds": 5.0},
       "processes": [{**numbers(400000 + n), "pid": 27055 + n, "command": HOSTILE, "cgroup": UGLY, "directory": None,
                      "container": {"runtime": "docker", "name": HOSTILE} if n % 2 else None} for n in range(10)],
       "cgroups": [{**numbers(7), "cgroup": "/", "pid": None, "command": UGLY, "directory": HOSTILE}],
       "directories": [{**numbers(5), "new_negative": None, "directory": UGLY, "command": None, "sample_names": [HOSTILE, "a#"]}],
       "namespace_makers": [{**about("namespaces", 8, 0), "pid": None, "command": "runc", "cgroup": UGLY, "container": {"name": UGLY}}]}
for name, document in ("who.json", who), ("late.json", {**who, "time": BEGIN + 5000}), ("other.json", {"processes": 5}):
    with open(f"{sys.argv[1]}/../{name}", "w") as f:
        json.dump(document, f)
PY
cat >"$tmp/reclaim.log" <<'LOG'
1795349410 8:1 ext4 9000000 - - refused / alarm\040dentries_total would\040take\0404\040s 1 1 0 299988
1795349450 0:46 overlay 300000 10 0.000100 done /mnt/</td><script>\033[31m\134x - - 2 1 0 299998
LOG

# story WHICH TEXT [NAME [OPTION...]]: the page and the JSON of a recording agree.
story() {
    run 0 "$2: JSON" "$dcachemon" events --folder "$folder" --json "${@:4}" "${3:-$(name "$1")}"
    cp "$tmp/out" "$tmp/$1.json"
    run 0 "$2: HTML" "$dcachemon" events --folder "$folder" --html "${@:4}" "${3:-$(name "$1")}"
    silent "$tmp/err"
    cp "$tmp/out" "$tmp/$1.html"
    run 0 "$2: the page says what the JSON says" python3 "$TOP/tests/lib/check_story.py" "$tmp/$1.html" "$tmp/$1.json"
}
holds() { check "$1" python3 -c "import json; d = json.load(open('$tmp/$2.json')); assert $3"; }

story 3 "a story with hostile names" 12 --who "$tmp/who.json"
says "$tmp/out" 'charts dentries .*/proc/sys/net/ipv6 .*onerror'
holds "what was done is among the events" 3 \
    "[e['type'] for e in d['events'] if e['severity'] != 'warning'] == ['reclaim', 'snmpd_reload', 'reclaim', 'drop_slab', 'dentries_total', 'dentries_total', 'snmpd_reload']"
holds "two states, with all rows of the host counted" 3 "[s['superblocks']['total'] for s in d['states']] == [812, 812] and d['states'][0]['cut'] == 3"
holds "numbers stay exact" 3 "d['states'][0]['totals']['rows'][0]['slab_bytes'] == 2**64 - 1 and d['states'][1]['superblocks']['rows'][1]['hashed'] == 2**64 - 1"

holds "who is there as it was" 3 "d['who'] == json.load(open('$tmp/who.json'))"

# The keys are those of "show --json", as dcachemon(1) says: rows of every table, absent values null.
"$BUILD/tests/lib/dump_metrics" docs | awk -F'|' '/^## / { group = substr($0, 4); sub(/\[\]$/, "", group) } group !~ /\./ && /^\| `/ { gsub(/[` ]/, "", $2); print group "." $2 }' | sort -u >"$tmp/metrics"
python3 - "$tmp/3.json" <<'PY' | sort -u >"$tmp/keys"
import json, sys
def flat(prefix, row):
    for key, value in row.items():
        yield from flat(f"{prefix}{key}.", value) if isinstance(value, dict) else [f"{prefix}{key}"]
for state in json.load(open(sys.argv[1]))["states"]:
    for table, value in state.items():
        for row in value["rows"] if isinstance(value, dict) else ():
            print("\n".join(f"{table}.{key}" for key in flat("", row)))
PY
check "every key of a row is one of the metric table" diff /dev/null <(comm -23 <(grep -vE '\.(container|process)$' "$tmp/keys") "$tmp/metrics")
check "and has all of its table" diff /dev/null <(grep -E '^(superblocks|chains|directories|tables|lookups|reclaim|alarms|sources|hash|totals|namespaces)\.' "$tmp/metrics" | grep -v "\.container\." | comm -23 - "$tmp/keys")
holds "a state has these members" 3 \
    "list(d['states'][0]) == 'time cut totals memory hash namespaces snmpd alarms superblocks chains directories tables lookups reclaim self sources'.split()"

run 0 "the same as text" "$dcachemon" events --folder "$folder" --who "$tmp/who.json" 12
cp "$tmp/out" "$tmp/text"
says "$tmp/text" '^Alarm 12: dentries_total$'
says "$tmp/text" '^2026-11-22 12:10:40  change    snmpd reloads its interface table only when$'
says "$tmp/text" '^ {31}asked \(before: on its own\)$'
says "$tmp/text" '^2026-11-22 12:11:40  change    snmpd reloads its interface table every 60 s$'
says "$tmp/text" '^2026-11-22 12:10:51  change    somebody dropped all slab caches by hand, 1 time$'
says "$tmp/text" '^events: ! raised, o cleared, r reclaim, c change$'
says "$tmp/text" '^  \| {63}!r {2}cr! {3}c {2}\|$'
says "$tmp/text" '^dentries: 1,000 to 8,190$'
says "$tmp/text" '^longest chain of <script>'
says "$tmp/text" '^State at 2026-11-22 12:10:00 UTC, 3 long texts cut$'
says "$tmp/text" '^Superblocks by unused dentries \(20 of 812\)$'
says "$tmp/text" '^999,999 +18,446,744,073,709,551,615 +10 to 12,345 +500 ms to 1.25 s$'
says "$tmp/text" '^    fstype overlay, device 0:45, id '
says "$tmp/text" '^Other hash tables by longest chain \(2 of 112\)$'
says "$tmp/text" '^9,223,372,036,854,775,808  30   20   5,120     256$'
says "$tmp/text" '^reclaim +actions 3, time 2026-11-22 12:10:00, result done, target$'
says "$tmp/text" '^321 µs  path <script>'
says "$tmp/text" 'a\\x0ab\\x1b\[2J\\x01\\x7f\\\\x\\xff\\x9b\\\\xff'
says "$tmp/text" '^namespaces +network 1,200, created_per_second 1.5, created_exact yes,'
says "$tmp/text" '^Watched by dcachemon who for 5.00 s until 2026-11-22 12:10:05 UTC$'
says "$tmp/text" '^ +400,002 +401,002 +400,002 \(400,001 to 400,003\) 27057$'
says "$tmp/text" '^ +400,000 401,000 \(400,999 to 401,001\) 400,000 \(399,999 to 400,001\) 27055$'
check "no control characters" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/text'"

story 1 "more than a page holds"
check "it comes near the bound, not beyond" test "$(stat -c %s "$tmp/1.html")" -gt 300000 -a "$(stat -c %s "$tmp/1.html")" -le 1048576
says "$tmp/1.html" 'data> more are not shown'
says "$tmp/1.html" 'texts were cut at 400 bytes for this page'
story 0 "a recording of an earlier version" 11
says "$tmp/0.html" 'This recording has none: an earlier version made it'
says "$tmp/0.html" 'Nothing that dcachemon knows of'
holds "it has no samples of hash tables" 0 "d['tables'] == []"
story 2 "junk where a state should be"
run 0 "junk as text" "$dcachemon" events --folder "$folder" "$(name 2)"
says "$tmp/out" '^Longest hash chains \(0 of 9\)$'

story 4 "names of usual length" 14
run 0 "the same as text" "$dcachemon" events --folder "$folder" 14
says "$tmp/out" '^Alarm 14: table_chain of device_names of /run/netns/web-1$'
says "$tmp/out" "^$(name 4)$" # not the newer one, which has only its end
says "$tmp/out" '^longest chain of device_names of /run/netns/web-1: steady at 5,000$'
says "$tmp/out" '^load of device_names of /run/netns/web-1: steady at 19.5$'
says "$tmp/out" '^Nothing that dcachemon knows of: no reclaim, no change '
says "$tmp/out" '^Nobody watched, or what "dcachemon who --json" said was not given \(--who\)'
check "no line is longer than 80 columns" test "$(wc -L <"$tmp/out")" -le 80
check "but nearly" test "$(wc -L <"$tmp/out")" -ge 79

# What the parsers would notice.
broken() {
    sed "$2" "$tmp/3.html" >"$tmp/broken.html"
    run 1 "noticed: $1" python3 "$TOP/tests/lib/check_story.py" "$tmp/broken.html" "$tmp/3.json"
}
broken "a script" 's,<h2>What was done,<script>x</script>&,'
broken "a link" 's,<h2>What was done,<b class="x" href="//x.example">x</b>&,'
broken "a number" 's,<data value="999999">,<data value="999998">,'
broken "a point of a chart" 's,\(<polyline points="1\),\1\,50.00 1,'
broken "a name" 's,/proc/sys/net<,/proc/sys/ne<,'
broken "an end of an interval" 's,<data class="high" value="401001">,<data class="high" value="401005">,'
broken "a point of a hash table" '/longest chain of/,/svg>/s,\(<polyline points="[0-9]*\)\,[0-9]*,\1\,50,'
broken "a value that stayed the same" 's,<td>unused</td><td class="n"><data value="5">,<td>unused</td><td class="n"><data value="6">,'
broken "a chart without a name" 's, aria-labelledby="chart-1",,'
broken "a table without a caption" 's,<caption>Longest hash chains</caption>,,'
broken "a header cell" 's,<th scope="col">UNUSED</th>,<td>UNUSED</td>,'
broken "a lost row" 's,<data value="792">,<data value="791">,'

run 0 "who at another time" "$dcachemon" events --folder "$folder" --who "$tmp/late.json" 12
check "it says so" sh -c "tr '\n' ' ' <'$tmp/out' | grep -q 'Watched by .* UTC: not within this recording '"
for file in other.json none.json recordings; do
    run 1 "--who $file" "$dcachemon" events --folder "$folder" --who "$tmp/$file" --html 12
    silent "$tmp/out"
    says "$tmp/err" "$file"
done
printf '{"totals": {}, "locks": []}' >"$tmp/locks.json"
run 1 "--who of locks" "$dcachemon" events --folder "$folder" --who "$tmp/locks.json" 12
says "$tmp/err" 'is from "dcachemon who --locks"'
run 2 "--who of all" "$dcachemon" events --folder "$folder" --who "$tmp/who.json"

run 1 "no such alarm" "$dcachemon" events --folder "$folder" --html 77
says "$tmp/err" 'no recording of alarm 77 in'
silent "$tmp/out"
run 2 "--html of all" "$dcachemon" events --folder "$folder" --html
run 2 "--html and --json" "$dcachemon" events --folder "$folder" --html --json 12
run 1 "a page that cannot be written" sh -c "'$dcachemon' events --folder '$folder' --html 12 >/dev/full"
done_testing
