#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-threshold(5): an OKAY notification is generated "if a value is in range but the previous
# value was not". One expects a value that is not defined to leave the state as it is. Seen: it counts as in range, and ends
# the warning: "All data sources are within range again. Current value of "value" is nan." The next value warns anew.
# So it is with a gauge that is "U", and with the rate of a counter that begins anew, as after a restart of what it counts.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
told() { # IDENTIFIER VALUE...: severity and value of the notifications, from the first warning on
    collectd_conf <<CONF
WriteThreads 1
LoadPlugin threshold
<Plugin threshold>
  <Type "total_operations">
    WarningMax 100
  </Type>
  <Type "objects">
    WarningMax 100
  </Type>
</Plugin>
$(collectd_feed "$@")
CONF
    collectd
    within eval '[ "$(grep -c "severity = WARNING" "$dir/collectd.log")" = 2 ]'
    collectd_end
    sed -nE '/WARNING/,$s/.*severity = ([A-Z]*).*(currently|"value" is) ([0-9a-z]+).*/\1 \3/p' "$dir/collectd.log" | tr '\n' ' '
}
gauge=$(told host/test/objects 500 501 U 502 503)
counter=$(told host/test/total_operations 0 5000 10000 15000 100 5100 10100) # 500 a second
saw "gauge 500 501 U 502 503: $gauge"
saw "counter of 500 a second that begins anew: $counter"
expect "an undefined gauge ends a warning" [ "$gauge" = 'WARNING 500 OKAY nan WARNING 502 ' ]
expect "so does a counter that begins anew" [ "$counter" = 'WARNING 500 OKAY nan WARNING 500 ' ]
