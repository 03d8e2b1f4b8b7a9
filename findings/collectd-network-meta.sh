#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd.conf(5): the network plugin "sends data to a remote instance of collectd"; notifications
# are sent, too. One expects them to arrive as they were. Seen: they arrive without their data: a program of NotificationExec
# that runs at the central collectd gets no DataSource, CurrentValue, WarningMax and so on, which it gets at the host.
# "network:received: true" is there instead. What the message says is all that is left.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14
mkdir -m 777 "$dir/seen" && mkdir -m 755 "$dir/host" && ln -s ../root "$dir/host/root" || exit 77
# shellcheck disable=SC2016 # $1 and $2 are those of the script
printf '#!/bin/sh\ncat >"$1/new.$2" && mv "$1/new.$2" "$1/$2"\n' >"$dir/notified"
chmod 755 "$dir/notified"
plugins() { # NAME, SECTION of the network plugin
    cat <<CONF
LoadPlugin network
<Plugin network>
  $2 "127.0.0.1" "25826"
</Plugin>
LoadPlugin exec
<Plugin exec>
  NotificationExec "nobody" "$all/notified" "$all/seen" "$1"
</Plugin>
CONF
}
all=$dir
collectd_conf < <(plugins central Listen)
collectd
central=$collectd_pid
within grep -q 'Initialization complete' "$dir/collectd.log"
dir=$all/host
collectd_conf < <(
    plugins host Server
    collectd_feed host/test/gauge 500
    cat <<'CONF'
LoadPlugin threshold
<Plugin threshold>
  <Type "gauge">
    WarningMax 100
  </Type>
</Plugin>
CONF
)
collectd
dir=$all
within eval '[ -e "$dir/seen/host" ] && [ -e "$dir/seen/central" ]'
collectd_end
kill "$central" && wait "$central" 2>/dev/null
header() { sed '/^$/,$d' "$dir/seen/$1" | tr '\n' ';'; }
saw "at the host: $(header host)"
saw "at the central collectd: $(header central)"
expect "the notification arrives" [ -s "$dir/seen/central" ]
expect "with its message" cmp <(sed '1,/^$/d' "$dir/seen/host") <(sed '1,/^$/d' "$dir/seen/central")
expect "the host has the value and the level" eval 'grep -q ^CurrentValue: "$dir/seen/host" && grep -q ^WarningMax: "$dir/seen/host"'
expect "the central collectd has neither" eval '! grep -qE "^(CurrentValue|WarningMax|DataSource):" "$dir/seen/central"'
