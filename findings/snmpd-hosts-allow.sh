#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12), which is linked with TCP wrappers. snmpd(8) and snmpd.conf(5) do not mention them; one expects a
# check per manager or per start, as with services that inetd starts. Seen: /etc/hosts.allow is opened and read for every
# single request, that is once per row and column of a walk, also when it is empty or absent, and although the access
# control of snmpd.conf is asked as well. A GETBULK pays once for all its values.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || { echo "no strace here"; exit 77; }
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
echo 'rocommunity public 127.0.0.1' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161

client() { # PROGRAM ARGUMENT...
    local program=$1
    shift
    env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/bin/$program" -v2c -c public "$@" >"$dir/answer"
}
opened() { # COMMAND...: how often snmpd opens hosts.allow meanwhile
    strace -e trace=openat -o "$dir/trace" -p "$snmpd_pid" 2>"$dir/strace" &
    for _ in $(seq 100); do
        grep -q attached "$dir/strace" && break
        sleep 0.05
    done
    "$@"
    kill $! && wait $! 2>/dev/null
    grep -c '"/etc/hosts.allow"' "$dir/trace"
}
gets() { for _ in 1 2 3 4 5; do client snmpget 127.0.0.1 .1.3.6.1.2.1.1.3.0; done; }
five=$(opened gets)
walk=$(opened client snmpwalk -Cc 127.0.0.1 .1.3.6.1.2.1.1)
rows=$(grep -c ' = ' "$dir/answer")
bulk=$(opened client snmpbulkget -Cr20 127.0.0.1 .1.3.6.1.2.1.1)
saw "opened $five times for 5 snmpget, $walk times for a walk of $rows values, $bulk time for 20 values by one GETBULK"
snmpd_end
expect "once for each GET" [ "$five" = 5 ]
expect "once for each value of a walk, and for its end" [ "$walk" = $((rows + 1)) ]
expect "once for a GETBULK" [ "$bulk" = 1 ]
