#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Exit codes, help and hints of every command.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon

run 0 "--version" "$dcachemon" --version
says "$tmp/out" '^dcachemon [0-9]+\.[0-9]+'
run 0 "--help" "$dcachemon" --help
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' "$tmp/out")
check "--help lists the commands" test "$(echo "$commands" | wc -l)" -ge 4
for c in $commands; do
    run 0 "$c --help" "$dcachemon" "$c" --help
    says "$tmp/out" "^Usage: dcachemon $c"
    silent "$tmp/err"
    # of a monitoring plugin 2 would mean CRITICAL
    wrong=2
    [ "$c" = check ] && wrong=3
    run $wrong "$c --nonsense" "$dcachemon" "$c" --nonsense
    says "$tmp/err" "unrecognized option '--nonsense'"
    says "$tmp/err" "Try 'dcachemon $c --help'"
    silent "$tmp/out"
done
run 2 "no command" "$dcachemon"
run 2 "unknown command" "$dcachemon" bogus
says "$tmp/err" "unknown command 'bogus'"
run 2 "unknown option" "$dcachemon" --bogus
run 2 "show: stray argument" "$dcachemon" show x
run 2 "show: --watch without number" "$dcachemon" show --watch
for bad in 0 -1 nan inf 1e9 2x ''; do
    run 2 "show: --watch '$bad'" "$dcachemon" show --watch "$bad"
done
run 2 "check-config: no file" "$dcachemon" check-config
run 2 "check-config: two files" "$dcachemon" check-config a b
run 1 "show: missing configuration" "$dcachemon" show -c "$tmp/none"
says "$tmp/err" 'No such file'
run 1 "show --cached without a daemon" "$dcachemon" show --cached --socket "$tmp/none.sock"
says "$tmp/err" 'no daemon answers at'
silent "$tmp/out"
done_testing
