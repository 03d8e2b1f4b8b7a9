#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd.conf(5): "agentXPerms SOCKPERMS [DIRPERMS [USER [GROUP]]] defines the permissions and ownership of
# the AgentX Unix Domain socket, and the parent directories of this socket".
# Seen: the folder gets DIRPERMS only when snmpd makes it. One from a time without that line keeps its 0700, so
# the line opens the socket and not the way to it.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
conf=/etc/snmp/snmpd.conf

printf 'master agentx\n' >"$conf"
snmpd udp:127.0.0.1:161
before=$(stat -c %a /var/agentx)
snmpd_end
printf 'master agentx\nagentXPerms 0660 0755\n' >"$conf"
snmpd udp:127.0.0.1:161
saw "without the line $before, with it and the folder there: folder $(stat -c %a /var/agentx), socket $(stat -c %a /var/agentx/master)"
expect "a folder that is there keeps 700, the socket gets 660" \
    [ "$before $(stat -c '%a' /var/agentx) $(stat -c %a /var/agentx/master)" = '700 700 660' ]
snmpd_end
rm -rf /var/agentx
snmpd udp:127.0.0.1:161
saw "folder made anew: $(stat -c %a /var/agentx)"
expect "a folder that snmpd makes gets 755" [ "$(stat -c %a /var/agentx)" = 755 ]
