#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tshark 4.0.17 (Debian 12), protocol AgentX, on what snmpd and agentxtrap 5.9.3 say to each other over TCP. Seen: a Notify of three
# variables is shown with the first of them and "Malformed Packet", a Response with variables without any: each variable is
# taken to be as long as the whole PDU (dissect_varbind in packet-agentx.c). And the uptime of a Response, which is in
# hundredths of a second (RFC 2741, 6.2.16), is shown as if it were in thousandths: 5.5 seconds are "0.550 seconds".
. "$(dirname "$0")/lib.sh"
packages tshark=4.0.17-0+deb12u3 wireshark-common=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 \
    libwireshark-data=4.0.17-0+deb12u3 libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 libbcg729-0=1.1.1-2 \
    libspandsp2=0.0.6+dfsg-2+b1 libsbc1=2.0-1 liblua5.2-0=5.2.4-3 libsmi2ldbl=0.4.8+dfsg2-16 libc-ares2=1.18.1-3 \
    libmaxminddb0=1.7.1-1 libspeexdsp1=1.2.1-1 libssh-gcrypt-4=0.10.6-0+deb12u3 libnl-3-200=3.7.0-0.2+b1 \
    libnl-genl-3-200=3.7.0-0.2+b1 libpcap0.8=1.10.3-1 libsnappy1v5=1.1.9-3 snmpd=5.9.3+dfsg-2+deb12u1 \
    libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
as_installed
oid=.1.3.6.1.4.1.8072.9999.9999 uptime=.1.3.6.1.2.1.1.3.0
export MIBS=''
printf 'rocommunity public 127.0.0.1\nmaster agentx\nagentXSocket tcp:127.0.0.1:705\n' >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
tshark -q -i lo -f 'tcp port 705' -w "$dir/pcap" >"$dir/tshark.log" 2>&1 &
capture=$!
within grep -q 'Capture started' "$dir/tshark.log" || { cat "$dir/tshark.log"; exit 77; }
hundredths() { snmpget -v2c -c public -Oqtv 127.0.0.1 "$uptime"; }
within eval '[ "$(hundredths)" -ge 300 ]'
before=$(hundredths)
agentxtrap -x tcp:127.0.0.1:705 "$oid.0.1" "$oid.1" i 1 "$oid.2" s text
after=$(hundredths)
show() { tshark -r "$dir/pcap" -O agentx -Y "$1" 2>/dev/null; }
within eval 'show "agentx.type == 2" | grep -q Close-PDU'
kill -INT $capture && wait $capture
snmpd_end
show 'agentx.type == 12' >"$dir/notify"                       # snmpTrapOID.0 and the two
show 'agentx.type == 18 && agentx.packet_id == 2' >"$dir/response" # to that, with the same variables
variables() { grep -c 'Value Representation' "$dir/$1"; }
malformed() { grep -q 'Malformed Packet: AgentX' "$dir/$1"; }
shown=$(sed -n 's/.*sysUptime: \([0-9]*\)\.\([0-9]*\) seconds/\1\2/p' "$dir/response" | sed 's/^0*//')
saw "Notify: $(variables notify) of 3 variables; Response: $(variables response) of 3; $(grep -o 'sysUptime.*' "$dir/response") at $before to $after hundredths"
expect "a Notify is malformed behind its first variable" eval 'malformed notify && [ "$(variables notify)" = 1 ]'
expect "a Response before its first" eval 'malformed response && [ "$(variables response)" = 0 ]'
expect "hundredths are shown as thousandths" [ "$shown" -ge "$before" -a "$shown" -le "$after" ]
