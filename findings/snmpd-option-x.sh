#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd(8): "-x ADDRESS: Listens for AgentX connections on the specified address rather than the default".
# One expects an option to win over a configuration file. Seen: agentXSocket in snmpd.conf wins, the address of
# -x is not served, and nothing is logged about it.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1

snmpd -x "$dir/option" udp:127.0.0.1:161
expect "-x alone is served" [ -S "$dir/option" ]
snmpd_end
rm -f "$dir/option"
printf 'agentXSocket %s/file\n' "$dir" >/etc/snmp/snmpd.conf
snmpd -x "$dir/option" udp:127.0.0.1:161
saw "option $([ -S "$dir/option" ] && echo served || echo 'not served'), file $([ -S "$dir/file" ] && echo served || echo 'not served')"
expect "beside agentXSocket only that is served" [ -S "$dir/file" -a ! -e "$dir/option" ]
