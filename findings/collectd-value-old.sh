#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). Of a value that is not younger than the last one of its name the log says "Value too old". One expects
# it to be dropped. Seen: the cache alone refuses it, so that GETVAL and rates do not have it; it is then written like any other
# (plugin_dispatch_values in plugin.c ignores what uc_update returns). A second source of the same name, or a clock that is
# set back, is in csv and Graphite, whatever the log says.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
collectd_conf <<CONF
WriteThreads 1
LoadPlugin csv
<Plugin csv>
  DataDir "$dir/csv"
</Plugin>
$(collectd_feed host/test/gauge 1)
CONF
cat >"$dir/feed" <<'SH'
#!/bin/sh
for value in 1000000010:1 1000000020:2 1000000010:3 1000000020:4 1000000030:5; do echo "PUTVAL host/test/gauge interval=10 $value"; done
exec sleep 60
SH
collectd
written() { sed '1d; s/^10000000//; s/\.0*,/:/; s/\..*//' "$dir"/csv/host/test/gauge-* 2>/dev/null | tr '\n' ' '; }
within eval 'written | grep -q 30:5' || cat "$dir/collectd.log"
collectd_end
refused=$(grep -c 'Value too old: name = host/test/gauge' "$dir/collectd.log")
saw "second:value 10:1 20:2 10:3 20:4 30:5; refused: $refused; in the file: $(written)"
expect "two are too old" [ "$refused" = 2 ]
expect "and are written" [ "$(written)" = '10:1 20:2 10:3 20:4 30:5 ' ]
