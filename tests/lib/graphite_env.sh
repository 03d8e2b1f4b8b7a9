# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154,SC2034
# A private carbon and graphite-web on loopback, sourced after collectd_env.sh:
#   need_graphite      ends the test with a skip where they are not installed
#   start_graphite     $line_port takes values, $web is the address of graphite-web
#   write_graphite     prints the block for collectd.conf
#   render FILE QUERY  one answer of render?QUERY
graphite_python=/usr/bin/python3

need_graphite() {
    command -v carbon-cache >/dev/null && "$graphite_python" -c "import graphite, whisper" 2>/dev/null && return 0
    echo "1..0 # SKIP no carbon and graphite-web here (make deps-graphite)"
    exit 0
}

start_graphite() {
    local pickle_port query_port web_port folder=$tmp/graphite
    read -r line_port pickle_port query_port web_port <<<"$(free_ports 4)"
    mkdir -p "$folder/whisper" "$folder/log"
    cp "$TOP/packaging/graphite/storage-aggregation.conf" "$folder/"
    # The shipped schema, with a first period for a test of a minute.
    sed 's/^retentions = 10s:1d/retentions = 1s:1h/' "$TOP/packaging/graphite/storage-schemas.conf" \
        >"$folder/storage-schemas.conf"
    cat >"$folder/carbon.conf" <<EOF
[cache]
DATABASE = whisper
LOCAL_DATA_DIR = $folder/whisper
CONF_DIR = $folder
LOG_DIR = $folder/log
PID_DIR = $folder
USER =
ENABLE_LOGROTATION = False
MAX_CREATES_PER_MINUTE = inf
MAX_UPDATES_PER_SECOND = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = $line_port
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = $pickle_port
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = $query_port
ENABLE_TAGS = False
EOF
    cat >"$folder/dcm_settings.py" <<EOF
SECRET_KEY = "test"
ALLOWED_HOSTS = ["127.0.0.1"]
STORAGE_DIR = WHISPER_DIR = "$folder/whisper"
STANDARD_DIRS = ["$folder/whisper"]
CONF_DIR = LOG_DIR = "$folder/log"
INDEX_FILE = "$folder/index"
CARBONLINK_HOSTS = ["127.0.0.1:$query_port"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "$folder/db"}}
TIME_ZONE = "UTC"
LOG_ROTATION = False
EOF
    carbon-cache --config="$folder/carbon.conf" --pidfile="$folder/carbon.pid" --logdir="$folder/log" \
        --nodaemon start >"$folder/carbon.log" 2>&1 </dev/null &
    on_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
    export DJANGO_SETTINGS_MODULE=graphite.settings GRAPHITE_SETTINGS_MODULE=dcm_settings PYTHONPATH=$folder
    "$graphite_python" -m django migrate --run-syncdb >"$folder/migrate.log" 2>&1
    "$graphite_python" -m django runserver --noreload "127.0.0.1:$web_port" >"$folder/web.log" 2>&1 </dev/null &
    on_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
    unset PYTHONPATH
    web=http://127.0.0.1:$web_port
    wait_for 60 render "$tmp/none" "format=json&target=x" && wait_for 30 bash -c ": >/dev/tcp/127.0.0.1/$line_port"
}

render() { "$graphite_python" - "$web/render?$2" "$1" <<'EOF'
import sys, urllib.request
open(sys.argv[2], "wb").write(urllib.request.urlopen(sys.argv[1], timeout=20).read())
EOF
}

# The shipped block, sent here.
write_graphite() {
    sed "s/graphite\.example\.org/127.0.0.1/; s/\"2003\"/\"$line_port\"/" "$TOP/packaging/collectd/write-graphite.conf"
}
