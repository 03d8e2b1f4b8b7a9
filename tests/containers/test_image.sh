#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# The image ("make image") in podman, as docs/containers.md runs it: the sampler in one container, a
# reader without any right in another, snmpd and a reader on the host. Storage is of this test.
set -u
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
command -v podman >/dev/null || { echo "1..0 # SKIP no podman: make deps-image"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"
live_need_bpf
archive=("$BUILD"/image/dcachemon-*.tar)
[ -e "${archive[0]}" ] || { echo "1..0 # SKIP no image: make image"; exit 0; }
RUN=(--runtime runc --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --read-only --cap-drop all
    --security-opt no-new-privileges)
# podman 4.3.1 knows bpf and perfmon, but its seccomp profile lets bpf(2) through for sys_admin alone.
RIGHTS=(--cap-add sys_admin --cap-add sys_ptrace --cap-add dac_read_search)

podman_here() {
    podman --root "$SNMP_DIR/store" --runroot "$SNMP_DIR/run" --tmpdir "$SNMP_DIR/tmp" --storage-driver overlay \
        --cgroup-manager cgroupfs --events-backend none "$@"
}
leave() {
    [ "$BASHPID" = "$$" ] || return
    podman_here rm -f --time 5 --all >/dev/null 2>&1
    podman_here rmi -f --all >/dev/null 2>&1
    ! mountpoint -q "$SNMP_DIR/store/overlay" || umount -l "$SNMP_DIR/store/overlay"
    snmp_env_stop
}
in_container() { podman_here run --rm "${RUN[@]}" "$@"; }
sampler() { # OPTION...
    podman_here rm -f --time 5 sampler >/dev/null 2>&1
    podman_here run -d --name sampler "${RUN[@]}" --pid host --network host "$@" -v "$state/run:/run/dcachemon" \
        -v "$state/lib:/var/lib/dcachemon" -v "${SNMP_AGENTX%/*}:/var/agentx" "$image" -f -x "/var/agentx/${SNMP_AGENTX##*/}" >/dev/null
}
cached() { "$BUILD/bin/dcachemon" show --cached --json -c "$SNMP_DIR/reader.conf"; }
judge() { cached | python3 -c "
import json, sys
d = json.load(sys.stdin)
source = {s['name']: s for s in d['sources']}
$1"; }
has() { judge "$1" 2>/dev/null; }

snmp_env_prepare
trap leave EXIT
snmp_env_snmpd_start || exit 1
state=$SNMP_DIR/state
mkdir -p "$state/run" "$state/lib"
printf '[sampling]\nsocket = %s/run/snapshot.sock\n' "$state" >"$SNMP_DIR/reader.conf"
podman_here load -q -i "${archive[0]}" >"$SNMP_DIR/load.log" 2>&1
image=$(podman_here images --format '{{.Repository}}:{{.Tag}}' | head -1)
tap_ok "podman loads the image" test -n "$image"

tap_ok "the sampler starts" sampler "${RIGHTS[@]}" -v /proc:/host/proc:ro
tap_ok "an unprivileged reader on the host has chains, superblocks and namespaces" wait_for 30 has "
assert all(source[s]['state'] == 'ok' for s in ('superblocks', 'hash', 'namespaces', 'memory')), source"
tap_ok "lookups are those of the host" has "
assert all(l['seconds'] and not l['error'] for l in d['lookups']), d['lookups']"
tap_ok "superblocks have the host's mount points" has "
assert any(s['mountpoint'] == '/proc' and s['fstype'] == 'proc' for s in d['superblocks']), d['superblocks']"
tap_ok "snmpd on the host serves it" wait_for 10 named dcmTotalsDentries.0
in_container -v "$state/run:/run/dcachemon" --entrypoint /usr/bin/dcachemon "$image" show --cached --json >"$SNMP_DIR/reader.json" 2>"$SNMP_DIR/reader.log"
tap_ok "a container without rights reads the same" python3 -c "
import json
d = json.load(open('$SNMP_DIR/reader.json'))
assert d['superblocks'] and d['lookups'], d"

tap_ok "without the host's /proc it starts as well" sampler "${RIGHTS[@]}"
tap_ok "and says what is missing" wait_for 30 has "
assert 'no procfs' in source['lookups']['reason'] and source['hash']['state'] == 'ok', source['lookups']"
tap_ok "without any right it has totals" sampler
tap_ok "and the reason for the rest" wait_for 30 has "
assert d['totals']['dentries'] and source['hash']['state'] != 'ok' and source['hash']['reason'], source"
tap_done
