# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A private Cacti in the namespace of tests/lib/snmp_env.sh, sourced after it:
#
#   need_cacti           ends the test with a skip where it is not installed
#   cacti_prepare        after snmp_env_prepare: folders in place of Cacti's own
#   cacti_database       MariaDB with Cacti's tables; a socket in our folder only
#   cacti_profile STEP   values are kept each STEP seconds; prints the number for import_template.php
#   cacti_run CMD...     with our folders at the fixed places of Cacti's configuration, files and logs
#   cacti_cli NAME ARG.. of Cacti's cli/
#   cacti_sql QUERY      prints rows, tabs between the values
#   cacti ARG...         tests/lib/cacti.py
#   cacti_logs           what they said
#
# All of it runs as www-data, which Debian's cron job uses.
CACTI_SITE=/usr/share/cacti/site
CACTI_USER=www-data
CACTI_DIR='' CACTI_SOCKET=''
CACTI_AS=(setpriv "--reuid=$CACTI_USER" "--regid=$CACTI_USER" --init-groups --pdeathsig KILL)
CACTI_MOUNTS=()

# The first that exists.
cacti_file() {
    local file
    for file; do [ ! -e "$file" ] || { readlink -f "$file"; return; }; done
    return 1
}
CACTI_CLI=$(cacti_file $CACTI_SITE/cli /usr/share/cacti/cli)
CACTI_SCHEMA=$(cacti_file /usr/share/dbconfig-common/data/cacti/install/mysql /usr/share/doc/cacti/cacti.sql.gz)
CACTI_SPINE=$(PATH=$PATH:/usr/sbin command -v spine)

need_cacti() {
    local why=
    [ -e "$CACTI_CLI/import_template.php" ] && [ -e "$CACTI_SCHEMA" ] || why="no Cacti"
    [ -n "$CACTI_SPINE" ] || why="no cacti-spine"
    command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null || why="no MariaDB server"
    command -v rrdtool >/dev/null || why="no rrdtool"
    php -m 2>/dev/null | grep -qx snmp && php -m | grep -qx pdo_mysql || why="no php-snmp or php-mysql"
    [ -z "$why" ] && return 0
    echo "1..0 # SKIP $why here (make deps-cacti)"
    exit 0
}

cacti_configure() {
    cp -a /etc/cacti/. "$CACTI_DIR/etc" && sed -i "s|^\(.database_hostname\) .*|\1 = '$CACTI_SOCKET';|
        s|^\(.database_username\) .*|\1 = 'cacti';|; s|^\(.database_password\) .*|\1 = '';|" "$CACTI_DIR/etc/debian.php" &&
        cat >"$CACTI_DIR/etc/spine.conf" <<SPINE
DB_Host $CACTI_SOCKET
DB_Database cacti
DB_User cacti
DB_Pass
DB_Port 3306
SPINE
}

cacti_prepare() {
    local queries
    CACTI_DIR=$SNMP_DIR/cacti CACTI_SOCKET=$SNMP_DIR/cacti/db.sock
    queries=$(cacti_file $CACTI_SITE/resource/snmp_queries /usr/share/cacti/resource/snmp_queries) || return 1
    CACTI_MOUNTS=(etc /etc/cacti lib /var/lib/cacti log /var/log/cacti queries "$queries")
    mkdir -p "$CACTI_DIR"/{etc,lib/{rra,cache,csrf},log,queries,tmp,snmp} && : >"$CACTI_DIR/log/cacti.log" &&
        : >"$CACTI_DIR/log/cacti_stderr.log" && cp -rL "$queries/." "$CACTI_DIR/queries" && cacti_configure &&
        chmod 711 "$SNMP_DIR" && chown -R $CACTI_USER: "$CACTI_DIR"
}

