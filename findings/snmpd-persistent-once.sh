#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd.conf(5) and snmp_config(5) list the persistent folder among those that are read. Seen: a
# line that somebody puts into its snmpd.conf while snmpd is down counts at the next start; snmpd then writes the file
# anew without it, so it does not count at the start after that.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
kept=/var/lib/snmp/snmpd.conf

echo 'master agentx' >"$kept"
snmpd udp:127.0.0.1:161
expect "it counts at the first start" [ -S /var/agentx/master ]
saw "lines left: $(grep -c '^master' "$kept" 2>/dev/null)"
snmpd_end
rm -rf /var/agentx
snmpd udp:127.0.0.1:161
expect "and not at the second" [ ! -e /var/agentx/master ]
