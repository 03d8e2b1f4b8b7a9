#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
# needs: chains
# Pods beside the daemon and stock snmpd: columns of the MIB, alarms, "show --explain", and pods that get
# no network. containerd with CRI, told what kubelet tells it; folders of logs as kubelet makes them.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf
for command in busybox containerd ctr runc nsenter; do
    command -v $command >/dev/null || { echo "1..0 # SKIP no $command (make deps-containers)"; exit 0; }
done
/usr/bin/python3 -c 'import grpc' 2>/dev/null || { echo "1..0 # SKIP no python3-grpcio (make deps-containers)"; exit 0; }
[ -x /usr/lib/cni/ptp ] || { echo "1..0 # SKIP no network plugins (make deps-containers)"; exit 0; }
snmp_env_start
tmp=$SNMP_DIR
. "$TOP/tests/lib/cri_env.sh"

declare -A uid sandbox
image=example.org/busybox:1 shop=shop-$$ bank=bank-$$ group=dcachemon-test-$$
folder_of() { echo "$tmp/pods/${1/\//_}_${uid[$1]}"; } # NAMESPACE/POD
pod() { # NAMESPACE/POD
    [ -n "${uid[$1]:-}" ] || uid[$1]=$(tr -d - </proc/sys/kernel/random/uuid)
    mkdir -p "$(folder_of "$1")"
    sandbox[$1]=$(cri pod "${1%/*}" "${1#*/}" "${uid[$1]}" --logs "$tmp/pods" \
        --parent "/$group/kubepods/besteffort/pod${uid[$1]}" 2>>"$tmp/cri.err") || { unset "sandbox[$1]"; return 1; }
}
run_in() { # NAMESPACE/POD CONTAINER
    mkdir -p "$(folder_of "$1")/$2"
    cri container --logs "$tmp/pods" --parent "/$group/kubepods/besteffort/pod${uid[$1]}" "${sandbox[$1]}" "${1%/*}" "${1#*/}" \
        "${uid[$1]}" "$2" 0 $image /bin/busybox sleep 600 2>>"$tmp/cri.err" >"$tmp/container.id"
}
web_pod() { pod "$1" && run_in "$1" web; }
stop_all() {
    local each
    [ "$BASHPID" = "$$" ] || return
    for each in "${!sandbox[@]}"; do cri end "${sandbox[$each]}" 2>/dev/null; done
    cri_end
    plant_end
    snmp_env_stop
    find /sys/fs/cgroup -depth -type d -path "*/$group*" -exec rmdir {} + 2>/dev/null
}

# sampled PYTHON: about the document of the daemon.
sampled() {
    "$dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/show.json" && json "$1"
}
in_words() { "$dcachemon" show --cached --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/text" && grep -E "$1" "$SNMP_DIR/text"; }

# columns TABLE POD: what the row of that container "web" has, "RUNTIME NAME IMAGE NAMESPACE" each.
columns() {
    table "$1Table" >"$SNMP_DIR/rows"
    python3 - "$SNMP_DIR/rows" "$1Container" "$2" <<'PY'
import sys
rows = {}
for line in open(sys.argv[1]):
    column, _, value = line.rstrip("\n").partition(" ")
    name, _, index = column.partition(".")
    rows.setdefault(index, {})[name] = value.strip('"')
for row in rows.values():
    values = [row.get(sys.argv[2] + part, "") for part in ("Pod", "Runtime", "Name", "Image", "Namespace")]
    if values[0] == sys.argv[3]:
        print(*values[1:])
PY
}
has_columns() { columns "$1" "$2" | grep -qx "containerd web $image $3"; } # TABLE POD NAMESPACE
alarm_says() { sampled "any(a['type'] == '$1' and '$2' in a['text'] for a in d['alarms'])"; } # TYPE TEXT
manager_reads_alarm() { table dcmAlarmText | grep -qF "$1"; }
# The first row of the group of pods: four of the namespace, and no other.
explained() {
    "$dcachemon" show --explain --json -c "$SNMP_DIR/dcachemon.conf" >"$SNMP_DIR/show.json" &&
        json "[[o['namespaces'], o['containers'], o['container']['runtime'], o['container']['pod']] for o in d['chains'][0]['explain']['owners']
            if o['container'] and o['container']['namespace'] == '$shop'] == [[4, 4, 'containerd', None]]" &&
        json "[[o['namespaces'], o['container']['pod']] for o in d['chains'][0]['explain']['owners']
            if o['container'] and o['container']['namespace'] == '$bank'] == [[1, 'teller']]"
}
explained_in_words() {
    "$dcachemon" show --explain -c "$SNMP_DIR/dcachemon.conf" >"$SNMP_DIR/text"
    grep -E "^ +4 of containerd containers of namespace $shop.*: $shop/cart-[1-4][^,]*, $shop/cart-[1-4][^,]*, $shop/cart-[1-4][^,]* and 1 more" "$SNMP_DIR/text" ||
        { sed 's/^/# /' "$SNMP_DIR/text"; return 1; }
}
# Missing names in the container's own directory.
# shellcheck disable=SC2016
miss() { nsenter -m -t "$1" /bin/busybox sh -c 'i=0; while [ $i -lt 20000 ]; do [ -e /data/none-$i ]; i=$((i + 1)); done'; } # PID
# Each namespace of a pod has its entry in the chain once it was looked at.
look_at() { local pid; for pid in $(ctr -a "$cri_socket" -n k8s.io task ls | awk 'NR > 1 { print $2 }'); do nsenter -n -t "$pid" cat /proc/sys/net/ipv6/conf/all/disable_ipv6 >/dev/null; done; }

