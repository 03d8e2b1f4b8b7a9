#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 420
# A newcomer's path on a fresh Debian: packages installed, snmpd drop-ins taken, snmptable shows
# superblocks, a planted chain raises a trap in snmptrapd and turns a Nagios check red; upgrade;
# purge leaves nothing. The host is a chroot below an overlay, in a network namespace; the manager's
# programs run beside it. Services are started by hand, as their units would.
set -u
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/nagios/plugins
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
root=.1.3.6.1.4.1.8072.9999.9999.1806
unit=$TOP/packaging/systemd/dcachemon-snmp.service
base=${DCACHEMON_TEST_ROOT:-$BUILD/packages-root}

live_need_bpf
ls "$BUILD"/deb/dcachemon_*.deb >/dev/null 2>&1 || { echo "1..0 # SKIP no packages: make deb"; exit 0; }
"$TOP/tests/packages/newcomer_root.sh" "$base" >&2 || { echo "1..0 # SKIP no Debian root: debootstrap failed"; exit 0; }

# ---- the host ----

unmount() {
    local point
    for point in dev sys proc .; do
        mountpoint -q "$SNMP_DIR/root/$point" && umount -l "$SNMP_DIR/root/$point"
    done
    mountpoint -q "$SNMP_DIR/layers" && umount -l "$SNMP_DIR/layers"
}
leave() { plant_end 2>/dev/null; snmp_env_end daemon; snmp_env_end host; snmp_env_end traps; unmount; snmp_env_stop; }
inside() { chroot "$SNMP_DIR/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
make_host() {
    mkdir "$SNMP_DIR"/{root,layers} && mount -t tmpfs none "$SNMP_DIR/layers" && mkdir "$SNMP_DIR"/layers/{upper,work} &&
        mount -t overlay overlay -o "lowerdir=$base,upperdir=$SNMP_DIR/layers/upper,workdir=$SNMP_DIR/layers/work" "$SNMP_DIR/root" &&
        mount -t proc proc "$SNMP_DIR/root/proc" && mount --bind /sys "$SNMP_DIR/root/sys" && mount --bind /dev "$SNMP_DIR/root/dev" &&
        mkdir -p "$SNMP_DIR/root/debs" && cp "$BUILD"/deb/*.deb "$SNMP_DIR/root/debs" && rm -f "$SNMP_DIR"/root/debs/*dbgsym*
}
# What the packages and their scripts made, without the records of apt, adduser and snmpd.
list() { (cd "$SNMP_DIR/root" && find . -xdev -path ./debs -prune -o -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune -o -path ./run/adduser -prune -o -path ./var/log -prune -o -path ./var/lib/snmp -prune -o \
    -path ./var/cache -prune -o -name 'passwd*' -o -name 'group*' -o -name 'shadow*' -o -name 'gshadow*' -o -print) | sort; }
quietly() { "$@" >"$SNMP_DIR/out" 2>&1 || { sed 's/^/# /' "$SNMP_DIR/out" | tail -20; return 1; }; }
installed() { [ "$(inside dpkg-query -W -f '${db:Status-Status} ' dcachemon dcachemon-snmp collectd-plugin-dcachemon)" = "installed installed installed " ]; }
member() { inside id -nG dcachemon | grep -qw agentx; }
plugin_loads() {
    printf 'BaseDir "/tmp"\nFQDNLookup false\nLoadPlugin dcachemon\n' >"$SNMP_DIR/root/tmp/collectd.conf"
    quietly timeout 20 chroot "$SNMP_DIR/root" collectd -T -C /tmp/collectd.conf
    ! grep -i 'fail\|error\|unable' "$SNMP_DIR/out"
}

# ---- its services, as their units start them ----

# shellcheck disable=SC2016
start_snmpd() {
    local command
    command=$(sed -n 's/^ExecStart=//p' "$SNMP_DIR/root/lib/systemd/system/snmpd.service")
    # Not the host's interfaces: many namespaces beside this test make them slow to read.
    # shellcheck disable=SC2086
    snmp_env_spawn host env -u SNMPCONFPATH -u SNMP_PERSISTENT_DIR chroot "$SNMP_DIR/root" ${command/-LOw/-Lo}
    wait_for 20 test -S "$SNMP_DIR/root/var/agentx/master"
}
caps() { sed -n 's/^AmbientCapabilities=//p' "$unit" | tr '[:upper:]' '[:lower:]' | sed 's/cap_/+/g; s/ /,/g'; }
start_daemon() {
    inside systemd-tmpfiles --create dcachemon-snmp.conf &&
        snmp_env_spawn daemon env -u SNMPCONFPATH -u SNMP_PERSISTENT_DIR chroot "$SNMP_DIR/root" setpriv --reuid dcachemon --regid dcachemon --init-groups \
            --no-new-privs --inh-caps="-all,$(caps)" --ambient-caps="$(caps)" --bounding-set="-all,$(caps)" \
            /usr/sbin/dcachemon-snmp -f
}
configure() {
    local examples=$SNMP_DIR/root/usr/share/doc/dcachemon/examples
    mkdir -p "$SNMP_DIR/root/etc/snmp/snmpd.conf.d"
    cp "$examples"/snmpd/dcachemon-{agentx,view,traps,mute}.conf "$SNMP_DIR/root/etc/snmp/snmpd.conf.d/" &&
        sed -i 's/^#trap2sink .*/trap2sink 127.0.0.1:16200 public/' "$SNMP_DIR/root/etc/snmp/snmpd.conf.d/dcachemon-traps.conf" &&
        inside dcachemon check-config /usr/share/doc/dcachemon/examples/dcachemon.conf &&
        cat >"$SNMP_DIR/root/etc/dcachemon/dcachemon.conf" <<'CONF'
[sampling]
budget_percent = 30
hash_interval = 1
[alarm chain_length]
warning = 150
critical = 200
raise_after = 1
clear_after = 1
[notify]
grace = 0
CONF
    inside dcachemon check-config /etc/dcachemon/dcachemon.conf
}

# ---- the manager ----

manager() { snmp_env_run env "${LIVE_ENV[@]}" "$@"; }
superblocks() {
    manager snmptable -v2c -c public -Cb -Ci -t 3 127.0.0.1 DCACHEMON-MIB::dcmSuperblockTable >"$SNMP_DIR/table" 2>&1 &&
        grep -qw proc "$SNMP_DIR/table"
}
nagios() { snmp_env_run check_snmp -H 127.0.0.1 -P 2c -C public -t 10 -o $root.1.15.1.0 -w 0 -c 0 -l alarms >"$SNMP_DIR/nagios"; echo $?; }
# A time-out is red as well: the answer has to be there.
nagios_is() { [ "$(nagios)" = "$1" ] && grep -q '^SNMP [A-Z]* - ' "$SNMP_DIR/nagios"; }
start_traps() {
    printf 'authCommunity log,execute,net public\ntraphandle default %s/handle\n' "$SNMP_DIR" >"$SNMP_DIR/traps.conf"
    printf '#!/bin/sh\nDCACHEMON_COMMAND_FILE=%s/command exec %s\n' "$SNMP_DIR" \
        "$SNMP_DIR/root/usr/share/dcachemon/snmptrapd/dcachemon-trap" >"$SNMP_DIR/handle"
    chmod 755 "$SNMP_DIR/handle"
    : >"$SNMP_DIR/command"
    snmp_env_spawn traps snmptrapd -f -Lo -On -C -c "$SNMP_DIR/traps.conf" udp:127.0.0.1:16200
    wait_for 5 grep -q 'NET-SNMP version' "$SNMP_DIR/traps.log"
}
result_is() { grep -q "PROCESS_SERVICE_CHECK_RESULT;[^;]*;dentry cache;$1;.*$2" "$SNMP_DIR/command"; }
sends_traps() { grep -q 'send_.*v2trap\|send_trap' <(tr '\0' '\n' <"$SNMP_DIR/root/usr/sbin/dcachemon-snmp"); }
doctor() { # CHECK STATE
    snmp_env_run env -u SNMPCONFPATH -u SNMP_PERSISTENT_DIR chroot "$SNMP_DIR/root" dcachemon doctor --snmp "-v2c -c public 127.0.0.1" >"$SNMP_DIR/doctor"
    grep -qE "^$2 +$1 " "$SNMP_DIR/doctor" || { sed 's/^/# /' "$SNMP_DIR/doctor" | tail -14; return 1; }
}

take_module() { # as its drop-in says: first without the group, which doctor notices
    cp "$SNMP_DIR"/root/usr/share/doc/dcachemon/examples/snmpd/dcachemon-module.conf "$SNMP_DIR/root/etc/snmp/snmpd.conf.d/" &&
        doctor snmpd_module warn && inside usermod -aG dcachemon Debian-snmp && snmp_env_end host && start_snmpd
}
module_answers() { grep -q "answering the interface tables from dcachemon's samples" "$SNMP_DIR/host.log"; }

# ---- upgrade and purge ----

next_version() {
    local deb folder
    for deb in "$SNMP_DIR"/root/debs/*.deb; do
        folder=$SNMP_DIR/layers/next
        dpkg-deb -R "$deb" "$folder" && sed -i 's/^Version: .*/&+next/; s/(= \([^)]*\))/(= \1+next)/' "$folder/DEBIAN/control" &&
            dpkg-deb -b "$folder" "${deb%.deb}_next.deb" >/dev/null && rm -rf "$folder" "$deb" || return 1
    done
}
upgrade() { next_version && inside sh -c 'apt-get install -y -q /debs/*_next.deb'; }
kept() { grep -q 'critical = 200' "$SNMP_DIR/root/etc/dcachemon/dcachemon.conf" && inside dpkg-query -W dcachemon | grep -q next; }
nothing_left() { list | diff "$SNMP_DIR/before" - >"$SNMP_DIR/diff" || { grep '^[<>]' "$SNMP_DIR/diff" | sed 's/^/# /' | head -40; return 1; }; }

