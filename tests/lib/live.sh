# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the tests of the live kernel share, sourced after tests/lib/snmp_env.sh: planted dentries,
# the daemon with short intervals, and its values by name.

dcachemon=$BUILD/bin/dcachemon
LIVE_PLANTS=() LIVE_HOLDS=()
LIVE_WITH=() # a command that becomes the daemon

live_need_bpf() {
    [ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
    "$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1 || {
        echo "1..0 # SKIP no BPF here: $("$BUILD/tests/lib/walk_dump" --passes 0 | sed -n 's/^error //p')"
        exit 0
    }
    mapfile -t LIVE_ENV < <(cd "$TOP" && . tests/lib/mibs.sh && printf 'MIBDIRS=%s\nMIBS=%s\n' "$MIBDIRS" "$MIBS")
}

# plant KIND ARG...: held until plant_end, beside earlier ones; returns when everything is planted.
plant() {
    local hold fifo="$SNMP_DIR/plant.${#LIVE_PLANTS[@]}"
    mkfifo "$fifo"
    "$BUILD/tests/lib/plant" "$@" <"$fifo" >"$fifo.out" 2>&1 &
    LIVE_PLANTS+=($!)
    exec {hold}>"$fifo" # the plant's end when this shell ends, however that happens
    LIVE_HOLDS+=("$hold")
    wait_for "${PLANT_SECONDS:-120}" grep -q ready "$fifo.out"
}

plant_end() {
    local each
    for each in "${LIVE_HOLDS[@]}"; do exec {each}>&-; done
    for each in "${LIVE_PLANTS[@]}"; do wait "$each"; done
    LIVE_PLANTS=() LIVE_HOLDS=()
    rm -f "$SNMP_DIR"/plant.*
}

# live_daemon [CONF LINE...]: dcachemon-snmp on the private snmpd, everything sampled often.
live_daemon() {
    {
        printf '[sampling]\nbudget_percent = 30\nhash_interval = 1\nsuperblocks_interval = 1\n'
        printf 'memory_interval = 1\nlookups_interval = 1\nnamespaces_interval = 1\n'
        printf 'socket = %s/snapshot.sock\n' "$SNMP_DIR"
        [ $# = 0 ] || printf '%s\n' "$@"
    } >"$SNMP_DIR/dcachemon.conf"
    snmp_env_spawn daemon "${LIVE_WITH[@]}" "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf" -x "$SNMP_AGENTX"
    wait_for 20 named dcmHashMaxChain.0
}

# The next daemon believes that the host has been restarted. (Its mount namespace is its own.)
live_reboot() {
    cat /proc/sys/kernel/random/uuid >"$SNMP_DIR/boot_id"
    # shellcheck disable=SC2016
    LIVE_WITH=(sh -c 'mount --bind "$1" /proc/sys/kernel/random/boot_id && shift && exec "$@"' sh "$SNMP_DIR/boot_id")
}

# The kernel takes its time over the network namespaces of tests before this one.
live_calm() { [ "$(named dcmHashMaxChain.0)" -lt 60 ]; }

# named OBJECT: one value by name. table TABLE: all of it, "COLUMN.INDEX VALUE" per line.
named() {
    snmp_env_run env "${LIVE_ENV[@]}" snmpget -v2c -c public -OQUv -t 3 -r 1 "$SNMP_ADDRESS" "DCACHEMON-MIB::$1" |
        grep -v 'No Such'
}
table() {
    snmp_env_run env "${LIVE_ENV[@]}" snmpbulkwalk -v2c -c public -OQUs -Cr25 -t 3 -r 1 "$SNMP_ADDRESS" \
        "DCACHEMON-MIB::$1" | sed 's/ = / /'
}

show_json() { "$dcachemon" show --json >"$SNMP_DIR/show.json"; }

# json PYTHON: an expression over d, the document of the last show_json; true is success.
json() {
    python3 - "$SNMP_DIR/show.json" "$1" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
value = eval(sys.argv[2])
if value is not True:
    print("#", sys.argv[2], "is", value)
    if value is False:
        print("# chains:", [(c["length"], c["parent"], c["name"]) for c in d.get("chains", [])[:4]])
sys.exit(value is not True)
PY
}
