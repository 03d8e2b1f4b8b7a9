#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd.conf(5), monitor: "OID OP VALUE defines a boolean(1) monitor test", with VALUE an integer; of
# the type of OID it says nothing. Seen: of a Counter64 only the upper 32 bits are compared (*val.integer in mteTrigger.c). A
# number below 2^32 passes for 0: "> 0" never fires, and "< 1" does, with the right value in its notification. The same
# number as a Counter32 is compared as it is.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmptrapd=5.9.3+dfsg-2+deb12u1 libnetsnmptrapd40=5.9.3+dfsg-2+deb12u1
in64=.1.3.6.1.2.1.31.1.1.1.6.1 in32=.1.3.6.1.2.1.2.2.1.10.1 # ifHCInOctets, ifInOctets of lo
cat >/etc/snmp/snmpd.conf <<CONF
createUser internal
iquerySecName internal
rouser internal auth
trap2sink 127.0.0.1:162 public
monitor -I -r 1 high64 $in64 > 0
monitor -I -r 1 high32 $in32 > 0
monitor -I -r 1 low64 $in64 < 1
monitor -I -r 1 low32 $in32 < 1
CONF
: >"$dir/traps"
echo 'disableAuthorization yes' >"$dir/trapd.conf"
env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
    "$dir/root/usr/sbin/snmptrapd" -f -C -c "$dir/trapd.conf" -On -Lf "$dir/traps" udp:127.0.0.1:162 &
trapd=$!
within grep -q 'NET-SNMP version' "$dir/traps" || { cat "$dir/traps"; exit 77; }
ping -c 2 -q 127.0.0.1 >/dev/null 2>&1 || : >/dev/udp/127.0.0.1/9 # some octets
snmpd udp:127.0.0.1:161
fired() { grep -o "STRING: \"$1\"" "$dir/traps" | sort -u | tr -d '\n'; }
within eval '[ -n "$(fired high32)" ] && [ -n "$(fired low64)" ]'
sleep 3 # the others would have come
snmpd_end
kill "$trapd"
saw "fired: $(grep -o '"[a-z]*[0-9][0-9]"' "$dir/traps" | sort -u | tr '\n' ' ')"
saw "low64: $(grep -o 'low64.*' "$dir/traps" | grep -o 'Counter64: .*' | head -n 1)"
expect "a Counter32 above 0 is" [ -n "$(fired high32)" -a -z "$(fired low32)" ]
expect "the same as a Counter64 is not, but below 1" [ -z "$(fired high64)" -a -n "$(fired low64)" ]
