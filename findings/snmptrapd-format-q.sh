#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmptrapd 5.9.3 (Debian 12). snmptrapd(8): in a format, %q is the "trap sub-type (numeric, in decimal)", with "TRAP%w.%q" as
# its example. Seen: of an enterprise-specific trap of version 1, %q has a dot before the number (".7"), so that the
# example prints "TRAP6..7"; of a generic one it is the number alone.
. "$(dirname "$0")/lib.sh"
packages snmptrapd=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1
printf '%s\n' 'authCommunity log public' >/etc/snmp/snmptrapd.conf

run() { # PROGRAM ARGUMENT...
    env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" "$@"
}
trap_of() { # GENERIC SPECIFIC
    run "$dir/root/usr/bin/snmptrap" -v1 -c public 127.0.0.1:1162 .1.3.6.1.4.1.8072.3.2.10 127.0.0.1 "$1" "$2" 1
}
has() { grep -qxF "$1" "$dir/log"; }

: >"$dir/log"
run "$dir/root/usr/sbin/snmptrapd" -f -Lo -F 'TRAP%w.%q\n' udp:127.0.0.1:1162 >"$dir/log" 2>&1 </dev/null &
daemon=$!
within grep -q 'NET-SNMP version' "$dir/log" || { cat "$dir/log"; echo "snmptrapd does not start"; exit 77; }
trap_of 6 7
trap_of 0 0
within grep -q '^TRAP0' "$dir/log"
kill $daemon && wait $daemon 2>/dev/null
saw "specific trap 7: $(grep '^TRAP6' "$dir/log"), coldStart: $(grep '^TRAP0' "$dir/log")"
expect "a dot before the number of a specific trap" has TRAP6..7
expect "none before that of a generic one" has TRAP0.0
