#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpdelta 5.9.3 (Debian 12). snmpdelta(1): it "will monitor the specified integer valued OIDs, and report changes over time". Seen:
# a value that falls by 10 is reported as 4294967286, a Counter64 as 18446744073709551606: every difference is taken for
# that of a counter that wraps, also of a Gauge32 and of an INTEGER. With -Ct the rate is rounded to some seven digits on top.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
oid=.1.3.6.1.4.1.8072.9999.9999.1
cat >"$dir/values" <<SH
#!/bin/sh
value=5000
while read -r word; do
    case \$word in
    PING) echo PONG ;;
    *)
        read -r oid
        value=\$((value - 10))
        case \$oid in
        *.1.0) type=gauge ;;
        *.2.0) type=integer ;;
        *.3.0) type=counter64 ;;
        esac
        printf '%s\n%s\n%s\n' "\$oid" "\$type" "\$value"
        ;;
    esac
done
SH
chmod 755 "$dir/values"
printf 'rocommunity public 127.0.0.1\npass_persist %s %s/values\n' "$oid" "$dir" >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
delta() { # INSTANCE: the first difference of values of which each is 10 less
    env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        timeout 10 "$dir/root/usr/bin/snmpdelta" -v2c -c public 127.0.0.1 "$oid.$1" 2>&1 | sed 's/.*: //;q'
}
gauge=$(delta 1.0) integer=$(delta 2.0) counter64=$(delta 3.0)
saw "10 less each time: Gauge32 $gauge, INTEGER $integer, Counter64 $counter64"
snmpd_end
expect "a Gauge32 that falls has risen by almost 2^32" [ "$gauge" = 4294967286 ]
expect "an INTEGER as well" [ "$integer" = 4294967286 ]
expect "a Counter64 by almost 2^64" [ "$counter64" = 18446744073709551606 ]
