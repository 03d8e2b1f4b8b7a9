#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-snmp(5): "The gauge-values returned by the SNMP-agent are multiplied by" Scale, and
# Shift "is added to gauge-values returned by the SNMP-agent". The plugin also reads numbers that come as text, as fractions
# do in SNMP. Seen: those are neither multiplied nor added to, without a word in the log.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14 snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
printf 'rocommunity public 127.0.0.1\nsysContact 12.5\nsysServices 12\n' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
data() { # NAME OID
    printf '<Data "%s">\n  Type "gauge"\n  TypeInstance "%s"\n  Table false\n  Values "%s"\n  Scale 10\n  Shift 1\n</Data>\n' "$1" "$1" "$2"
}
collectd_conf <<CONF
Interval 1
LoadPlugin csv
LoadPlugin snmp
<Plugin csv>
  DataDir "$dir/csv"
</Plugin>
<Plugin snmp>
  $(data text .1.3.6.1.2.1.1.4.0)
  $(data integer .1.3.6.1.2.1.1.7.0)
  <Host "host">
    Address "127.0.0.1"
    Version 2
    Community "public"
    Collect "text" "integer"
    Interval 1
  </Host>
</Plugin>
CONF
stored() { cat "$dir/csv/host/snmp/gauge-$1"-* 2>/dev/null | sed -n '2s/.*,//p'; }
both() { [ -n "$(stored text)" ] && [ -n "$(stored integer)" ]; }
collectd
within both || { cat "$dir/collectd.log"; exit 77; }
collectd_end
snmpd_end
saw "by Scale 10 and Shift 1 an integer of 12 is $(stored integer), a text of 12.5 is $(stored text)"
expect "an integer is scaled and shifted" [ "$(stored integer)" = 121.000000 ]
expect "a number in a text is not" [ "$(stored text)" = 12.500000 ]
