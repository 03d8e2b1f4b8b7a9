#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). Seen: snmpd takes the list behind -I apart in its own argument (strtok), so that ps(1) and
# /proc/PID/cmdline show its names as arguments of their own; the unit of Debian's package starts it with such a list.
# Whether a word behind is a module or an address to listen at cannot be told from there.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1

snmpd -C -I -smux,mteTrigger:ifTable 127.0.0.1:161
got=$(tr '\0' '|' <"/proc/$snmpd_pid/cmdline")
saw "$got"
expect "commas and colons have become NUL" [ "${got##*-I}" = '|-smux|mteTrigger|ifTable|127.0.0.1:161|' ]
