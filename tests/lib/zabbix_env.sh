# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A private Zabbix server in the namespace of tests/lib/snmp_env.sh, sourced after it:
#
#   need_zabbix          ends the test with a skip where it is not installed
#   zabbix_prepare       after snmp_env_prepare
#   zabbix_database      PostgreSQL with Zabbix's tables; a socket in our folder only
#   zabbix_analyze       after much was written: without statistics a query over triggers takes minutes
#   zabbix_front_end     the API on loopback of the namespace
#   zabbix_server        with SNMP trapper; reads $ZABBIX_TRAPS
#   zabbix_receiver      the shipped snmptrapd.conf on 127.0.0.1:16200, writes $ZABBIX_TRAPS
#   zabbix ARG...        tests/lib/zabbix.py
#   zabbix_logs          what they said
#
# They run as the user postgres, for a database does not run as root, and each in PID and IPC namespaces
# of its own: with its first process goes whatever it made.
ZABBIX_FILES=/usr/share/zabbix-server-pgsql
ZABBIX_FRONT_END=/usr/share/zabbix
ZABBIX_USER=postgres
ZABBIX_POSTGRES=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
ZABBIX_PORT=16180
ZABBIX_DIR='' ZABBIX_TRAPS=''
ZABBIX_AS=(setpriv "--reuid=$ZABBIX_USER" "--regid=$ZABBIX_USER" --init-groups --pdeathsig KILL)

need_zabbix() {
    local why=
    command -v zabbix_server >/dev/null && [ -e $ZABBIX_FILES/schema.sql.gz ] || why="no Zabbix server on PostgreSQL"
    [ -x "$ZABBIX_POSTGRES/initdb" ] || why="no PostgreSQL"
    [ -e $ZABBIX_FRONT_END/api_jsonrpc.php ] && php -m 2>/dev/null | grep -qx pgsql || why="no Zabbix front end with php-pgsql"
    python3 -c 'import yaml' 2>/dev/null || why="no python3-yaml"
    [ -z "$why" ] && return 0
    echo "1..0 # SKIP $why here (make deps-zabbix)"
    exit 0
}

# Ends one of ours, with everything below it, before it returns.
zabbix_end() { # NAME
    local pid=${SNMP_PIDS[$1]:-} first
    [ -n "$pid" ] || return 0
    first=$(pgrep -P "$pid")
    # The namespace's first process, or, if that was not there yet, the one that would make it.
    kill -KILL "${first:-$pid}" 2>/dev/null
    wait_for 10 pid_gone "$pid" || kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    unset "SNMP_PIDS[$1]"
}

zabbix_leave() {
    local name
    [ "$BASHPID" = "$$" ] || return
    for name in server front-end database; do zabbix_end $name; done
    snmp_env_stop
}

zabbix_prepare() {
    trap zabbix_leave EXIT
    ZABBIX_DIR=$SNMP_DIR/zabbix
    ZABBIX_TRAPS=$ZABBIX_DIR/traps
    mkdir -p "$ZABBIX_DIR"/{etc,snmp,sessions} && : >"$ZABBIX_TRAPS" && chmod 711 "$SNMP_DIR" &&
        chmod 700 "$ZABBIX_DIR" && chown -R $ZABBIX_USER: "$ZABBIX_DIR"
}

zabbix_spawn() { # NAME CMD...
    local name=$1
    shift
    # The mount is for the front end, whose configuration has a fixed place.
    # shellcheck disable=SC2016
    snmp_env_spawn "$name" env SNMP_PERSISTENT_DIR="$ZABBIX_DIR/snmp" SNMPCONFPATH="$ZABBIX_DIR/snmp" \
        HOME="$ZABBIX_DIR" unshare --fork --pid --ipc --kill-child \
        sh -c 'mount --bind "$1/etc" /etc/zabbix && shift && exec "$@"' sh "$ZABBIX_DIR" \
        "${ZABBIX_AS[@]}" "$@"
}

zabbix_sql() { # psql ARG...
    "${ZABBIX_AS[@]}" "$ZABBIX_POSTGRES/psql" -q -h "$ZABBIX_DIR" -U zabbix -v ON_ERROR_STOP=1 "$@"
}

