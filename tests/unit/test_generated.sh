#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# judges: tree
# The generated files of packaging/ are current, and well-formed as far as python3 alone can tell.
set -u
. "$TOP/tests/lib/tap.sh"
export PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

"$BUILD/tests/lib/dump_model" >"$tmp/model.json"
run 0 "the generator runs" python3 "$TOP/packaging/generate/generate.py" "$tmp/model.json" "$tmp/new"
(cd "$tmp/new" && find . -type f | sort) >"$tmp/files"
check "it writes files for each monitoring system" test "$(wc -l <"$tmp/files")" -ge 15
while read -r file; do
    check "${file#./} is current (make generate)" cmp "$tmp/new/$file" "$TOP/packaging/$file"
done <"$tmp/files"
# A stale file of a generator that is gone, or was renamed.
stale() {
    cd "$TOP/packaging" || return 1
    ! grep -rlE 'Generated from the metric table by packaging/generate' . --exclude-dir=generate |
        sort | comm -13 "$tmp/files" - | grep .
}
check "nothing generated is left over" stale
check "telegraf/dcachemon.conf is TOML, every OID below the root" python3 - <<PY
import tomllib
c = tomllib.load(open("$TOP/packaging/telegraf/dcachemon.conf", "rb"))["inputs"]["snmp"][0]
fields = c["field"] + [f for t in c["table"] for f in t["field"]]
assert len(fields) > 60 and all(f["oid"].startswith(".1.3.6.1.4.1.8072.9999.9999.1806.1.") for f in fields)
PY
check "opennms is XML, aliases short and unique" python3 - <<PY
import xml.etree.ElementTree as x
t = x.parse("$TOP/packaging/opennms/datacollection/dcachemon.xml").getroot()
a = [e.get("alias") for e in t.iter() if e.get("alias")]
assert len(a) > 60 and len(set(a)) == len(a) and max(map(len, a)) <= 19
e = x.parse("$TOP/packaging/opennms/events/dcachemon.events.xml").getroot()
types = [d.get("alarm-type") for d in e.iter() if d.tag.endswith("alarm-data")]
keys = {d.get("reduction-key") for d in e.iter() if d.tag.endswith("alarm-data") and d.get("alarm-type") == "1"}
clears = {d.get("clear-key") for d in e.iter() if d.tag.endswith("alarm-data") and d.get("alarm-type") == "2"}
assert types == ["1", "1", "2"] and keys == clears and len(keys) == 1
PY
# Discovered on a host of containers: 20,000 superblocks with 62 million unused entries among them, 32 chains.
check "librenms: large rows get a sensor, thousands of small ones do not" python3 - <<PY
import re
rows = {"dcmSuperblock": [20000000, 1000000, 999999] + [2000] * 20000, "dcmChain": [5001, 100, 99] + [8] * 29}
text = open("$TOP/packaging/librenms/os_discovery/linux-dcachemon.yaml").read()
entries = re.split(r"\n      - oid: ", text)[1:]
assert len(entries) == 8, len(entries)
seen = set()
for entry in entries:
    table, value = re.match(r"(\w+)\n +value: (\w+)", entry).groups()
    skip = re.findall(r'skip_values:\n +- oid: (\w+)\n +op: "(.+)"\n +value: (\d+)\n', entry + "\n")
    if not table.endswith("Table"):
        assert not skip
        continue
    assert len(skip) == 1 and skip[0][:2] == (value, "<"), (table, skip)
    kept = [n for n in rows[table.removesuffix("Table")] if not n < int(skip[0][2])]
    assert kept == rows[table.removesuffix("Table")][:2], (table, kept)
    seen.add(table)
assert len(seen) == 2, seen
PY
# Performance Co-Pilot takes them for counters.
named_like_counters() {
    sed -n 's/^series //p' "$TOP/tests/cli/data/published-names.txt" | grep -E '_(total|count|sum)(_|$)' | grep -v '_total$'
}
check "prometheus.md tells PCP which of these are gauges: $(named_like_counters | tr '\n' ' ')" \
    diff <(named_like_counters | sort) <(sed -n 's/^METADATA: \([a-z_]*\) .*/\1/p' "$TOP/docs/prometheus.md" | sort)
