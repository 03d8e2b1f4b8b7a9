#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# "dcachemon snmpd mute|unmute" on Debian's snmpd: both versions of credentials, and every way to fail.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"

SNMP_MODULES=-smux
TIMEOUT=.1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2

timeout_is() { [ "$(snmp_get "$TIMEOUT")" = "$TIMEOUT = INTEGER: $1" ]; }
credentials() { # LINE...
    printf '%s\n' "$@" >"$SNMP_DIR/credentials"
    chmod 600 "$SNMP_DIR/credentials"
}
dcachemon() { # WORD OPTION...
    snmp_env_run "$BUILD/bin/dcachemon" snmpd -c "$SNMP_DIR/dcachemon.conf" "$@" >"$SNMP_DIR/out" 2>&1
}
fails() { # REGEX WORD OPTION...
    local regex=$1
    shift
    ! dcachemon "$@" && grep -qE -- "$regex" "$SNMP_DIR/out" || { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
printed() { # BEFORE AFTER
    [ "$(awk '/^before/ { b = $2 } /^after/ { print b, $2 }' "$SNMP_DIR/out")" = "$1 $2" ] ||
        { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
setup_is() { dcachemon "$1" && printed "$2" "$3" && timeout_is "$3"; }
# A busy machine may make a healthy snmpd slow.
test_status() {
    dcachemon status && grep -qE "^process +${SNMP_PIDS[snmpd]}, modules \(-I\) -smux$" "$SNMP_DIR/out" &&
        grep -qE '^CPU, measured +[0-9.e-]+ s per 3 s' "$SNMP_DIR/out" &&
        grep -qE '^answers +[1-9][0-9]* of [1-9][0-9]* at ' "$SNMP_DIR/out" &&
        grep -qE '^longest wait +[0-9.e-]+ s' "$SNMP_DIR/out" &&
        grep -qE '^state +(well|slow)$' "$SNMP_DIR/out" ||
        { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
# The version is that of the file that runs; the mute is seen with the credentials.
test_status_rest() {
    local version
    version=$(/usr/sbin/snmpd -v | sed -n 's/^NET-SNMP version: *//p')
    [ -n "$version" ] && grep -qE "^version +${version//./\\.}$" "$SNMP_DIR/out" &&
        grep -qE '^mute +on: a reload every 900 s$' "$SNMP_DIR/out" ||
        { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
status_json() { # PYTHON-EXPRESSION OPTION...: of the document d
    local expression=$1
    shift
    snmp_env_run "$BUILD/bin/dcachemon" snmpd status --json "$@" >"$SNMP_DIR/out" 2>"$SNMP_DIR/err" &&
        python3 - "$SNMP_DIR/out" "$expression" "${SNMP_PIDS[snmpd]}" "$(/usr/sbin/snmpd -v)" <<'EOF' ||
import json, sys
d = json.load(open(sys.argv[1]))
assert d["pid"] == int(sys.argv[3]) and d["modules"] == "-smux", d
assert d["version"] in sys.argv[4].split() and d["version_unknown"] is None, d
assert d["measured"]["answers"] > 0 and d["state"] in ("well", "slow") and d["forecast"], d
assert eval(sys.argv[2]), d
EOF
        { sed 's/^/# /' "$SNMP_DIR/out" "$SNMP_DIR/err"; return 1; }
}
test_status_unmuted() {
    dcachemon unmute &&
        status_json 'd["mute"] == {"on": False, "reload_every_seconds": 3, "unknown": None}' \
            -c "$SNMP_DIR/dcachemon.conf"
}
test_status_no_credentials() {
    status_json 'd["mute"]["on"] is None and d["mute"]["unknown"].startswith("no credentials")' \
        -c "$SNMP_DIR/other.conf" --address "udp:$SNMP_ADDRESS"
}
load_check() { # REGEX
    snmp_env_run "$BUILD/bin/dcachemon" doctor -c "$SNMP_DIR/dcachemon.conf" >"$SNMP_DIR/out" 2>&1
    grep -qE "^[a-z]+ +snmpd_load +$1: " "$SNMP_DIR/out" ||
        { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
test_status_stopped() { # no answer, no processor time: not wedged
    local status=1
    kill -STOP "${SNMP_PIDS[snmpd]}"
    dcachemon status
    grep -qE '^state +silent$' "$SNMP_DIR/out" && grep -qE '^answers +0 of ' "$SNMP_DIR/out" &&
        load_check silent && grep -q 'kill -CONT' "$SNMP_DIR/out" && status=0
    kill -CONT "${SNMP_PIDS[snmpd]}"
    return $status
}
test_options() { # above the configuration
    printf '[if_mib]\nmute_address = udp:127.0.0.1:9\n' >"$SNMP_DIR/other.conf"
    snmp_env_run "$BUILD/bin/dcachemon" snmpd mute -c "$SNMP_DIR/other.conf" --address "udp:$SNMP_ADDRESS" \
        --credentials "$SNMP_DIR/credentials" >"$SNMP_DIR/out" 2>&1 && printed 3 900
}
test_sigstop() {
    local status
    kill -STOP "${SNMP_PIDS[snmpd]}"
    fails 'does not answer' mute
    status=$?
    kill -CONT "${SNMP_PIDS[snmpd]}"
    return $status
}
test_no_object() {
    snmp_env_snmpd_kill TERM
    SNMP_MODULES=-ifTable
    snmp_env_snmpd_start && fails 'has no nsCacheTimeout of ifTable' mute
}

SNMP_EXTRA_CONF='createUser setter SHA "long enough" AES "also long enough"
rwuser setter priv'
snmp_env_prepare
printf '[if_mib]\nmute_address = udp:%s\nmute_credentials = %s/credentials\nmute_seconds = 700\n' \
    "$SNMP_ADDRESS" "$SNMP_DIR" >"$SNMP_DIR/dcachemon.conf"
snmp_env_snmpd_start || exit 1
credentials 'community = private'
dcachemon mute
if grep -q 'built without SNMP' "$SNMP_DIR/out"; then
    echo "1..0 # SKIP built without SNMP"
    exit 0
fi
tap_ok "mute prints before and after" printed 3 700
tap_ok "snmpd has it" timeout_is 700
tap_ok "again: nothing changes" setup_is mute 700 700
tap_ok "unmute puts three seconds back" setup_is unmute 700 3
credentials 'user = setter' 'auth_protocol = SHA' 'auth_password = long enough' \
    'priv_protocol = AES' 'priv_password = also long enough'
tap_ok "SNMPv3 mutes" setup_is mute 3 700
tap_ok "SNMPv3 unmutes" setup_is unmute 700 3
credentials 'user = setter' 'auth_protocol = SHA' 'auth_password = something else' \
    'priv_protocol = AES' 'priv_password = also long enough'
tap_ok "a wrong password is said" fails 'uthentication|refuses' mute
credentials 'user = nobody' 'auth_protocol = SHA' 'auth_password = something else'
tap_ok "an unknown user is said" fails 'user' mute
credentials 'community = nonsense'
tap_ok "a wrong community looks like silence, and says so" fails 'does not answer: .*community' mute
credentials 'community = public'
tap_ok "a community that may not write" fails 'allows no SET' mute
credentials 'community = private'
chmod 604 "$SNMP_DIR/credentials"
tap_ok "credentials open to others" fails 'open to group or others' mute
chmod 600 "$SNMP_DIR/credentials"
tap_ok "snmpd that is stopped" test_sigstop
tap_ok "nothing of all that has changed it" timeout_is 3
tap_ok "options stand above the configuration" test_options
tap_ok "status names the process, its modules, time and answers" test_status
tap_ok "status names its version and the mute" test_status_rest
tap_ok "status as JSON follows the unmute" test_status_unmuted
tap_ok "status without credentials says so" test_status_no_credentials
tap_ok "doctor says the same" load_check '(well|slow)'
tap_ok "a stopped snmpd is silent, not wedged" test_status_stopped
tap_ok "no interface table in snmpd" test_no_object
tap_done
