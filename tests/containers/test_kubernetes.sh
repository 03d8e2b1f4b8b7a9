#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# Names of pods and their containers: containerd and CRI-O, private ones, told by CRI what kubelet tells
# them, and kubelet itself with pods from files, where there is one. N pods of each (CONTAINERS=20): right
# after their start, after the end of a container, of a pod and of its network, and a restart of the daemon.
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# shellcheck source=tests/lib/container_names.sh
. "$TOP/tests/lib/container_names.sh"
# shellcheck source=tests/lib/cri_env.sh
. "$TOP/tests/lib/cri_env.sh"
for command in busybox containerd ctr runc nsenter; do
    command -v $command >/dev/null || { echo "1..0 # SKIP no $command (make deps-containers)"; exit 0; }
done
/usr/bin/python3 -c 'import grpc' 2>/dev/null || { echo "1..0 # SKIP no python3-grpcio (make deps-containers)"; exit 0; }
[ -x /usr/lib/cni/ptp ] || { echo "1..0 # SKIP no network plugins (make deps-containers)"; exit 0; }

space=dcachemon-test-$$ image=example.org/busybox:1
# Control groups that runtimes leave behind, if they are empty.
remove_groups() { find /sys/fs/cgroup -depth -type d -path "*/$1*" -exec rmdir {} + 2>/dev/null; }
on_exit "remove_groups $space"
on_exit cri_end
configure_kube() { # KEY FOLDER
    configure "$1" "$2"
    sed -i "s,^\[containers\],&\npods = $tmp/pods," "$tmp/conf"
}
declare -A uid sandbox container
# Of every second pod as of a pod from a file: kubelet gives those a sum for a UID.
new_uid() {
    local uuid
    read -r uuid </proc/sys/kernel/random/uuid
    if (($1 % 2)); then echo "$uuid"; else echo "${uuid//-/}"; fi
}
pod() { # NUMBER [OPTION]
    local id
    uid[$1]=$(new_uid "$1")
    id=$(cri pod "$space" "cart-$1" "${uid[$1]}" --logs "$tmp/pods" --parent "/$space/kubepods/besteffort/pod${uid[$1]}" "${@:2}" 2>"$tmp/cri.err") || return
    sandbox[$1]=$id
    mkdir -p "$tmp/pods/${space}_cart-$1_${uid[$1]}"
}
run_in() { # NUMBER CONTAINER ATTEMPT
    container[$1.$2]=$(cri container --logs "$tmp/pods" --parent "/$space/kubepods/besteffort/pod${uid[$1]}" "${sandbox[$1]}" "$space" \
        "cart-$1" "${uid[$1]}" "$2" "$3" $image /bin/busybox sleep 600 2>"$tmp/cri.err")
}
end_pod() { cri end "${sandbox[$1]}" 2>/dev/null && unset "sandbox[$1]" && rm -rf "$tmp/pods/${space}_cart-$1_"*; }
end_pods() {
    local i
    for i in "${!sandbox[@]}"; do end_pod "$i"; done
}
of_pods() { seq -f "$space/cart-%g${1:-}" 2 "$count"; } # [/CONTAINER]
ids_of() { # NAME: how many containers are called so
    python3 - "$tmp/show.json" "$1" <<'PY'
import json, sys
rows = (row["container"] for row in json.load(open(sys.argv[1]))["superblocks"])
print(len({c["id"] for c in rows if c and "/".join(c[k] for k in ("namespace", "pod", "name") if c[k]) == sys.argv[2]}))
PY
}
only_one() { test "$(ids_of "$1")" = 1; }

