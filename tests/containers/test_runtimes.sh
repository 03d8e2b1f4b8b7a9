#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# Names of containers beside real runtimes, private ones with folders of their own: docker, podman as
# root and as a user, containerd. N of each (CONTAINERS=20): right after their start, after a rename, a
# kill of the process that watches one, and a restart of the daemon.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# shellcheck source=tests/lib/container_names.sh
. "$TOP/tests/lib/container_names.sh"
pids=()
end_all() { for pid in "${pids[@]}"; do kill "$pid" && wait "$pid"; done 2>/dev/null; }
# Control groups that runtimes leave behind, if they are empty.
on_exit 'rmdir /sys/fs/cgroup/{,*/}{default,docker,libpod_parent}{/*,} 2>/dev/null'
on_exit end_all
# The image: busybox, and a folder that it is made of.
mkdir -p "$tmp/rootfs/"{bin,proc,sys,dev,etc,tmp}
cp "$(command -v busybox)" "$tmp/rootfs/bin/busybox"
tar -C "$tmp/rootfs" -cf "$tmp/image.tar" .
chmod 755 "$tmp"
# The machine's root may not raise limits; its user may have no device for a network.
limits=(--ulimit nofile=1024:1024 --ulimit nproc=4096:4096)

# ---- podman ----
try_podman() { # TEXT PREFIX: with "podman" as a function
    local name
    podman import "$tmp/image.tar" example/busybox:1 >"$tmp/out" 2>&1 || { skip "$1" "$(tail -1 "$tmp/out")"; return; }
    for name in $(all "$2"); do
        podman run -d --name "$name" --network none "${limits[@]}" example/busybox:1 /bin/busybox sleep 600 >>"$tmp/out" 2>&1 ||
            { skip "$1" "$(tail -1 "$tmp/out")"; return; }
    done
    # shellcheck disable=SC2046
    check "$1: $count of $count" named podman example/busybox:1 $(all "$2")
    podman rename "$2-1" "$2-renamed"
    gone=$2-1 check "$1: a new name" named podman example/busybox:1 "$2-renamed"
    kill -9 "$(podman inspect -f '{{.ConmonPidFile}}' "$2-2" | xargs cat)"
    check "$1: its monitor killed" named podman example/busybox:1 "$2-2"
    podman rm -f -t 0 "$2-3" >/dev/null
    gone=$2-3 check "$1: removed" named podman example/busybox:1 "$2-2"
    podman rm -f -a -t 0 >/dev/null
}
if ! missing "podman" podman runc; then
    podman() {
        command podman --root "$tmp/storage" --runroot "$tmp/run" --runtime runc --cgroup-manager cgroupfs \
            --events-backend file "$@"
    }
    on_exit "podman rm -f -a -t 0 >/dev/null 2>&1; umount -l '$tmp/storage/overlay' 2>/dev/null"
    configure storage "$tmp/storage"
    try_podman "podman" root
fi

# Its folder is found by what it mounts: the configuration names another one.
if ! missing "podman of a user" podman runc setpriv; then
    user=$tmp/user
    mkdir -p "$user"/{home,run}
    chown -R 65534:65534 "$user"
    podman() {
        setpriv --reuid 65534 --regid 65534 --clear-groups env -i "PATH=$PATH" "HOME=$user/home" "XDG_RUNTIME_DIR=$user/run" \
            podman --root "$user/storage" --runroot "$user/run/c" --runtime runc --cgroup-manager cgroupfs \
            --events-backend file --storage-driver overlay "$@"
    }
    on_exit "podman rm -f -a -t 0 >/dev/null 2>&1; kill \"\$(cat '$user/run/libpod/tmp/pause.pid')\" 2>/dev/null"
    configure storage /nonexistent
    try_podman "podman of a user" user
fi

# ---- containerd ----
if ! missing "containerd" containerd ctr runc; then
    printf 'version = 2\nroot = "%s"\nstate = "%s"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "%s"\n' \
        "$tmp/cd-root" "$tmp/cd-state" "$tmp/cd.sock" >"$tmp/cd.toml"
    start_containerd() {
        containerd -c "$tmp/cd.toml" >>"$tmp/cd.log" 2>&1 &
        daemon=$!
        pids+=("$daemon")
        wait_for 30 ctr -a "$tmp/cd.sock" version
    }
    end_tasks() {
        local name
        for name in $(ctr -a "$tmp/cd.sock" containers ls -q); do
            ctr -a "$tmp/cd.sock" tasks kill -s KILL "$name"
            wait_for 10 ctr -a "$tmp/cd.sock" tasks rm "$name"
            ctr -a "$tmp/cd.sock" containers rm "$name"
        done
    }
    start_containerd
    on_exit 'end_tasks >/dev/null 2>&1'
    for name in $(all ctr); do
        ctr -a "$tmp/cd.sock" run -d --rootfs "$tmp/rootfs" "$name" /bin/busybox sleep 600 >>"$tmp/cd.log" 2>&1
    done
    configure containerd "$tmp/cd-state"
    # shellcheck disable=SC2046
    check "containerd: $count of $count" named containerd '' $(all ctr)
    kill "$daemon" && wait "$daemon"
    start_containerd
    # shellcheck disable=SC2046
    check "containerd: after a restart of the daemon" named containerd '' $(all ctr)
    end_tasks >/dev/null 2>&1
fi

# ---- docker ----
if ! missing "docker" dockerd docker containerd runc; then
    docker() { command docker -H "unix://$tmp/docker.sock" "$@"; }
    start_docker() {
        dockerd --data-root "$tmp/docker" --exec-root "$tmp/docker-run" -p "$tmp/docker.pid" -H "unix://$tmp/docker.sock" \
            --bridge none --iptables=false --live-restore --exec-opt native.cgroupdriver=cgroupfs >>"$tmp/docker.log" 2>&1 &
        daemon=$!
        pids+=("$daemon")
        wait_for 60 docker version
    }
    if ! start_docker; then
        skip "docker" "dockerd: $(tail -1 "$tmp/docker.log" | cut -c 1-200)"
    else
        on_exit "umount -l '$tmp/docker'" # which dockerd binds to itself
        on_exit "docker ps -aq | xargs -r docker -H unix://$tmp/docker.sock rm -f >/dev/null 2>&1"
        docker import "$tmp/image.tar" example/busybox:1 >"$tmp/out"
        for name in $(all web); do
            docker run -d --name "$name" --network none example/busybox:1 /bin/busybox sleep 600 >>"$tmp/out" 2>&1
        done
        configure docker "$tmp/docker"
        # shellcheck disable=SC2046
        check "docker: $count of $count" named docker example/busybox:1 $(all web)
        docker rename web-1 renamed
        gone=web-1 check "docker: a new name" named docker example/busybox:1 renamed
        kill "$daemon" && wait "$daemon"
        start_docker
        # shellcheck disable=SC2046
        check "docker: after a restart of the daemon" named docker example/busybox:1 renamed $(all web | sed 1d)
        docker rm -f web-3 >/dev/null
        gone=web-3 check "docker: removed" named docker example/busybox:1 web-2
    fi
fi
done_testing