units() { python3 "$TOP/tests/lib/compare_units.py" "$tmp/model.json" "$TOP/mibs/DCACHEMON-MIB.txt" "$1"; }
check "no name or unit differs from what is stored" units "$TOP/packaging"
lies() { # FILE SED-EXPRESSION: it is noticed
    local noticed=1
    sed "$2" "$TOP/packaging/$1" >"$tmp/new/$1"
    cmp -s "$TOP/packaging/$1" "$tmp/new/$1" || units "$tmp/new" || noticed=0
    cp "$TOP/packaging/$1" "$tmp/new/$1"
    return $noticed
}
check "kibibytes called bytes are noticed" lies telegraf/dcachemon.conf 's/totals_slab_kibibytes/totals_slab_bytes/'
check "milliseconds called seconds are noticed" lies opennms/datacollection/dcachemon.xml 's/dcmSShrinkMs/dcmSShrinkSeconds/'
check "a forgotten factor is noticed" lies zabbix/dcachemon-6.0.yaml 's/- "1024"/- "1"/'
check "a wrong factor of a graph is noticed" lies cacti/dcachemon.xml 's/<value>1024</<value>1000</'
check "a stored unit that the name denies is noticed" lies cacti/dcachemon.xml 's/<data_source_name>rss_kibibytes/<data_source_name>rss_bytes/'
# What Cacti cuts or refuses without a word: names of data sources, hashes that are defined twice or nowhere.
check "cacti/dcachemon.xml: names short, each hash once" python3 - <<PY
import re
import xml.etree.ElementTree as x
path = "$TOP/packaging/cacti/dcachemon.xml"
root = x.parse(path).getroot()
tags = [e.tag for e in root.iter() if e.tag.startswith("hash_")]
assert len(tags) > 300 and len(set(tags)) == len(tags)
# Inputs, their fields and formats of numbers are Cacti's own.
unknown = set(re.findall(r"hash_[0-9a-f]{38}", open(path).read())) - set(tags)
assert all(h[5:7] in ("03", "06", "07") for h in unknown), unknown
names = [e.text for e in root.iter("data_source_name")]
assert len(names) > 50 and all(re.fullmatch(r"[A-Za-z0-9_]{1,19}", n) for n in names)
for e in root:
    inside = [i.findtext("data_source_name") for i in e.iterfind("items/*[data_source_name]")]
    assert len(set(inside)) == len(inside), inside
