#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd.conf(5), Match value: Min is "the smallest value which still results in a match", Max the
# largest. One expects a value that is not defined to match neither. Seen: it matches both, and "Invert true" passes it by
# (mv_match in match_value.c): a rule for what exceeds a level has each undefined gauge, and the first value of each
# counter after a start, too.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
matched() { # OPTION...: type and value of what matches, of gauges 50, U and 500, and a counter of 0 and 5000 ten seconds later
    local options type value
    options=$(printf '      %s\n' "$@")
    rm -rf "$dir/csv"
    collectd_conf <<CONF
WriteThreads 1
LoadPlugin csv
LoadPlugin match_regex
LoadPlugin match_value
<Plugin csv>
  DataDir "$dir/csv"
</Plugin>
PostCacheChain "chain"
<Chain "chain">
  <Rule>
    <Match regex>
      Type "^count$"
    </Match>
    Target write
    Target stop
  </Rule>
  <Rule>
    <Match value>
$options
    </Match>
    Target write
  </Rule>
  Target stop
</Chain>
$(collectd_feed host/test/gauge 50 U 500)
CONF
    sed -i '$d' "$dir/feed"
    cat >>"$dir/feed" <<'SH'
echo PUTVAL host/test/derive interval=10 1000000000:0
echo PUTVAL host/test/derive interval=10 1000000010:5000
echo PUTVAL host/test/count interval=10 N:1
exec sleep 60
SH
    collectd
    within eval 'ls "$dir"/csv/host/test/count-* >"$dir/ls" 2>&1' || cat "$dir/collectd.log"
    collectd_end
    for type in gauge derive; do
        for value in $(cat "$dir/csv/host/test/$type"-* 2>/dev/null | sed '1d; s/.*,//'); do echo "$type:${value%.*}"; done
    done | tr '\n' ' '
}
above=$(matched 'Min 100') below=$(matched 'Max 100') inverted=$(matched 'Min 100' 'Invert true')
saw "of the gauges 50, U, 500 and a counter of 0 and then 5000 (500 a second):"
saw "Min 100: $above; Max 100: $below; Min 100 inverted: $inverted"
expect "an undefined gauge is at least 100, and the first value of a counter" [ "$above" = 'gauge:nan gauge:500 derive:0 derive:5000 ' ]
expect "and at most 100" [ "$below" = 'gauge:50 gauge:nan derive:0 ' ]
expect "inverted, it is not below 100" [ "$inverted" = 'gauge:50 ' ]
