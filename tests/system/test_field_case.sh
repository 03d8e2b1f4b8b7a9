#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# needs: chains
# long: only
# The first field case, with runc alone: 60 pause containers in a row whose network set-up fails, beside
# stock snmpd, and 20 beside the module; CONTAINERS=N: N each. It takes half a minute: a rate is known then.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/if_env.sh"
. "$TOP/tests/lib/module_env.sh"
. "$TOP/tests/lib/live.sh"
. "$TOP/tests/lib/field_case.sh"
live_need_bpf
count=${CONTAINERS:-60} again=${CONTAINERS:-20}

# The least that a pause container has; its program never runs.
write_bundle() {
    mkdir -p "$SNMP_DIR/bundle/rootfs"
    cat >"$SNMP_DIR/bundle/config.json" <<JSON
{"ociVersion": "1.0.2", "root": {"path": "rootfs"}, "hostname": "pause",
 "process": {"cwd": "/", "args": ["/pause"], "user": {"uid": 0, "gid": 0}},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
 "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}]},
 "hooks": {"createRuntime": [{"path": "$FIELD_HOOK"}]}}
JSON
}
made=0
fails_in_hook() {
    ! "$FIELD_RUNTIME" --root "$SNMP_DIR/runc" create --bundle "$SNMP_DIR/bundle" "field-$$-$((++made))" \
        </dev/null >"$SNMP_DIR/runc.log" 2>&1 && grep -q "$FIELD_FAILURE" "$SNMP_DIR/runc.log"
}
row() { # COUNT
    local i
    for ((i = 0; i < $1; i++)); do fails_in_hook || { sed 's/^/# /' "$SNMP_DIR/runc.log"; return 1; }; done
}

field_prepare
write_bundle
fails_in_hook || { echo "1..0 # SKIP runc makes no container here: $(tail -1 "$SNMP_DIR/runc.log" | cut -c 1-200)"; exit 0; }
field_case $count $again
tap_done
