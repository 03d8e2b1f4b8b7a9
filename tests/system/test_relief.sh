#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: superblocks
# sees: mounts
# Where entries pile up and that they were freed, over every way out: 300,000 and 50,000 missing
# names under two directories of an overlay, an alarm, and the rules that reclaim it. JSON, SNMP,
# collectd and "dcachemon events" against what was planted.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf
snmp_env_start
tmp=$SNMP_DIR mounts=() commands=()
on_exit() { commands+=("$1"); }
stop() {
    local each
    for each in "${commands[@]}"; do eval "$each"; done
    for each in "${mounts[@]}"; do umount -l "$each" 2>/dev/null; done
    snmp_env_stop
}
trap stop EXIT
. "$TOP/tests/lib/collectd_env.sh"

mkdir "$tmp"/{state,backing,merged}
m=$tmp/merged
# Before any mount: ip netns exec gives the daemon a copy of the mount table that would hold it.
tap_ok "daemon and snmpd start" live_daemon 'reclaim_interval = 1' '[state]' "folder = $tmp/state"
mount -t tmpfs dcm-test "$tmp/backing" && mounts+=("$tmp/backing")
mkdir -p "$tmp"/backing/{lower,work} "$tmp"/backing/upper/{big,small}
mount -t overlay dcm-test "$m" \
    -o "lowerdir=$tmp/backing/lower,upperdir=$tmp/backing/upper,workdir=$tmp/backing/work" &&
    mounts=("$m" "${mounts[@]}")
device=$(awk -v m="$m" '$5 == m { print $3 }' /proc/1/mountinfo)
for i in $(seq 200); do : >"$m/small/file$i"; done
"$BUILD/tests/lib/plant" negative "$m/big" 300000 .x_dOeSnotExist_.
"$BUILD/tests/lib/plant" negative "$m/small" 50000 probe-

# ---- SNMP ----
within() { [ "$1" -ge $(($2 - $3)) ] && [ "$1" -le $(($2 + $3)) ]; } # VALUE WANTED SLACK
column() { sed -n "s/^dcmDirectory$1\.$2 \"\{0,1\}\(.*[^\"]\)\"\{0,1\}\$/\1/p" "$tmp/table"; }
rank_of() { sed -n "s|^dcmDirectoryPath\.\([0-9]*\) \"\{0,1\}$m/$1\"\{0,1\}\$|\1|p" "$tmp/table"; }
# A table of more than a million entries is sampled, as is one that takes long: then a directory is off by its error.
near() { # COLUMN RANK VALUE WANTED: within 1 %, or twice the error that its row states
    local slack=$(($4 / 100)) error
    error=$(column Error "$2")
    [ $((2 * ${error:-0})) -le "$slack" ] || slack=$((2 * error))
    within "${3:-0}" "$4" "$slack" || { echo "# $1 of directory $2: ${3:-none}, wanted $4, give or take $slack"; false; }
}
rows_near() { # COLUMN BIG SMALL
    near "$1" "$(rank_of big)" "$(column "$1" "$(rank_of big)")" "$2" &&
        near "$1" "$(rank_of small)" "$(column "$1" "$(rank_of small)")" "$3"
}
walked() { table dcmDirectoryTable >"$tmp/table" && [ -n "$(rank_of big)" ] && [ -n "$(rank_of small)" ]; }
counted() { walked && rows_near Negative 300000 50000; } # once a pass began after the plant
tap_ok "SNMP: both directories, negative children within 1 % or their error" eval 'wait_for 60 counted || counted'
tap_ok "SNMP: children within 1 % or their error" rows_near Children 300000 50200
big=$(rank_of big)
tap_ok "SNMP: the big one stands before the small one" test "$big" -lt "$(rank_of small)"
tap_ok "SNMP: pattern and hint" eval \
    '[[ $(column Samples "$big") = .x_dOeSnotExist_.# && $(column Hint "$big") = *NSS* ]]'
tap_ok "SNMP: filesystem type, and an error of at most 3 %, as of the thinnest sample" eval \
    '[ "$(column FsType "$big")" = overlay ] && [ "$(column Error "$big")" -le 9000 ]'

# ---- collectd ----
has_collectd() { command -v collectd && [ -e "$plugin" ] && ! nm -Du "$plugin" | grep -q __asan; }
if has_collectd >/dev/null; then
    collectd_conf client <<CONF
<Plugin dcachemon>
  Source daemon
  Socket "$tmp/snapshot.sock"
