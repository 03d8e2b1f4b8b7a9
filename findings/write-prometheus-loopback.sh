#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# collectd 5.12.0 (Debian 12). collectd.conf(5), write_prometheus: "Host" is the address that it binds to. Seen: with
# Host "127.0.0.1" it does not listen at all where only the loopback interface has an address, as in a container without a
# network: it looks the numeric address up with AI_ADDRCONFIG, for which loopback addresses do not count. The log says no
# more than that opening the socket failed, and collectd goes on without the plugin. With any other address it listens.
. "$(dirname "$0")/lib.sh"
packages collectd-core=5.12.0-14 libprotobuf-c1=1.4.1-1+b1 libmicrohttpd12=0.9.75-6
collectd_conf <<CONF
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host "127.0.0.1"
  Port "9103"
</Plugin>
CONF

started() { # TEXT: whether its log has that within 10 seconds
    collectd
    within grep -q "$1" "$dir/collectd.log"
    collectd_end
    saw "$(grep -o 'write_prometheus plugin: [OL].*' "$dir/collectd.log")"
    grep -q "$1" "$dir/collectd.log"
}
expect "only loopback has an address: no socket" started 'write_prometheus plugin: Opening a listening socket .* failed'
ip link add ve0 type veth peer name ve1 && ip addr add 192.0.2.1/24 dev ve0 && ip link set ve0 up && ip link set ve1 up || exit 77
expect "another interface has one: it listens" started 'write_prometheus plugin: Listening on'
