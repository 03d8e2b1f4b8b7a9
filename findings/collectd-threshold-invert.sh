#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-threshold(5), Invert: "values between FailureMin and FailureMax (WarningMin and WarningMax) are
# not okay". With warnings alone one expects a WARNING inside and an OKAY outside. Seen: the level that is not set has no
# bounds, so that everything is inside it (ut_check_one_data_source in threshold.c). With WarningMin and WarningMax every
# value is a FAILURE, told once; with FailureMin and FailureMax every value outside is a WARNING. With all four it is as described.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
told() { # OPTION...: severity and value of the notifications about 5 50 500 50, if they are normal at 10 to 100
    local options
    options=$(printf '    %s\n' "$@")
    collectd_conf <<CONF
WriteThreads 1
LoadPlugin threshold
<Plugin threshold>
  <Type "gauge">
$options
    Invert true
  </Type>
  <Type "count">
    FailureMax 1
  </Type>
</Plugin>
$(collectd_feed host/test/gauge 5 50 500 50)
CONF
    sed -i 's/^exec /echo PUTVAL host\/test\/count interval=10 N:2\nexec /' "$dir/feed"
    collectd
    within grep -q 'type = count' "$dir/collectd.log"
    collectd_end
    sed -nE '/type = gauge/s/.*severity = ([A-Z]*).*(currently|"value" is) ([0-9]+).*/\1 \3/p' "$dir/collectd.log" | tr '\n' ' '
}
warning=$(told 'WarningMin 10' 'WarningMax 100') failure=$(told 'FailureMin 10' 'FailureMax 100')
both=$(told 'WarningMin 10' 'WarningMax 100' 'FailureMin 40' 'FailureMax 60')
saw "of 5 50 500 50, inverted, warnings at 10 to 100: $warning; failures at 10 to 100: $failure; both: $both"
expect "with warnings alone all is a failure" [ "$warning" = 'FAILURE 5 ' ]
expect "with failures alone the rest is a warning" [ "$failure" = 'WARNING 5 FAILURE 50 WARNING 500 FAILURE 50 ' ]
expect "with both, values outside are okay" [ "$both" = 'OKAY 5 FAILURE 50 OKAY 500 FAILURE 50 ' ]
