#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# dcachemon events over made-up recordings.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
folder=$tmp/recordings
mkdir "$folder"

run 0 "an empty folder" "$dcachemon" events --folder "$folder"
says "$tmp/out" 'no recordings in'
run 0 "an empty folder as JSON" "$dcachemon" events --json --folder "$folder"
check "an empty array" grep -qx '{"schema_version":1,"recordings":\[\]}' "$tmp/out"
run 0 "no folder at all" "$dcachemon" events --folder "$tmp/none"

good=recording-20261122T120000Z-00.jsonl
python3 - "$folder/$good" <<'PY'
import json, sys
out = [{"recording": 1, "schema_version": 1, "lookups": ["/proc/sys/net/ipv6", "", "", ""]}]
for i in range(720):
    out.append({"sample": {"time": 1795348800 + i, "dentries": 1000 + 10 * i, "unused": 5, "negative": None,
                           "slab_bytes": 1 << 30 if i > 300 else 1 << 20, "pgscan_direct": 100 * (i // 360),
                           "lookups": [2e-6 if i < 600 else 3e-4, None, None, None]}})
    if i in (600, 700):
        severity = "warning" if i == 600 else "cleared"
        out.append({"event": {"sequence": i, "time": 1795348800 + i, "severity": severity, "type": "lookup_latency",
                              "text": "lookup is slow \x1b[2J\n"}})
with open(sys.argv[1], "w") as f:
    f.write("".join(json.dumps(o) + "\n" for o in out) + '{"sample":{"time":17953')
PY
echo '{"other":1}' >"$folder/recording-20261122T130000Z-00.jsonl"
: >"$folder/not-one.txt"

run 1 "the list, with a file that is no recording" "$dcachemon" events --folder "$folder"
says "$tmp/out" "^$good +2026-11-22 12:00:00 +719 +2 +lookup is slow"
says "$tmp/err" 'T130000Z-00.jsonl is not a recording'
rm "$folder/recording-20261122T130000Z-00.jsonl"

run 0 "one recording" "$dcachemon" events --folder "$folder" "$good"
silent "$tmp/err"
says "$tmp/out" '^2026-11-22 12:10:00  warning   lookup is slow \\x1[bB]'
says "$tmp/out" '^2026-11-22 12:00:00 to 2026-11-22 12:11:59 UTC, 720 samples$'
says "$tmp/out" '^events +\| {50}! {7}o {1}\| ! raised, o cleared$'
says "$tmp/out" '^dentries +\|\.+:+-+=+\++\*+#+%+@+\| 1,000 to 8,190$'
says "$tmp/out" '^unused +steady at 5$'
says "$tmp/out" '^slab_bytes +\|\.{25}@{35}\| 1\.0 MiB to 1\.0 GiB$'
says "$tmp/out" '^pgscan_direct +\|\.{30}@\.{29}\| 0 to 100$'
says "$tmp/out" '^/proc/sys/net/ipv6 +\|\.{50}@{10}\| .* to 300 '
check "absent values have no line" sh -c "! grep -q '^negative' '$tmp/out'"
check "no control characters" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/out'"
check "no line beyond 120 columns" sh -c "! grep -q '.\{121\}' '$tmp/out'"

run 0 "one as JSON" "$dcachemon" events --json --folder "$folder" "$good"
check "all samples and events are there" python3 -c "
import json; d = json.load(open('$tmp/out'))
assert d['name'] == '$good' and d['schema_version'] == 1
assert len(d['samples']) == 720 and len(d['events']) == 2 and d['samples'][0]['negative'] is None
assert d['lookups'][0] == '/proc/sys/net/ipv6'"
run 0 "the list as JSON" "$dcachemon" events --json --folder "$folder"
check "begin, end and the first event" python3 -c "
import json; (r,) = json.load(open('$tmp/out'))['recordings']
assert (r['begin'], r['end'], r['events']) == (1795348800, 1795349519, 2)
assert r['first']['type'] == 'lookup_latency'"

run 1 "an unknown name" "$dcachemon" events --folder "$folder" recording-1
run 1 "a name is no path" "$dcachemon" events --folder "$folder" ../not-one.txt
silent "$tmp/out"
run 2 "two names" "$dcachemon" events --folder "$folder" a b
printf '[state]\nfolder = %s\n' "$tmp" >"$tmp/conf"
run 0 "the folder of the configuration" "$dcachemon" events -c "$tmp/conf"
says "$tmp/out" "^$good "
done_testing
