#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpd 5.9.3 (Debian 12). Words of snmpd.conf ignore case: "SysContact" is "sysContact". snmp_config(5) writes includeFile
# and includeDir. Seen: with a capital "I" both are unknown words, and the file is not read; later letters may be capital.
. "$(dirname "$0")/lib.sh"
packages snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
conf=/etc/snmp/snmpd.conf
echo 'master agentx' >"$dir/more.conf"

try() { # WORD
    rm -rf /var/agentx
    printf 'SYSCONTACT somebody\n%s %s/more.conf\n' "$1" "$dir" >"$conf"
    snmpd udp:127.0.0.1:161
    saw "$1: AgentX $([ -S /var/agentx/master ] && echo on || echo off); $(grep -c 'Unknown token: SYSCONTACT' "$dir/log") complaints of SYSCONTACT; $(grep -o 'Unknown token: I.*' "$dir/log")"
    snmpd_end
}
try iNCLUDEFILE
expect "iNCLUDEFILE includes" grep -q 'Turning on AgentX' "$dir/log"
try IncludeFile
expect "IncludeFile is an unknown word" grep -q 'Unknown token: IncludeFile' "$dir/log"
expect "and nothing is included" eval '! grep -q "Turning on AgentX" "$dir/log"'
expect "another word ignores case" eval '! grep -q "Unknown token: SYSCONTACT" "$dir/log"'
