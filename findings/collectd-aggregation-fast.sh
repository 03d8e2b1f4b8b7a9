#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd.conf(5), Plugin aggregation: "calculation of the number of value lists, their sum, average,
# minimum, maximum". One expects a sum over the latest value of each series. Seen: every value that came since the aggregation was
# read last is added (agg_instance_update in aggregation.c). Two series of one value a second, read every four seconds, are eight,
# and their sum is four times too large; average, minimum and maximum are right. Read as often as values come, the sum is, too.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
cat >"$dir/feed" <<'SH'
#!/bin/sh
for _ in $(seq 20); do
    printf 'PUTVAL host/test/gauge-%s interval=1 N:%s\n' one 10 two 100
    sleep 1
done
SH
chmod 755 "$dir/feed"
aggregated() { # INTERVAL: of each aggregate the value that came most often, of the number, the sum and the average
    local what
    collectd_conf <<CONF
LoadPlugin csv
LoadPlugin exec
<LoadPlugin aggregation>
  Interval $1
</LoadPlugin>
<Plugin csv>
  DataDir "$dir/csv$1"
</Plugin>
<Plugin exec>
  Exec "nobody" "$dir/feed"
</Plugin>
<Plugin aggregation>
  <Aggregation>
    Plugin "test"
    Type "gauge"
    GroupBy "Host"
    CalculateNum true
    CalculateSum true
    CalculateAverage true
  </Aggregation>
</Plugin>
CONF
    collectd
    for _ in $(seq 160); do
        [ "$(cat "$dir/csv$1"/host/aggregation-test-sum/* 2>/dev/null | wc -l)" -gt 3 ] && break
        sleep 0.1
    done
    collectd_end
    for what in num sum average; do
        sed '1d; s/.*,//; s/\..*//' "$dir/csv$1/host/aggregation-test-$what"/* | sed 1d | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }'
    done | tr '\n' ' '
}
same=$(aggregated 1) slow=$(aggregated 4)
saw "10 and 100 every second; number, sum, average of an aggregation read every second: $same, every four: $slow"
read -r number sum average <<<"$slow"
expect "read every second, the two are 2, 110 and 55" [ "$same" = '2 110 55 ' ]
expect "read every four, they are some 8, and 440" [ "${number:-0}" -ge 6 -a "${sum:-0}" -ge 330 ]
expect "their average is right" [ "$average" = 55 ]
