#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-threshold(5), PersistOK: if false, the default, an OKAY notification "is only generated if a
# value is in range but the previous value was not". Seen: the first value after the start of collectd makes one as well, so
# that each start sends as many as values are watched: "All data sources are within range again". A value whose first rate
# is not known yet says that it is "nan".
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
told() { # IDENTIFIER VALUE...: the last of the values is too large
    collectd_conf <<CONF
WriteThreads 1
LoadPlugin threshold
<Plugin threshold>
  <Plugin "test">
    <Type "$(basename "$1")">
      FailureMax 100
    </Type>
  </Plugin>
</Plugin>
$(collectd_feed "$@")
CONF
    collectd
    within grep -q 'severity = FAILURE' "$dir/collectd.log"
    collectd_end
    sed -nE 's/.*severity = OKAY.*(within range again).* is ([0-9a-z]+).*/\1: \2/p' "$dir/collectd.log" | tr '\n' ' '
}
gauge=$(told host/test/objects 50 51 101) counter=$(told host/test/total_operations 0 10 20 5000)
saw "gauge 50, 51: $gauge; counter of 1 a second: $counter"
expect "the first value of a gauge is within range again" [ "$gauge" = 'within range again: 50 ' ]
expect "so is that of a counter, which has no rate yet" [ "$counter" = 'within range again: nan ' ]
