# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154,SC2034
# A private collectd, sourced after tap.sh:
#   need_collectd                  ends the test with a skip where there is none
#   own_loopback                   no port is anybody else's from here on; called first
#   free_ports N                   of it
#   spawn NAME COMMAND...          in the background until the end, output in $tmp/NAME.log
#   collectd_conf NAME <<EOF ...   $tmp/NAME.conf: logfile, csv, the plugin; appended from stdin
#   write_prometheus PORT          prints the block for it that is shipped, on that port
#   prometheus_jobs PORT           and what is shipped for Prometheus, to scrape it
#   start_collectd NAME            in the foreground of its own; $collectd_pid, log $tmp/NAME.log
#   stop_collectd                  SIGTERM; $stop_ms is how long it took, $stop_status its status
#   csv NAME IDENTIFIER            its lines "TIME,VALUE"
#   scene NAME SUPERBLOCKS [full]  a made-up daemon at $tmp/NAME.sock, told what to do by:
#   tell LINE
modules=/usr/lib/collectd
plugin=$BUILD/lib/collectd/dcachemon.so
export LC_ALL=C.UTF-8

need_collectd() {
    local why=
    if ! command -v collectd >/dev/null; then why="no collectd here"
    elif [ ! -e "$plugin" ]; then why="built without the plugin"
    elif nm -Du "$plugin" | grep -q __asan; then why="a sanitized plugin cannot be loaded"; fi
    [ -n "$why" ] || return 0
    echo "1..0 # SKIP $why"
    exit 0
}

# The test again, in a network namespace of its own. A user who may not keeps the loopback of the host.
own_loopback() {
    [ "$(id -u)" = 0 ] || return 0
    if [ -z "${DCM_OWN_LOOPBACK:-}" ]; then
        rm -rf "$tmp"
        DCM_OWN_LOOPBACK=1 exec unshare -n "$BASH" "$0"
    fi
    ip link set lo up
    # collectd's write_prometheus listens nowhere, not even on 127.0.0.1, where only loopback has an address.
    ip link add dcm0 type veth peer name dcm1 && ip addr add 192.0.2.1/24 dev dcm0 && ip link set dcm0 up && ip link set dcm1 up
}

free_ports() { # N
    python3 - "$1" <<'EOF'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))
EOF
}

spawn() { # NAME COMMAND...
    "${@:2}" >"$tmp/$1.log" 2>&1 </dev/null &
    on_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
}

# Set by a test before collectd_conf: interval of everything, and of our plugin alone; the host's name.
interval=1 plugin_interval='' collectd_host=test

collectd_conf() {
    local name=$1 own=
    # Another user must reach the plugin, also where the tree is in a home that only its owner may enter.
    mkdir -p "$tmp/$name" "$tmp/plugin"
    cp -u "$plugin" "$tmp/plugin"
    [ -z "$plugin_interval" ] || own="Interval $plugin_interval"
    {
        cat <<EOF
Hostname "$collectd_host"
BaseDir "$tmp/$name"
PIDFile "$tmp/$name/pid"
TypesDB "/usr/share/collectd/types.db"
Interval $interval
PluginDir "$modules"
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "$tmp/$name.log"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "$tmp/$name/csv"
  StoreRates false
</Plugin>
PluginDir "$tmp/plugin"
<LoadPlugin dcachemon>
  $own
</LoadPlugin>
PluginDir "$modules"
EOF
        cat
    } >"$tmp/$name.conf"
    chmod 755 "$tmp"
}

# start_collectd NAME [COMMAND...]: COMMAND runs it, such as "env X=Y" or "setpriv ...".
start_collectd() {
    local name=$1
    shift
    : >"$tmp/$name.log" # what an earlier one said would pass for this one's
    "$@" collectd -f -C "$tmp/$name.conf" >>"$tmp/$name.out" 2>&1 </dev/null &
    collectd_pid=$!
    on_exit "kill -KILL $collectd_pid 2>/dev/null"
    wait_for 20 grep -q "Initialization complete" "$tmp/$name.log"
}

stop_collectd() {
    local begin
    begin=$(date +%s%N)
    kill -TERM "$collectd_pid"
    stop_status=0
    wait "$collectd_pid" || stop_status=$?
    stop_ms=$((($(date +%s%N) - begin) / 1000000))
}

write_prometheus() { sed "s/9103/$1/" "$TOP/packaging/collectd/write-prometheus.conf"; }
prometheus_jobs() {
    sed -n 's/^#   //p' "$TOP/packaging/collectd/write-prometheus.conf" | sed "s/host\.example\.org:9103/127.0.0.1:$1/"
}

csv() { cat "$tmp/$1/csv/$collectd_host/dcachemon-$2"-20* 2>/dev/null | grep -v epoch; }
csv_last() { csv "$1" "$2" | tail -1 | cut -d, -f2; }
csv_has() { [ -n "$(csv "$1" "$2")" ]; }
csv_is() { [ "$(csv_last "$1" "$2")" = "$3" ]; }

scene() {
    mkfifo "$tmp/$1.in"
    "$BUILD/tests/lib/scene_sampler" "$tmp/$1.sock" "${@:2}" <"$tmp/$1.in" &
    scene_pid=$!
    on_exit "kill $scene_pid 2>/dev/null"
    exec {scene_fd}>"$tmp/$1.in"
    wait_for 10 test -S "$tmp/$1.sock" && chmod 666 "$tmp/$1.sock"
}
tell() { echo "$1" >&"$scene_fd"; }
