# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# One "dcachemon who" beside a test, sourced after tests/lib/tap.sh.

: "${tmp:?set by tests/lib/tap.sh}" "${BUILD:?set by tests/run}"

links() { find "/proc/$1/fd" -lname '*bpf?link*' 2>/dev/null | wc -l; }
watching() { [ "$(links "$who")" -ge 2 ]; }

# begin OPTION...: starts to watch, as $who; its output is in $tmp/out and $tmp/err.
who_with=() # a command that becomes it
begin() {
    "${who_with[@]}" "$BUILD/bin/dcachemon" who "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
    who=$!
    on_exit "kill $who 2>/dev/null"
    wait_for 10 watching
}

# json STATEMENTS: in Python, of the document d.
json() { python3 -c "import json, sys; d = json.load(open('$tmp/out')); $1"; }
