#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd-nagios 5.12.0 (Debian 12). collectd-nagios(1): "If the values are not available or some other error occurred, it returns 3
# for unknown." Seen: it returns 2, critical, for a value that collectd does not have, and where collectd does not run: each
# restart of collectd, and each row that has gone, pages somebody.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14 collectd-utils=5.12.0-14 libcollectdclient1=5.12.0-14
collectd_conf <<CONF
$(collectd_feed host/test/gauge 5 5 5)
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "$dir/socket"
  SocketGroup "root"
</Plugin>
CONF
sed -i 's/^time=.*//; s/ interval=10 [0-9]*:/ interval=10 N:/' "$dir/feed"
check() { # VALUE: what it prints, and its status
    LD_LIBRARY_PATH=$dir/root/usr/lib "$dir/root/usr/bin/collectd-nagios" -s "$dir/socket" -H host -n "$1" -w 10 -c 20 2>&1
    echo "status $?"
}
status() { check "$1" | tail -n 1; }
collectd
within eval '[ "$(status test/gauge)" = "status 0" ]' || { cat "$dir/collectd.log"; check test/gauge; exit 77; }
saw "a value of 5: $(check test/gauge | tr '\n' ' ')"
saw "another name: $(check test/gauge-gone | tr '\n' ' ')"
gone=$(status test/gauge-gone)
collectd_end
saw "without collectd: $(check test/gauge | tr '\n' ' ')"
expect "a value that is not there is critical" [ "$gone" = 'status 2' ]
expect "so is a collectd that does not run" [ "$(status test/gauge)" = 'status 2' ]
