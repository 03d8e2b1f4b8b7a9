#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-snmp(5): with "Table false" a Data block reads single values. One expects no value where
# the agent has none, as while a subagent is restarted. Seen: the answer noSuchInstance is a value: NaN for a gauge, as one
# hopes, but 0 for a counter, a derive or an absolute. When the value is back, its rate is as if the whole counter had been
# counted in one interval: one that has stood still at a million is stored as a peak of a million per second. The log has a
# warning of "ASN type #129". With "Table true" nothing is stored meanwhile.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14 snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
oid=.1.3.6.1.4.1.8072.9999.9999.1
cat >"$dir/counter" <<SH
#!/bin/sh
while read -r word; do
    case \$word in
    PING) echo PONG ;;
    *)
        read -r oid
        if [ "\$word \$oid" = "get $oid.0" ] && ! [ -e $dir/gone ]; then printf '%s\ncounter\n1000000\n' "\$oid"; else echo NONE; fi
        ;;
    esac
done
SH
chmod 755 "$dir/counter"
printf 'rocommunity public 127.0.0.1\npass_persist %s %s/counter\n' "$oid" "$dir" >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
data() { printf '<Data "%s">\n  Type "%s"\n  Table false\n  Values "%s.0"\n</Data>\n' "$1" "$1" "$oid"; }
collectd_conf <<CONF
Interval 1
LoadPlugin csv
LoadPlugin snmp
<Plugin csv>
  DataDir "$dir/csv"
  StoreRates true
</Plugin>
<Plugin snmp>
  $(data derive)
  $(data gauge)
  <Host "host">
    Address "127.0.0.1"
    Version 2
    Community "public"
    Collect "derive" "gauge"
    Interval 1
  </Host>
</Plugin>
CONF
stored() { cat "$dir/csv/host/snmp/$1"-* 2>/dev/null | sed '1d; s/.*,//'; }
has() { stored "$1" | grep -q "$2"; }

collectd
within has derive '^0\.0' && within has gauge '^1000000' || { cat "$dir/collectd.log"; exit 77; }
touch "$dir/gone"
fallen() { [ "$(stored derive | grep -c nan)" = 2 ] && has gauge nan; }
within fallen || echo "no fall for 10 seconds"
rm "$dir/gone"
within has derive '^[1-9]' || echo "no peak for 10 seconds"
collectd_end
snmpd_end
saw "rates of the counter: $(stored derive | tr '\n' ' ')"
saw "gauge: $(stored gauge | tr '\n' ' ')"
peak=$(stored derive | sort -n | tail -n 1)
expect "an absent gauge is NaN" has gauge nan
expect "an absent counter is 0: when it is back, its rate is as high as the counter" [ "${peak%.*}" -gt 500000 ]
