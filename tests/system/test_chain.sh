#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# needs: chains
# The first field case, small: 1,000 network namespaces that each opened net/ipv6/... and
# net/core/somaxconn make two chains of their own number under /proc/sys/net.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
. "$TOP/tests/lib/container.sh"
live_need_bpf
snmp_env_start
namespaces=1000

tap_ok "daemon and snmpd start" live_daemon
tap_ok "the host is calm" wait_for 90 live_calm
tap_ok "$namespaces namespaces planted" plant netns $namespaces

show_json
tap_ok "show lists both chains first" \
    json '{(c["parent"], c["name"]) for c in d["chains"][:2]} == {("/proc/sys/net", "ipv6"), ("/proc/sys/net", "core")}'
tap_ok "with the planted length" json 'all(1000 <= c["length"] <= 1060 for c in d["chains"][:2])'
tap_ok "made of one name, on proc" \
    json 'all(1000 <= c["same_name"] <= c["length"] and c["fstype"] == "proc" for c in d["chains"][:2])'
tap_ok "the longest chain is the first" json 'd["hash"]["max_chain"] == d["chains"][0]["length"]'
tap_ok "namespaces are counted" json '1000 <= d["namespaces"]["network"] <= 1060'
tap_ok "the histogram holds them" \
    json 'sum(h["chains"] for h in d["hash"]["histogram"] if h["min_length"] > 512) == 2'

"$dcachemon" show --explain --json >"$SNMP_DIR/show.json"
tap_ok "explained: held by the planting program" json \
    'all(1000 <= sum(o["namespaces"] for o in c["explain"]["owners"] if o["command"] == "plant") <= 1001 for c in d["chains"][:2])'
tap_ok "explained: pinned by their children, nothing to shrink" \
    json 'all(c["explain"]["shrinkable"] <= 30 and c["explain"]["referenced"] >= 1000 for c in d["chains"][:2])'
tap_ok "short chains are not explained" json 'd["chains"][-1]["explain"] is None'
"$dcachemon" show --explain >"$SNMP_DIR/text"
tap_ok "explained in words" grep -qE "^ +(999|1,000) of 'plant' \(PID [0-9]+.*\), which holds them open" "$SNMP_DIR/text"

# A container without a daemon lives in one more namespace.
if container_group; then
    stop_all() {
        [ "$BASHPID" = "$$" ] || return
        snmp_env_end container
        container_group_end
        snmp_env_stop
    }
    trap stop_all EXIT
    printf '[containers]\ndocker = %s\n' "$SNMP_DIR/docker" >"$SNMP_DIR/containers.conf"
    container_named web-1
    # shellcheck disable=SC2016
    setpriv --pdeathsig KILL sh -c 'echo 0 >"$1/cgroup.procs" && exec unshare -n -m --propagation private sleep 600' \
        sh "$group" >"$SNMP_DIR/container.log" 2>&1 &
    SNMP_PIDS[container]=$!
    tap_ok "a container starts" wait_for 10 grep -q sleep "/proc/${SNMP_PIDS[container]}/comm"
    "$dcachemon" show --explain --json -c "$SNMP_DIR/containers.conf" >"$SNMP_DIR/show.json"
    tap_ok "explained: it owns one, by its name" json "[o for o in d['chains'][0]['explain']['owners'] if o['container'] ==
        dict(runtime='docker', id='$short', name='web-1', image='nginx:1.25', pod=None, namespace=None)][0]['namespaces'] == 1"
    tap_ok "explained: and nothing else is its own" json "sum(o['containers'] for o in d['chains'][0]['explain']['owners']
        if (o['container'] or {}).get('runtime') == 'docker' and '$short' in str(o)) == 1"
    snmp_env_end container
else
    tap_skip "explained: a container by its name" "no control group can be made here"
fi

chain_is_long() { [ "$(named dcmChainLength.1)" -ge 1000 ] && [ "$(named dcmChainLength.2)" -ge 1000 ]; }
tap_ok "SNMP sees them within seconds" wait_for 30 chain_is_long

snmp_agrees() {
    table dcmChainTable >"$SNMP_DIR/chains"
    show_json
    python3 - "$SNMP_DIR/chains" "$SNMP_DIR/show.json" <<'PY'
import json, sys
columns = dict(line.rstrip("\n").split(" ", 1) for line in open(sys.argv[1]))
d = json.load(open(sys.argv[2]))
rows = {(columns[f"dcmChainParent.{i}"], columns[f"dcmChainName.{i}"]): int(columns[f"dcmChainLength.{i}"])
        for i in (1, 2)}
want = {(c["parent"], c["name"]): c["length"] for c in d["chains"][:2]}
assert rows.keys() == want.keys(), (rows, want)
assert all(abs(rows[k] - want[k]) <= 5 for k in rows), (rows, want)
PY
}
tap_ok "JSON and SNMP agree" wait_for 10 snmp_agrees
counts_namespaces() { [ "$(named dcmNamespacesNetwork.0)" -gt $namespaces ]; }
tap_ok "namespaces over SNMP as well" wait_for 10 counts_namespaces

plant_end
chain_is_gone() { [ "$(named dcmHashMaxChain.0)" -lt 100 ]; }
tap_ok "gone after the namespaces end: SNMP" wait_for 60 chain_is_gone
show_json
tap_ok "gone after the namespaces end: show" \
    json 'not any(c["length"] >= 100 and c["parent"] == "/proc/sys/net" for c in d["chains"])'
tap_ok "counts fit together when entries leave a chain under the walk" "$BUILD/tests/lib/chain_churn"
tap_done
