#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# The files for monitoring systems, tried with the programs that Debian has of them ("make
# deps-monitoring"), on a running agent. What is not installed is skipped.
set -u
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/nagios/plugins
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
packaging=$TOP/packaging
root=.1.3.6.1.4.1.8072.9999.9999.1806

have() { # COMMAND TEXT
    command -v "$1" >/dev/null && return 0
    tap_skip "$2" "$1 is not installed"
    return 1
}
quietly() { "$@" >"$SNMP_DIR/out" 2>&1 || { sed 's/^/# /' "$SNMP_DIR/out" | tail -20; return 1; }; }

# ---- Prometheus ----

rules() { (cd "$packaging/prometheus" && quietly promtool "$@"); }
# A rule that never fires proves nothing about its test.
test_notices() {
    mkdir -p "$SNMP_DIR/rules" && cp "$packaging"/prometheus/rules* "$SNMP_DIR/rules" &&
        sed -i 's/== 3 and dcmAlarmKind == 1$/== 3 and dcmAlarmKind == 99/; s/== 3 and dcmAlarmKind == 1"/== 3 and dcmAlarmKind == 99"/' \
            "$SNMP_DIR/rules/rules.yml" && ! cmp -s "$SNMP_DIR/rules/rules.yml" "$packaging/prometheus/rules.yml" &&
        ! (cd "$SNMP_DIR/rules" && promtool test rules rules.test.yml >/dev/null 2>&1)
}

same_as_generator() {
    mkdir -p "$SNMP_DIR/generator" && cp "$packaging/snmp_exporter/generator.yml" "$SNMP_DIR/generator" &&
        (cd "$SNMP_DIR/generator" && MIBDIRS=$(printf '%s\n' "${LIVE_ENV[@]}" | sed -n 's/^MIBDIRS=//p') \
            prometheus-snmp-generator generate >out 2>&1) &&
        python3 - "$SNMP_DIR/generator/snmp.yml" "$packaging/snmp_exporter" <<'PY'
import sys, yaml
load = lambda p: yaml.safe_load(open(p))
real, old, new = load(sys.argv[1])["dcachemon"], load(sys.argv[2] + "/snmp-0.22.yml")["dcachemon"], load(sys.argv[2] + "/snmp.yml")
strip = lambda m: {x["name"]: {k: v for k, v in x.items() if k != "help"} for x in m["metrics"]}
assert old["walk"] == real["walk"], "walk"
wrong = [n for n in strip(real).keys() | strip(old).keys() if strip(real).get(n) != strip(old).get(n)]
assert not wrong, wrong
assert len(old["metrics"]) > 60
m = new["modules"]["dcachemon"]
assert m["walk"] == old["walk"] and m["metrics"] == old["metrics"] and "auth" not in m and new["auths"]
PY
}
scrape() {
    snmp_env_run curl -sS "http://127.0.0.1:9116/snmp?module=dcachemon&target=${SNMP_ADDRESS}" >"$SNMP_DIR/scrape"
    grep -q '^dcmTotalsDentries [1-9]' "$SNMP_DIR/scrape"
}
scrape_superblocks() {
    grep -q '^dcmSuperblockUnused{dcmSuperblockDevice="[0-9]*:[0-9]*",dcmSuperblockFsType="proc",dcmSuperblockIndex="[0-9]*",dcmSuperblockMountPoint="/proc",dcmSuperblockName="proc:/proc"} ' "$SNMP_DIR/scrape"
}
scrape_types() {
    grep -q '^# TYPE dcmTotalsHCUnused gauge' "$SNMP_DIR/scrape" &&
        grep -q '^# TYPE dcmMemoryHCPgscanDirect counter' "$SNMP_DIR/scrape"
}
# Every metric of the table that the agent has a value for arrives.
scrape_complete() {
    snmp_walk $root.1 | sed -n "s/^\(\.[0-9.]*\) = \(Gauge32\|Counter32\|Counter64\|INTEGER\).*/\1/p" >"$SNMP_DIR/oids"
    python3 - "$SNMP_DIR/oids" "$SNMP_DIR/scrape" "$packaging/snmp_exporter/snmp.yml" <<'PY'
import re, sys
names = dict(re.findall(r'- name: (\w+)\n\s+oid: "([\d.]+)"', open(sys.argv[3]).read()))
served = [l.strip().lstrip(".") for l in open(sys.argv[1])]
have = {l.split("{")[0].split(" ")[0] for l in open(sys.argv[2]) if l[0] != "#"}
wanted = {n for n, oid in names.items() if any(s.startswith(oid + ".") for s in served)}
assert len(wanted) > 50 and not wanted - have, (len(wanted), sorted(wanted - have))
PY
}

