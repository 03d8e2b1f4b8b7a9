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
check "an empty array" grep -qx '{"schema_version":1,"recordings":\[\],"reclaims":\[\],"timeline":\[\]}' "$tmp/out"
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
says "$tmp/out" '^Second by second, 2026-11-22 12:00:00 to 2026-11-22 12:11:59 UTC, 720 samples$'
charts() { sed ':a;N;$!ba;s/\n  |/ |/g' "$tmp/out" >"$tmp/charts"; } # each with its range in one line
charts
says "$tmp/charts" '^events: ! raised, o cleared \| {63}! {9}o {2}\|$'
says "$tmp/charts" '^dentries: 1,000 to 8,190 \|\.+:+-+=+\++\*+#+%+@+\|$'
says "$tmp/charts" '^unused: steady at 5$'
says "$tmp/charts" '^slab_bytes: 1\.0 MiB to 1\.0 GiB \|\.{31}@{45}\|$'
says "$tmp/charts" '^pgscan_direct: 0 to 100 more per sample \|\.{38}@\.{37}\|$'
says "$tmp/charts" '^/proc/sys/net/ipv6: .* to 300 .* \|\.{63}@{13}\|$'
check "absent values have no line" sh -c "! grep -q '^negative' '$tmp/out'"
check "no control characters" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/out'"
check "no line beyond 80 columns" sh -c "! grep -q '.\{81\}' '$tmp/out'"

# What no recorder writes: numbers whose difference is infinite, numbers and strings that JSON does not have.
mkdir "$tmp/odd"
odd=recording-20261122T140000Z-00.jsonl
python3 - "$tmp/odd/$odd" <<'PY'
import json, sys
out = [{"recording": 1, "schema_version": 1, "lookups": ["/a", "", "", ""]}]
for i in range(99):
    time = 1795348800 + i if i != 50 else 1e308
    out.append({"sample": {"time": time, "dentries": -1e308 if i % 2 else 1e308, "lookups": [1e308, None, None, None],
                           "unused": float("nan") if i == 40 else i, "negative": 2**64 - i}})
text = "".join(json.dumps(o) + "\n" for o in out).encode()
open(sys.argv[1], "wb").write(text + b'{"sample":{"time":1795348899,"dentries":"\xff"}}\n{"sample":{"time":1795348899,"unused":1e999}}\n')
PY
run 0 "a damaged recording" "$dcachemon" events --folder "$tmp/odd" "$odd"
says "$tmp/out" '^unused.* 0 to 98'
check "numbers beyond reason are absent" sh -c "! grep -q '^dentries' '$tmp/out'"
run 0 "a damaged recording as a page" "$dcachemon" events --html --folder "$tmp/odd" "$odd"
run 0 "a damaged recording as JSON" "$dcachemon" events --json --folder "$tmp/odd" "$odd"
check "is JSON for strict readers" python3 -c "
import json
def refuse(name): raise ValueError(name)
d = json.loads(open('$tmp/out', 'rb').read().decode(), parse_constant=refuse)
assert len(d['samples']) == 99, len(d['samples'])"

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

# Reclaims among them, by time: before, within and after the recording; a name from a stranger.
cat >"$tmp/reclaim.log" <<'LOG'
1795340000 0:45 overlay 300000 12 0.134000 done /mnt/a 300000\040unused - 1 0 0 299988
junk
1795349410 8:1 ext4 9000000 - - refused / alarm\040dentries_total would\040take\0404\040s 1 1 0 299988
1795349450 0:46 overlay 10 0 0.000100 done /mnt/\033[31m\134x - - 2 1 0 299998
1795360000 0:45 overlay 5 - - failed /mnt/a - the\040filesystem\040is\040frozen 2 1 1 299998
LOG
run 0 "the list with reclaims" "$dcachemon" events --folder "$folder"
check "they stand in the order of time" sh -c "awk '{print \$1, \$2, \$3}' '$tmp/out' | tr '\n' ';' | grep -qx 'RECORDING FROM (UTC);reclaim 2026-11-22 09:33:20;$good 2026-11-22 12:00:00;reclaim 2026-11-22 12:10:10;reclaim 2026-11-22 12:10:50;reclaim 2026-11-22 15:06:40;'"
says "$tmp/out" '^reclaim +2026-11-22 09:33:20 +0.134 +- +overlay on /mnt/a \(device 0:45\): 300000 -> 12 unused dentries in 0.134 s \(300000 unused\)$'
says "$tmp/out" 'ext4 on / \(device 8:1\): refused, 9000000 unused dentries: would take 4 s \(alarm dentries_total\)'
says "$tmp/out" 'failed, 5 unused dentries: the filesystem is frozen \(by hand\)'
check "no control characters in the list" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/out'"
run 0 "the list with reclaims as JSON" "$dcachemon" events --json --folder "$folder"
check "reclaims and the timeline" python3 -c "
import json; d = json.load(open('$tmp/out'))
assert [r['result'] for r in d['reclaims']] == ['done', 'refused', 'done', 'failed']
first, refused, by_hand, failed = d['reclaims']
assert (first['before'], first['after'], first['seconds'], first['device']) == (300000, 12, 0.134, '0:45')
assert first['rule'] == '300000 unused' and first['error'] is None and by_hand['rule'] is None
assert refused['after'] is None and refused['seconds'] is None and failed['error'] == 'the filesystem is frozen'
assert by_hand['target'] == '/mnt/' + chr(27) + '[31m' + 2 * chr(92) + 'x' # doubled: dcachemon(1)
t = d['timeline']
assert [e['time'] for e in t] == sorted(e['time'] for e in t) and len(t) == 6
assert [e['kind'] for e in t] == ['reclaim', 'alarm', 'reclaim', 'reclaim', 'alarm', 'reclaim']
assert t[1]['recording'] == '$good' and t[1]['severity'] == 'warning' and t[0]['recording'] is None"
run 0 "one recording with reclaims" "$dcachemon" events --folder "$folder" "$good"
check "the two of its time, in order" sh -c "awk '\$2 ~ /:/ {print \$2, \$3}' '$tmp/out' | head -4 | tr '\n' ';' | grep -qx '12:10:00 warning;12:10:10 reclaim;12:10:50 reclaim;12:11:40 cleared;'"
charts
says "$tmp/charts" '^events: ! raised, o cleared, r reclaim \| {63}!r {3}r {4}o {2}\|$'
check "no control characters there" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/out'"
run 0 "one as JSON with reclaims" "$dcachemon" events --json --folder "$folder" "$good"
check "its events hold them" python3 -c "
import json; e = json.load(open('$tmp/out'))['events']
assert [x['type'] for x in e] == ['lookup_latency', 'reclaim', 'reclaim', 'lookup_latency']
assert e[1]['reclaim']['result'] == 'refused'"
rm "$tmp/reclaim.log" && mkdir "$tmp/reclaim.log"
run 1 "a log that cannot be read" "$dcachemon" events --folder "$folder"
says "$tmp/err" 'reclaim.log: Is a directory'
says "$tmp/out" "^$good "
rmdir "$tmp/reclaim.log"

run 1 "an unknown name" "$dcachemon" events --folder "$folder" recording-1
run 1 "a name is no path" "$dcachemon" events --folder "$folder" ../not-one.txt
silent "$tmp/out"
run 2 "two names" "$dcachemon" events --folder "$folder" a b
printf '[state]\nfolder = %s\n' "$tmp" >"$tmp/conf"
run 0 "the folder of the configuration" "$dcachemon" events -c "$tmp/conf"
says "$tmp/out" "^$good "
done_testing