snmp_env_prepare
trap leave EXIT
tap_ok "a fresh Debian" make_host
list >"$SNMP_DIR/before"
# With what they depend on and recommend: nothing of it is in this Debian yet.
tap_ok "one command installs the packages" quietly inside sh -c 'apt-get install -y -q /debs/*.deb'
tap_ok "all three" installed
tap_ok "the daemon's user is there, in the group agentx" member
tap_ok "dcachemon runs" quietly inside dcachemon show
tap_ok "the collectd plugin loads" plugin_loads
tap_ok "snmpd drop-ins and configuration are taken" quietly configure
tap_ok "snmpd starts as its unit says" start_snmpd
no_complaint() { ! grep -iE '(error|warning|unknown)' "$SNMP_DIR/host.log" | grep '/etc/snmp/snmpd.conf.d' | sed 's/^/# /' | grep .; }
tap_ok "and says nothing against the drop-ins" no_complaint
tap_ok "so does dcachemon-snmp, as its user" start_daemon
tap_ok "snmptable shows superblocks by name" wait_for 20 superblocks
grep -m 2 -w 'proc\|overlay' "$SNMP_DIR/table" | cut -c -150 | sed 's/^/# /'
tap_ok "doctor: the user may open the socket" doctor agentx_user ok
tap_ok "doctor: a manager sees the objects" doctor snmp_view ok
tap_ok "doctor: there is a receiver of traps" doctor trap_sink ok
if command -v check_snmp >/dev/null; then
    tap_ok "the Nagios check is green" wait_for 20 nagios_is 0
    tap_ok "snmptrapd starts" start_traps
    tap_ok "250 namespaces make a chain" plant netns 250
    tap_ok "the Nagios check turns red" wait_for 30 nagios_is 2
    sed 's/^/# /' "$SNMP_DIR/nagios"
    if sends_traps; then
        tap_ok "a trap arrives, and makes a critical result" wait_for 30 result_is 2 'chain'
        grep -m 1 ';2;' "$SNMP_DIR/command" | sed 's/^/# /'
    else
        tap_skip "a trap arrives" "this build sends no notifications"
    fi
    plant_end
    tap_ok "without the namespaces it turns green" wait_for 40 nagios_is 0
    ! sends_traps || tap_ok "and a clear arrives" wait_for 30 result_is 0 'chain'
else
    tap_skip "Nagios and traps" "check_snmp is not installed: make deps-monitoring"
fi
tap_ok "snmpd takes the module" take_module
tap_ok "and answers the interface tables out of our samples" wait_for 20 module_answers
tap_ok "doctor: the module's snmpd may open the socket" doctor snmpd_module ok
snmp_env_end daemon
tap_ok "an upgrade keeps the configuration" quietly upgrade
tap_ok "and has the new version" kept
tap_ok "started again it serves the tables" start_daemon
tap_ok "as before" wait_for 20 superblocks
snmp_env_end daemon
snmp_env_end host
rm -rf "$SNMP_DIR"/root/etc/snmp/snmpd.conf.d/dcachemon-*.conf "$SNMP_DIR/root/var/agentx" "$SNMP_DIR/root/tmp/collectd.conf"
tap_ok "purge works" quietly inside apt-get purge -y -q --autoremove -o APT::AutoRemove::SuggestsImportant=false \
    -o APT::AutoRemove::RecommendsImportant=false collectd-plugin-dcachemon dcachemon-snmp dcachemon
tap_ok "purge leaves nothing" nothing_left
tap_done