# The first one has two containers and the network of the node.
make_pod() { # NUMBER
    local host=()
    [ "$1" != 1 ] || host=(--host)
    pod "$1" "${host[@]}" && run_in "$1" web 0 || return
    [ "$1" != 1 ] || run_in 1 log 0
}
try_pods() { # TEXT RUNTIME KEY FOLDER
    local i
    configure_kube "$3" "$4"
    for i in $(seq "$count"); do
        make_pod "$i" || { skip "$1" "$(tail -1 "$tmp/cri.err" | cut -c 1-200)"; return; }
    done
    # shellcheck disable=SC2046
    check "$1: $count of $count" named "$2" $image "$space"/cart-1/{web,log} $(of_pods /web)
    cri stop "${container[2.web]}" && run_in 2 web 1
    check "$1: a container that was started again" named "$2" $image "$space/cart-2/web"
    check "$1: its name is not that of the one before" only_one "$space/cart-2/web"
    end_pod 3 && pod 3 && run_in 3 web 0
    check "$1: a pod that was made anew" named "$2" $image "$space/cart-3/web"
    check "$1: its name is not that of the one before, either" only_one "$space/cart-3/web"
    "restart_$2"
    # shellcheck disable=SC2046
    check "$1: after a restart of the daemon" named "$2" $image "$space"/cart-1/{web,log} $(of_pods /web)
    end_pod 4
    gone="$space/cart-4 $space/cart-4/web" check "$1: a pod that is gone" named "$2" $image "$space/cart-2/web"
    touch "$tmp/no-network"
    check "$1: no network, no pod" eval '! pod 4'
    rm "$tmp/no-network"
    gone="$space/cart-4 $space/cart-4/web" check "$1: the pod that has got no network has nothing" named "$2" $image "$space/cart-2/web"
}
# CRI-O has no container that holds a pod, and its state is found by what it mounts.
try_holders() {
    # shellcheck disable=SC2046
    check "containerd: what containers of a pod share is the pod's" named containerd '' $(of_pods | grep -v -- '-4$')
    configure_kube containerd /nonexistent
    # shellcheck disable=SC2046
    check "containerd: the pods by their folders, without its state" named '' '' $(of_pods | grep -v -- '-4$')
}

# ---- kubelet ----
manifest() { # NUMBER
    cat >"$tmp/manifests/.new" <<Y
apiVersion: v1
kind: Pod
metadata: {name: cart-$1, namespace: $space}
spec:
  hostNetwork: $([ "$1" = 1 ] && echo true || echo false)
  terminationGracePeriodSeconds: 1
  volumes: [{name: mem, emptyDir: {medium: Memory}}]
  containers:
  - {name: web, image: "$image", imagePullPolicy: Never, command: [/bin/busybox, sleep, "600"], volumeMounts: [{name: mem, mountPath: /data}]}
  - {name: log, image: "$image", imagePullPolicy: Never, command: [/bin/busybox, sleep, "600"], volumeMounts: [{name: mem, mountPath: /data}]}
Y
    mv "$tmp/manifests/.new" "$tmp/manifests/cart-$1.yaml"
}
# The folders of its pods' logs have no other place before Kubernetes 1.30.
start_kubelet() {
    mkdir -p "$tmp/manifests" "$tmp/kubelet"
    cat >"$tmp/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: $tmp/manifests
fileCheckFrequency: 1s
syncFrequency: 5s
address: 127.0.0.1
readOnlyPort: 0
healthzPort: 0
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
failSwapOn: false
makeIPTablesUtilChains: false
enforceNodeAllocatable: []
oomScoreAdj: 0
volumePluginDir: $tmp/kubelet/plugins
evictionHard: {memory.available: 1Mi, nodefs.available: 1Mi, imagefs.available: 1Mi}
Y
    nsenter -n -t "$cri_network_pid" kubelet --config "$tmp/kubelet.yaml" --root-dir "$tmp/kubelet" --cert-dir "$tmp/kubelet/pki" \
        --container-runtime remote --container-runtime-endpoint "unix://$cri_socket" --hostname-override node-a >"$tmp/kubelet.log" 2>&1 &
    kubelet=$!
}
all_gone() { [ -z "$(ls "$tmp/cri-state/io.containerd.runtime.v2.task/k8s.io")" ]; }
end_kubelet() {
    rm -f "$tmp/manifests/"*
    wait_for 60 all_gone
    { kill "$kubelet" && wait "$kubelet"; } 2>/dev/null
    awk -v top="$tmp/kubelet" 'index($2, top) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
    rm -rf "/var/log/pods/${space}_"* "/var/log/containers/"*"_${space}_"*
    rm -rf /var/lib/kubelet/device-plugins # the only one that kubelet makes, wherever its own folder is
    rmdir /var/log/pods /var/log/containers /var/lib/kubelet 2>/dev/null
    remove_groups kubepods
}
mirrors() { seq -f "$space/cart-%g-node-a${1:-}" "$count"; } # [/CONTAINER]: kubelet adds the node's name
web_ids() { python3 - "$tmp/show.json" "$space" cart-2-node-a web <<'PY'
import json, sys
rows = (row["container"] for row in json.load(open(sys.argv[1]))["superblocks"])
print(*sorted({c["id"] for c in rows if c and [c["namespace"], c["pod"], c["name"]] == sys.argv[2:]}))
PY
}
started_again() { named containerd $image "$space/cart-2-node-a/web" && [ "$(web_ids)" != "$1" ]; }
volume_named() {
    python3 - "$tmp/show.json" "$space" <<'PY'
import json, sys
rows = [r for r in json.load(open(sys.argv[1]))["superblocks"] if "/kubernetes.io~empty-dir/mem" in (r["mountpoint"] or "")]
assert rows and all(r["container"] and r["container"]["namespace"] == sys.argv[2] and not r["container"]["name"] for r in rows), rows
PY
}
# waiting FIRST LAST: "show" has these two as pods that no container was made in, and only these; none if
# LAST is less.
waiting() {
    local names
    names=$(seq -s ' ' -f "$space/cart-%g-node-a" "$1" "$2" | sed 's/ / and /')
    [ "$1" -le "$2" ] || names=
    "$dcachemon" show --json -c "$tmp/conf" >"$tmp/show.json" && python3 - "$tmp/show.json" "$names" <<'PY'
import json, sys
row = json.load(open(sys.argv[1]))["namespaces"]
have = [row["waiting_pods"], " and ".join(sorted((row["waiting_pod_names"] or "").split(" and ")))]
assert have == [2 if sys.argv[2] else 0, sys.argv[2]], have
PY
}
# Real attempts: kubelet asks for the sandbox again and again, each time with a new namespace.
failures() { grep -c 'failed to setup network for sandbox' "$tmp/containerd.log"; }
failed_again() { [ "$(failures)" -ge "$1" ]; }
try_waiting() {
    local before
    touch "$tmp/no-network"
    before=$(failures)
    manifest $((count + 1))
    manifest $((count + 2))
    check "kubelet: two pods get no network, again and again" wait_for 120 failed_again $((before + 6))
    check "kubelet: they are named meanwhile" wait_for 20 waiting $((count + 1)) $((count + 2))
    rm "$tmp/no-network"
    check "kubelet: none waits once there is a network" wait_for 120 waiting 1 0
}
try_kubelet() {
    local i before
    for i in $(seq "$count"); do manifest "$i"; done
    # shellcheck disable=SC2046
    if ! wait_for 150 named containerd $image $(mirrors /web) $(mirrors /log); then
        kill -0 "$kubelet" 2>/dev/null || { skip "kubelet" "$(grep -v ' [IW]' "$tmp/kubelet.log" | tail -1 | cut -c 1-200)"; return; }
    fi
    # shellcheck disable=SC2046
    check "kubelet: pods from files, $count of $count" named containerd $image $(mirrors /web) $(mirrors /log)
    # shellcheck disable=SC2046
    check "kubelet: what containers of a pod share is the pod's" named containerd '' $(mirrors)
    check "kubelet: volumes in memory are the pod's" volume_named
    before=$(web_ids)
    ctr -a "$cri_socket" -n k8s.io task kill -s KILL "$(ctr -a "$cri_socket" -n k8s.io c ls -q "id~=^$before")"
    check "kubelet: it starts a container again" wait_for 60 started_again "$before"
    check "kubelet: one of that name" test "$(web_ids | wc -w)" = 1
    rm "$tmp/manifests/cart-3.yaml"
    gone="$space/cart-3-node-a $space/cart-3-node-a/web" check "kubelet: a pod whose file is gone" wait_for 60 named containerd $image "$space/cart-2-node-a/web"
    try_waiting
}