zabbix_database() {
    local log=$SNMP_DIR/database.log part
    "${ZABBIX_AS[@]}" "$ZABBIX_POSTGRES/initdb" -D "$ZABBIX_DIR/data" -U zabbix --auth=trust --no-sync -E UTF8 --locale=C \
        >"$log" 2>&1 || return 1
    zabbix_spawn database "$ZABBIX_POSTGRES/postgres" -D "$ZABBIX_DIR/data" -c listen_addresses= \
        -c unix_socket_directories="$ZABBIX_DIR" -c fsync=off -c synchronous_commit=off -c full_page_writes=off
    wait_for 30 zabbix_sql -d postgres -c '' && zabbix_sql -d postgres -c 'CREATE DATABASE zabbix' || return 1
    for part in schema images data; do zcat $ZABBIX_FILES/$part.sql.gz; done |
        zabbix_sql -d zabbix >>"$log" 2>&1 || return 1
    # The host that Zabbix has from the start is nobody's here.
    zabbix_sql -d zabbix -c "UPDATE hosts SET status = 1 WHERE host = 'Zabbix server'" && zabbix_analyze
}
zabbix_analyze() { zabbix_sql -d zabbix -c ANALYZE; }

zabbix_server() {
    cat >"$ZABBIX_DIR/server.conf" <<CONF
LogType=console
PidFile=$ZABBIX_DIR/server.pid
SocketDir=$ZABBIX_DIR
DBHost=$ZABBIX_DIR
DBName=zabbix
DBUser=zabbix
ListenIP=127.0.0.1
SNMPTrapperFile=$ZABBIX_TRAPS
StartSNMPTrapper=1
CacheUpdateFrequency=1
StartPollers=2
StartPollersUnreachable=1
StartTrappers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartDBSyncers=2
StartAlerters=1
StartEscalators=1
StartPreprocessors=1
StartLLDProcessors=1
StartTimers=1
StartReportWriters=0
CONF
    zabbix_spawn server zabbix_server -f -c "$ZABBIX_DIR/server.conf"
    wait_for 60 grep -q 'server #.* started \[snmp trapper' "$SNMP_DIR/server.log"
}

zabbix_front_end() {
    cat >"$ZABBIX_DIR/etc/zabbix.conf.php" <<PHP
<?php
\$DB = ['TYPE' => 'POSTGRESQL', 'SERVER' => '$ZABBIX_DIR', 'PORT' => '0', 'DATABASE' => 'zabbix', 'USER' => 'zabbix',
    'PASSWORD' => '', 'SCHEMA' => '', 'ENCRYPTION' => false, 'DOUBLE_IEEE754' => true];
\$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
PHP
    zabbix_spawn front-end php -S 127.0.0.1:$ZABBIX_PORT -t $ZABBIX_FRONT_END -d memory_limit=512M \
        -d max_execution_time=120 -d post_max_size=16M -d date.timezone=UTC -d session.save_path="$ZABBIX_DIR/sessions"
    wait_for 30 zabbix login
}

zabbix_receiver() { # [snmptrapd ARG...]
    local folder=$TOP/packaging/zabbix
    sed "s|/usr/share/dcachemon/zabbix/|$folder/|; s|/var/log/snmptrap/snmptrap.log|$ZABBIX_TRAPS|" \
        "$folder/snmptrapd.conf" >"$SNMP_DIR/receiver.conf"
    snmp_env_end receiver
    : >"$SNMP_DIR/receiver.log"
    snmp_env_spawn receiver "$@" snmptrapd -f -Lo -C -c "$SNMP_DIR/receiver.conf" udp:127.0.0.1:16200
    wait_for 10 grep -q 'NET-SNMP version' "$SNMP_DIR/receiver.log"
}

zabbix() { snmp_env_run python3 "$TOP/tests/lib/zabbix.py" "$SNMP_DIR" "http://127.0.0.1:$ZABBIX_PORT" "$@"; }

zabbix_logs() {
    local file
    for file in server front-end database; do
        [ -e "$SNMP_DIR/$file.log" ] || continue
        echo "# ---- $file.log" && grep -v ' \[200\]: ' "$SNMP_DIR/$file.log" | tail -20 | sed 's/^/# /'
    done
}
