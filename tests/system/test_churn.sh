#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: host
# long: only
# Files, mounts and namespaces come and go for 40 seconds (CHURN_SECONDS) beside back-to-back passes: no error, no
# impossible value, nothing in the kernel log, and the daemon's descriptors and memory stay level.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
. "$TOP/tests/lib/kernel_log.sh"
live_need_bpf
snmp_env_start
seconds=${CHURN_SECONDS:-40}
churners=()
stop() {
    touch "$SNMP_DIR/stop"
    local p
    for p in "${churners[@]}"; do wait "$p" 2>/dev/null; done
    umount -l "$SNMP_DIR/mnt" 2>/dev/null
    snmp_env_stop
}
trap stop EXIT

tap_ok "daemon and snmpd start" live_daemon
kernel_log_begin "$SNMP_DIR"
end=$((SECONDS + seconds))
going() { [ $SECONDS -lt $end ] && [ ! -e "$SNMP_DIR/stop" ]; }

churn_files() {
    local i
    mkdir -p "$SNMP_DIR/files/a" "$SNMP_DIR/files/b"
    while going; do
        for i in {1..300}; do : >"$SNMP_DIR/files/a/f$i"; done
        mv "$SNMP_DIR/files/a" "$SNMP_DIR/files/c" && mv "$SNMP_DIR/files/b" "$SNMP_DIR/files/a" &&
            mv "$SNMP_DIR/files/c" "$SNMP_DIR/files/b"
        rm -f "$SNMP_DIR"/files/b/f*
        "$BUILD/tests/lib/plant" negative "$SNMP_DIR/files/a" 2000 "gone-$SECONDS-"
    done
}
churn_mounts() {
    mkdir -p "$SNMP_DIR/mnt"
    while going; do
        mount -t tmpfs dcm-churn "$SNMP_DIR/mnt" && : >"$SNMP_DIR/mnt/x" && umount "$SNMP_DIR/mnt"
    done
}
churn_namespaces() { while going; do "$BUILD/tests/lib/plant" creator 20; done; }
# Passes back to back, in all flavours in turn. What cannot be is reported with its line.
passes() {
    while going; do
        for flavour in --fast --compat --bounded; do
            "$BUILD/tests/lib/walk_dump" $flavour --passes 12 >"$SNMP_DIR/dump" 2>&1
            # shellcheck disable=SC2016
            awk -v state="$(cat /proc/sys/fs/dentry-state)" '
                BEGIN { split(state, s, " "); most = s[1] * 1.5 + 100000 }
                # gone meanwhile: said so
                /^error (chain|superblocks|directory)/ && /empty now|come and go|is gone/ { next }
                /^error/ { print }
                /^pass/ { if ($3 > most || $5 > $3 || $7 > $3 || $9 > $3 || $11 != 0 || $3 < s[1] / 4) print }
                /^superblock / && $7 > most { print }
                /^netns/ && ($2 < 1 || $2 > 5000) { print }
                /^pass/ { n++ } END { print "passes", n + 0 }
            ' "$SNMP_DIR/dump" >>"$SNMP_DIR/passes"
        done
    done
}

sampler=${SNMP_PIDS[daemon]}
fds() { ls "/proc/$sampler/fd" | wc -l; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$sampler/status"; }

churn_files & churners+=($!)
churn_mounts & churners+=($!)
churn_namespaces & churners+=($!)
passes & churners+=($!)
while [ $SECONDS -lt $((end - seconds * 2 / 3)) ]; do sleep 0.5; done
fds_before=$(fds) rss_before=$(rss)
while going; do sleep 0.5; done
fds_after=$(fds) rss_after=$(rss)
for p in "${churners[@]}"; do wait "$p"; done
churners=()

done_passes=$(awk '/^passes/ { n += $2 } END { print n }' "$SNMP_DIR/passes")
echo "# $done_passes passes; descriptors $fds_before -> $fds_after; RSS $rss_before -> $rss_after KiB"
tap_ok "passes ran all the time" test "$done_passes" -ge 20
grep -v '^passes' "$SNMP_DIR/passes" | head -20 | sed 's/^/# /'
tap_ok "no error and no impossible value" test "$(grep -vc '^passes' "$SNMP_DIR/passes")" = 0
kernel_log_check "$SNMP_DIR"
tap_ok "the daemon's descriptors are level" test "$((fds_after - fds_before))" -le 2
tap_ok "the daemon's memory is level" test "$((rss_after - rss_before))" -le 1024
tap_ok "the daemon still answers" named dcmTotalsDentries.0
tap_done