PY
readable() { # FOLDER: panels of the dashboards that show what they are for
    python3 - "$1" <<'PY'
"""A long chain is few beside all entries; the axis has the unit; no two rows of a panel have one legend."""
import json, re, sys
for name in "graphite", "prometheus", "node-exporter":
    panels = [p for p in json.load(open(f"{sys.argv[1]}/dcachemon-{name}.json"))["panels"] if p["type"] != "row"]
    longest = [len(p["targets"]) for p in panels if "max_chain" in json.dumps(p["targets"])]
    assert longest == [1], (name, longest)
    assert not [p["title"] for p in panels if re.search(r"\b(bytes|seconds|percent)\b", p["title"], re.I)], name
legends = {re.match(r"(?:topk\(12, )?(\w+)", t["expr"])[1]: t["legendFormat"] for p in panels for t in p["targets"]}
for series, label in (("superblock_unused", "name"), ("chain_length", "bucket"), ("directory_negative", "rank")):
    assert "{{%s}}" % label in legends[f"dcachemon_{series}"], (series, legends)
PY
}
check "no panel of a dashboard hides what it is for" readable "$TOP/packaging/grafana"
hides() { # FILE SED-EXPRESSION: it is noticed
    local noticed=1
    mkdir -p "$tmp/hides" && cp "$TOP"/packaging/grafana/*.json "$tmp/hides" && sed -i "$2" "$tmp/hides/$1"
    cmp -s "$TOP/packaging/grafana/$1" "$tmp/hides/$1" || readable "$tmp/hides" 2>/dev/null || noticed=0
    return $noticed
}
check "rows with one legend are noticed" hides dcachemon-node-exporter.json 's/ {{bucket}}//'
check "a unit in a title is noticed" hides dcachemon-prometheus.json 's/"title": "Rss"/"title": "Rss bytes"/'
check "a chain beside all entries is noticed" hides dcachemon-graphite.json 's/objects-dentries/objects-max_chain/'
mkdir "$tmp/docs" && cp -r "$TOP/docs/alarms.md" "$TOP/docs/man" "$tmp/docs"
run 0 "the tables of the docs are written anew" python3 "$TOP/packaging/generate/docs.py" "$tmp/model.json" "$tmp/docs"
for page in alarms.md man/dcachemon.conf.5; do
    check "docs/$page is current (make generate)" diff "$TOP/docs/$page" "$tmp/docs/$page"
done
sed -i 's/^| `chain_length`/| `chain`/' "$tmp/docs/alarms.md"
run 0 "a table with a mistake is written anew" python3 "$TOP/packaging/generate/docs.py" "$tmp/model.json" "$tmp/docs"
check "and is right again" diff "$TOP/docs/alarms.md" "$tmp/docs/alarms.md"
# What is written by hand for each alarm type: the MIB and the runbook.
same_types() { # MIB RUNBOOK
    python3 - "$tmp/model.json" "$1" "$2" <<'PY'
import json, re, sys
model, mib, runbook = json.load(open(sys.argv[1])), open(sys.argv[2]).read(), open(sys.argv[3]).read()
alarms = model["alarms"]
camel = lambda name: re.sub("_(.)", lambda m: m[1].upper(), name)
kind = re.search(r'DcmAlarmType ::= TEXTUAL-CONVENTION.*?DESCRIPTION\s+"(.*?)".*?INTEGER \{(.*?)\}', mib, re.S)
labels = re.findall(r"(\w+)\((\d+)\)", kind[2])
assert labels == [(camel(a["name"]), str(a["number"])) for a in alarms], labels
told = dict(re.findall(r"(\w+\(\d+\))[^;]*?\(([^()]*)\);", re.sub(r"\s+", " ", kind[1])))
assert told == {f"{camel(a['name'])}({a['number']})": a["unit"] for a in alarms if a["rule"]}, told
sections = re.findall(r"^\.Ss ([a-z_]+)$", runbook, re.M)
assert sections == [a["name"] for a in alarms if a["rule"]], sections
PY
}
mib=$TOP/mibs/DCACHEMON-MIB.txt book=$TOP/docs/man/dcachemon-runbook.7
check "MIB and runbook have each alarm type, and the MIB its unit" same_types "$mib" "$book"
notices() { # FILE SED-EXPRESSION: the comparison fails after this change
    sed "$2" "$1" >"$tmp/wrong"
    ! cmp -s "$1" "$tmp/wrong" || return 1
    if [ "$1" = "$mib" ]; then
        ! same_types "$tmp/wrong" "$book" 2>/dev/null
    else
        ! same_types "$mib" "$tmp/wrong" 2>/dev/null
    fi
}
check "a wrong number in the MIB is noticed" notices "$mib" 's/^  *growth(8),/growth(18),/'
check "a wrong unit in the MIB is noticed" notices "$mib" 's/(percent);/(ratio);/'
check "a section missing in the runbook is noticed" notices "$book" '/^\.Ss growth$/d'
# What the build needs is said in three places.
build_needs() {
    local name
    "$TOP/packaging/deps.sh" build --list | grep -vxE 'gcc|make|libc6-dev' >"$tmp/needs"
    while read -r name; do
        sed '/^Package:/,$d' "$TOP/packaging/debian/control" | grep -qE "^ $name[ ,]|: $name[ ,]" ||
            { echo "$name: not in Build-Depends"; return 1; }
        case $name in *-dev)
            grep -q "^BuildRequires:.*[ ]$(sed -n "s/^$name  *//p" "$TOP/packaging/deps.sh" | sed 's/^-$/collectd-devel/')\b" \
                "$TOP/packaging/rpm/dcachemon.spec" || { echo "$name: not in BuildRequires"; return 1; } ;;
        esac
    done <"$tmp/needs"
    [ "$(wc -l <"$tmp/needs")" -gt 10 ]
}
check "both packages ask for what the build needs" build_needs
versions() {
    local version
    version=$(sed -n 's/^VERSION *:= *//p' "$TOP/Makefile")
    [ -n "$version" ] && grep -qF "dcachemon ($version)" "$TOP/packaging/debian/changelog" &&
        grep -qE "^Version: +$version$" "$TOP/packaging/rpm/dcachemon.spec"
}
check "and have the version of the Makefile" versions
done_testing
