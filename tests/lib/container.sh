# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What makes a process a container of docker, without docker: a control group and a state.
#
#   container_group       $id, 64 random digits, $short, and $group: a control group named after it that
#                         processes can be put into, of the v1 hierarchy of memory, else of cgroup2, else of
#                         any; fails where none can be made
#   container_named NAME  its state below $SNMP_DIR/docker, as docker writes it: a new file that takes
#                         the place of the old one, in $state
#   container_group_end   for what runs at the end, when its processes have ended

# shellcheck disable=SC2034 # $short and $group are for the test
container_group() {
    local folder folders
    id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    short=${id:0:12} group=''
    mapfile -t folders < <(awk '$3 == "cgroup2" || $3 == "cgroup" { print ($4 ~ /(^|,)memory(,|$)/ ? 1 : $3 == "cgroup2" ? 2 : 3), $2 }' \
        /proc/mounts | sort -n | cut -d' ' -f2)
    for folder in "${folders[@]}"; do
        mkdir "$folder/docker-$id.scope" 2>/dev/null || continue
        (echo 0 >"$folder/docker-$id.scope/cgroup.procs") 2>/dev/null && group=$folder/docker-$id.scope && return
        rmdir "$folder/docker-$id.scope"
    done
    return 1
}

container_named() {
    state=$SNMP_DIR/docker/containers/$id
    mkdir -p "$state" &&
        printf '{"ID":"%s","Name":"/%s","Config":{"Image":"nginx:1.25","Labels":{}}}' "$id" "$1" >"$state/new" &&
        mv "$state/new" "$state/config.v2.json"
}

container_group_gone() { rmdir "$group" 2>/dev/null || [ ! -d "$group" ]; }
container_group_end() { [ -z "${group:-}" ] || wait_for 10 container_group_gone; }
