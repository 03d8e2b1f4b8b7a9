#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# What "dcachemon show" writes for Prometheus, all the way: the units in a private systemd, Debian's
# node_exporter, which reads the file, and a Prometheus that scrapes it. All on a loopback of its own.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in prometheus promtool prometheus-node-exporter systemd-analyze systemd-tmpfiles; do
    if ! command -v $program >/dev/null; then
        echo "1..0 # SKIP no $program here (make deps-monitoring deps-packaging)"
        exit 0
    fi
done
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP needs root for namespaces"
    exit 0
fi
own_loopback
read -r node web open <<<"$(free_ports 3)"
USER_ID=64903 # a number that no account here has to have
units=$TOP/packaging/systemd
chmod 755 "$tmp"
mkdir "$tmp/textfile"
scene all 1 full

# ---- the units ----

verified() {
    mkdir "$tmp/verify"
    for file in "$units"/dcachemon-textfile*; do
        sed "s|/usr/bin/dcachemon|$BUILD/bin/dcachemon|; /^Documentation/d" "$file" >"$tmp/verify/${file##*/}"
    done
    systemd-analyze verify --recursive-errors=no "$tmp"/verify/* 2>&1 | grep dcachemon-textfile && return 1
    return 0
}
score() { systemd-analyze security --offline=yes --threshold=20 "$units/dcachemon-textfile.service" 2>&1 | tail -n 1; return "${PIPESTATUS[0]}"; }
check "systemd finds no mistake in the units" verified
tap_ok "the service scores 2.0 or less" score
tmpfiles() {
    sed "s|/var/lib/prometheus/node-exporter|$tmp/textfile|; s/user:dcachemon/user:$USER_ID/" \
        "$TOP/packaging/tmpfiles/dcachemon-textfile.conf" >"$tmp/tmpfiles.conf"
    systemd-tmpfiles --create "$tmp/tmpfiles.conf"
}
as_user() { setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --no-new-privs --bounding-set=-all "$@"; }
writes() { as_user "$BUILD/bin/dcachemon" show --cached --socket "$tmp/all.sock" --prometheus --output "$tmp/textfile/own.prom"; }
if as_user test -x "$BUILD/bin/dcachemon"; then
    run 1 "the user may not write to the folder" writes
    check "systemd-tmpfiles takes the line" tmpfiles
    run 0 "then the user writes a file" writes
    run 0 "and replaces it" writes
    check "node_exporter may read it" test "$(stat -c %a:%u "$tmp/textfile/own.prom")" = 644:$USER_ID
    rm -f "$tmp/textfile/own.prom"
else
    skip "the user replaces a file" "another user cannot enter the build"
fi

# The units as they are, but in a manager without users: folder, program and pause are others.
mkdir -p "$tmp/home/.config/systemd/user"
for file in "$units"/dcachemon-textfile*; do
    sed "s|/usr/bin/dcachemon show --cached|$BUILD/bin/dcachemon show --cached --socket $tmp/unit.sock|
         s|/var/lib/prometheus/node-exporter|$tmp/textfile|g; s/^OnUnitActiveSec=1min/OnUnitActiveSec=1s/
         s/^AccuracySec=1s/AccuracySec=100ms/
         /^\[Service\]/,\${/^\(User\|Group\|ReadWritePaths\|CapabilityBoundingSet\|Protect\|Private\|Restrict\|System\|IPAddress\|Memory\|Lock\|NoNew\)/d}" \
        "$file" >"$tmp/home/.config/systemd/user/${file##*/}"
done
ln -s "$tmp/all.sock" "$tmp/unit.sock"
file=$tmp/textfile/dcachemon.prom
cat >"$tmp/manager.sh" <<EOF
mount -t tmpfs none /run && mkdir -p /run/systemd/system && mkdir -m 700 /run/user || exit
exec env HOME="$tmp/home" XDG_RUNTIME_DIR=/run/user /lib/systemd/systemd --user --log-target=console
EOF
unshare -m bash "$tmp/manager.sh" >"$tmp/manager.log" 2>&1 </dev/null &
manager=$!
on_exit "kill $manager 2>/dev/null; wait $manager 2>/dev/null"
ctl() { nsenter -t $manager -m env HOME="$tmp/home" XDG_RUNTIME_DIR=/run/user systemctl --user "$@"; }
newer() { [ "$file" -nt "$tmp/mark" ]; }
gone() { [ ! -e "$file" ]; }
if wait_for 10 ctl list-units >/dev/null 2>&1; then
    check "the timer starts" ctl start dcachemon-textfile.timer
    check "and the file is there" wait_for 10 test -s "$file"
    touch "$tmp/mark"
    check "it is replaced again and again" wait_for 10 newer
    rm "$tmp/unit.sock"
    check "once the daemon is gone, so is the file" wait_for 10 gone
    ln -s "$tmp/all.sock" "$tmp/unit.sock"
    check "with the daemon it comes back" wait_for 10 test -s "$file"
    check "the timer stops" ctl stop dcachemon-textfile.timer
    check "and the file goes" wait_for 10 gone
    check "nothing else is left" test -z "$(ls -A "$tmp/textfile")"
