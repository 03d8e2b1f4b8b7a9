#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# spine 1.2.24 (Debian 12), the poller of Cacti. A data query whose re-index method is "Verify All Fields" compares the
# key of each row with what the agent says, and is run again where they differ. One expects that of a row that is gone,
# too. Seen: the first row that is gone makes spine ignore the device for the rest of the poll, so that nothing of it
# is polled, and asks for no new run: so it is at each poll, until somebody runs the query by hand. ("Index Count
# Changed", to compare with, does what one expects.)
. "$(dirname "$0")/lib.sh"
packages cacti=1.2.24+ds1-1+deb12u5 cacti-spine=1.2.24-1 snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 \
    mariadb-server-core=1:10.11.19-0+deb12u1 mariadb-client-core=1:10.11.19-0+deb12u1 libmariadb3=1:10.11.19-0+deb12u1 \
    liburing2=2.3-3

root=$dir/root
LD_LIBRARY_PATH=$(dirname "$(find "$root" -name 'libnetsnmp.so.*' | head -n 1)")
export LD_LIBRARY_PATH MIBS=
schema=$(find "$root" \( -path '*cacti/install/mysql' -o -name 'cacti.sql*' \) -type f | head -n 1)
sql() { "$root/usr/bin/mariadb" --no-defaults -N -B -S "$dir/db.sock" "$@"; }
poll() { # prints what was polled, and which queries are to be run again
    sql cacti -e 'DELETE FROM poller_output; DELETE FROM poller_command'
    "$root/usr/sbin/spine" --conf="$dir/spine.conf" --first=1 --last=1 >"$dir/spine.log" 2>&1 </dev/null
    sql cacti -e "SELECT output FROM poller_output; SELECT CONCAT('again: ', command) FROM poller_command" | tr '\n' ' '
}

mkdir "$dir/data"
"$root/usr/sbin/mariadbd" --no-defaults --user=root --basedir="$root/usr" --datadir="$dir/data" --socket="$dir/db.sock" \
    --pid-file="$dir/db.pid" --skip-networking --skip-grant-tables >"$dir/db.log" 2>&1 </dev/null &
for _ in $(seq 100); do sql -e 'SELECT 1' >"$dir/out" 2>&1 && break || sleep 0.1; done
{ sql -e 'CREATE DATABASE mysql; CREATE DATABASE cacti' && sql mysql <"$root/usr/share/mysql/mysql_system_tables.sql" &&
    case $schema in *.gz) zcat "$schema" ;; *) cat "$schema" ;; esac | sql cacti; } || {
    tail -n 5 "$dir/db.log"
    exit 77
}
printf 'DB_Host %s/db.sock\nDB_Database cacti\nDB_User root\nDB_Pass\nDB_Port 3306\n' "$dir" >"$dir/spine.conf"
printf 'rocommunity public\nsysservices 72\n' >/etc/snmp/snmpd.conf
snmpd -C -c /etc/snmp/snmpd.conf udp:127.0.0.1:161
sql cacti -e "
    REPLACE INTO settings VALUES ('path_cactilog', '$dir/cacti.log'), ('poller_enabled', 'on'), ('poller_interval', '300');
    INSERT INTO host (id, description, hostname, snmp_version, snmp_community, snmp_port, snmp_timeout,
        availability_method, ping_retries, max_oids, poller_id, device_threads)
        VALUES (1, 'host', '127.0.0.1', 2, 'public', 161, 2000, 2, 1, 10, 1, 1);
    INSERT INTO poller_item (local_data_id, poller_id, host_id, action, hostname, snmp_community, snmp_version, snmp_port,
        snmp_timeout, rrd_name, rrd_path, rrd_num, rrd_step, arg1)
        VALUES (1, 1, 1, 0, '127.0.0.1', 'public', 2, 161, 2000, 'services', 'x.rrd', 1, 300, '.1.3.6.1.2.1.1.7.0');"
verify() { # ACTION KEY OID: 0 compares the value with KEY, 10 the number of rows
    sql cacti -e "REPLACE INTO poller_reindex (host_id, data_query_id, action, op, assert_value, arg1)
        VALUES (1, 7, $1, '=', '$2', '$3')"
}

before=$(poll)
saw "no row to verify: $before"
expect "the device is polled" [ "$before" = '72 ' ]
verify 0 lo .1.3.6.1.2.1.2.2.1.2.1
present=$(poll)
saw "a row that is there: $present"
expect "it is polled beside a row that is there" [ "$present" = '72 ' ]
verify 0 eth9 .1.3.6.1.2.1.2.2.1.2.1
other=$(poll)
saw "a row with another name: $other"
expect "a row with another name leads to a new run" [ "$other" = '72 again: 1:7 ' ]
sql cacti -e 'DELETE FROM poller_reindex'
verify 10 9 .1.3.6.1.2.1.2.2.1.2
count=$(poll)
saw "another number of rows: $count"
expect "so does another number of rows" [ "$count" = '72 again: 1:7 ' ]
sql cacti -e 'DELETE FROM poller_reindex'
verify 0 eth9 .1.3.6.1.2.1.2.2.1.2.99
gone=$(poll)
saw "a row that is gone: $gone"
expect "with a row that is gone nothing of the device is polled, and nothing is run again" [ -z "${gone//U /}" ]