# An alarm that every host can raise: its numbers are JSON's, which are those of the transition and stay.
raise() {
    printf '[alarm dentries_total]\nwarning = 1000\ncritical = off\nraise_after = 0\n' >>"$SNMP_DIR/dcachemon.conf" &&
        kill -HUP "${SNMP_PIDS[daemon]}"
}
scrape_alarm() {
    scrape && "$dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" >"$SNMP_DIR/json" || return 1
    python3 - "$SNMP_DIR/scrape" "$SNMP_DIR/json" 2>"$SNMP_DIR/wrong" <<'PY'
import json, re, sys
text, alarms = open(sys.argv[1]).read(), json.load(open(sys.argv[2]))["alarms"]
alarm = next(a for a in alarms if a["type"] == "dentries_total")
for what in ("Value", "Threshold"):
    name = f"dcmAlarm{what}Millionths"
    number = re.search(rf'^{name}{{dcmAlarmIndex="{alarm["index"]}",dcmAlarmResourceName="host"}} (\S+)$', text, re.M)[1]
    assert float(number) == 1000000 * alarm[what.lower()] > 0, (number, alarm)
    assert f"# TYPE {name} gauge\n" in text
PY
}
test_scrape_alarm() {
    raise && wait_for 20 scrape_alarm && return
    sed 's/^/# /' "$SNMP_DIR/wrong"
    return 1
}

# ---- the MIB in a compiler that shares nothing with libsmi and Net-SNMP ----

erlang_compiles() {
    local folders=(/usr/lib/erlang/lib/snmp-*/mibs)
    mkdir -p "$SNMP_DIR/erlang" && cp "$TOP/mibs/DCACHEMON-MIB.txt" "$SNMP_DIR/erlang/DCACHEMON-MIB.mib" &&
        cp /usr/share/snmp/mibs/NET-SNMP-MIB.txt "$SNMP_DIR/erlang/NET-SNMP-MIB.mib" || return 1
    (cd "$SNMP_DIR/erlang" && erlc -I "${folders[0]}" NET-SNMP-MIB.mib && erlc -I . -I "${folders[0]}" DCACHEMON-MIB.mib) \
        >"$SNMP_DIR/out" 2>&1
    # Nothing in there can be written, so no table needs a RowStatus.
    ! grep -v 'No RowStatus column' "$SNMP_DIR/out" | sed 's/^/# /' | grep . && [ -s "$SNMP_DIR/erlang/DCACHEMON-MIB.bin" ]
}

# ---- Nagios, Icinga ----

