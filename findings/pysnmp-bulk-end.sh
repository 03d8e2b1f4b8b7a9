#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# pysnmp 4.4.12 (Debian 12). bulkCmd(lexicographicMode=False) ends, says its documentation, when all variables of a response
# leave the scope of the request. Seen: if the first row behind a table is the last row of a response, that is if the
# table has one row less than a multiple of maxRepetitions, one more row is handed over: with the names of the table's
# last row, and endOfMibView, which to pyasn1 is an empty OctetString, in place of each value.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 python3-pysnmp4=4.4.12-2 python3-pyasn1=0.4.8-3+deb12u3 \
    python3-pysmi=0.3.2-3 python3-ply=3.11-5 python3-pycryptodome=3.11.0+dfsg1-4
echo 'rocommunity public 127.0.0.1' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161

# rows MAXREPETITIONS: of sysORTable, as "LAST-ARC VALUE".
rows() {
    PYTHONPATH=$dir/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -W ignore - "$1" <<'PY'
import sys
from pysnmp.hlapi import *
columns = [ObjectType(ObjectIdentity("1.3.6.1.2.1.1.9.1." + c)) for c in ("2", "3")]
for error, status, at, cells in bulkCmd(SnmpEngine(), CommunityData("public"), UdpTransportTarget(("127.0.0.1", 161)), ContextData(),
                                        0, int(sys.argv[1]), *columns, lexicographicMode=False, lookupMib=False):
    if error or status:
        sys.exit(str(error or status))
    print(cells[1][0][-1], bytes(cells[1][1]).decode()[:20])
PY
}
count() { rows "$1" | wc -l; }
true_count=$(count 100)
[ "$true_count" -gt 3 ] || { echo "pysnmp does not run here: $(rows 100 2>&1 | tail -1)"; exit 77; }
saw "rows by 100: $true_count; by $((true_count + 1)): $(count $((true_count + 1))); the last two there:"
rows $((true_count + 1)) | tail -2 | sed 's/^/    /'
expect "a row more where the first one behind the table ends a response" [ "$(count $((true_count + 1)))" = $((true_count + 1)) ]
expect "none otherwise" [ "$(count $((true_count + 2)))" = "$true_count" ]
