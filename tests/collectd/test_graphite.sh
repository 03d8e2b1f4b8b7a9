#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 290
# needs: chains
# From the kernel to a graph: the plugin, collectd's write_graphite, carbon, graphite-web, with the
# shipped blocks; every target of the Graphite dashboard.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
. "$TOP/tests/lib/graphite_env.sh"
need_collectd
need_graphite
own_loopback
if start_graphite; then pass "carbon and graphite-web answer"; else
    fail "carbon and graphite-web answer" "$tmp"/graphite/*.log
    done_testing
    exit
fi

# ---- the live kernel ----

write_graphite >"$tmp/node"
collectd_conf live <<EOF
$(cat "$tmp/node")
<Plugin dcachemon>
  Source self
  BudgetPercent 0
  HashInterval 1
  LookupsInterval 1
  SuperblocksInterval 1
  NamespacesInterval 1
</Plugin>
EOF
start_collectd live
# has TARGET VALUE: the largest value of the last two minutes is at least VALUE.
has() {
    render "$tmp/answer" "format=json&from=-2min&target=$1" && "$graphite_python" - "$2" "$tmp/answer" <<'EOF'
import json, sys
values = [v for series in json.load(open(sys.argv[2])) for v, _ in series["datapoints"] if v is not None]
sys.exit(0 if values and max(values) >= float(sys.argv[1]) else 1)
EOF
}
check "the totals arrive" wait_for 40 has collectd.test.dcachemon-totals.objects-dentries 1000
chains=collectd.test.dcachemon-hash.objects-max_chain
if [ "$(id -u)" != 0 ] || grep -q "source hash is unsupported" "$tmp/live.log"; then
    skip "a chain of 1,000 namespaces is visible" "needs root and BPF"
else
    mkfifo "$tmp/plant.in"
    "$BUILD/tests/lib/plant" netns 1000 <"$tmp/plant.in" >"$tmp/plant.out" &
    plant_pid=$!
    on_exit "kill $plant_pid 2>/dev/null; wait $plant_pid 2>/dev/null"
    exec {plant_fd}>"$tmp/plant.in"
    wait_for 60 grep -q ready "$tmp/plant.out"
    check "a chain of 1,000 namespaces is visible in render's JSON" wait_for 60 has "$chains" 1000
    check "and as chain-1 and chain-2" wait_for 20 has "minSeries(collectd.test.dcachemon-chain-{1,2}.objects-length)" 1000
    render "$tmp/long.png" "from=-1min&width=600&height=250&hideLegend=true&target=$chains"
    render "$tmp/flat.png" "from=-1min&width=600&height=250&hideLegend=true&target=$chains.none"
    check "and in the picture, which is a PNG" sh -c "
        head -c 8 '$tmp/long.png' | od -An -tx1 | grep -q '89 50 4e 47' && ! cmp -s '$tmp/long.png' '$tmp/flat.png'"
    exec {plant_fd}>&-
    kill "$plant_pid" 2>/dev/null
    wait "$plant_pid" 2>/dev/null
fi
wsp=$(find "$tmp/graphite/whisper" -name objects-max_chain.wsp | head -1)
whisper_info() { "$graphite_python" -c "import sys, whisper; print(whisper.info(sys.argv[1])['aggregationMethod'])" "$1"; }
check "chain lengths are kept as maxima" test "$(whisper_info "$wsp")" = max
check "totals as averages" test "$(whisper_info "${wsp%/*/*}/dcachemon-totals/objects-dentries.wsp")" = average
stop_collectd

# ---- every target of the dashboard, with a host that has every value ----

scene all 1 full
collectd_host=all
collectd_conf all <<EOF
$(cat "$tmp/node")
<Plugin dcachemon>
  Source daemon
  Socket "$tmp/all.sock"
</Plugin>
EOF
start_collectd all
check "a host with every value arrives" wait_for 40 has collectd.all.dcachemon-agent.bool-degraded 0
python3 "$TOP/tests/lib/dashboard_data.py" "$TOP/packaging/grafana/dcachemon-graphite.json" "$web" all >"$tmp/targets"
status=$?
if [ "$status" = 0 ]; then pass "every target of the dashboard has data"; else
    fail "every target of the dashboard has data" "$tmp/targets" "$tmp/graphite/web.log"
fi
cat "$tmp/targets"
stop_collectd
check "nothing was refused" sh -c "! grep -iE 'invalid|error' '$tmp'/graphite/log/*listener*.log '$tmp'/all.log '$tmp'/live.log"
done_testing
