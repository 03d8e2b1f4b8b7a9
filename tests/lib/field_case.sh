# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# The first field case with a real runtime: pause containers whose network set-up fails, in a row, beside
# stock snmpd, and then beside snmpd with the module. Source it after snmp_env.sh, if_env.sh,
# module_env.sh and live.sh; then:
#
#   field_prepare           folder, interfaces and stock snmpd; skips the test where there is no runc
#   field_case COUNT AGAIN  all the checks; "row N", of the test, has N containers fail in FIELD_HOOK
#   field_stop              at the end, whatever ends the test; field_prepare sees to it
#
# FIELD_HOOK is an OCI hook, createRuntime. It does what a network plugin does until it fails: it makes a
# file of the new network namespace, below FIELD_KEPT, which nobody removes, and reads sysctls there through
# the host's /proc. FIELD_RUNTIME is a copy of runc under a name of its own: that tells its namespaces from
# those that others make meanwhile. FIELD_CONF has lines for the daemon's configuration.

SNMP_MODULES=-smux # ifTable stays: that is what snmpd reloads
FIELD_HOOK='' FIELD_KEPT='' FIELD_RUNTIME='' FIELD_CONF=()
FIELD_FAILURE='no address is left in the range'

field_stop() {
    [ "$BASHPID" = "$$" ] || return
    [ -z "$FIELD_KEPT" ] || umount -l "$FIELD_KEPT" 2>/dev/null
    snmp_env_stop
}

field_write_hook() {
    cat >"$FIELD_HOOK" <<HOOK
#!/bin/sh
pid=\$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
file=\$(mktemp "$FIELD_KEPT/XXXXXXXX") && mount --bind "/proc/\$pid/ns/net" "\$file" || exit
nsenter --net="\$file" cat /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/core/somaxconn >/dev/null || exit
echo "\$pid" >>"$SNMP_DIR/hooks"
echo "$FIELD_FAILURE" >&2
exit 1
HOOK
    chmod 755 "$FIELD_HOOK"
}

# Those of snmpd's namespace: a reload of its table opens files of each.
field_interfaces() {
    local n
    for n in {1..20}; do
        echo "link add va$n type veth peer name vb$n"
        printf 'link set %s up\n' "va$n" "vb$n"
    done | ip -n "$SNMP_NETNS" -batch - || return
    marked=$(ip netns exec "$SNMP_NETNS" cat /sys/class/net/va14/ifindex)
    ip -n "$SNMP_NETNS" link set va14 alias ours
}

field_prepare() {
    command -v runc >/dev/null || { echo "1..0 # SKIP no runc here (make deps)"; exit 0; }
    snmp_env_prepare
    trap field_stop EXIT
    FIELD_HOOK=$SNMP_DIR/hook FIELD_KEPT=$SNMP_DIR/kept FIELD_RUNTIME=$SNMP_DIR/field-$$
    : >"$SNMP_DIR/empty.conf" && : >"$SNMP_DIR/hooks"
    cp "$(command -v runc)" "$FIELD_RUNTIME"
    field_write_hook
    mkdir "$FIELD_KEPT" && mount -t tmpfs dcm-test "$FIELD_KEPT" && field_interfaces || exit 1
    snmp_env_snmpd_start || exit 1
}

failed_hooks() { wc -l <"$SNMP_DIR/hooks"; }

# sampled PYTHON: about the document of the daemon.
sampled() {
    "$dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/show.json" &&
        json "$1"
}

# Milliseconds in which snmpd has begun and ended a reload, whatever it did before: one begins every 3 s.
FIELD_RELOAD_MS=6000
traced() { grep -q 'TracerPid:[^0-9]*[1-9]' "/proc/$1/status"; }
# watched_row N: sets opens and cost, of snmpd meanwhile: interface files, microseconds per second.
watched_row() {
    local pid=${SNMP_PIDS[snmpd]} tracer begin before status=0
    strace -f -qq -e trace=file -o "$SNMP_DIR/strace" -p "$pid" 2>/dev/null &
    tracer=$!
    wait_for 10 traced "$pid"
    begin=$(milliseconds) before=$(used "$pid")
    row "$1" || status=1
    echo "# $1 containers in $(($(milliseconds) - begin)) ms"
    while [ $(($(milliseconds) - begin)) -lt $FIELD_RELOAD_MS ]; do sleep 0.1; done
    cost=$((($(used "$pid") - before) * 1000 / ($(milliseconds) - begin)))
    kill "$tracer"
    wait "$tracer" 2>/dev/null
    opens=$(interface_opens "$SNMP_DIR/strace")
    echo "# snmpd meanwhile: $opens interface files, $cost us of CPU time per second"
    return "$status"
}

