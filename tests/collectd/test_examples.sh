#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The files shipped for collectd, carbon and Grafana: current, complete, and taken by the daemon.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
need_collectd
values=$BUILD/tests/lib/dump_collectd

mkdir "$tmp/grafana"
"$values" | "$TOP/packaging/generate/grafana.py" "$tmp/grafana"
# The third one is not collectd's (unit/test_generated.sh).
check "the dashboards are current (make generate)" \
    diff -r -x dcachemon-node-exporter.json "$tmp/grafana" "$TOP/packaging/grafana"
cat >"$tmp/complete.py" <<'EOF'
"""Every value is in a target of both dashboards, ids are unique, no panel lies over another."""
import json, sys
values = [line.split("\t") for line in sys.stdin]
assert len(values) > 40
for name in "graphite", "prometheus":
    board = json.load(open(f"{sys.argv[1]}/dcachemon-{name}.json"))
    panels = board["panels"]
    targets = [t.get("target") or t["expr"] for p in panels for t in p.get("targets", [])]
    for table, label, rows, type, instance, kind, unit, *_ in values:
        wanted = [t for t in targets if label in t and type in t and instance in t]
        assert wanted, (name, label, type, instance)
    assert len({p["id"] for p in panels}) == len(panels)
    cells = [(x, y) for p in panels for g in [p["gridPos"]] for x in range(g["x"], g["x"] + g["w"])
             for y in range(g["y"], g["y"] + g["h"])]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24, name
EOF
check "every value has its place in both dashboards" \
    sh -c "'$values' | python3 '$tmp/complete.py' '$TOP/packaging/grafana'"

# Every stock type that the metric table names is in the daemon's types.db, with one data source.
"$values" | cut -f4 | sort -u >"$tmp/types"
while read -r type; do
    check "$type is a stock type of one value" \
        sh -c "awk '\$1 == \"$type\" { found = NF == 2 } END { exit !found }' /usr/share/collectd/types.db"
done <"$tmp/types"

# The blocks, together and with servers that are not there, in one daemon.
cp "$TOP"/packaging/collectd/*.conf "$tmp"
mkdir "$tmp/d"
sed -e 's/#\(Interval\|Source\|Socket\|Max\|Superblock\|Ignore\|Notifications\|Budget\|Hash\|Lookup\|<\/\?Alarm\|  Warning\)/\1/' \
    "$tmp/dcachemon.conf" >"$tmp/d/dcachemon.conf"
cp "$tmp/threshold.conf" "$tmp/notify.conf" "$tmp/d"
sed 's/graphite\.example\.org/127.0.0.1/; s/"2003"/"1"/' "$tmp/write-graphite.conf" >"$tmp/d/write-graphite.conf"
sed 's/9103/0/' "$tmp/write-prometheus.conf" >"$tmp/d/write-prometheus.conf"
sed 's/collectd\.example\.org/127.0.0.1/' "$tmp/network-client.conf" >"$tmp/d/network-client.conf"
collectd_conf blocks </dev/null
sed -i '/^<LoadPlugin dcachemon>/,/^<\/LoadPlugin>/d' "$tmp/blocks.conf"
sed -i "s|^PluginDir \"$tmp/plugin.*|&\nInclude \"$tmp/d/dcachemon.conf\"|" "$tmp/blocks.conf"
for block in threshold notify write-graphite write-prometheus network-client; do
    echo "Include \"$tmp/d/$block.conf\"" >>"$tmp/blocks.conf"
done
start_collectd blocks
check "collectd starts with all of them" kill -0 "$collectd_pid"
check "without a complaint about an option" \
    sh -c "! grep -v MHD_ '$tmp/blocks.log' | grep -iE 'option |unknown|not allowed|ignoring|invalid|parse'"
stop_collectd
check "and ends" test "$stop_status" = 0

# carbon's rules, by the program that reads them.
cat >"$tmp/rules.py" <<'EOF'
import configparser, re, sys
folder = sys.argv[1]
def rules(name, value):
    c = configparser.ConfigParser(interpolation=None)
    c.read(f"{folder}/{name}")
    return [(re.compile(c[s]["pattern"]), c[s][value]) for s in c.sections()]
def first(rules, path):
    return next((v for p, v in rules if p.search(path)), None)
aggregation, schemas = rules("storage-aggregation.conf", "aggregationMethod"), rules("storage-schemas.conf", "retentions")
host = "collectd.web_1.dcachemon-"
for path, wanted in {"hash.objects-max_chain": "max", "chain-1.objects-length": "max", "chain-10.objects-same_name": "max",
                     "lookup-proc_sys_net_ipv6.latency-lookup": "max", "agent.bool-degraded": "max",
                     "superblock-overlay-0_43.duration-shrink": "max", "memory.memory-free": "min",
                     "totals.objects-unused": "average", "superblock-other.objects-unused": "average"}.items():
    assert first(aggregation, host + path) == wanted, path
    assert first(schemas, host + path), path
assert first(aggregation, "collectd.web_1.cpu-0.cpu-idle") is None
EOF
check "chain lengths are kept as maxima, totals as averages, nothing else is touched" \
    python3 "$tmp/rules.py" "$TOP/packaging/graphite"
done_testing