</Plugin>
CONF
    start_collectd client
    value() { csv_last client "$1" | cut -d. -f1; }
    sent() { # where the last walk has them, as exactly
        local small
        walked && small=$(rank_of small) &&
            near Negative "$big" "$(value "directory-$big/objects-negative")" 300000 &&
            near Negative "$small" "$(value "directory-$small/objects-negative")" 50000 &&
            near Children "$small" "$(value "directory-$small/objects-children")" 50200
    }
    tap_ok "collectd: the directories, within 1 % or their error" eval 'wait_for 40 sent || sent'
    collectd=yes
else
    tap_skip "collectd: the directories" "no collectd with the plugin here"
    collectd=
fi

# ---- a rule that may not ----
dcachemon_events() { "$dcachemon" events -c "$tmp/dcachemon.conf" "$@"; }
configure() { # SECONDS: the alarm of this superblock alone, and a rule on it
    cat >>"$tmp/dcachemon.conf" <<CONF
[notify]
grace = 0
[alarm superblock_unused]
warning = off
critical = off
[alarm superblock_unused $device]
warning = 100000
raise_after = 0
[alarm directory_children]
warning = 100000
raise_after = 0
[alarm directory_watch_seconds]
warning = 0.005
raise_after = 0
[reclaim]
enabled = yes
alarm = superblock_unused
max_seconds = $1
max_cache = 0
CONF
}
cp "$tmp/dcachemon.conf" "$tmp/base.conf"
configure 0.001
kill -HUP "${SNMP_PIDS[daemon]}"
cached() { "$dcachemon" show --cached --json -c "$tmp/dcachemon.conf" >"$tmp/show.json" && json "$1"; }
alarmed() { cached "any(a['type'] == 'superblock_unused' and a['resource'] in ('$device', '$m') for a in d['alarms'])" >/dev/null; }
tap_ok "nothing was reclaimed yet" cached "d['reclaim']['actions'] == 0 and d['reclaim']['time'] is None"
tap_ok "the alarm of this superblock is raised" wait_for 20 alarmed
# ---- alarms about a directory ----
directory_alarm() { # TYPE: of the big directory, with the interval if it is one, and the hint
    cached "any(a['type'] == '$1' and a['resource'] == '$m/big' and 'NSS' in a['text'] for a in d['alarms'])" >/dev/null
}
tap_ok "an alarm about its children, with the hint" wait_for 20 directory_alarm directory_children
tap_ok "and one about watches" wait_for 20 directory_alarm directory_watch_seconds
tap_ok "whose forecast is a range that holds it" cached \
    "all(x['watch_low_seconds'] < x['watch_seconds'] < x['watch_high_seconds'] and 0.005 < x['watch_seconds'] < 0.5
         for x in d['directories'] if x['path'] == '$m/big')"
tap_ok "and is in its alarm's text" cached \
    "any(' between ' in a['text'] for a in d['alarms'] if a['type'] == 'directory_watch_seconds')"
alarm_named() { table dcmAlarmTable | grep -qE "^dcmAlarmKind\.[0-9]+ $1"; }
tap_ok "SNMP: both kinds" eval 'wait_for 20 alarm_named directoryChildren && wait_for 20 alarm_named directoryWatchSeconds'
tap_ok "SNMP: the directory's forecast, in milliseconds" eval \
    '[ "$(column WatchTime "$(rank_of big)")" -ge 5 ] && [ "$(column WatchTimeLow "$(rank_of big)")" -lt "$(column WatchTimeHigh "$(rank_of big)")" ]'
if [ -n "$collectd" ]; then
    tap_ok "collectd: the directory's forecast" csv_has client "directory-$(rank_of big)/duration-watch"
else
    tap_skip "collectd: the directory's forecast" "no collectd with the plugin here"
fi

rules() { "$dcachemon" reclaim --rules "$@" -c "$tmp/dcachemon.conf" >"$tmp/rules" 2>&1; }
tap_ok "a dry run that would be refused says so" eval '! rules --dry-run && grep -q "more than max_seconds 0.001" "$tmp/rules"'
tap_ok "is not remembered" test ! -e "$tmp/state/reclaim.log"
rules
rules # the timer goes on, the refusal is told once per interval
refused() { [ "$(named dcmReclaimRefusals.0)" = 1 ]; }
tap_ok "SNMP: a refusal, once" wait_for 20 refused
tap_ok "SNMP: result and error" eval \
    '[ "$(named dcmReclaimResult.0)" = refused ] && [[ $(named dcmReclaimError.0) = *"more than max_seconds 0.001"* ]]'
