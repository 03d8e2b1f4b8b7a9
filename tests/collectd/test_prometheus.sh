#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 200
# The plugin, collectd's write_prometheus and a Prometheus that scrapes it: exact values, and every
# target of the Prometheus dashboard.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
need_collectd
if ! command -v prometheus >/dev/null; then
    echo "1..0 # SKIP no prometheus here (make deps-monitoring)"
    exit 0
fi
if ldd "$modules/write_prometheus.so" 2>/dev/null | grep -q "not found"; then
    echo "1..0 # SKIP write_prometheus of collectd lacks a library"
    exit 0
fi
own_loopback
read -r port web <<<"$(free_ports 2)"

scene all 1 full
scene_one=$scene_fd
scene big 3
collectd_conf all <<EOF
$(write_prometheus "$port")
<Plugin dcachemon>
  Source daemon
  Socket "$tmp/all.sock"
</Plugin>
EOF
start_collectd all
cat >"$tmp/prometheus.yml" <<EOF
global: {scrape_interval: 1s}
$(prometheus_jobs "$port")
EOF
spawn prometheus prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/data" \
    --web.listen-address="127.0.0.1:$web"
targets() { # HOST OPTION...
    python3 "$TOP/tests/lib/dashboard_data.py" "${@:2}" "$TOP/packaging/grafana/dcachemon-prometheus.json" \
        "http://127.0.0.1:$web" "$1"
}
targets test >"$tmp/targets"
status=$?
if [ "$status" = 0 ]; then pass "every target of the dashboard has data"; else
    python3 -c "import sys,urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())" \
        "http://127.0.0.1:$port/metrics" 2>&1 | grep -v '^#' >"$tmp/metrics"
    fail "every target of the dashboard has data" "$tmp/targets" "$tmp/metrics"
fi
cat "$tmp/targets"
nothing() { ! targets nobody --patience 0 >"$tmp/targets" && [ "$(grep -c "no data" "$tmp/targets")" -ge 40 ]; }
check "of a host that is not there none has" nothing
stop_collectd

sed -i "s|$tmp/all.sock|$tmp/big.sock|" "$tmp/all.conf"
start_collectd all
scrape() {
    python3 -c "import sys,urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())" \
        "http://127.0.0.1:$port/metrics" >"$tmp/metrics" && grep -q "$1" "$tmp/metrics"
}
check "5,000,000,000 arrives exact" wait_for 20 scrape \
    'collectd_dcachemon_objects{dcachemon="totals",type="dentries",instance="test"} 5000000000 '
check "a counter of 2^53 arrives exact" scrape \
    'collectd_dcachemon_total_operations_total{dcachemon="memory",type="pgscan_direct",instance="test"} 9007199254740992 '
stop_collectd
check "clean end" test "$stop_status" = 0
eval "exec $scene_one>&-"
done_testing
