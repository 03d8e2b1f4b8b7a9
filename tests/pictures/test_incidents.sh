#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# needs: host
# Incidents on the dashboards that are shipped, in a real Graphite and a real Prometheus. Network namespaces leak
# until snmpd no longer answers, and its module cures it; 5 million missing names pile up, and reclaim frees them.
# Every panel must have data, and those that an incident is about what was planted. PICTURES=FOLDER keeps
# pictures of those.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
. "$TOP/tests/lib/graphite_env.sh"
need_collectd
need_graphite
for program in prometheus prometheus-node-exporter; do
    command -v $program >/dev/null || { echo "1..0 # SKIP no $program here (make deps-monitoring)"; exit 0; }
done
own_loopback
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf

CHAIN=2000          # namespaces at which the leak pauses
LEAK=500            # at once
MOST=10000          # namespaces
INTERFACES=1000     # of snmpd: a reload takes 5 lookups each
NEGATIVES=5000000
DENTRY_BYTES=192
PAUSE=10            # seconds that pictures show before and after each event
CACHE=/srv/web      # a mount point as pictures may show it
FOLDER=$CACHE/.pki/nssdb
# shellcheck disable=SC2034 # of snmp_env.sh: with ifTable
SNMP_MODULES=-smux
collectd_host=web-1

# ---- one sampler, three ways to a store ----

snmp_env_prepare
on_exit snmp_env_stop # its traps, put into those of tap.sh
trap tap_exit EXIT
trap 'exit 1' INT TERM
for ((n = 0; n < INTERFACES / 2; n++)); do
    printf 'link add a%d type veth peer name b%d\nlink set a%d up\nlink set b%d up\n' $n $n $n $n
done | ip -n "$SNMP_NETNS" -batch - || { echo "Bail out! no $INTERFACES interfaces"; exit 1; }
mkdir "$tmp/state" "$tmp/textfile"
check "a stock snmpd answers" snmp_env_snmpd_start
check "the sampler runs" live_daemon 'snmpd_interval = 1' 'reclaim_interval = 1' '[state]' "folder = $tmp/state" \
    '[alarm chain_length]' 'raise_after = 5' '[alarm snmpd_wedge]' 'raise_after = 5' \
    '[alarm superblock_unused]' 'warning = 3000000' 'raise_after = 5' \
    '[reclaim]' 'enabled = yes' "max_unused = $CACHE 3000000" 'max_seconds = 60' 'max_cache = 0'

read -r scrape node port <<<"$(free_ports 3)"
prometheus=http://127.0.0.1:$port
check "carbon and graphite-web answer" start_graphite
collectd_conf host <<EOF
$(write_graphite)
$(write_prometheus "$scrape")
<Plugin dcachemon>
  Source daemon
  Socket "$SNMP_DIR/snapshot.sock"
  MaxChains 5
  MaxDirectories 5
  Superblock "$CACHE"
  Superblock "/"
  Superblock "/proc"
</Plugin>
EOF
check "collectd runs" start_collectd host
show() { "$dcachemon" show --cached --socket "$SNMP_DIR/snapshot.sock" "$@"; }
write_textfiles() {
    while :; do
        show --prometheus --output "$tmp/textfile/dcachemon.prom"
        sleep 1
    done
}
spawn textfile write_textfiles
spawn node prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$tmp/textfile" --web.listen-address="127.0.0.1:$node"
cat >"$tmp/prometheus.yml" <<EOF
global: {scrape_interval: 2s, scrape_timeout: 2s}
$(prometheus_jobs "$scrape")
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:$node"], labels: {instance: $collectd_host}}]
EOF
spawn prometheus prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/data" \
    --web.listen-address="127.0.0.1:$port"

# ---- what the sampler says ----

value() { "$BUILD/tests/lib/snapshot_read" "$SNMP_DIR/snapshot.sock" | sed -n "s/^$1=//p"; }
at_least() { value "$1" | awk -v n="$2" '$1 >= n { ok = 1 } END { exit !ok }'; } # NAME NUMBER
at_most() { value "$1" | awk -v n="$2" '$1 <= n { ok = 1 } END { exit !ok }'; }
holds() { show --json >"$SNMP_DIR/show.json" && json "$1"; } # PYTHON
alarmed() { holds "any((a['type'], a['severity']) == ('$1', '$2') for a in d['alarms'])"; } # TYPE SEVERITY

# ---- a leak of network namespaces ----

