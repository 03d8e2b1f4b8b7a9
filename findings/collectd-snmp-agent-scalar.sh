#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd.conf(5), snmp_agent: a "Data block defines a list OIDs that are to be handled. This block can
# define scalar or table OIDs", and its example begins with a scalar. Seen: a Data block outside of a Table is read and
# thrown away (snmp_agent.c, snmp_agent_config_table_column). With nothing else the plugin calls itself "not configured"
# and is unloaded; beside a table it serves that alone, without a word about the rest.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14 snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
oid=.1.3.6.1.4.1.8072.9999.9999
printf 'rocommunity public 127.0.0.1\nmaster agentx\n' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
configure() { # TABLE
    collectd_conf <<CONF
Interval 1
LoadPlugin cpu
LoadPlugin memory
LoadPlugin csv
LoadPlugin snmp_agent
<Plugin csv>
  DataDir "$dir/csv"
</Plugin>
<Plugin snmp_agent>
  <Data "free">
    Plugin "memory"
    Type "memory"
    TypeInstance "free"
    OIDs "$oid.1.0"
  </Data>
  $1
</Plugin>
CONF
}
walk() {
    env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/bin/snmpwalk" -v2c -c public -On 127.0.0.1 "$oid"
}
alone=$(
    configure ''
    collectd
    within grep -q 'Initialization complete' "$dir/collectd.log"
    collectd_end
    grep -o 'snmp_agent: .*' "$dir/collectd.log" | head -n 1
)
saw "a Data block alone: $alone"
configure "<Table \"cpus\">
  IndexOID \"$oid.2.1.1\"
  SizeOID \"$oid.3\"
  <Data \"cpu\">
    <IndexKey>
      Source \"PluginInstance\"
    </IndexKey>
    Plugin \"cpu\"
    OIDs \"$oid.2.1.2\"
  </Data>
</Table>"
collectd
served() { walk | grep -q "^$oid.3.0 = INTEGER"; }
within served
answers=$(walk)
collectd_end
snmpd_end
said=$(grep -i 'free\|not configured\|scalar' "$dir/collectd.log")
saw "beside a table: $answers; in the log: ${said:-nothing of it}"
expect "alone it is no configuration" [ "$alone" = 'snmp_agent: snmp_agent_init: plugin not configured' ]
expect "beside a table, SizeOID of that is there, and it is not" [ "${answers%% *}" = "$oid.3.0" -a -z "$said" ]