# ---- what dcachemon says ----

named_maker() { sampled "'runc' in d['namespaces']['makers'] and '$FIELD_NAME' in d['namespaces']['makers']"; }
# All entries of that chain have one name.
chain_has() { # COUNT
    show_json && json "any(c['parent'] == '/proc/sys/net' and c['name'] == 'ipv6' and c['same_name'] >= $1 for c in d['chains'])"
}
explained() { # COUNT
    "$dcachemon" show --explain --json >"$SNMP_DIR/show.json" &&
        json "any(o['command'] == '$FIELD_KEPT' and o['how'] == 'mounted' and o['namespaces'] >= $1
            for c in d['chains'] if c['explain'] and c['name'] == 'ipv6' for o in c['explain']['owners'])"
}
explained_in_words() { # COUNT
    local line
    "$dcachemon" show --explain >"$SNMP_DIR/text" || return
    for line in "^ *$1 of '$FIELD_KEPT', mounted there" "^  To do: .*dcachemon who" "umount FILE.*ip netns delete NAME"; do
        grep -q "$line" "$SNMP_DIR/text" || { sed 's/^/# /' "$SNMP_DIR/text"; return 1; }
    done
}
alarm_raised() { sampled "any(a['type'] == 'netns_churn' and 'runc' in a['text'] and '$FIELD_NAME' in a['text'] for a in d['alarms'])"; }
rate_shown() {
    "$dcachemon" show --cached --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/text"
    grep -E "^  namespaces .* [0-9.]+ created and [0-9.]+ ended per second, most by .*$FIELD_NAME" "$SNMP_DIR/text"
}
manager_sees() { named dcmNamespacesMakers.0 | grep -q "$FIELD_NAME" && table dcmAlarmText | grep -q "created at .*$FIELD_NAME"; }

field_case() { # COUNT AGAIN
    local FIELD_NAME=${FIELD_RUNTIME##*/} before after created opens=0 cost=0 stock_cost
    before=$(failed_hooks)
    tap_ok "the daemon samples" live_daemon "${FIELD_CONF[@]}" '[alarm netns_churn]' 'warning = 0.5' 'raise_after = 0'
    tap_ok "it counts each namespace as it is made" wait_for 20 sampled "d['namespaces']['created_exact']"
    created=$(sampled "print(d['namespaces']['created']) or True")
    tap_ok "snmpd is stock: a reload every 3 s" timeout_is 3
    tap_ok "$1 containers in a row whose network set-up fails" watched_row "$1"
    stock_cost=$cost
    tap_ok "stock snmpd looks at interface files all the time" test "$opens" -ge 40
    after=$(failed_hooks)
    tap_ok "each of them had a namespace" test $((after - before)) -ge "$1"
    tap_ok "who makes them: runc, and its parent" wait_for 30 named_maker
    tap_ok "all are counted" wait_for 30 sampled "d['namespaces']['created'] - $created >= $1"
    tap_ok "the chain has one entry of each that is kept" wait_for 30 chain_has "$after"
    tap_ok "explained: where they are kept" explained "$after"
    tap_ok "and in words, with what to do" explained_in_words "$after"

    write_module_conf
    tap_ok "the cure: the module in snmpd" reload_snmpd
    tap_ok "interface tables are dcachemon's" wait_for 20 taken_over
    tap_ok "$2 containers more" watched_row "$2"
    tap_ok "snmpd looks at no interface file" test "$opens" = 0
    tap_ok "snmpd's time: at most half of what it was" test $((cost * 2)) -le "$stock_cost"
    tap_ok "and still answers the interface tables" wait_for 20 taken_over
    tap_ok "the chain has grown with them" wait_for 30 chain_has $((after + $2))
    tap_ok "netns_churn is raised, and names the makers" wait_for 90 alarm_raised
    tap_ok "show: the rate, and the makers" wait_for 30 rate_shown
    tap_ok "a manager sees both" wait_for 20 manager_sees
}
