#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# rrdtool 1.7.2 (Debian 12). rrdxport(1): the output is XML, or with --json "json formatted", and XPORT takes a "legend" for a column.
# One expects the legend to be escaped as the format requires. Seen: it is written as it is. A quote or a backslash in it makes
# the output no JSON, and "&" or "<" no XML: a path in which a line feed is shown as \x0a spoils a whole page.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
packages rrdtool=1.7.2-4+b8 librrd8=1.7.2-4+b8
rrd() { LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu) "$dir/root/usr/bin/rrdtool" "$@"; }
start=1000000000
rrd create "$dir/rrd" --start $start --step 10 DS:value:GAUGE:20:U:U RRA:AVERAGE:0.5:1:10 &&
    rrd update "$dir/rrd" 1000000010:5 1000000020:7 || { echo "rrdtool does not run here"; exit 77; }
export_as() { # LEGEND OPTION...
    local legend=$1
    shift
    rrd xport "$@" --start $start --end 1000000020 "DEF:value=$dir/rrd:value:AVERAGE" "XPORT:value:$legend"
}
json() { # LEGEND: whether it comes back from JSON
    export_as "$1" --json | python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)["meta"]["legend"] != [sys.argv[1]])' "$1" 2>"$dir/error"
}
xml() {
    export_as "$1" | python3 -c 'import sys, xml.etree.ElementTree as x; sys.exit(x.parse(sys.stdin).findtext(".//entry") != sys.argv[1])' "$1" 2>"$dir/error"
}
json 'a\x0ab'
saw "JSON of the legend a\\x0ab: $(tail -n 1 "$dir/error")"
xml 'a&b'
saw "XML of the legend a&b: $(tail -n 1 "$dir/error")"
expect "JSON has a plain legend" json plain
expect "it is broken by a backslash" eval '! json "a\\x0ab"'
expect "and by a quote" eval '! json "a\"b"'
expect "XML has a backslash and a quote" eval 'xml "a\\x0ab" && xml "a\"b"'
expect "it is broken by an ampersand" eval '! xml "a&b"'
expect "and by an angle bracket" eval '! xml "a<b"'