cri_image
cri_network || { echo "1..0 # SKIP no network namespace can be made here"; exit 0; }
on_exit end_pods
restart_containerd() { cri_stop && cri_start_containerd; }
if cri_start_containerd; then
    try_pods "containerd" containerd containerd "$tmp/cri-state"
    try_holders
    end_pods
    configure containerd "$tmp/cri-state"
    if ! command -v kubelet >/dev/null; then
        skip "kubelet" "there is none here; Debian 12 has no package of it"
    elif [ -e /var/lib/kubelet ]; then
        skip "kubelet" "this host has one of its own: /var/lib/kubelet"
    else
        start_kubelet
        on_exit end_kubelet
        try_kubelet
        end_kubelet
    fi
else
    skip "containerd" "$(tail -1 "$tmp/containerd.log" | cut -c 1-200)"
fi
cri_stop

restart_cri-o() { cri_stop && cri_start_crio; }
if ! command -v crio >/dev/null || ! command -v pinns >/dev/null; then
    skip "CRI-O" "there is none here; Debian 12 has no package of it"
elif ! missing "CRI-O" conmon podman; then
    on_exit "umount -l '$tmp/storage/overlay' 2>/dev/null"
    if cri_start_crio; then
        try_pods "CRI-O" cri-o storage "$tmp/storage"
        end_pods
    else
        skip "CRI-O" "$(cri ready 2>&1 | cut -c 1-200) $(tail -1 "$tmp/crio.log" | cut -c 1-200)"
    fi
    cri_stop
fi
done_testing
