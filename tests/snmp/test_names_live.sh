#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# sees: mounts
# Superblocks keep their number and name while the daemon restarts and snmpd goes on: ended in order, and
# killed. Meanwhile one superblock vanishes and another one appears. Whatever else the host mounts is
# no matter here.
set -u
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"

leave() {
    [ "$BASHPID" = "$$" ] || return
    umount "$SNMP_DIR/stays" 2>/dev/null
    snmp_env_stop
}
# hold NAME: a tmpfs in a mount namespace of its own, where no other namespace keeps it; its device in
# NAME.device.
hold() {
    # shellcheck disable=SC2016
    snmp_env_spawn "$1" unshare -m --propagation private sh -c \
        'mount -t tmpfs none "$1/m" && mountpoint -d "$1/m" >"$1/$2.new" && mv "$1/$2.new" "$1/$2.device" && exec sleep 600' \
        sh "$SNMP_DIR" "$1"
    wait_for 10 test -s "$SNMP_DIR/$1.device"
}
daemon() {
    snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/names.conf" -x "$SNMP_AGENTX"
}
# The rows as "INDEX VALUE", sorted; rows FILE: those of names and devices, once all that this test holds
# are there.
column() { table "$1" | sed 's/^[^.]*\.//' | sort; }
rows() {
    local name
    column dcmSuperblockName >"$SNMP_DIR/$1.names"
    column dcmSuperblockDevice >"$SNMP_DIR/$1.devices"
    for name in $held; do
        grep -q " $(cat "$SNMP_DIR/$name.device")\$" "$SNMP_DIR/$1.devices" || return 1
    done
    grep -q " tmpfs:$SNMP_DIR/stays\$" "$SNMP_DIR/$1.names"
}
index_of() { sed -n "s/ $(cat "$SNMP_DIR/$1.device")\$//p" "$SNMP_DIR/$2.devices"; } # NAME FILE
name_of() { sed -n "s/^$1 //p" "$SNMP_DIR/$2.names"; }                               # INDEX FILE
# Rows may come and go between two walks: one that is there before and after was there all the time.
dense() {
    local file
    rows dense && column dcmSuperblockMountPoint >"$SNMP_DIR/dense.mounts" &&
        column dcmSuperblockName >"$SNMP_DIR/dense.later" || return
    for file in names later devices mounts; do
        sed 's/ .*//' "$SNMP_DIR/dense.$file" | sort -u >"$SNMP_DIR/dense.$file.numbers"
    done
    comm -12 "$SNMP_DIR"/dense.{names,later}.numbers >"$SNMP_DIR/dense.numbers"
    test "$(wc -l <"$SNMP_DIR/dense.numbers")" -ge 3 || return
    for file in devices mounts; do
        [ -z "$(comm -23 "$SNMP_DIR/dense.numbers" "$SNMP_DIR/dense.$file.numbers")" ] || return
    done
}
unique() { [ -z "$(sed 's/^[^ ]* //' "$SNMP_DIR/before.names" | sort | uniq -d)" ]; }
json_names() {
    "$dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" >"$SNMP_DIR/names.json" &&
        python3 - "$SNMP_DIR/names.json" "tmpfs:$SNMP_DIR/stays" <<'PY'
import json, sys
rows = json.load(open(sys.argv[1]))["superblocks"]
names = [r["name"] for r in rows]
assert len(set(names)) == len(names) and sys.argv[2] in names
PY
}
same() { # NAME: its number in both files
    grep " $1\$" "$SNMP_DIR/before.names" >"$SNMP_DIR/same" && grep -qxFf "$SNMP_DIR/same" "$SNMP_DIR/$after.names"
}
gone_number() { [ -n "$gone" ] && ! grep -q "^$gone " "$SNMP_DIR/$after.names"; }
new_number() { # NAME
    local number
    number=$(index_of "$1" $after) && [ -n "$number" ] &&
        ! grep -q "^$number " "$SNMP_DIR/before.names" && [ "$number" -gt "$highest" ]
}

live_need_bpf
snmp_env_start
trap leave EXIT
mkdir "$SNMP_DIR/state" "$SNMP_DIR/m" "$SNMP_DIR/stays"
printf '[sampling]\nhash_interval = 0\nsuperblocks_interval = 1\nsocket = %s\n[state]\nfolder = %s\n' \
    "$SNMP_DIR/snapshot.sock" "$SNMP_DIR/state" >"$SNMP_DIR/names.conf"
mount -t tmpfs none "$SNMP_DIR/stays"
hold goes && hold remains || fail "superblocks are made"
held='goes remains'
daemon
tap_ok "the rows are there" wait_for 20 rows before
tap_ok "each has a name and a mount point, which may be empty" wait_for 10 dense
tap_ok "names are unique" unique
tap_ok "JSON has them" json_names
highest=$(sed 's/ .*//' "$SNMP_DIR/before.names" | sort -n | tail -1)
gone=$(index_of goes before)
kept=$(index_of remains before)
tap_ok "one without mount point on the host goes by its device" \
    test "$(name_of "$kept" before)" = "tmpfs:$(cat "$SNMP_DIR/remains.device")"

# ---- ended in order ----
snmp_env_end daemon
snmp_env_end goes
hold comes
held='remains comes' after=after
daemon
tap_ok "restart: the rows are there" wait_for 20 rows after
tap_ok "restart: a mount point keeps number and name" same "tmpfs:$SNMP_DIR/stays"
tap_ok "restart: so does /proc" same proc:/proc
tap_ok "restart: so does one that has only its device" test "$(index_of remains after)" = "$kept"
tap_ok "restart: nobody has the number of what vanished" gone_number
tap_ok "restart: what appeared has a new one" new_number comes

# ---- killed, once the last change is on the disk ----
wait_for 10 grep -q "^$(index_of comes after) " "$SNMP_DIR/state/superblocks"
kill -KILL "${SNMP_PIDS[daemon]}"
snmp_env_end daemon
hold late
held='remains comes late' after=killed
highest=$(sed 's/ .*//' "$SNMP_DIR/after.names" | sort -n | tail -1)
daemon
tap_ok "killed: the rows are there" wait_for 20 rows killed
tap_ok "killed: a mount point keeps number and name" same "tmpfs:$SNMP_DIR/stays"
tap_ok "killed: so does one that has only its device" test "$(index_of remains killed)" = "$kept"
tap_ok "killed: so does the last that came" test "$(index_of comes killed)" = "$(index_of comes after)"
tap_ok "killed: what appeared has a new one" new_number late
tap_done
