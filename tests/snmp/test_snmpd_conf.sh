#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# Which files of its configuration an snmpd reads, and what counts in them: dcachemon reads the same.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
export TOP BUILD
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root for namespaces"; exit 0; }
[ -x /usr/sbin/snmpd ] || { echo "1..0 # SKIP no snmpd here"; exit 0; }
if [ "${1:-}" != inside ]; then
    folder=$(mktemp -d "${TMPDIR:-/tmp}/dcm-conf.XXXXXX") || exit 1
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' INT TERM
    unshare --mount --net "$0" inside "$folder"
    exit
fi
# /var/agentx, the default of the socket, is made by snmpd.
mount -t tmpfs none /etc/snmp && mount -t tmpfs none /var && mkdir -p /var/lib/snmp && ip link set lo up || exit 1
exec python3 "$TOP/tests/lib/snmpd_conf.py" "$BUILD/tests/lib/dump_snmpd_conf" "$2"
