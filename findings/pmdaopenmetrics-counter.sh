#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pmdaopenmetrics of PCP 6.0.3 (Debian 12). pmdaopenmetrics(1): metric data "may contain metadata"; it does not say what becomes of a
# metric without that, but one expects "# TYPE ... gauge" to make a gauge. Seen: a gauge with "total", "count" or "sum" between
# the underscores of its name becomes a counter, so that pmval, pmrep and the rest show its change per second, 0 for the
# memory of a host (assign_metadata in pmdaopenmetrics.python). A line METADATA in the .url file makes it a gauge.
. "$(dirname "$0")/lib.sh"
packages pcp=6.0.3-1.1 pcp-conf=6.0.3-1.1 python3-pcp=6.0.3-1.1 libpcp3=6.0.3-1.1 libpcp-pmda3=6.0.3-1.1 libpcp-gui2=6.0.3-1.1 \
    libpcp-import1=6.0.3-1.1 libpcp-mmv1=6.0.3-1.1 libpcp-archive1=6.0.3-1.1 libpcp-trace2=6.0.3-1.1 libpcp-web1=6.0.3-1.1 \
    libpfm4=4.13.0-1 libuv1=1.44.2-1+deb12u1 python3-requests=2.28.1+dfsg-1 python3-urllib3=1.26.12-1+deb12u4 \
    python3-idna=3.3-1+deb12u1 python3-certifi=2022.9.24-1 python3-chardet=5.1.0+dfsg-2 python3-charset-normalizer=3.0.1-2
as_installed
mkdir -p "$dir/sources" "$dir/run" /var/lib/pcp/config/pmda /var/log/pcp/pmcd
export PCP_RUN_DIR=$dir/run PMCD_SOCKET=$dir/run/pmcd.socket
cat >"$dir/metrics" <<'TEXT'
# TYPE memory_total_bytes gauge
memory_total_bytes 16000000000
# TYPE alarm_count_active gauge
alarm_count_active 3
# TYPE memory_free_bytes gauge
memory_free_bytes 4000000000
TEXT
echo "file://$dir/metrics" >"$dir/sources/plain.url"
printf 'file://%s\nMETADATA: memory_total_bytes double PM_INDOM_NULL instant byte\n' "$dir/metrics" >"$dir/sources/told.url"
printf 'root {\n  openmetrics 144:*:*\n}\n' >"$dir/names"
pmda=$(find /usr/lib/pcp/pmdas/openmetrics -name 'pmdaopenmetrics.python')
echo "openmetrics 144 pipe binary notready /usr/bin/python3 $pmda -d 144 -l $dir/pmda.log -c $dir/sources -u root" >"$dir/agents"
/usr/lib/pcp/bin/pmcd -f -U root -c "$dir/agents" -l "$dir/pmcd.log" -n "$dir/names" -i 127.0.0.1 -q 60 -t 60 >"$dir/log" 2>&1 </dev/null &
pmcd=$!
info() { pminfo -h 127.0.0.1 -d "openmetrics.$1" 2>/dev/null; }
semantics() { info "$1" | sed -n 's/.*Semantics: \([a-z]*\).*/\1/p'; }
within eval '[ -n "$(semantics plain.memory_total_bytes)" ]' || { cat "$dir"/*.log; exit 77; }
total=$(semantics plain.memory_total_bytes) count=$(semantics plain.alarm_count_active) free=$(semantics plain.memory_free_bytes)
told=$(semantics told.memory_total_bytes)
rate=$(pmval -h 127.0.0.1 -s 2 -t 0.1 openmetrics.plain.memory_total_bytes 2>/dev/null | tail -n 1 | tr -d ' ')
kill $pmcd && wait $pmcd 2>/dev/null
saw "gauges memory_free_bytes: $free; memory_total_bytes: $total; alarm_count_active: $count; pmval shows $rate of 16000000000"
saw "memory_total_bytes with METADATA: $told"
expect "a gauge is one (instant)" [ "$free" = instant ]
expect "one with total in its name is a counter" [ "$total" = counter ]
expect "one with count as well" [ "$count" = counter ]
expect "a value of 16000000000 is shown as 0" [ "$rate" = 0.0 ]
expect "METADATA makes it a gauge" [ "$told" = instant ]
