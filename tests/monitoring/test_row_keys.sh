#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# Managers that key the superblock table by its rows ("make deps-monitoring"): pysnmp, the snmp gem of Ruby,
# Net::SNMP of Perl and check_snmp, while superblocks come and go, the daemon restarts, and the host seems to.
# judge_rows.py says what is wrong, by what the daemon told local readers meanwhile.
set -u
PATH=$PATH:/usr/lib/nagios/plugins
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"

ENTRY=.1.3.6.1.4.1.8072.9999.9999.1806.1.3.1
NAME=$ENTRY.22
COLUMNS_READ=("$NAME" "$ENTRY.2" "$ENTRY.4" "$ENTRY.5") # name, type, device, mount point
here=$TOP/tests/monitoring
managers=$here/managers
python=/usr/bin/python3 # which the package is for

leave() {
    [ "$BASHPID" = "$$" ] || return
    snmp_env_end churn
    umount "$SNMP_DIR/stays" "$SNMP_DIR"/churn/* "$SNMP_DIR"/long*/* 2>/dev/null
    snmp_env_stop
}
need() { # TEXT COMMAND...: of a package
    local text=$1
    shift
    "$@" >/dev/null 2>&1 || { echo "1..0 # SKIP no $text here (make deps-monitoring)"; exit 0; }
}

# ---- superblocks ----

hold() { # NAME: a tmpfs that no mount table of the host shows
    # shellcheck disable=SC2016
    snmp_env_spawn "$1" unshare -m --propagation private sh -c \
        'mount -t tmpfs none "$1/m" && touch "$1/$2.held" && exec sleep 600' sh "$SNMP_DIR" "$1"
    wait_for 10 test -e "$SNMP_DIR/$1.held"
}
# One mount after the other, each at a place of its own, four of them at a time.
churn() {
    # shellcheck disable=SC2016
    sh -c 'i=0
        while i=$((i + 1)); do
            mkdir "$1/$i" && mount -t tmpfs none "$1/$i" || exit 1
            [ $i -le 4 ] || umount "$1/$((i - 4))" || exit 1
            sleep 0.4
        done' sh "$SNMP_DIR/churn" >"$SNMP_DIR/churn.log" 2>&1 &
    SNMP_PIDS[churn]=$!
}

# ---- the daemon ----

daemon() { snmp_env_spawn daemon "${LIVE_WITH[@]}" "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/keys.conf" -x "$SNMP_AGENTX"; }
# The row of a mount point that stays, as "NUMBER".
stays() { table dcmSuperblockName | sed -n "s|^[^.]*\.\([0-9]*\) tmpfs:$SNMP_DIR/stays\$|\1|p"; }
there() { [ -n "$(stays)" ]; }
# away COMMAND...: between the end and the start of the daemon.
away() {
    local begin=$EPOCHREALTIME
    snmp_env_end daemon
    "$@" && daemon && wait_for 20 there || return 1
    echo "$begin $EPOCHREALTIME" >>"$SNMP_DIR/away"
    seen_for 4
}
ended() { away true; }
killed() { kill -KILL "${SNMP_PIDS[daemon]}" && away true; }
another_boot() {
    snmp_env_end goes
    hold comes || return 1 # it often gets the device number of what went
    live_reboot
    rebooted=$EPOCHREALTIME
}
# A while of the managers' time: they have made so many walks more.
seen_for() {
    local before manager
    for manager in "${walking[@]}"; do
        before=$(wc -l <"$SNMP_DIR/$manager.log")
        wait_for 20 walked "$manager" $((before + $1)) || { echo "# $manager does not go on"; return 1; }
    done
}
walked() { [ "$(wc -l <"$SNMP_DIR/$1.log")" -ge "$2" ]; }

# ---- managers ----

