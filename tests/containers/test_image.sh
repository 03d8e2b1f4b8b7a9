#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# The image ("make image") as docs/containers.md runs it, in podman and in docker: the sampler in one
# container, a reader without any right in another, snmpd and a reader on the host; collectd with the
# plugin in a container, its values beside what the host is known to have. Storage and daemon are of
# this test.
set -u
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"
# shellcheck source=tests/lib/docker_env.sh
. "$TOP/tests/lib/docker_env.sh"
live_need_bpf
archive=("$BUILD"/image/dcachemon-[0-9]*.tar)
collectd_archive=("$BUILD"/image/dcachemon-collectd-*.tar)
[ -e "${archive[0]}" ] || { echo "1..0 # SKIP no image: make image"; exit 0; }
RUN=(--read-only --cap-drop all --security-opt no-new-privileges)
# podman 4.3.1 knows bpf and perfmon, but its seccomp profile lets bpf(2) through for sys_admin alone;
# docker 20.10 knows neither.
RIGHTS=(--cap-add sys_admin --cap-add sys_ptrace --cap-add dac_read_search)
SHARED=(--pid host --network host) # of the host
FILES=5000 # in a filesystem that keeps each of them in the cache

podman_here() {
    podman --root "$SNMP_DIR/store" --runroot "$SNMP_DIR/run" --tmpdir "$SNMP_DIR/tmp" --storage-driver overlay \
        --cgroup-manager cgroupfs --events-backend none "$@"
}
engine_here() { "${engine}_here" "$@"; }
leave() {
    [ "$BASHPID" = "$$" ] || return
    docker_env_end
    podman_here rm -f --time 5 --all >/dev/null 2>&1
    podman_here rmi -f --all >/dev/null 2>&1
    ! mountpoint -q "$SNMP_DIR/store/overlay" || umount -l "$SNMP_DIR/store/overlay"
    ! mountpoint -q "$SNMP_DIR/counted" || umount "$SNMP_DIR/counted"
    snmp_env_stop
}
# The name of the image in an archive, which is loaded.
load() { # ARCHIVE
    engine_here load -q -i "$1" 2>>"$SNMP_DIR/load.log" | sed -n 's/^Loaded image[^:]*: *//p' | tail -1
}
in_container() { engine_here run --rm "${RUN[@]}" "$@"; }
begin() { # NAME OPTION...: in place of an older one
    end "$1"
    engine_here run -d --name "$1" "${RUN[@]}" "${@:2}" >/dev/null
}
end() { # NAME
    engine_here stop -t 5 "$1" >/dev/null 2>&1
    engine_here rm -f "$1" >/dev/null 2>&1
}
sampler() { # OPTION...
    begin sampler "${SHARED[@]}" "$@" -v "$state/run:/run/dcachemon" -v "$state/lib:/var/lib/dcachemon" \
        -v "${SNMP_AGENTX%/*}:/var/agentx" "$image" -f -x "/var/agentx/${SNMP_AGENTX##*/}"
}
cached() { "$BUILD/bin/dcachemon" show --cached --json -c "$SNMP_DIR/reader.conf"; }
judge() { cached | python3 -c "
import json, sys
d = json.load(sys.stdin)
source = {s['name']: s for s in d['sources']}
$1"; }
has() { judge "$1" 2>/dev/null; }

# ---- our own programs ----
with_rights() {
    tap_ok "$engine: the sampler starts" sampler "${RIGHTS[@]}" -v /proc:/host/proc:ro
    tap_ok "$engine: an unprivileged reader on the host has chains, superblocks and namespaces" wait_for 30 has "
assert all(source[s]['state'] == 'ok' for s in ('superblocks', 'hash', 'namespaces', 'memory')), source"
    tap_ok "$engine: lookups are those of the host" has "
assert all(l['seconds'] and not l['error'] for l in d['lookups']), d['lookups']"
    tap_ok "$engine: superblocks have the host's mount points" has "
assert any(s['mountpoint'] == '/proc' and s['fstype'] == 'proc' for s in d['superblocks']), d['superblocks']"
    tap_ok "$engine: snmpd on the host serves it" wait_for 10 named dcmTotalsDentries.0
    in_container -v "$state/run:/run/dcachemon" --entrypoint /usr/bin/dcachemon "$image" show --cached --json \
        >"$SNMP_DIR/reader.json" 2>"$SNMP_DIR/reader.log"
    tap_ok "$engine: a container without rights reads the same" python3 -c "
import json
d = json.load(open('$SNMP_DIR/reader.json'))
assert d['superblocks'] and d['lookups'], d"
}
without_rights() {
    tap_ok "$engine: without the host's /proc it starts as well" sampler "${RIGHTS[@]}"
    tap_ok "$engine: and says what is missing" wait_for 30 has "
assert 'no procfs' in source['lookups']['reason'] and source['hash']['state'] == 'ok', source['lookups']"
    tap_ok "$engine: without any right it has totals" sampler
    tap_ok "$engine: and the reason for the rest" wait_for 30 has "
assert d['totals']['dentries'] and source['hash']['state'] != 'ok' and source['hash']['reason'], source"
}

# ---- each right alone (docs/containers.md) ----
# Where the engine keeps what it knows about its containers, and its key in the configuration.
state_of() { if [ "$engine" = podman ]; then echo "$SNMP_DIR/store/overlay-containers"; else echo "$SNMP_DIR/docker/data/containers"; fi; }
key_of() { if [ "$engine" = podman ]; then echo "storage = $SNMP_DIR/store"; else echo "docker = $SNMP_DIR/docker/data"; fi; }
named_sampler() { # OPTION...: it may look at others' processes, and has the folder of the engine
    printf '[sampling]\nproc = /host/proc\ncontainers_interval = 1\n[containers]\nprivileges = yes\n%s\n' "$(key_of)" >"$SNMP_DIR/named.conf"
    sampler "$@" -v /proc:/host/proc:ro -v "$SNMP_DIR/named.conf:/etc/dcachemon/dcachemon.conf:ro" -v "$(state_of):$(state_of):ro"
}
NAMED="any(s['container'] and s['container']['runtime'] == 'ENGINE' and s['container']['name'] == 'neighbour' for s in d['superblocks'])"
mounted() { echo "any(s['mountpoint'] == '$SNMP_DIR/counted' for s in d['superblocks'])"; }
each_right() {
    local interfaces
    interfaces=$(find /sys/class/net/ -mindepth 1 -name '[!b]*' | wc -l)
    # Of another user: root may look at root's processes that have no more rights.
    begin neighbour --user 4711 --entrypoint /bin/sleep "$image" 600
    tap_ok "$engine: with all rights it starts" named_sampler "${RIGHTS[@]}"
    tap_ok "$engine: it names a container beside it" wait_for 30 has "assert ${NAMED//ENGINE/$engine}"
    tap_ok "$engine: and counts the host's interfaces" wait_for 30 has "assert d['snmpd']['interfaces'] >= $interfaces, d['snmpd']"
    tap_ok "$engine: without sys_ptrace it starts" named_sampler --cap-add sys_admin --cap-add dac_read_search
    tap_ok "$engine: it says so, and names nobody" wait_for 30 has "
assert 'CAP_SYS_PTRACE' in source['containers']['reason'] and not ${NAMED//ENGINE/$engine}, source['containers']
assert source['hash']['state'] == 'ok' and $(mounted)"
    tap_ok "$engine: without sys_admin it starts" named_sampler --cap-add sys_ptrace --cap-add dac_read_search
    tap_ok "$engine: it has no chains and superblocks, but slab memory and lookups" wait_for 30 has "
assert source['hash']['state'] != 'ok' and source['superblocks']['state'] != 'ok' and source['lookups']['state'] == 'ok', source
assert d['totals']['slab_bytes']"
    tap_ok "$engine: in a PID namespace of its own it starts" own_pids
    tap_ok "$engine: it has none of the host's mount points" wait_for 30 has "
assert source['hash']['state'] == 'ok' and d['superblocks'] and not $(mounted)"
    tap_ok "$engine: in a network namespace of its own it starts" own_network
    tap_ok "$engine: it counts the container's interfaces" wait_for 30 has "assert d['snmpd']['interfaces'] < $interfaces, d['snmpd']"
    end neighbour
}
own_pids() { local SHARED=(--network host); named_sampler "${RIGHTS[@]}"; }
own_network() { local SHARED=(--pid host --network none); named_sampler "${RIGHTS[@]}"; }

# ---- collectd with the plugin ----
collectd_in() { # SOURCE OPTION...: values in $values
    values=$SNMP_DIR/values
    rm -rf "$values"
    mkdir "$values"
    sed "s,@SOURCE@,$1,; s,@COUNTED@,$SNMP_DIR/counted," >"$values/collectd.conf" <<'EOF'
Hostname "node"
BaseDir "/values"
PIDFile "/values/pid"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin logfile
<Plugin logfile>
  File "/values/log"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "/values"
  StoreRates false
</Plugin>
<LoadPlugin dcachemon>
  Interval 1
</LoadPlugin>
<Plugin dcachemon>
  Source @SOURCE@
  Proc "/host/proc"
  BudgetPercent 30
  HashInterval 1
  SuperblocksInterval 1
  LookupsInterval 1
  Superblock "@COUNTED@"
</Plugin>
EOF
    begin collectd "${@:2}" -v "$values:/values" --entrypoint /usr/sbin/collectd "$collectd_image" -f -C /values/collectd.conf
}
value() { # INSTANCE/TYPE: the last one
    # shellcheck disable=SC2086 # a pattern
    cat "$values"/node/dcachemon-$1-20* 2>/dev/null | tail -1 | cut -d, -f2 | grep .
}
counted() { # the tmpfs with its files, of a host that has thousands of others
    local hashed
    hashed=$(value 'superblock-tmpfs-*/objects-hashed') && [ "${hashed%.*}" = $FILES ]
}
like_the_host() { # within a fifth: others work here as well
    local dentries
    dentries=$(value totals/objects-dentries) &&
        awk -v a="$dentries" '{ exit !(a > 0.8 * $1 && a < 1.2 * $1) }' /proc/sys/fs/dentry-state
}
timed() { awk -v a="$(value 'lookup-*ipv6*/latency-lookup')" 'BEGIN { exit !(a > 0 && a < 1) }'; }
with_collectd() {
    [ -e "${collectd_archive[0]}" ] || { tap_skip "$engine: collectd" "no image with it: make check-image"; return; }
    collectd_image=$(load "${collectd_archive[0]}")
    tap_ok "$engine: collectd samples in its container" collectd_in self --pid host --network host "${RIGHTS[@]}" -v /proc:/host/proc:ro
    tap_ok "$engine: it counts the files of a filesystem of the host" wait_for 40 counted
    tap_ok "$engine: its total is the host's" wait_for 10 like_the_host
    tap_ok "$engine: its lookups are timed in the host's /proc" wait_for 20 timed
    tap_ok "$engine: collectd without rights has the sampler's socket" collectd_in daemon -v "$state/run:/run/dcachemon"
    tap_ok "$engine: it has the same" wait_for 40 counted
    tap_ok "$engine: and the same total" wait_for 10 like_the_host
    end collectd
}

try_engine() { # ENGINE
    engine=$1
    image=$(load "${archive[0]}")
    tap_ok "$engine: loads the image" test -n "$image"
    [ -n "$image" ] || return
    with_rights
    with_collectd
    without_rights
    each_right
    end sampler
}

snmp_env_prepare
trap leave EXIT
snmp_env_snmpd_start || exit 1
state=$SNMP_DIR/state
mkdir -p "$state/run" "$state/lib" "$SNMP_DIR/counted"
printf '[sampling]\nsocket = %s/run/snapshot.sock\n' "$state" >"$SNMP_DIR/reader.conf"
mount -t tmpfs counted "$SNMP_DIR/counted"
(cd "$SNMP_DIR/counted" && seq -f 'file-%g' $FILES | xargs touch)

if command -v podman >/dev/null && command -v runc >/dev/null; then
    RUN+=(--runtime runc --ulimit nofile=1024:1024 --ulimit nproc=4096:4096)
    try_engine podman
    RUN=("${RUN[@]:0:5}")
else
    tap_skip "podman" "no podman, or no runc: make deps-image"
fi
if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    tap_skip "docker" "no docker: make deps-containers"
elif docker_env_start "$SNMP_DIR/docker"; then
    try_engine docker
else
    tap_skip "docker" "$(docker_env_reason)"
fi
tap_done
