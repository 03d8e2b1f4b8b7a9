#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libnetsnmp 5.9.5.2 (Debian unstable). A program that turns its log on by snmp_enable_stderrlog(), or by
# snmp_enable_calllog() or snmp_enable_syslog(), which take no priority, got all messages up to 5.9.4. Seen: it gets those of
# LOG_EMERG alone, no error and no warning. The handlers' pri_max, which these functions leave at 0, is an upper limit now
# (net-snmp db0f7f83b8). snmp_log_options(), which is behind "-Le", sets it: there everything comes.
. "$(dirname "$0")/lib.sh"
packages libsnmp45=5.9.5.2+dfsg-3

logged() { # STATEMENT: what the library writes of an emergency and of an error, after that
    LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.45' | head -n 1)")" python3 -c "
import ctypes
lib = ctypes.CDLL('libnetsnmp.so.45')
lib.$1
lib.snmp_log(0, b'emergency\n')
lib.snmp_log(3, b'error\n')" 2>&1
}
same() { [ "$1" = "$2" ]; }
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
by_call=$(logged 'snmp_enable_stderrlog()')
by_option=$(logged "snmp_log_options(b'e', 0, None)")
saw "after snmp_enable_stderrlog(): $(tr '\n' ' ' <<<"$by_call"); after snmp_log_options(\"e\"): $(tr '\n' ' ' <<<"$by_option")"
expect "by snmp_enable_stderrlog() an error is dropped" same "$by_call" emergency
expect "by snmp_log_options() it is not" same "$by_option" $'emergency\nerror'
