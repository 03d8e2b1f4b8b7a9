#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpsimd of snmpsim 0.4.5 (Debian 12), which plays an agent from files. Of a file "COMMUNITY.snmpwalk" its manual says that it is
# the output of snmpwalk. One expects the values that were walked. Seen (grammar/walk.py): a text that is not in quotes, as
# snmpwalk prints it when it knows the MIB, becomes octets when it consists of hexadecimal digits with a colon between them:
# a device number "0:54" is served as the octets 00 54. In a text that is in quotes, the backslashes that snmpwalk has put
# before each quote and backslash stay.
. "$(dirname "$0")/lib.sh"
packages snmpsim=0.4.5-1 python3-pysnmp4=4.4.12-2 python3-pyasn1=0.4.8-3+deb12u3 python3-pycryptodome=3.11.0+dfsg1-4 \
    python3-pysmi=0.3.2-3 python3-ply=3.11-5 snmp=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
as_installed
oid=.1.3.6.1.4.1.8072.9999.9999
mkdir -m 777 "$dir/data" "$dir/cache"
cat >"$dir/data/public.snmpwalk" <<WALK
$oid.1.0 = STRING: 0:54
$oid.2.0 = STRING: "0:54"
$oid.3.0 = STRING: ext4:/var
$oid.4.0 = STRING: "a\\\\b"
WALK
snmpsimd --data-dir="$dir/data" --cache-dir="$dir/cache" --agent-udpv4-endpoint=127.0.0.1:1161 \
    --process-user=nobody --process-group=nogroup >"$dir/log" 2>&1 </dev/null &
agent=$!
within grep -q 'Listening at' "$dir/log" || { tail -n 5 "$dir/log"; exit 77; }
value() { MIBS='' snmpget -v2c -c public -Ov -t 5 127.0.0.1:1161 "$oid.$1" 2>/dev/null; }
plain=$(value 1.0) quoted=$(value 2.0) path=$(value 3.0) backslash=$(value 4.0)
saw "0:54 is $plain; \"0:54\" is $quoted; ext4:/var is $path; \"a\\\\b\" is $backslash"
kill $agent && wait $agent 2>/dev/null
expect "hexadecimal digits and a colon become octets" [ "$plain" = 'Hex-STRING: 00 54 ' ]
expect "in quotes they are a text" [ "$quoted" = 'STRING: "0:54"' ]
expect "so is what has another character" [ "$path" = 'STRING: "ext4:/var"' ]
expect "one backslash, written as two, is two afterwards" [ "$backslash" = 'STRING: "a\\\\b"' ]