else
    fail "a private systemd starts" "$tmp/manager.log"
fi
kill $manager 2>/dev/null
wait $manager 2>/dev/null

# ---- node_exporter and Prometheus ----

show() { "$BUILD/bin/dcachemon" show --cached --socket "$tmp/${host:-all}.sock" "$@"; }
fetch() { # PORT PATH
    python3 -c "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())" "http://127.0.0.1:$1/$2" 2>/dev/null
}
tell "alarm warning" # for the panel of alarms
raised() { show --prometheus --output "$file" && grep -q '^dcachemon_alarm_value{' "$file"; }
check "a page with an alarm is written" wait_for 10 raised
spawn node prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$tmp/textfile" --web.listen-address="127.0.0.1:$node"
scrape() { fetch "$node" metrics >"$tmp/metrics" && grep -q '^node_textfile_scrape_error 0$' "$tmp/metrics"; }
check "node_exporter reads it" wait_for 20 scrape
described() { grep -E '^# (HELP|TYPE) dcachemon_' "$1" | sort; }
# Without values, which it prints in its own way; it sorts labels.
series() { grep '^dcachemon_' "$1" | sed 's/ [^ ]*$//' | tr '{,}' '\n' | sort; }
same() { diff <(described "$file") <(described "$tmp/metrics") && diff <(series "$file") <(series "$tmp/metrics"); }
check "with every series, type and help" same

# OpenMetrics itself, with its media type, from a server that does nothing else.
show --openmetrics >"$tmp/openmetrics"
cat >"$tmp/serve.py" <<'EOF'
import http.server
import sys


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(open(sys.argv[2], "rb").read())


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
EOF
spawn serve python3 "$tmp/serve.py" "$open" "$tmp/openmetrics"
cp "$TOP/packaging/prometheus/textfile-rules.yml" "$tmp"
cat >"$tmp/prometheus.yml" <<EOF
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [textfile-rules.yml]
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:$node"]}]
  - job_name: openmetrics
    static_configs: [{targets: ["127.0.0.1:$open"]}]
EOF
spawn prometheus prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/data" \
    --web.listen-address="127.0.0.1:$web"
targets() { # PORT
    python3 "$TOP/tests/lib/dashboard_data.py" "$TOP/packaging/grafana/dcachemon-node-exporter.json" \
        "http://127.0.0.1:$web" "127.0.0.1:$1"
}
check "every target of the dashboard has data from node_exporter" targets "$node"
check "and from OpenMetrics" targets "$open"
# Another host, which has an alarm.
scene two 3
tell "alarm critical"
critical() { host=two show --prometheus -o "$file" && grep -q '^dcachemon_alarm_severity{.*="critical"} 1$' "$file"; }
check "an alarm is in the file" wait_for 10 critical
ask() { fetch "$web" "api/v1/query?query=$(python3 -c 'import sys, urllib.parse as p; print(p.quote(sys.argv[1]))' "$1")"; }
fires() { ask 'ALERTS{alertname="DcachemonChainLength",severity="critical",alertstate="firing",job="node"}' | grep -q '"resource":"/proc/sys/net/ipv6"'; }
check "the rule for the alarm fires" wait_for 30 fires
check "and no other" test -z "$(ask 'ALERTS{alertname!="DcachemonChainLength",alertstate="firing"}' | grep __name__)"
counter() { fetch "$web" 'api/v1/targets/metadata?metric=dcachemon_memory_allocstall_total' | grep '"type":"counter"'; }
check "a counter is one to Prometheus" counter
rules() { (cd "$TOP/packaging/prometheus" && promtool "$1" rules "$2"); }
check "promtool takes the rules" rules check textfile-rules.yml
check "and they pass their tests" rules test textfile-rules.test.yml
exec {scene_fd}>&-
done_testing
