# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# For the scripts beside this one, which source it and begin with "packages".
#
#   packages NAME=VERSION...    gets them, then runs the script once more, in a mount, network and PID namespace with
#                               empty /etc/snmp and /var, and the packages below $dir/root; status 77 without them
#   as_installed                after that: puts them over /usr, /etc and /var of the namespace, for programs with fixed paths
#   snmpd OPTION...             of those, in the background, with "-f -Lo" and its log in $dir/log; waits until it has started
#   snmpd_end                   ends it
#   collectd_conf <REST         its configuration: its log is $dir/collectd.log; the rest comes on standard input
#   collectd                    of the packages, in the background, with that; collectd_end ends it
#   collectd_feed IDENTIFIER VALUE...   prints a part of it, by which collectd gets these values, as of every 10 seconds
#   within COMMAND...           waits up to 10 seconds until COMMAND succeeds
#   saw TEXT; expect TEXT COMMAND...   prints; ends with 1 when COMMAND fails
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
unset SNMPCONFPATH SNMP_PERSISTENT_DIR
dir=${FINDING_INSIDE:-}

download() { # NAME=VERSION...
    local package
    mkdir "$dir/deb" "$dir/root" "$dir/etc" && chmod 755 "$dir" || exit 77
    (cd "$dir/deb" && apt-get -qq download "$@" 2>"$dir/apt.log") || {
        echo "no packages here: $(grep '^E:' "$dir/apt.log" | head -n 1)"
        exit 77
    }
    for package in "$dir"/deb/*.deb; do dpkg -x "$package" "$dir/root" || exit 77; done
}

packages() {
    if [ -n "$dir" ]; then
        cp -a /etc/. "$dir/etc/" && rm -rf "$dir/etc/snmp" && mkdir "$dir/etc/snmp" && mount --bind "$dir/etc" /etc &&
            mount -t tmpfs none /var && mkdir -p /var/lib/snmp && ip link set lo up || exit 77
        return
    fi
    [ "$(id -u)" = 0 ] || { echo "needs root for namespaces"; exit 77; }
    dir=$(mktemp -d) || exit 77
    trap 'rm -rf "$dir"' EXIT
    trap 'exit 1' INT TERM
    download "$@"
    FINDING_INSIDE=$dir unshare --mount --net --pid --fork --mount-proc --kill-child "$0"
    exit
}

as_installed() {
    [ ! -d "$dir/root/lib" ] || cp -a "$dir/root/lib/." "$dir/root/usr/lib/" || exit 77
    mount -t overlay -o "lowerdir=$dir/root/usr:/usr" none /usr || exit 77
    [ ! -d "$dir/root/etc" ] || cp -a "$dir/root/etc/." /etc/ || exit 77
    [ ! -d "$dir/root/var" ] || cp -a "$dir/root/var/." /var/ || exit 77
    ldconfig
}

snmpd() {
    : >"$dir/log"
    env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/sbin/snmpd" -f -Lo "$@" >"$dir/log" 2>&1 </dev/null &
    snmpd_pid=$!
    for _ in $(seq 250); do
        grep -q 'NET-SNMP version' "$dir/log" && return
        kill -0 "$snmpd_pid" 2>/dev/null || break
        sleep 0.02
    done
    cat "$dir/log"
    echo "snmpd does not start"
    exit 77
}

snmpd_end() {
    kill "$snmpd_pid"
    wait "$snmpd_pid" 2>/dev/null
}

collectd_conf() {
    cat >"$dir/conf" <<CONF
LoadPlugin logfile
BaseDir "$dir"
PIDFile "$dir/pid"
PluginDir "$dir/root/usr/lib/collectd"
TypesDB "$dir/root/usr/share/collectd/types.db"
<Plugin logfile>
  File "$dir/collectd.log"
</Plugin>
$(cat)
CONF
}

collectd() {
    : >"$dir/collectd.log"
    MIBS='' LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu) "$dir/root/usr/sbin/collectd" -f -C "$dir/conf" >/dev/null 2>&1 </dev/null &
    collectd_pid=$!
}

collectd_end() {
    kill "$collectd_pid"
    wait "$collectd_pid" 2>/dev/null
}

collectd_feed() { # IDENTIFIER VALUE...
    local identifier=$1 value time
    time=$(($(date +%s) - 1000))
    shift
    printf '#!/bin/sh\n' >"$dir/feed"
    for value; do
        time=$((time + 10))
        printf 'echo PUTVAL %s interval=10 %s:%s\n' "$identifier" "$time" "$value" >>"$dir/feed"
    done
    echo 'exec sleep 60' >>"$dir/feed"
    chmod 755 "$dir/feed"
    printf 'LoadPlugin exec\n<Plugin exec>\n  Exec "nobody" "%s/feed"\n</Plugin>\n' "$dir"
}

within() {
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

saw() { printf '  saw: %s\n' "$*"; }

expect() {
    local text=$1
    shift
    if "$@"; then echo "as described: $text"; else
        echo "changed: $text"
        exit 1
    fi
}
