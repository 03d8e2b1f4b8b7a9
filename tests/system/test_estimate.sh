#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: host
# Before a pass over the live hash table is complete: do the intervals hold what it counts in the end?
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf
snmp_env_start

# At 95 %, fewer than 86 of 100 is a matter of one in 5,000. All of them: too wide to be of use.
intervals_hold() { # BLOCKS
    "$BUILD/tests/lib/estimate_live" 100 "$1" >"$SNMP_DIR/intervals" || return 1
    sed 's/^/# /' "$SNMP_DIR/intervals"
    awk '$2 < 86 { low = 1 } $2 == $4 + 0 { all++ } END { exit low || NR != 7 || all > 3 }' "$SNMP_DIR/intervals"
}
tap_ok "intervals after a sixteenth of the table" intervals_hold 16
tap_ok "intervals after half of it" intervals_hold 128
tap_done
