#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-threshold(5): Hits is "the number of Intervals that the threshold must be match before
# dispatch any notification". One expects "Hits 3" to speak at the third value beyond the threshold, or at the fourth.
# Seen: it speaks at the fifth, and "Hits 1" at the third: the first value sets the counter to 1, and the counter must exceed
# Hits before the value is looked at (ut_report_state in threshold.c). Without Hits the first value is told.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
told_at() { # OPTION: which of the values 101, 102, ... the warning speaks of
    collectd_conf <<CONF
WriteThreads 1
LoadPlugin threshold
<Plugin threshold>
  <Type "gauge">
    WarningMax 100
    $1
  </Type>
</Plugin>
$(collectd_feed host/test/gauge 50 101 102 103 104 105 106 107 1)
CONF
    collectd
    within grep -q 'value of "value" is 1\.' "$dir/collectd.log"
    collectd_end
    sed -nE 's/.*severity = WARNING.* currently ([0-9]+).*/\1/p' "$dir/collectd.log" | tr '\n' ' '
}
none=$(told_at '') one=$(told_at 'Hits 1') three=$(told_at 'Hits 3')
saw "values 101 and up are too large; the warning comes at $none, with Hits 1 at $one, with Hits 3 at $three"
expect "without Hits the first value is told" [ "$none" = '101 ' ]
expect "with Hits 1 the third" [ "$one" = '103 ' ]
expect "with Hits 3 the fifth" [ "$three" = '105 ' ]
