#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmptable 5.9.3 (Debian 12). snmptable(1), -Ch: "Display only the column headings." Seen: below the headings it prints "No entries" of
# every table, also of one that has rows, on standard output and with status 0: it has not asked for any.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1 erlang-snmp=1:25.2.3+dfsg-1+deb12u4
echo 'rocommunity public 127.0.0.1' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
table() { # OPTION...: of sysORTable
    env MIBS=SNMPv2-MIB MIBDIRS="$(echo "$dir"/root/usr/lib/erlang/lib/snmp-*/mibs)" \
        LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/bin/snmptable" -v2c -c public "$@" 127.0.0.1 SNMPv2-MIB::sysORTable 2>"$dir/error"
}
rows=$(table -CH | wc -l)
headings=$(table -Ch)
status=$?
saw "rows: $rows; with -Ch, status $status: $(echo "$headings" | tail -n 1)"
snmpd_end
expect "the table has rows" [ "$rows" -gt 1 ]
expect "-Ch has the headings" [ -z "${headings##*sysORDescr*}" ]
expect "and \"No entries\", as a success" [ "$status $(echo "$headings" | tail -n 1)" = '0 SNMPv2-MIB::sysORTable: No entries' ]