unanswered() { for _ in 1 2 3 4 5; do ! snmp_env_answers || return 1; done; }
answers() { for _ in {1..12}; do snmp_env_answers || return 1; done; }
leak() { # NAMESPACES
    local n
    for ((n = 0; n < $1; n += LEAK)); do
        plant netns $LEAK || return
        planted=$((planted + LEAK))
        sleep 2
    done
}
planted=0
check "the host is calm" wait_for 120 at_most hash.0.max_chain 60
begin=$EPOCHSECONDS leak_begin=$EPOCHSECONDS
sleep $PAUSE
check "namespaces leak" leak $CHAIN
check "a chain of $CHAIN equal names" wait_for 60 at_least chains.0.same_name $CHAIN
check "is an alarm" wait_for 60 alarmed chain_length warning
sleep $PAUSE
# A lookup that is held up by other work is no proof: six in a row.
wedged() { for _ in 1 2 3 4 5 6; do at_least snmpd.0.wedge_ratio 1.2 && sleep 1 || return 1; done; }
until wedged || [ $planted -ge $MOST ]; do
    leak $LEAK
done
check "with $planted a reload of snmpd takes more than 3 s" wait_for 20 at_least snmpd.0.wedge_ratio 1
check "so that it no longer answers" wait_for 90 unanswered
check "which is an alarm" wait_for 60 alarmed snmpd_wedge critical
sleep $PAUSE
snmp_env_snmpd_kill KILL # nothing else ends it
SNMP_EXTRA_CONF="dlmod dcachemon $BUILD/lib/snmpd/dcachemon.so
dcachemonSocket $SNMP_DIR/snapshot.sock"
snmp_env_write_conf
# As long as a chain is, the first load may take.
started() { snmp_env_snmpd_start || wait_for 60 snmp_env_answers; }
check "started anew, with the module, it answers" started
check "12 of 12 requests" wait_for 60 answers
check "beside the same chain" at_least hash.0.max_chain $planted
check "and the forecast knows why" wait_for 20 at_most snmpd.0.wedge_ratio 0
sleep $PAUSE
plant_end
check "the chain goes with the namespaces" wait_for 180 at_most hash.0.max_chain 100
sleep $PAUSE
leak_end=$EPOCHSECONDS

# ---- names that do not exist ----

mkdir "$tmp/backing" && mkdir "$CACHE" || { echo "Bail out! no $CACHE"; exit 1; }
on_exit "rmdir '$CACHE'"
mount -t tmpfs pictures "$tmp/backing"
on_exit "umount -l '$tmp/backing'"
mkdir -p "$tmp"/backing/{lower,upper,work}
mount -t overlay pictures "$CACHE" \
    -o "lowerdir=$tmp/backing/lower,upperdir=$tmp/backing/upper,workdir=$tmp/backing/work"
on_exit "umount -l '$CACHE'"
mkdir -p "$FOLDER"
names_begin=$EPOCHSECONDS
sleep $PAUSE
check "a program looks up $NEGATIVES names" "$BUILD/tests/lib/plant" negative "$FOLDER" $NEGATIVES .a _dOeSnotExist_.db 45
check "they are unused" wait_for 60 holds \
    "any(s['mountpoint'] == '$CACHE' and (s['unused'] or 0) >= $NEGATIVES for s in d['superblocks'])"
check "they are found, and where" wait_for 120 holds \
    "any(x['path'] == '$FOLDER' and (x['negative'] or 0) >= 0.99 * $NEGATIVES for x in d['directories'])"
check "are an alarm" wait_for 60 alarmed superblock_unused warning
sleep $PAUSE
check "the rules reclaim them" "$dcachemon" reclaim --rules -c "$SNMP_DIR/dcachemon.conf"
check "all of them" wait_for 60 holds "d['reclaim']['before'] >= $NEGATIVES and d['reclaim']['after'] < 1000"
sleep $((2 * PAUSE))
names_end=$EPOCHSECONDS

# ---- the dashboards ----

