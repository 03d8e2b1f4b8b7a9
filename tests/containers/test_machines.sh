#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# Names of containers of LXC and systemd-nspawn, busybox in each. N of each (CONTAINERS=20): right after
# their start; those whose control group is called otherwise, or is not theirs; and after their end.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# shellcheck source=tests/lib/container_names.sh
. "$TOP/tests/lib/container_names.sh"
command -v busybox >/dev/null || { echo "1..0 # SKIP no busybox (make deps-containers)"; exit 0; }
configure docker /nonexistent

tree() { # FOLDER
    mkdir -p "$1"/{bin,proc,sys,dev,etc,tmp,run,usr,var}
    cp "$(command -v busybox)" "$1/bin/busybox"
}

# ---- LXC ----
lxc_start() { # LXCPATH NAME
    mkdir -p "$1/$2"
    cp -al "$tmp/tree" "$1/$2/rootfs"
    printf 'lxc.rootfs.path = dir:%s/%s/rootfs\nlxc.net.0.type = empty\nlxc.mount.auto = proc:mixed sys:ro\nlxc.apparmor.profile = unconfined\n' \
        "$1" "$2" >"$1/$2/config"
    on_exit "lxc-stop -k -P '$1' -n '$2' 2>/dev/null"
    lxc-start -d -P "$1" -n "$2" -o "$tmp/lxc.log" -l INFO -- /bin/busybox sleep 600
}
try_lxc() {
    local name
    # What lxc leaves behind, if it is empty.
    on_exit 'rmdir /sys/fs/cgroup/{,*/}lxc.{pivot,payload.*,monitor.*} 2>/dev/null'
    for name in $(all box) web; do
        lxc_start "$tmp/lxc" "$name" 2>"$tmp/out" || { skip "lxc" "$(tail -1 "$tmp/out" | cut -c 1-200)"; return; }
    done
    # shellcheck disable=SC2046
    check "lxc: $count of $count" named lxc '' $(all box)
    lxc_start "$tmp/other" web
    group=$(grep -h -m1 lxc.payload "/proc/$(lxc-info -P "$tmp/other" -n web -pH)/cgroup")
    echo "# the second 'web' is in ${group##*:}"
    gone=${group##*lxc.payload.} check "lxc: a second one of that name" named lxc '' web
    lxc-stop -k -P "$tmp/lxc" -n web
    gone=${group##*lxc.payload.} check "lxc: of two of that name one has ended" named lxc '' web
    lxc-stop -k -P "$tmp/other" -n web
    gone=web check "lxc: both have ended" named lxc '' box-1
}
tree "$tmp/tree"
missing "lxc" lxc-start lxc-stop lxc-info || try_lxc

# ---- systemd-nspawn ----
machines=()
end_machines() {
    local pid
    for pid in "${machines[@]}"; do kill "$pid" && wait "$pid"; done 2>/dev/null
}
# No systemd needs to run here: nothing is registered, and the control group is the caller's.
nspawn_start() { # NAME OPTION...
    cp -al "$tmp/tree" "$tmp/machine-$1"
    systemd-nspawn -q -D "$tmp/machine-$1" -M "$1" --register=no --keep-unit "${@:2}" /bin/busybox sleep 600 \
        </dev/null >>"$tmp/nspawn.log" 2>&1 &
    machines+=($!)
}
try_nspawn() {
    local name
    on_exit end_machines
    for name in $(all mach | sed 1d); do nspawn_start "$name"; done
    nspawn_start mach-1 --volatile=overlay --private-network
    # shellcheck disable=SC2046
    if ! wait_for 20 named nspawn '' $(all mach) && [ -s "$tmp/nspawn.log" ]; then
        skip "nspawn" "$(tail -1 "$tmp/nspawn.log" | cut -c 1-200)"
        return
    fi
    # shellcheck disable=SC2046
    check "nspawn: $count of $count" named nspawn '' $(all mach)
    kill "${machines[0]}" && wait "${machines[0]}" 2>/dev/null
    gone=mach-2 check "nspawn: ended" named nspawn '' mach-1
}
missing "nspawn" systemd-nspawn || try_nspawn
done_testing
