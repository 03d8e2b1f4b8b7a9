#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 480
# The template and data queries for Cacti in a real one ("make deps-cacti"): import, device, data queries, graphs; values
# by both pollers, cmd.php and spine; history that stays with its superblock when the rows have other numbers.
# PICTURE=FILE draws an incident as well, for docs/cacti.md.
set -u
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root for a network namespace"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"
# shellcheck source=tests/lib/cacti_env.sh
. "$TOP/tests/lib/cacti_env.sh"
files=$TOP/packaging/cacti
root=.1.3.6.1.4.1.8072.9999.9999.1806
names=$root.1.3.1.22
device='' profile='' mounted=() a='' b=''

leave() {
    local at
    [ "$BASHPID" = "$$" ] || return
    [ ${#LIVE_PLANTS[@]} = 0 ] || plant_end
    for at in "${mounted[@]}"; do umount "$at"; done
    snmp_env_stop
}
quietly() { # CMD...: its output is shown when it fails
    "$@" >"$SNMP_DIR/cacti.out" 2>&1 && return
    tail -20 "$SNMP_DIR/cacti.out" | awk '{ print "# " $0 }'
    return 1
}
says() { grep -qE "$1" "$SNMP_DIR/cacti.out" || { tail -20 "$SNMP_DIR/cacti.out" | awk '{ print "# " $0 }'; return 1; }; }
or_logs() { "$@" || { cacti_logs; return 1; }; }

# ---- the host: superblocks of our own, whose entries stay ----

superblock() { # NAME FILES
    mkdir -p "$SNMP_DIR/m/$1" && mount -t tmpfs "dcm-$1" "$SNMP_DIR/m/$1" && mounted+=("$SNMP_DIR/m/$1") &&
        (cd "$SNMP_DIR/m/$1" && seq "$2" | xargs touch)
}
gone() { # NAME
    local at keep=()
    umount "$SNMP_DIR/m/$1" || return 1
    for at in "${mounted[@]}"; do [ "$at" = "$SNMP_DIR/m/$1" ] || keep+=("$at"); done
    mounted=("${keep[@]}")
}
# Samples seldom: the values stand still while they are compared.
daemon() {
    mkdir -p "$SNMP_DIR/state"
    printf '%s\n' '[sampling]' 'budget_percent = 30' hash_interval\ =\ 600 superblocks_interval\ =\ 600 memory_interval\ =\ 600 \
        dentry_state_interval\ =\ 600 lookups_interval\ =\ 600 namespaces_interval\ =\ 600 "socket = $SNMP_DIR/snapshot.sock" \
        '[state]' "folder = $SNMP_DIR/state" >"$SNMP_DIR/dcachemon.conf"
    snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf" -x "$SNMP_AGENTX"
    wait_for 60 named dcmHashEntries.0
}
index_of() { snmp_walk $names | sed -n "s|^$names\.\([0-9]*\) = STRING: \"tmpfs:$SNMP_DIR/m/$1\"$|\1|p"; }
hashed_of() { snmp_get "$root.1.3.1.8.$(index_of "$1")" | sed 's/.*: //'; }

# ---- Cacti ----

imported() { # RESULT: the template, each part of which has that result
    quietly cacti_cli import_template.php --filename="$files/dcachemon.xml" --profile-id="$profile" || return 1
    [ "$(grep -c '^\[success\]' "$SNMP_DIR/cacti.out")" -gt 100 ] || { says 'more than that'; return 1; }
    ! grep -E '^\[success\]|fail|Unmet|ERROR|Warning|Deprecated' "$SNMP_DIR/cacti.out" | grep -v "^\[success\].*\[$1\]" |
        sed 's/^/# /' | grep .
}
add_device() {
    quietly cacti_cli add_device.php --description=host --ip="${SNMP_ADDRESS%:*}" --port="${SNMP_ADDRESS#*:}" --version=2 \
        --community=public --avail=snmp --timeout=3000 \
        --template="$(cacti_sql "SELECT id FROM host_template WHERE name LIKE '%dcachemon%'")" || return 1
    device=$(sed -n 's/.*new device-id: (\([0-9]*\)).*/\1/p' "$SNMP_DIR/cacti.out")
    [ -n "$device" ] || says 'new device-id'
}
reindexed() { quietly cacti_cli poller_reindex_hosts.php --id="$device" --qid=all; }
queries_run() {
    reindexed && cacti cached dcmSuperblockName $names && cacti cached dcmLookupPath $root.1.8.1.2 &&
        cacti cached dcmSourceName $root.1.13.1.2 && cacti cached dcmDirectoryPath $root.1.7.1.2 &&
        cacti cached dcmChainName $root.1.6.1.5
}
# Cacti makes these with the device.
scalar_graphs() {
    local wanted have
    wanted=$(cacti_sql "SELECT COUNT(*) FROM host_template_graph")
    have=$(cacti_sql "SELECT COUNT(DISTINCT graph_template_id) FROM graph_local WHERE host_id = $device AND snmp_query_id = 0")
    [ "$wanted" -gt 25 ] && [ "$have" = "$wanted" ] || { echo "# $have of $wanted"; return 1; }
}
row_graphs() { # QUERY REGEX: for the rows whose key matches
    local query type graph key
    while read -r query type graph; do
        key=$(sed -n 's|.*<index_order>\(.*\)</index_order>|\1|p' \
            "$files/$(cacti_sql "SELECT SUBSTRING_INDEX(xml_path, '/', -3) FROM snmp_query WHERE id = $query")")
        quietly cacti_cli add_graphs.php --graph-type=ds --graph-template-id="$graph" --host-id="$device" --snmp-query-id="$query" \
            --snmp-query-type-id="$type" --snmp-field="$key" --snmp-value-regex="$2" && says '^Graph Added' || return 1
    done < <(cacti_sql "SELECT q.id, g.id, g.graph_template_id FROM snmp_query q JOIN snmp_query_graph g ON g.snmp_query_id = q.id
        WHERE q.name LIKE '%$1'")
}
all_row_graphs() {
    row_graphs Superblocks 'dcm-snmp|^proc:/|^sysfs:/' && row_graphs 'Lookup time' . && row_graphs Sources . &&
        row_graphs 'Alarms by type' . && row_graphs 'Longest hash chains' '^[1-3]$' && row_graphs 'Directories%' '^[1-3]$'
}
untitled() { ! cacti_sql "SELECT title_cache FROM graph_templates_graph WHERE local_graph_id > 0" | grep -F '|' | sed 's/^/# /' | grep .; }

meant() { snmp_env_run env "${LIVE_ENV[@]}" python3 "$TOP/tests/lib/cacti.py" "$CACTI_DIR" "$SNMP_ADDRESS" meant; }

# poll cmd|spine: the poller alone; its values stay in Cacti's table.
poll() {
    cacti_sql 'TRUNCATE poller_output; UPDATE poller_item SET rrd_next_step = 0'
    case $1 in
    cmd) quietly cacti_run php "$CACTI_SITE/cmd.php" --first="$device" --last="$device" ;;
    spine) quietly cacti_run "$CACTI_SPINE" --conf="$CACTI_DIR/etc/spine.conf" --first="$device" --last="$device" ;;
    esac
}
polls() { cacti before && poll "$1" && cacti polled; }
stores() { quietly cacti_cli poller_output_empty.php && cacti stored; }
polls_and_stores() { polls "$1" && stores; }

# What is kept of two superblocks: "FILE HASHED".
history_of() { # NAME
    local file
    file=$(cacti_sql "SELECT pi.rrd_path FROM poller_item pi JOIN data_template_data dtd USING (local_data_id)
        WHERE pi.rrd_name = 'hashed' AND dtd.name_cache LIKE '%/m/$1:%'")
    rrdtool info "$CACTI_DIR/lib/rra/${file##*/rra/}" | sed -n 's/^ds\[hashed\].last_ds = "\(.*\)"/\1/p'
}
own_history() {
    [ "$(history_of a)" = "$a" ] && [ "$(history_of b)" = "$b" ] && [ "$a" -ge 300 ] && [ "$b" -ge 700 ] ||
        { echo "# $(history_of a) instead of $a, $(history_of b) instead of $b"; return 1; }
}
restart() {
    snmp_env_end daemon
    "$@" && daemon
}
same_numbers() { [ "$(index_of a) $(index_of b)" = "$numbers" ] || { echo "# $(index_of a) $(index_of b) instead of $numbers"; return 1; }; }
# Made in the other order, they get numbers in the other order.
new_numbers() { gone a && gone b && superblock b 700 && superblock a 300 && rm -rf "$SNMP_DIR/state"; }
other_rows() { ! same_numbers >/dev/null && ! cacti mapped Superblocks $names >/dev/null; }

# ---- the picture ----

picture() {
    local begin graph i
    live_daemon
    graph=$(cacti_sql "SELECT local_graph_id FROM graph_templates_graph WHERE local_graph_id > 0 AND title_cache LIKE '%max chain%'")
    begin=$EPOCHSECONDS
    for i in $(seq 90); do
        [ "$i" != 25 ] || plant netns 1000 || return 1
        [ "$i" != 65 ] || plant_end
        poll spine && quietly cacti_cli poller_output_empty.php && sleep 1 || return 1
    done
    cacti_run php -d display_errors=0 "$TOP/tests/lib/cacti_graph.php" $CACTI_SITE "$graph" "$begin" "$EPOCHSECONDS" \
        >"$PICTURE" && head -c 4 "$PICTURE" | grep -q PNG
}

need_cacti
snmp_env_prepare
trap leave EXIT
cacti_prepare || exit 1
live_need_bpf
tap_ok "a database with Cacti's tables" or_logs cacti_database
[ "$tap_failed" = 0 ] || { tap_done; exit 1; }
profile=$(cacti_profile 5)
snmp_env_snmpd_start || exit 1
superblock a 300 && superblock b 700 || exit 1
tap_ok "the daemon counts" daemon
a=$(hashed_of a) b=$(hashed_of b)
cp "$files"/resource/snmp_queries/*.xml "$CACTI_DIR/queries" && chmod 644 "$CACTI_DIR"/queries/*.xml
tap_ok "the template is imported" or_logs imported new
tap_ok "and does not change when it is imported again" imported unchanged
tap_ok "a device with the template" or_logs add_device
tap_ok "and graphs of the scalars" or_logs scalar_graphs
tap_ok "the data queries have each row of the tables" or_logs queries_run
tap_ok "graphs of the rows" or_logs all_row_graphs
tap_ok "with what they show in their titles" untitled
tap_ok "each data source polls what its name says" meant
tap_ok "each value that cmd.php polls is the agent's" or_logs polls cmd
tap_ok "and is in its rrd file" or_logs stores
sleep 1 # of another second, for rrdtool
tap_ok "each value that spine polls is the agent's" or_logs polls spine
tap_ok "and is in its rrd file" or_logs stores
tap_ok "each superblock has its own history" own_history

numbers="$(index_of a) $(index_of b)"
tap_ok "the daemon starts anew with other superblocks" restart superblock later 50
tap_ok "the rows keep their numbers" same_numbers
tap_ok "what is polled is stored under the right name" or_logs polls_and_stores spine
tap_ok "each superblock still has its own history" own_history
tap_ok "the daemon starts anew without its state" restart new_numbers
tap_ok "the rows have other numbers" other_rows
tap_ok "Cacti indexes anew" or_logs reindexed
tap_ok "each data source polls the row of its name" cacti mapped Superblocks $names
tap_ok "what is polled is stored under the right name" or_logs polls_and_stores cmd
tap_ok "each superblock still has its own history" own_history
[ -z "${PICTURE:-}" ] || tap_ok "a picture of an incident" or_logs picture
tap_done
