#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmptrapd 5.9.3 (Debian 12). snmptrapd.conf(5), traphandle: the program runs for a notification. One expects an inform to be
# acknowledged when it comes, and a repetition to be known. Seen: it is acknowledged when the program has ended, and each
# repetition is a notification of its own. A program of 3 seconds runs four times for one inform that is repeated
# every second, and each waits for the one before. If the program goes on in the background it runs once.
. "$(dirname "$0")/lib.sh"
packages snmptrapd=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
printf '#!/bin/sh\necho >>%s/runs\nsleep 3\n' "$dir" >"$dir/slow"
printf '#!/bin/sh\n%s/slow >%s/out 2>&1 </dev/null &\n' "$dir" "$dir" >"$dir/background"
chmod 755 "$dir/slow" "$dir/background"

LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")
export LD_LIBRARY_PATH MIBS=
told() { # HANDLER: how often it runs for one inform, how often that is logged, whether it was acknowledged
    local daemon status
    : >"$dir/runs" && : >"$dir/log-$1"
    printf 'authCommunity log,execute public\ntraphandle default %s/%s\n' "$dir" "$1" >/etc/snmp/snmptrapd.conf
    "$dir/root/usr/sbin/snmptrapd" -f -Lf "$dir/log-$1" -F 'TRAP %w\n' udp:127.0.0.1:1162 </dev/null >"$dir/out" 2>&1 &
    daemon=$!
    within grep -q 'NET-SNMP version' "$dir/log-$1" || { cat "$dir/log-$1"; exit 77; }
    "$dir/root/usr/bin/snmpinform" -v2c -c public -t 1 -r 3 127.0.0.1:1162 '' .1.3.6.1.4.1.8072.9999.9999.0.1
    status=$?
    sleep 11 # three more runs of 3 seconds
    kill $daemon && wait $daemon 2>/dev/null
    echo "$(wc -l <"$dir/runs") $(grep -c '^TRAP' "$dir/log-$1") $status"
}
slow=$(told slow) background=$(told background)
saw "one inform, repeated every second up to three times; runs, lines in the log, status of snmpinform:"
saw "a program of 3 seconds: $slow; in the background: $background"
expect "a program of 3 seconds runs four times" [ "$slow" = '4 4 0' ]
expect "in the background it runs once" [ "$background" = '1 1 0' ]