shown=(
    --reaches 'Longest hash chains: Length' . $CHAIN
    --reaches 'Longest hash chains: Same name' . $CHAIN
    --reaches 'Hash table: Max chain' . $CHAIN
    --reaches 'Lookup time: Lookup' ipv6 0.0001
    --reaches 'Namespaces: Network' . $CHAIN
    --reaches 'Namespaces: Created per second' . 5
    --reaches 'Forecast for snmpd: Interfaces' . $INTERFACES
    --reaches 'Forecast for snmpd: Reload' . 3
    --reaches 'Forecast for snmpd: Wedge ratio' . 1
    --reaches 'Alarms by type: Active' chain_length 1
    --reaches 'Alarms by type: Active' snmpd_wedge 1
    --reaches 'Superblocks: Unused' srv.web $NEGATIVES
    --reaches 'Superblocks: Negative' srv.web $NEGATIVES
    --reaches 'Superblocks: Shrink' srv.web 0.5
    --reaches 'Directories full of negative dentries: Negative' . $((NEGATIVES * 99 / 100))
    --reaches 'Dentry cache: Dentries, unused, negative' '^negative' $NEGATIVES
    --reaches 'Dentry cache: (Dentry slab|Slab)' . $((NEGATIVES * DENTRY_BYTES))
    --reaches 'Memory and reclaim: Slab objects, slab active' active $NEGATIVES
    --reaches 'Alarms by type: Active' superblock_unused 1
    --reaches 'What reclaim did: Before, after' before $NEGATIVES
    --reaches 'What reclaim did: Freed per second' . 100000
    --ends 'Hash table: Max chain' . 100
    --ends 'Forecast for snmpd: Wedge ratio' . 0
    --ends 'Superblocks: Unused' srv.web 1000
    --ends 'What reclaim did: Before, after' after 1000
)
board() { # NAME URL OPTION...
    python3 "$TOP/tests/lib/dashboard_data.py" --since "$begin" "${@:3}" \
        "$TOP/packaging/grafana/dcachemon-$1.json" "$2" $collectd_host
}
check "Graphite: every panel has data, and shows the incidents" board graphite "$web" --legends "${shown[@]}"
check "Prometheus, from collectd: the same" board prometheus "$prometheus" --legends "${shown[@]}"
check "Prometheus, from node_exporter: the same" board node-exporter "$prometheus" --legends "${shown[@]}"
more() { ! board graphite "$web" --patience 0 --reaches 'Superblocks: Unused' srv.web $((NEGATIVES * 2)); }
check "what was not planted is not there" more

# ---- pictures ----

small() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ] && [ "$(stat -c %s "$1")" -le 61440 ]; } # a PNG
draw() { # NAME FROM UNTIL PANEL...
    "$graphite_python" "$TOP/tests/pictures/draw.py" "$TOP/packaging/grafana/dcachemon-graphite.json" "$web" \
        $collectd_host "$tmp/pictures/$1.png" "${@:2}" && small "$tmp/pictures/$1.png"
}
photograph() { # NAME URL: a page
    timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --user-data-dir="$tmp/chromium" --hide-scrollbars --window-size=1000,820 \
        --virtual-time-budget=20000 --screenshot="$tmp/pictures/$1.png" "$2" &&
        "$graphite_python" "$TOP/tests/pictures/small_png.py" "$tmp/pictures/$1.png" && small "$tmp/pictures/$1.png"
}
graph() { # EXPRESSION FROM UNTIL: its page in Prometheus
    python3 - "$@" <<'PY'
import sys, time, urllib.parse
expression, begin, end = sys.argv[1], *map(int, sys.argv[2:])
end += -end % 60 # it takes minutes
print("classic/graph?" + urllib.parse.urlencode({
    "g0.expr": expression, "g0.tab": 0, "g0.range_input": f"{end - begin}s", "g0.step_input": 2,
    "g0.end_input": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(end))}))
PY
}
mkdir "$tmp/pictures"
check "the leak, drawn by Graphite" draw leak $leak_begin $leak_end 'Longest hash chains: Length' \
    'Lookup time: Lookup' 'Namespaces: Network' 'Forecast for snmpd: Wedge ratio'
check "the missing names, drawn by Graphite" draw names $names_begin $names_end 'Superblocks: Unused' \
    'Directories full of negative dentries: Negative' 'Dentry cache: Dentry slab' 'Superblocks: Shrink'
if command -v chromium >/dev/null; then
    check "the leak on a page of Prometheus" photograph prometheus \
        "$prometheus/$(graph 'dcachemon_chain_length > 100' $leak_begin $leak_end)"
else
    skip "the leak on a page of Prometheus" "no chromium here (make deps-pictures)"
fi
if [ -n "${PICTURES:-}" ]; then
    mkdir -p "$PICTURES" && check "the pictures are kept" cp "$tmp"/pictures/*.png "$PICTURES"
fi
stop_collectd
[ $tap_failed = 0 ] || tail -n 30 "$SNMP_DIR"/{daemon,snmpd}.log "$tmp"/{host,prometheus,node,textfile}.log | sed 's/^/# /'
done_testing
