#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 280
# needs: core
# The command line under Memcheck: no invalid access, no leak, no descriptor left open; with BPF
# programs where the user may load them. Not for a sanitizer build, which valgrind cannot run.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon

memcheck() { # TEXT ARGUMENT...
    local text=$1 status=0
    shift
    timeout 200 valgrind -q --error-exitcode=99 --leak-check=full --track-fds=yes \
        --errors-for-leak-kinds=definite,indirect,possible \
        --suppressions="$TOP/tests/lib/valgrind.supp" --log-file="$tmp/log" \
        "$dcachemon" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
    if [ "$status" = 0 ]; then pass "$text"; else fail "$text (status $status)" "$tmp/log" "$tmp/err"; fi
    # What the test runner left open itself is marked as inherited.
    grep -A2 'Open file descriptor' "$tmp/log" | grep -B1 '   at ' >"$tmp/open"
    check "$text: no descriptor left open" diff /dev/null "$tmp/open"
}

memcheck "show --json --no-bpf" show --json --no-bpf
check "it printed a document" python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$tmp/out"
memcheck "show --no-bpf" show --no-bpf --all
memcheck "default-config" default-config
if [ "$(id -u)" = 0 ]; then
    memcheck "show --json with BPF" show --json
    check "its chains were read" python3 -c \
        'import json, sys; assert json.load(open(sys.argv[1]))["chains"]' "$tmp/out"
    memcheck "doctor" doctor
else
    skip "show --json with BPF" "needs root"
fi
done_testing