tap_ok "SNMP: no time and no count after" eval '[ -z "$(named dcmReclaimDuration.0)$(named dcmReclaimAfter.0)" ]'
tap_ok "nothing was freed" cached \
    "next(s for s in d['superblocks'] if s['device'] == '$device')['unused'] >= 350000"

# ---- the rule acts ----
cp "$tmp/base.conf" "$tmp/dcachemon.conf"
configure 5
tap_ok "the rules reclaim" rules
acted() { [ "$(named dcmReclaimActions.0)" = 1 ]; }
tap_ok "SNMP: an action" wait_for 20 acted
tap_ok "SNMP: its result, target and device" test \
    "$(named dcmReclaimResult.0) $(named dcmReclaimTarget.0 | tr -d '"') $(named dcmReclaimDevice.0 | tr -d '"')" = "done $m $device"
tap_ok "SNMP: its rule" test "$(named dcmReclaimRule.0 | tr -d '"')" = "alarm superblock_unused is raised"
tap_ok "SNMP: entries before and after" eval \
    'within "$(named dcmReclaimBefore.0)" 350200 3500 && [ "$(named dcmReclaimAfter.0)" -lt 100 ]'
tap_ok "SNMP: what was freed, in 32 and 64 bits" eval \
    'within "$(named dcmReclaimFreed.0)" 350200 3500 && [ "$(named dcmReclaimFreed.0)" = "$(named dcmReclaimHCFreed.0)" ]'
tap_ok "SNMP: it took some milliseconds" eval '[ "$(named dcmReclaimDuration.0)" -ge 1 ]'
tap_ok "JSON: the same" cached "d['reclaim']['result'] == 'done' and d['reclaim']['actions'] == 1 and \
    d['reclaim']['refusals'] == 1 and d['reclaim']['target'] == '$m' and d['reclaim']['after'] < 100"
tap_ok "in words" eval '"$dcachemon" show --cached -c "$tmp/dcachemon.conf" | grep -qE "last reclaim .* $m: done, 350,[0-9]+ unused -> [0-9]+$"'
rules
tap_ok "within the interval it waits, which is no refusal" eval \
    'sleep 2; [ "$(named dcmReclaimActions.0) $(named dcmReclaimRefusals.0)" = "1 1" ]'
if [ -n "$collectd" ]; then
    told() {
        [ "$(value reclaim/total_operations-actions)" = 1 ] && [ "$(value reclaim/total_operations-refusals)" = 1 ] &&
            within "$(value reclaim/total_operations-freed)" 350200 3500 &&
            [ "$(value reclaim/objects-after)" -lt 100 ] && csv_has client reclaim/duration-reclaim
    }
    tap_ok "collectd: the same" wait_for 20 told
    stop_collectd
else
    tap_skip "collectd: the same" "no collectd with the plugin here"
fi

# ---- events ----
by_hand() { "$dcachemon" reclaim --yes -c "$tmp/dcachemon.conf" "$m" >/dev/null; }
tap_ok "once more by hand" by_hand
recorded() { dcachemon_events --json >"$tmp/show.json" && json "len(d['recordings']) >= 1" >/dev/null; }
tap_ok "the alarm left a recording" wait_for 20 recorded
# After the action the alarm may clear before or after what is done by hand.
in_order() {
    python3 - "$tmp/show.json" "$device" "$m" <<'PY'
import json, sys
t = json.load(open(sys.argv[1]))["timeline"]
assert [e["time"] for e in t] == sorted(e["time"] for e in t), t
mine = [e["severity"] for e in t if e["kind"] == "reclaim" or e["type"] == "superblock_unused"]
assert [x for x in mine if x != "cleared"] == ["warning", "reclaim", "reclaim", "reclaim"], t
PY
}
tap_ok "events: alarm, refusal, action, by hand, in the order of time" in_order
tap_ok "events: each with what came of it" json \
    "[(r['result'], r['rule']) for r in d['reclaims']] == [('refused', 'alarm superblock_unused is raised'), ('done', 'alarm superblock_unused is raised'), ('done', None)]"
dcachemon_events >"$tmp/text"
tap_ok "events: in words" grep -qE "^reclaim +[0-9-]+ [0-9:]+ +[0-9.]+ +- +overlay on $m \(device $device\): 350[0-9]* -> [0-9]+ unused dentries in" "$tmp/text"
tap_ok "SNMP: by hand counts as well" wait_for 20 eval '[ "$(named dcmReclaimActions.0)" = 2 ]'
tap_ok "SNMP: without a rule" eval '[ -z "$(named dcmReclaimRule.0)" ]'
tap_done
