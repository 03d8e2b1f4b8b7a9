#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd.conf(5), proxy: it "will pass any incoming requests under OID to the agent listening on the port
# specified". Of an agent that does not answer one expects an error for every request. Seen: GET and GETBULK say genErr, but
# GETNEXT goes on behind OID as if there were nothing: snmpwalk prints nothing and ends with status 0 (proxy_got_response
# in proxy.c). A manager that walks takes the tables for empty.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
oid=.1.3.6.1.4.1.8072.9999.9999
printf 'rocommunity public 127.0.0.1\nproxy -v2c -c public -t 1 -r 0 127.0.0.1:1161 %s\n' "$oid" >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
client() { # PROGRAM OID: its status and output
    local out
    out=$(env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/bin/$1" -v2c -c public -On -t 10 -r 0 127.0.0.1 "$2" 2>&1)
    echo "status $?, $(echo "${out:-nothing}" | tr '\n' ' ')"
}
get=$(client snmpget "$oid.1.0") walk=$(client snmpwalk "$oid") bulk=$(client snmpbulkwalk "$oid")
saw "no agent there; snmpget: $get; snmpwalk: $walk; snmpbulkwalk: $bulk"
snmpd_end
expect "GET fails" [ "${get#status 2, Error in packet}" != "$get" ]
expect "GETBULK fails" [ "${bulk#status 2, Error in packet}" != "$bulk" ]
expect "a walk by GETNEXT is a success without a value" [ "$walk" = 'status 0, nothing ' ]