walking=(pysnmp-next pysnmp-bulk ruby perl)
start_managers() {
    local at=("${SNMP_ADDRESS%:*}" "${SNMP_ADDRESS#*:}") manager
    snmp_env_spawn pysnmp-next $python -W ignore "$managers/rows_pysnmp.py" next "${at[@]}" "${COLUMNS_READ[@]}"
    snmp_env_spawn pysnmp-bulk $python -W ignore "$managers/rows_pysnmp.py" bulk "${at[@]}" "${COLUMNS_READ[@]}"
    snmp_env_spawn ruby ruby "$managers/rows_snmp.rb" "${at[@]}" "${COLUMNS_READ[@]}"
    snmp_env_spawn perl perl "$managers/rows_net_snmp.pl" "${at[@]}" 65535 "${COLUMNS_READ[@]}"
    seen_for 4
}
judge_walks() { python3 "$here/judge_rows.py" walks "$SNMP_DIR/series" "$SNMP_DIR/away" "$1"; } # FILE
judged() { # MANAGER
    snmp_env_end "$1"
    judge_walks "$SNMP_DIR/$1.log"
}
# A dozen rows with long names in one response. As dcachemon-snmp(8) says.
long_names() {
    local folder i
    folder=$SNMP_DIR/long$(printf 'x%.0s' {1..170})
    for i in $(seq 12); do mkdir -p "$folder/$i" && mount -t tmpfs none "$folder/$i" || return 1; done
    wait_for 10 served_long
}
served_long() { [ "$(table dcmSuperblockName | grep -c "tmpfs:$SNMP_DIR/long")" = 12 ]; }
small_messages() {
    long_names || return 1
    snmp_env_run perl "$managers/rows_net_snmp.pl" "${SNMP_ADDRESS%:*}" "${SNMP_ADDRESS#*:}" 0 "${COLUMNS_READ[@]}" \
        >"$SNMP_DIR/small" 2>&1
    sed 's/^/# /' "$SNMP_DIR/small"
    grep -q 'maxMsgSize of 1472' "$SNMP_DIR/small"
}
# The row by its number, which somebody put into a configuration before: OK as long as it has that name. Without the MIB
# the text that check_snmp compares has quotes.
by_number() { # NAME
    snmp_env_run check_snmp -H "${SNMP_ADDRESS%:*}" -p "${SNMP_ADDRESS#*:}" -P 2c -C public -o "$NAME.$number" -s "\"$1\"" \
        >"$SNMP_DIR/check" 2>&1
}
checks() {
    by_number "tmpfs:$SNMP_DIR/stays" || { sed 's/^/# /' "$SNMP_DIR/check"; return 1; }
    ! by_number "tmpfs:$SNMP_DIR/other"
}
# The judge can fail: cells of two rows in one, a row less, a row twice, a number with two superblocks.
notices() {
    python3 - "$SNMP_DIR" <<'PY' || return 1
import json, sys
folder = sys.argv[1]
walks = [json.loads(l) for l in open(folder + "/perl.log") if l.endswith("\n")]
def write(name, change):
    with open(f"{folder}/{name}.bad", "w") as out:
        for at, walk in enumerate(json.loads(json.dumps(walks))):
            if at == 2:
                change(walk["rows"])
            out.write(json.dumps(walk) + "\n")
def mix(rows):
    rows[0][4], rows[1][4] = "/" + rows[1][4], "/" + rows[0][4]
write("mixed", mix)
write("lost", lambda rows: rows.pop(0))
write("twice", lambda rows: rows.append(rows[0]))
series = [json.loads(l) for l in open(folder + "/series") if l.endswith("\n")]
last = series[-1]["rows"]
a, b = list(last)[:2]
last[a], last[b] = last[b], last[a]
with open(folder + "/series.bad", "w") as out:
    out.writelines(json.dumps(s) + "\n" for s in series)
PY
    local bad
    for bad in mixed lost twice; do
        ! judge_walks "$SNMP_DIR/$bad.bad" >"$SNMP_DIR/bad.out" || { echo "# $bad is not noticed"; return 1; }
        grep -q "^# $bad " "$SNMP_DIR/bad.out" || { echo "# $bad is not named"; return 1; }
    done
    ! python3 "$here/judge_rows.py" numbers "$SNMP_DIR/series.bad" "$rebooted" >/dev/null
}

need pysnmp $python -W ignore -c 'import pysnmp.hlapi'
need "snmp gem" ruby -e 'require "snmp"'
need Net::SNMP perl -MNet::SNMP -e 1
need check_snmp command -v check_snmp
live_need_bpf
snmp_env_start
trap leave EXIT
mkdir "$SNMP_DIR/state" "$SNMP_DIR/m" "$SNMP_DIR/stays" "$SNMP_DIR/churn"
printf '[sampling]\nhash_interval = 0\nsuperblocks_interval = 1\nsocket = %s\n[state]\nfolder = %s\n' \
    "$SNMP_DIR/snapshot.sock" "$SNMP_DIR/state" >"$SNMP_DIR/keys.conf"
mount -t tmpfs none "$SNMP_DIR/stays"
hold goes && hold remains || fail "superblocks are made"
daemon
tap_ok "the rows are there" wait_for 20 there
number=$(stays)
snmp_env_spawn record python3 "$here/judge_rows.py" record "$SNMP_DIR/snapshot.sock" "$dcachemon" "$SNMP_DIR/series"
wait_for 10 test -s "$SNMP_DIR/series"
churn
tap_ok "all four managers walk" start_managers
tap_ok "check_snmp knows a row by its number" checks
tap_ok "Net::SNMP refuses large messages by default" small_messages
tap_ok "the daemon ends and starts: they go on" ended
tap_ok "check_snmp: the number has the same superblock" checks
tap_ok "the daemon is killed and starts: they go on" killed
tap_ok "check_snmp: the number has the same superblock" checks
snmp_env_end churn
tap_ok "the host restarts: they go on" away another_boot
tap_ok "check_snmp: the number has the same mount point" checks
for manager in "${walking[@]}"; do tap_ok "$manager: no row mixed, twice or lost" judged "$manager"; done
snmp_env_end record
tap_ok "no number went to another superblock" python3 "$here/judge_rows.py" numbers "$SNMP_DIR/series" "$rebooted"
tap_ok "the judge notices what is wrong" notices
tap_done
