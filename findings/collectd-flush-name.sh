#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd-unixsock(5), FLUSH: with plugin=NAME "only that specific plugin will be flushed". Seen: the
# name of write_graphite here is "write_graphite/NODE". "FLUSH plugin=write_graphite" answers "Done: 1 successful, 0 errors", and
# nothing is sent; so it is with a name that no plugin has. Without a plugin's name, all are flushed.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
packages collectd-core=5.12.0-14
python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 2003))
while True:
    with server.accept()[0] as connection:
        while data := connection.recv(4096):
            print(data.decode(), end="", flush=True)' >"$dir/carbon" 2>&1 &
carbon=$!
within grep -q ' 0100007F:07D3 ' /proc/net/tcp || { cat "$dir/carbon"; exit 77; }
collectd_conf <<CONF
LoadPlugin unixsock
LoadPlugin write_graphite
<Plugin unixsock>
  SocketFile "$dir/socket"
  SocketGroup "root"
</Plugin>
<Plugin write_graphite>
  <Node "carbon">
    Host "127.0.0.1"
    Port "2003"
    Protocol "tcp"
  </Node>
</Plugin>
CONF
collectd
within [ -S "$dir/socket" ] || { cat "$dir/collectd.log"; exit 77; }
tell() { # LINE: the answer to it
    python3 -c '
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    server.sendall(sys.argv[2].encode() + b"\n")
    print(server.recv(4096).decode().strip())' "$dir/socket" "$1"
}
arrived() { grep -c 'host.test.gauge-one' "$dir/carbon"; }
tell 'PUTVAL host/test/gauge-one interval=10 N:1' >"$dir/out"
within eval 'tell LISTVAL | grep -q gauge-one' || { cat "$dir/out" "$dir/collectd.log"; exit 77; }
sleep 1
before=$(arrived)
plugin=$(tell 'FLUSH plugin=write_graphite') nobody=$(tell 'FLUSH plugin=nobody')
sleep 1
after=$(arrived)
node=$(tell 'FLUSH plugin=write_graphite/carbon')
within eval '[ "$(arrived)" -gt 0 ]'
saw "plugin=write_graphite: $plugin; plugin=nobody: $nobody; values sent: $before, $after after both"
saw "plugin=write_graphite/carbon: $node; values sent: $(arrived)"
sent=$(arrived)
kill "$carbon"
collectd_end
expect "the name of the plugin is a success, as is any other" [ "$plugin / $nobody" = '0 Done: 1 successful, 0 errors / 0 Done: 1 successful, 0 errors' ]
expect "and nothing is sent" [ "$before $after" = '0 0' ]
expect "with the name of the node it is" [ "$sent" = 1 ]
