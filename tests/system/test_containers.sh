#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: superblocks
# sees: mounts
# A container without a daemon: a process in a mount namespace, an overlay and a control group of its
# own, named as docker names them, and a state folder. Its names are in "show" and over SNMP; after a
# rename the new one is, and with the container they go. Its overlay must not meet a reclaim by type.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
. "$TOP/tests/lib/container.sh"
live_need_bpf
container_group || { echo "1..0 # SKIP no control group can be made here"; exit 0; }

mounted=''
stop() {
    [ "$BASHPID" = "$$" ] || return
    snmp_env_end container
    [ -z "$mounted" ] || umount -l "$SNMP_DIR/merged" 2>/dev/null
    umount -l "$SNMP_DIR/backing" 2>/dev/null
    container_group_end
    snmp_env_stop
}
snmp_env_start
trap stop EXIT
mkdir "$SNMP_DIR"/{backing,merged,docker}
mount -t tmpfs dcm-test "$SNMP_DIR/backing"
mkdir "$SNMP_DIR"/backing/{upper,work}
# The host's own programs are the image.
mount -t overlay dcm-test \
    -o "lowerdir=/,upperdir=$SNMP_DIR/backing/upper,workdir=$SNMP_DIR/backing/work" "$SNMP_DIR/merged" && mounted=1
[ -n "$mounted" ] || { echo "1..0 # SKIP no overlay can be mounted over / here"; exit 0; }
device=$(awk -v m="$SNMP_DIR/merged" '$5 == m { print $3 }' /proc/1/mountinfo)

# /srv is a folder of the host, /mnt its own. Not by snmp_env_spawn: where that runs, a /sys of its own
# hides the control groups.
# shellcheck disable=SC2016
container() {
    setpriv --pdeathsig KILL sh -c 'echo 0 >"$1/cgroup.procs" && exec unshare -m --propagation private sh -c "
        mount --bind /srv \"$2/merged/srv\" && mount -t tmpfs own \"$2/merged/mnt\" &&
            exec chroot \"$2/merged\" sh -c \"exec sleep 600\""' sh "$group" "$SNMP_DIR" >"$SNMP_DIR/container.log" 2>&1 &
    SNMP_PIDS[container]=$!
    wait_for 10 inside
}
inside() { grep -q ' /mnt ' "/proc/${SNMP_PIDS[container]}/mountinfo" && grep -q sleep "/proc/${SNMP_PIDS[container]}/comm"; }
own_device() { awk '$5 == "/mnt" { print $3 }' "/proc/${SNMP_PIDS[container]}/mountinfo"; }

container_named web-1
container
own=$(own_device)
tap_ok "a process is in a namespace of its own" test -n "$own"
printf '[sampling]\nsuperblocks_interval = 1\ncontainers_interval = 1\nhash_interval = 0\nsocket = %s\n[containers]\ndocker = %s\nprivileges = yes\n[state]\nfolder =\n' \
    "$SNMP_DIR/snapshot.sock" "$SNMP_DIR/docker" >"$SNMP_DIR/containers.conf"
show() { "$dcachemon" show --json -c "$SNMP_DIR/containers.conf" >"$SNMP_DIR/show.json"; }
row() { echo "next(s for s in d['superblocks'] if s['device'] == '$1')"; }
is_named() { # NAME
    json "$(row "$device")['container'] == dict(runtime='docker', id='$short', name='$1', image='nginx:1.25', pod=None, namespace=None)"
}

# ---- show ----
show
tap_ok "show: the overlay has the container's name" is_named web-1
tap_ok "show: so has what only it has mounted" json "$(row "$own")['container']['name'] == 'web-1'"
tap_ok "show: and a process that sees it" \
    json "$(row "$own")['process'] == dict(pid=${SNMP_PIDS[container]}, command='sleep')"
tap_ok "show: nothing else is its own" \
    json "{s['device'] for s in d['superblocks'] if (s['container'] or {}).get('id') == '$short'} == {'$device', '$own'}"
"$dcachemon" show --all -c "$SNMP_DIR/containers.conf" >"$SNMP_DIR/show.txt"
tap_ok "show: its tables say it" grep -q "$SNMP_DIR/merged .*web-1 (docker $short)" "$SNMP_DIR/show.txt"
container_named web-2
show
tap_ok "show: the new name after a rename" is_named web-2

# ---- the daemon ----
container_named web-1
snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/containers.conf" -x "$SNMP_AGENTX"
column() { table "$1" | sed -n "s/^[^.]*\.$index //p" | tr -d '"'; }
find_row() {
    index=$(table dcmSuperblockDevice | tr -d '"' | sed -n "s/^dcmSuperblockDevice\.\([0-9]*\) $device\$/\1/p")
    [ -n "$index" ]
}
snmp_name() { table dcmSuperblockContainerName | grep -qE "^dcmSuperblockContainerName\.$index \"?$1\"?\$"; }
tap_ok "SNMP: the overlay has a row" wait_for 20 find_row
tap_ok "SNMP: with the name" wait_for 10 snmp_name web-1
tap_ok "SNMP: and runtime, ID and image" \
    test "$(column dcmSuperblockContainerRuntime) $(column dcmSuperblockContainerId) $(column dcmSuperblockContainerImage)" = \
    "docker $short nginx:1.25"
container_named web-3
tap_ok "SNMP: the new name after a rename" wait_for 10 snmp_name web-3
snmp_env_end container
tap_ok "SNMP: none when the container has ended" wait_for 20 snmp_name ''
# Another container takes its place, with the mount that the host still has.
container_named web-4
container
tap_ok "SNMP: the name of the next one" wait_for 20 snmp_name web-4

# ---- reclaim ----
# In a folder that only the overlay has: the filesystem below keeps none of these names. Others may
# look up names of the host's through it meanwhile.
mkdir "$SNMP_DIR/merged/own"
"$BUILD/tests/lib/plant" negative "$SNMP_DIR/merged/own" 3000
reclaim() { "$dcachemon" reclaim -c "$SNMP_DIR/containers.conf" --container "$1" --yes --json >"$SNMP_DIR/show.json" 2>"$SNMP_DIR/err"; }
tap_ok "reclaim: by the name of the container" reclaim web-4
sed 's/^/# /' "$SNMP_DIR/show.json"
tap_ok "reclaim: its entries are gone" \
    json "d['reclaims'][0]['device'] == '$device' and d['reclaims'][0]['unused_before'] >= 3000 and d['reclaims'][0]['unused_after'] < 1000"
nobody() { ! reclaim web-1 && grep -q 'container web-1: no running container is called that' "$SNMP_DIR/err"; }
tap_ok "reclaim: not by a former name" nobody

rm "$state/config.v2.json"
tap_ok "SNMP: no name without a state" wait_for 10 snmp_name ''
tap_ok "SNMP: but the ID" test "$(column dcmSuperblockContainerId)" = "$short"
tap_done
