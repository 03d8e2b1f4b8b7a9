#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# Each fix that "dcachemon doctor" prints, applied to the state in which it is offered: doctor is content.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
export TOP BUILD
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root for namespaces"; exit 0; }
[ -x /usr/sbin/snmpd ] || { echo "1..0 # SKIP no snmpd here"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
if [ "${1:-}" != inside ]; then
    folder=$(mktemp -d "${TMPDIR:-/tmp}/dcm-fixes.XXXXXX") || exit 1
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' INT TERM
    chmod 755 "$folder"
    # A process that this leaves behind ends with its PID namespace.
    unshare --mount --net --pid --fork --mount-proc --kill-child "$0" inside "$folder"
    exit
fi
mkdir "$2/etc" && cp -a /etc/. "$2/etc/" && mount --bind "$2/etc" /etc && mount -t tmpfs none /var &&
    mkdir -p /var/lib/snmp /var/run && ip link set lo up || exit 1
exec python3 "$TOP/tests/lib/doctor_fixes.py" "$TOP" "$BUILD" "$2"
