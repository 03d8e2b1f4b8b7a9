# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The agent process over known rows, for managers that are tried on it; sourced after tests/lib/traps.sh, which has
# the managers that receive notifications.
#
#   known_tables      a row in every table, in one snapshot, which stays; $SNMP_DIR/snapshot.sock has it, too
#   known_alarms      in place of that: superblocks without unused entries, and an alarm from 1,000 on
#   known_unused N    of the superblock at $KNOWN_MOUNT
#   known_served      whether the manager's own command, "known_get OID", is answered; define it first
#   known_model       writes $SNMP_DIR/model.json, which tests/lib/snmp_json.py wants
KNOWN_ROOT=$TRAPS_ROOT
# shellcheck disable=SC2034 # for those who source this
KNOWN_MOUNT=/mnt/3

known_served() { [[ $(known_get "$KNOWN_ROOT.1.3.1.7.3") == *"Gauge32: "* ]]; }
known_agent() { # INTERVAL_MS
    [ -e "$SNMP_DIR/rules" ] || : >"$SNMP_DIR/rules"
    DCM_TEST_SOCKET=$SNMP_DIR/snapshot.sock snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" 20 "$1" \
        "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX" "$SNMP_DIR/rules"
    wait_for 10 known_served
}
known_tables() { DCM_TEST_FULL=1 known_agent 600000; }
known_alarms() {
    local other
    snmp_env_end sampler
    printf '%s\n' '[notify]' 'grace = 0' '[alarm superblock_unused]' 'warning = 1000' 'critical = 100000' \
        'raise_after = 0' 'clear_after = 0' >"$SNMP_DIR/rules"
    for other in source_failed coverage_stale superblock_shrink_seconds growth; do
        printf '[alarm %s]\nenabled = no\n' $other >>"$SNMP_DIR/rules"
    done
    known_unused 0 && DCM_TEST_ALARMS=$SNMP_DIR/rules known_agent 200
}
known_unused() { echo "9 $1" >"$SNMP_DIR/values.new" && mv "$SNMP_DIR/values.new" "$SNMP_DIR/rules.values"; }
known_model() { "$BUILD/tests/lib/dump_model" >"$SNMP_DIR/model.json"; }
