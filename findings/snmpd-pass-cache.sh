#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). snmpd.conf(5), pass: "Each request (and each varbind within a single request) will trigger a separate
# invocation of the command". Seen: while the same OID is asked for again, the command is not run for up to 30 seconds, and the
# answer is the old one (EXCACHETIME in util_funcs.c). A request for another OID in between ends that: two OIDs
# polled in turn are always fresh, and a single one is not.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
oid=.1.3.6.1.4.1.8072.9999.9999.1
cat >"$dir/pass" <<SH
#!/bin/sh
echo >>$dir/runs
printf '%s\ngauge\n%s\n' "\$2" "\$(wc -l <$dir/runs)"
SH
chmod 755 "$dir/pass"
printf 'rocommunity public 127.0.0.1\npass %s %s/pass\n' "$oid" "$dir" >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161

asked() { # ARC...: the values of these instances, one request for each; the command counts its runs from 1
    local arc
    : >"$dir/runs"
    for arc; do
        env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
            "$dir/root/usr/bin/snmpget" -v2c -c public -Oqv 127.0.0.1 "$oid.$arc"
    done | tr '\n' ' '
}
same=$(asked 0 0 0 0) turns=$(asked 1 2 1 2)
saw "one instance four times: $same; two in turn: $turns"
snmpd_end
expect "four requests for one instance run the command once" [ "$same" = '1 1 1 1 ' ]
expect "four requests for two in turn run it four times" [ "$turns" = '1 2 3 4 ' ]
