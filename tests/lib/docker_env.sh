# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A private docker, sourced after tests/lib/report.sh: its daemon, data and socket are in one folder.
#   docker_env_start FOLDER [OPTION...]   dockerd with these options too; waits until it answers.
#                                         What is wrong otherwise: docker_env_reason
#   docker_here COMMAND...                docker, of this daemon
#   docker_env_end                        what runs, daemon, and what it has mounted
DOCKER_DIR='' DOCKER_PID=''

docker_here() { command docker -H "unix://$DOCKER_DIR/docker.sock" "$@"; }

docker_env_start() { # FOLDER [OPTION...]
    DOCKER_DIR=$1
    shift
    mkdir -p "$DOCKER_DIR"
    dockerd --data-root "$DOCKER_DIR/data" --exec-root "$DOCKER_DIR/run" -p "$DOCKER_DIR/docker.pid" \
        -H "unix://$DOCKER_DIR/docker.sock" --bridge none --iptables=false --exec-opt native.cgroupdriver=cgroupfs "$@" \
        >>"$DOCKER_DIR/docker.log" 2>&1 &
    DOCKER_PID=$!
    wait_for 60 docker_here version
}

docker_env_reason() { echo "dockerd: $(tail -1 "$DOCKER_DIR/docker.log" | cut -c 1-200)"; }

docker_env_end() {
    local running
    [ -n "$DOCKER_PID" ] || return 0
    {
        mapfile -t running < <(docker_here ps -q)
        [ "${#running[@]}" = 0 ] || docker_here rm -f "${running[@]}"
        kill "$DOCKER_PID" && wait "$DOCKER_PID"
        umount -l "$DOCKER_DIR/data" # which dockerd binds to itself
        umount "$DOCKER_DIR"/run/netns/*
        rmdir /sys/fs/cgroup/{,*/}docker
    } >/dev/null 2>&1
    DOCKER_PID=''
}