# The mounts end with the command, for "ip netns exec" has a mount namespace of its own.
cacti_run() {
    # shellcheck disable=SC2016
    snmp_env_run env SNMP_PERSISTENT_DIR="$CACTI_DIR/snmp" SNMPCONFPATH="$CACTI_DIR/snmp" HOME="$CACTI_DIR" \
        unshare --mount --propagation private sh -c '
            dir=$1 && shift
            while [ "$1" != -- ]; do mount --bind "$dir/$1" "$2" && shift 2 || exit 1; done
            shift && exec "$@"' sh "$CACTI_DIR" "${CACTI_MOUNTS[@]}" -- "${CACTI_AS[@]}" "$@"
}
cacti_cli() { # NAME ARG...
    local script=$CACTI_CLI/$1
    shift
    cacti_run php "$script" "$@"
}

cacti_sql() { # QUERY
    "${CACTI_AS[@]}" mariadb --no-defaults -N -B -S "$CACTI_SOCKET" -u cacti "${CACTI_BASE:-cacti}" -e "$1"
}

cacti_load() {
    case $CACTI_SCHEMA in *.gz) zcat "$CACTI_SCHEMA" ;; *) cat "$CACTI_SCHEMA" ;; esac |
        "${CACTI_AS[@]}" mariadb --no-defaults -S "$CACTI_SOCKET" -u cacti cacti
}

# What the installation asks for.
cacti_settings() {
    local version
    version=$(cat "$(cacti_file $CACTI_SITE/include/cacti_version /usr/share/cacti/include/cacti_version)") || return 1
    cacti_sql "UPDATE version SET cacti = '$version'; REPLACE INTO settings (name, value) VALUES
        ('path_rrdtool', '$(command -v rrdtool)'), ('rrdtool_version', '$(rrdtool --version | awk 'NR == 1 { print $2 }')'),
        ('path_php_binary', '$(command -v php)'), ('path_cactilog', '/var/log/cacti/cacti.log'),
        ('path_snmpget', '/usr/bin/snmpget'), ('path_spine', '$CACTI_SPINE'), ('log_verbosity', '2'),
        ('poller_enabled', 'on')"
}

cacti_database() {
    local log=$SNMP_DIR/database.log
    "${CACTI_AS[@]}" mariadb-install-db --no-defaults --datadir="$CACTI_DIR/data" --skip-test-db \
        --auth-root-authentication-method=normal >"$log" 2>&1 || return 1
    snmp_env_spawn database "${CACTI_AS[@]}" mariadbd --no-defaults --datadir="$CACTI_DIR/data" \
        --socket="$CACTI_SOCKET" --pid-file="$CACTI_DIR/db.pid" --tmpdir="$CACTI_DIR/tmp" --skip-networking \
        --skip-grant-tables --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0
    CACTI_BASE=mysql wait_for 30 cacti_sql 'SELECT 1' &&
        CACTI_BASE=mysql cacti_sql 'CREATE DATABASE cacti CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci' &&
        cacti_load >>"$log" 2>&1 && cacti_settings
}

cacti_profile() { # STEP
    cacti_sql "INSERT INTO data_source_profiles (hash, name, step, heartbeat, x_files_factor, \`default\`)
            VALUES (MD5('$1'), 'each $1 seconds', $1, 120, 0.5, '');
        SET @profile = LAST_INSERT_ID();
        INSERT INTO data_source_profiles_cf SELECT @profile, id FROM (SELECT 1 AS id UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) AS f;
        INSERT INTO data_source_profiles_rra (data_source_profile_id, name, steps, \`rows\`, timespan)
            VALUES (@profile, 'all', 1, 3000, 86400);
        REPLACE INTO settings (name, value) VALUES ('poller_interval', '$1');
        SELECT @profile"
}

cacti() { snmp_env_run python3 "$TOP/tests/lib/cacti.py" "$CACTI_DIR" "$SNMP_ADDRESS" "$@"; }

cacti_logs() {
    local file
    for file in "$SNMP_DIR/database.log" "$CACTI_DIR/log/"*.log "$SNMP_DIR/cacti.out"; do
        [ ! -s "$file" ] || { echo "# ---- ${file##*/}" && tail -20 "$file" | awk '{ print "# " $0 }'; }
    done
}
