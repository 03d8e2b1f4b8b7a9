# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What tests with the module inside snmpd share; without a module the test is skipped. Source it after
# snmp_env.sh and if_env.sh.

MODULE=$BUILD/lib/snmpd/dcachemon.so
[ -e "$MODULE" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# A module with AddressSanitizer needs its runtime in snmpd, whose own leaks are not ours.
if sanitized "$MODULE"; then
    SNMP_SNMPD_WITH=(env "LD_PRELOAD=$(gcc -print-file-name=libasan.so)"
        ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1)
fi

write_module_conf() { # [SOCKET]
    snmp_env_write_conf
    printf 'dlmod dcachemon %s\ndcachemonSocket %s\n' "$MODULE" "${1:-$SNMP_DIR/snapshot.sock}" >>"$SNMP_SNMPD_CONF"
}
said() { grep -c -- "$1" "$SNMP_DIR/snmpd.log"; }
said_again() { [ "$(said "$1")" -gt "$2" ]; }
# The running snmpd reads its configuration again.
reload_snmpd() {
    local before
    before=$(said "restarted")
    kill -HUP "${SNMP_PIDS[snmpd]}"
    wait_for 5 said_again "restarted" "$before"
}
