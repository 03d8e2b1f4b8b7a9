# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A container runtime for Kubernetes, private, with folders of its own below $tmp (of tap.sh):
#
#   cri_image           writes $tmp/image.tar, busybox as example.org/busybox:1
#   cri_network         $tmp/cni: a network plugin that is ptp, or fails while $tmp/no-network is there
#   cri_start_containerd / cri_stop, cri_end   end: also what it leaves behind
#   cri WORD...         tests/lib/cri.py on its socket, $cri_socket
#
# The runtime has a network namespace of its own, so that nothing here is on the host's network.
: "${tmp:?tap.sh comes first}"
cri_socket=$tmp/cri.sock cri_network_pid='' cri_daemon=''
cri() { /usr/bin/python3 "$TOP/tests/lib/cri.py" "$cri_socket" "$@"; }

cri_image() {
    mkdir -p "$tmp/rootfs/"{bin,proc,sys,dev,etc,tmp,data} "$tmp/image"
    cp "$(command -v busybox)" "$tmp/rootfs/bin/busybox"
    tar -C "$tmp/rootfs" -cf "$tmp/image/layer.tar" .
    printf '{"architecture":"%s","os":"linux","config":{"Cmd":["/bin/busybox","sleep","600"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(dpkg --print-architecture)" "$(sha256sum <"$tmp/image/layer.tar" | cut -d' ' -f1)" >"$tmp/image/config.json"
    printf '[{"Config":"config.json","RepoTags":["example.org/busybox:1"],"Layers":["layer.tar"]}]' >"$tmp/image/manifest.json"
    tar -C "$tmp/image" -cf "$tmp/image.tar" manifest.json config.json layer.tar
}

cri_network() {
    mkdir -p "$tmp/cni/bin" "$tmp/cni/net.d"
    ln -s /usr/lib/cni/* "$tmp/cni/bin/"
    cat >"$tmp/cni/bin/sometimes" <<E2
#!/bin/sh
[ ! -e $tmp/no-network ] || [ "\$CNI_COMMAND" != ADD ] || { echo '{"cniVersion":"0.4.0","code":11,"msg":"no network here"}'; exit 1; }
exec /usr/lib/cni/ptp
E2
    chmod 755 "$tmp/cni/bin/sometimes"
    printf '{"cniVersion":"0.4.0","name":"test","plugins":[{"type":"sometimes","ipam":{"type":"host-local","subnet":"198.18.0.0/24","dataDir":"%s"}}]}' \
        "$tmp/cni/data" >"$tmp/cni/net.d/10-test.conflist"
    unshare -n sh -c 'ip link set lo up && exec sleep 86400' &
    cri_network_pid=$!
    wait_for 10 nsenter -n -t "$cri_network_pid" ip -o link show up dev lo
}

cri_start_containerd() { # DRIVER
    cat >"$tmp/containerd.toml" <<E2
version = 2
root = "$tmp/cri-root"
state = "$tmp/cri-state"
[grpc]
address = "$cri_socket"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "example.org/busybox:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "$tmp/cni/bin"
conf_dir = "$tmp/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
E2
    nsenter -n -t "$cri_network_pid" containerd -c "$tmp/containerd.toml" >>"$tmp/containerd.log" 2>&1 &
    cri_daemon=$!
    wait_for 30 ctr -a "$cri_socket" version && ctr -a "$cri_socket" -n k8s.io images import "$tmp/image.tar" >>"$tmp/containerd.log" 2>&1 &&
        wait_for 30 cri ready
}
cri_stop() { [ -z "$cri_daemon" ] || { kill "$cri_daemon" && wait "$cri_daemon"; } 2>/dev/null; cri_daemon=''; }
cri_end() {
    cri_stop
    [ -z "$cri_network_pid" ] || { kill "$cri_network_pid" && wait "$cri_network_pid"; } 2>/dev/null
}

# CRI-O, as a package of its project or one built here; Debian 12 has none.
cri_start_crio() {
    cat >"$tmp/crio.conf" <<E2
[crio]
root = "$tmp/storage"
runroot = "$tmp/storage-run"
storage_driver = "overlay"
log_dir = "$tmp/crio-logs"
version_file = "$tmp/crio.version"
version_file_persist = "$tmp/crio.version-persist"
clean_shutdown_file = "$tmp/crio.clean"
[crio.api]
listen = "$cri_socket"
[crio.runtime]
conmon = "$(command -v conmon)"
conmon_cgroup = "pod"
cgroup_manager = "cgroupfs"
default_runtime = "runc"
pinns_path = "$(command -v pinns)"
container_exits_dir = "$tmp/exits"
container_attach_socket_dir = "$tmp/attach"
namespaces_dir = "$tmp/ns"
hooks_dir = []
apparmor_profile = "unconfined"
ctr_stop_timeout = 1
[crio.runtime.runtimes.runc]
runtime_path = "$(command -v runc)"
runtime_root = "$tmp/runc"
[crio.image]
pause_image = "example.org/busybox:1"
pause_command = "/bin/busybox sleep 600"
signature_policy = "$tmp/policy.json"
[crio.network]
network_dir = "$tmp/cni/net.d"
plugin_dirs = ["$tmp/cni/bin"]
E2
    printf '{"default":[{"type":"insecureAcceptAnything"}]}' >"$tmp/policy.json"
    podman --root "$tmp/storage" --runroot "$tmp/storage-run" --storage-driver overlay load -q -i "$tmp/image.tar" >>"$tmp/crio.log" 2>&1
    nsenter -n -t "$cri_network_pid" "$(command -v crio)" --config "$tmp/crio.conf" --config-dir '' >>"$tmp/crio.log" 2>&1 &
    cri_daemon=$!
    wait_for 30 cri ready
}