nagios_command() { # SERVICE: check_snmp as the configuration has it
    local call
    call=$(awk -v s="dentry cache $1" '$1 == "service_description" { sub(/^ *service_description */, ""); here = $0 == s }
        here && $1 == "check_command" { print $2 }' "$packaging/nagios/dcachemon.cfg")
    IFS='!' read -r _ community oid warning critical label <<<"$call"
    snmp_env_run check_snmp -H 127.0.0.1 -p 16161 -P 2c -C "$community" -t 10 -o "$oid" -w "$warning" \
        -c "$critical" -l "$label" >"$SNMP_DIR/nagios"
    echo $? >"$SNMP_DIR/nagios.status"
    sed 's/^/# /' "$SNMP_DIR/nagios"
}
nagios_is() { nagios_command "$1" && [ "$(cat "$SNMP_DIR/nagios.status")" = "$2" ]; }
icinga() {
    mkdir -p "$SNMP_DIR"/icinga/{conf,lib,log,run,cache} || return 1
    cat >"$SNMP_DIR/icinga/icinga2.conf" <<CONF
const PluginDir = "/usr/lib/nagios/plugins"
const NodeName = "test"
include <itl>
include <plugins>
object Host "one" { check_command = "hostalive"
 address = "127.0.0.1"
 vars.dcachemon = true }
include "$packaging/icinga2/dcachemon.conf"
CONF
    chmod -R a+rX "$SNMP_DIR" && chmod -R a+rwX "$SNMP_DIR/icinga"
    icinga2 daemon -C -c "$SNMP_DIR/icinga/icinga2.conf" -DDataDir="$SNMP_DIR/icinga/lib" -DLogDir="$SNMP_DIR/icinga/log" \
        -DInitRunDir="$SNMP_DIR/icinga/run" -DCacheDir="$SNMP_DIR/icinga/cache" -x warning >"$SNMP_DIR/icinga/out" 2>&1 ||
        { sed 's/^/# /' "$SNMP_DIR/icinga/out" | tail; return 1; }
}
icinga_services() {
    icinga2 daemon -C -c "$SNMP_DIR/icinga/icinga2.conf" -DDataDir="$SNMP_DIR/icinga/lib" -DLogDir="$SNMP_DIR/icinga/log" \
        -DInitRunDir="$SNMP_DIR/icinga/run" -DCacheDir="$SNMP_DIR/icinga/cache" 2>&1 | grep -q 'Instantiated 6 Services'
}

# ----

live_need_bpf
snmp_env_start
live_daemon
if have promtool "Prometheus takes the rules"; then
    tap_ok "promtool takes the rules" rules check rules rules.yml
    tap_ok "promtool's tests of the rules pass" rules test rules rules.test.yml
    tap_ok "and notice a rule that does not fire" test_notices
    tap_ok "promtool takes the scrape configuration" rules check config --syntax-only prometheus.yml
fi
if have prometheus-snmp-generator "snmp.yml is what the generator makes"; then
    if python3 -c 'import yaml' 2>/dev/null; then
        tap_ok "snmp.yml is what the generator makes of the MIB, in both formats" same_as_generator
    else
        tap_skip "snmp.yml is what the generator makes" "no python3-yaml"
    fi
fi
if have prometheus-snmp-exporter "a scrape through snmp_exporter"; then
    snmp_env_spawn exporter prometheus-snmp-exporter --config.file="$packaging/snmp_exporter/snmp-0.22.yml" \
        --web.listen-address=127.0.0.1:9116
    tap_ok "snmp_exporter scrapes the running agent" wait_for 15 scrape
    tap_ok "superblocks carry their name, device, type and mount point" scrape_superblocks
    tap_ok "64-bit gauges are gauges, counters counters" scrape_types
    tap_ok "every number that the agent serves arrives" scrape_complete
fi
if have erlc "the MIB in a second compiler" && [ -e /usr/share/snmp/mibs/NET-SNMP-MIB.txt ]; then
    tap_ok "Erlang's compiler takes the MIB" erlang_compiles
fi
if have check_snmp "Nagios checks"; then
    tap_ok "no alarm: the check is green" nagios_is alarms 0
    # What was planted before this test leaves the table within its time.
    tap_ok "short chains: the check is green" wait_for 60 nagios_is chain_length 0
    nagios_low() { # with levels that any chain exceeds
        snmp_env_run check_snmp -H 127.0.0.1 -p 16161 -P 2c -C public -o $root.1.4.5.0 -w 0 -c 1 -l chain_length >/dev/null
        [ $? = 2 ]
    }
    tap_ok "a level that is exceeded: the check is red" nagios_low
fi
if [ -n "${SNMP_PIDS[exporter]:-}" ]; then
    tap_ok "an alarm arrives with its value and its level" test_scrape_alarm
    snmp_env_end exporter
fi
if have icinga2 "Icinga takes the configuration"; then
    tap_ok "icinga2 -C takes the configuration" icinga
    tap_ok "and makes a service for each check" icinga_services
fi
if have php "the LibreNMS handler"; then
    tap_ok "the LibreNMS handler is PHP" quietly php -l "$packaging/librenms/DcachemonAlarm.php"
fi
if have xmllint "the OpenNMS files"; then
    tap_ok "the OpenNMS files are XML" quietly xmllint --noout --nonet "$packaging"/opennms/*/*.xml
fi
if python3 -c 'import yaml' 2>/dev/null; then
    tap_ok "Zabbix and LibreNMS files are YAML with unique identifiers" python3 - "$packaging" <<'PY'
import sys, yaml
text = open(sys.argv[1] + "/zabbix/dcachemon-6.0.yaml").read()
t = yaml.safe_load(text)["zabbix_export"]
def uuids(x):
    if isinstance(x, dict):
        yield from ([x["uuid"]] if "uuid" in x else [])
        for v in x.values(): yield from uuids(v)
    elif isinstance(x, list):
        for v in x: yield from uuids(v)
all_ = list(uuids(t))
assert len(all_) > 60 and len(set(all_)) == len(all_) and all(len(u) == 32 and u[12] == "4" and u[16] in "89ab" for u in all_)
import re
macros = {m["macro"] for m in t["templates"][0]["macros"]}
used = set(re.findall(r"\{\$[A-Z._]+\}", text)) - macros
assert not used, used
y = yaml.safe_load(open(sys.argv[1] + "/librenms/os_discovery/linux-dcachemon.yaml"))
assert len(y["modules"]["sensors"]["count"]["data"]) >= 6
PY
fi
tap_done