cri_image
trap stop_all EXIT
cri_network || { echo "1..0 # SKIP no network namespace can be made here"; exit 0; }
cri_start_containerd || { echo "1..0 # SKIP containerd: $(tail -1 "$tmp/containerd.log" | cut -c 1-200)"; exit 0; }
: >"$SNMP_DIR/empty.conf"
web_pod "$shop/cart-1" || { echo "1..0 # SKIP no pod can be made here: $(tail -1 "$tmp/cri.err" | cut -c 1-200)"; exit 0; }
conf=('containers_interval = 1' '[state]' 'folder =' '[containers]' "containerd = $tmp/cri-state" "pods = $tmp/pods" 'privileges = yes'
    '[alarm netns_churn]' 'warning = 0.1' 'raise_after = 0'
    "[alarm superblock_unused container:$shop/cart-1/web]" 'warning = 10000' 'raise_after = 0')
tap_ok "the daemon samples" live_daemon "${conf[@]}"

for each in "$shop"/cart-{2,3,4} "$bank/teller"; do tap_ok "a pod: ${each#*/}" web_pod "$each"; done
task=$(ctr -a "$cri_socket" -n k8s.io task ls | awk -v id="$(ctr -a "$cri_socket" -n k8s.io c ls -q "labels.\"io.kubernetes.pod.uid\"==${uid[$shop/cart-1]},labels.\"io.cri-containerd.kind\"==container")" '$1 == id { print $2 }')
tap_ok "20,000 missing names in a container" miss "$task"

# ---- the MIB ----
for pod in cart-1 cart-2 cart-3 cart-4; do tap_ok "superblock of $pod: all columns" wait_for 20 has_columns dcmSuperblock $pod "$shop"; done
tap_ok "superblock of teller: all columns" wait_for 20 has_columns dcmSuperblock teller "$bank"
tap_ok "directory of cart-1: all columns" wait_for 60 has_columns dcmDirectory cart-1 "$shop"

# ---- alarms ----
tap_ok "an alarm about one container by its name is raised" wait_for 60 alarm_says superblock_unused ", container $shop/cart-1/web, containerd "
tap_ok "about no other" sampled "sum(a['type'] == 'superblock_unused' and 'container' in a['text'] for a in d['alarms']) == 1"
tap_ok "a manager reads it" wait_for 20 manager_reads_alarm ", container $shop/cart-1/web, containerd "

# ---- who has the namespaces ----
tap_ok "a long chain" plant netns 100
tap_ok "the pods are in it" look_at
tap_ok "explained by namespaces of pods" explained
tap_ok "and in words" explained_in_words

# ---- pods that get no network ----
tap_ok "no pod waits" wait_for 20 sampled "d['namespaces']['waiting_pods'] == 0 and not d['namespaces']['waiting_pod_names']"
tap_ok "one waits for an image: it has its sandbox" pod "$bank/vault"
touch "$tmp/no-network"
try() { # how often each fails
    local each
    for _ in $(seq "$1"); do
        for each in "$shop"/broken-{1,2,3}; do ! pod "$each" || return 1; done
    done
}
tap_ok "three pods get no network" try 1
# The text of an alarm is that of the moment when it was raised, and namespaces of before were many.
tap_ok "a daemon that has not seen those before" live_daemon "${conf[@]}"
all="$shop/broken-1, $shop/broken-2 and 1 more"
tap_ok "those three are named, and no other" wait_for 20 sampled "d['namespaces']['waiting_pods'] == 3 and d['namespaces']['waiting_pod_names'] == '$all'"
tap_ok "it counts each namespace as it is made" wait_for 20 sampled "d['namespaces']['created_exact']"
made=$(sampled "print(d['namespaces']['created']) or True")
tap_ok "they fail five times each" try 5
tap_ok "each time with a namespace" wait_for 20 sampled "d['namespaces']['created'] - $made >= 15"
tap_ok "in words" wait_for 20 in_words "^  pods +3 without a container yet: $all"
tap_ok "netns_churn names who makes them, and the pods" wait_for 60 alarm_says netns_churn "; no container yet in $all"
tap_ok "the maker is containerd" alarm_says netns_churn "containerd of "
tap_ok "a manager reads the alarm" wait_for 20 manager_reads_alarm "; no container yet in $all"
manager_reads_pods() { echo "$(named dcmNamespacesWaitingPods.0) $(named dcmNamespacesWaitingPodNames.0 | tr -d '"')" | grep -x "3 $all"; }
tap_ok "and how many wait, with their names" wait_for 20 manager_reads_pods
rm "$tmp/no-network"
tap_ok "with a network one starts" web_pod "$shop/broken-1"
tap_ok "it waits no longer" wait_for 20 sampled "d['namespaces']['waiting_pod_names'] == '$shop/broken-2 and $shop/broken-3'"
for each in "$shop"/broken-{2,3}; do rmdir "$(folder_of "$each")"; done
tap_ok "nor do pods that are gone" wait_for 20 sampled "d['namespaces']['waiting_pods'] == 0"
tap_done
