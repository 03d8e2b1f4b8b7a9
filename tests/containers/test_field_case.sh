#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# needs: chains
# The first field case with docker, a private daemon with folders of its own: 200 pause containers whose
# network set-up fails, four at a time, beside stock snmpd, and as many beside the module (CONTAINERS=200).
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/if_env.sh"
. "$TOP/tests/lib/module_env.sh"
. "$TOP/tests/lib/live.sh"
. "$TOP/tests/lib/field_case.sh"
. "$TOP/tests/lib/docker_env.sh"
live_need_bpf
for command in dockerd docker containerd; do
    command -v $command >/dev/null || { echo "1..0 # SKIP no $command (make deps-containers)"; exit 0; }
done
count=${CONTAINERS:-200} image=example/pause:1

docker() { docker_here "$@"; }
stop() {
    [ "$BASHPID" = "$$" ] || return
    docker_env_end
    field_stop
}
# dockerd knows no hooks: its runtime adds ours to the bundle, and becomes runc.
write_runtime() {
    cat >"$SNMP_DIR/runtime" <<PY
#!/usr/bin/env python3
import json, os, sys
if "create" in sys.argv:
    path = os.path.join(sys.argv[sys.argv.index("--bundle") + 1], "config.json")
    with open(path) as f:
        bundle = json.load(f)
    bundle.setdefault("hooks", {}).setdefault("createRuntime", []).append({"path": "$FIELD_HOOK"})
    with open(path, "w") as f:
        json.dump(bundle, f)
os.execv("$FIELD_RUNTIME", ["$FIELD_RUNTIME"] + sys.argv[1:])
PY
    chmod 755 "$SNMP_DIR/runtime"
}
make_image() {
    mkdir "$SNMP_DIR/rootfs"
    printf '#!/bin/false\n' >"$SNMP_DIR/rootfs/pause" # never runs
    chmod 755 "$SNMP_DIR/rootfs/pause"
    tar -C "$SNMP_DIR/rootfs" -c . | docker import - $image >"$SNMP_DIR/image.log" 2>&1
}

fails_in_hook() { # NAME
    ! docker run -d --runtime field --name "$1" --network none $image /pause >"$SNMP_DIR/$1.log" 2>&1 &&
        grep -q "$FIELD_FAILURE" "$SNMP_DIR/$1.log"
}
LANES=4
lane() { # NUMBER COUNT: of each LANES
    local i
    for ((i = $1; i < $2; i += LANES)); do
        fails_in_hook "pause-$rows-$i" || { sed 's/^/# /' "$SNMP_DIR/pause-$rows-$i.log"; return 1; }
    done
}
# Each of them is there for a moment only.
image_shown() {
    "$dcachemon" show --json -c "$SNMP_DIR/show.conf" >"$SNMP_DIR/show.json" &&
        json "any(c['runtime'] == 'docker' and c['image'] == '$image' and c['name'].startswith('pause-')
            for c in (s['container'] for s in d['superblocks']) if c)"
}
# The daemon reads what docker has on disk of one that has ended.
last_named() {
    sampled "all((c['runtime'], c['image'], c['name'][:6]) == ('docker', '$image', 'pause-') for c in [d['namespaces']['container']])"
}
# So it does of those before: the ring keeps 64.
several_named() { sampled "__import__('re').fullmatch('pause-[12]-[0-9]+, pause-[12]-[0-9]+ and [0-9]+ more', d['namespaces']['containers'] or '') is not None"; }
alarm_names_runtime() { sampled "any(a['type'] == 'netns_churn' and 'docker' in a['text'] for a in d['alarms'])"; }
rows=0 shown=1
row() { # COUNT
    local pids=() status=0 i
    rows=$((rows + 1)) shown=1
    for ((i = 0; i < LANES; i++)); do
        lane $i "$1" &
        pids+=($!)
    done
    wait_for 60 image_shown && shown=0
    for i in "${pids[@]}"; do wait "$i" || status=1; done
    return $status
}

field_prepare
trap stop EXIT
write_runtime
printf '[sampling]\nhash_interval = 0\n[containers]\ndocker = %s\n[state]\nfolder =\n' "$SNMP_DIR/docker/data" >"$SNMP_DIR/show.conf"
FIELD_CONF=('containers_interval = 1' '[containers]' "docker = $SNMP_DIR/docker/data" 'privileges = yes')
docker_env_start "$SNMP_DIR/docker" --add-runtime "field=$SNMP_DIR/runtime" || { echo "1..0 # SKIP $(docker_env_reason)"; exit 0; }
make_image
fails_in_hook first || { echo "1..0 # SKIP docker makes no container here: $(grep -m1 Error "$SNMP_DIR/first.log" | cut -c 1-200)"; exit 0; }
field_case "$count" "$count"
tap_ok "the daemon names runtime, image and container of the last" wait_for 60 last_named
tap_ok "and two of those before, and how many more" wait_for 30 several_named
tap_ok "the alarm names the runtime" alarm_names_runtime
tap_ok "show names runtime, image and container while one is there" test $shown = 0
tap_done
