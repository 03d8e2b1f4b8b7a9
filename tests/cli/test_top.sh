#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# dcachemon top in a real terminal (tmux), beside a made-up daemon: its screens, sizes, keys and
# colours, and the terminal as it was after every way out. No root needed.
. "$TOP/tests/lib/tap.sh"
command -v tmux >/dev/null || { echo "1..0 # SKIP no tmux here (make deps)"; exit 0; }
export LC_ALL=C.UTF-8 tmp
dcachemon=$BUILD/bin/dcachemon socket=$tmp/scene.sock

run 1 "it needs a terminal" "$dcachemon" top --no-bpf --fresh
says "$tmp/err" 'needs a terminal; "dcachemon show --watch 1" writes anywhere'
run 1 "without a daemon --cached fails" "$dcachemon" top --cached --socket "$tmp/none.sock"
says "$tmp/err" "no daemon answers at $tmp/none.sock: No such file or directory"
run 2 "two sources" "$dcachemon" top --cached --fresh

# ---- the made-up daemon ----

# Its recordings: of the alarm that it has, and one more.
mkdir -p "$tmp/state/recordings"
printf '[state]\nfolder = %s\n' "$tmp/state" >"$tmp/conf"
chmod 644 "$tmp/conf"
recording() { # HOUR NUMBER TEXT
    echo '{"recording":1,"schema_version":1,"lookups":["/proc/sys/net/ipv6","","",""]}'
    for i in {0..39}; do
        printf '{"sample":{"time":%d,"monotonic":%d,"dentries":%d,"unused":7,"lookups":[0.0%02d]}}\n' "$((1795348800 + i))" "$i" "$((1000 + i))" "$i"
    done
    printf '{"event":{"sequence":1,"time":1795348830,"index":%d,"type":"chain_length","severity":"critical","resource":"/proc/sys/net/ipv6","text":"%s"}}\n' "$2" "$3"
}
recording 12 1 "hash chain of /proc/sys/net/ipv6 has 1234 entries, at or above the critical level of 1000" >"$tmp/state/recordings/recording-20261122T120000Z-00.jsonl"
recording 13 2 "another alarm" >"$tmp/state/recordings/recording-20261122T130000Z-00.jsonl"

mkfifo "$tmp/in"
scene_start() {
    "$BUILD/tests/lib/scene_sampler" "$socket" 3 <"$tmp/in" &
    scene_pid=$!
    exec {scene}>"$tmp/in"
    check "a made-up host" wait_for 10 test -S "$socket"
}
scene_end() { # the server of tmux has the pipe open, too
    echo end >&"$scene"
    exec {scene}>&-
    wait "$scene_pid"
}
on_exit 'kill "$scene_pid" 2>/dev/null; wait "$scene_pid" 2>/dev/null'
scene_start
echo "alarm critical" >&"$scene"

# ---- the terminal ----

# An own server, without anybody's configuration. Its shell says how each command ended.
terminal() { tmux -S "$tmp/tmux.sock" -f /dev/null "$@"; }
on_exit 'terminal kill-server 2>/dev/null'
cat >"$tmp/shell.sh" <<'SH'
while read -r line; do
    eval "$line"
    echo "status $?"
    stty -g >"$tmp/stty.now"
    echo ready
done
SH
terminal_start() { # COLUMNS ROWS
    terminal new-session -d -x "$1" -y "$2" "exec bash '$tmp/shell.sh'"
    # Nothing but what a program itself asks for.
    terminal set-option -g status off
    type_line "stty -g >'$tmp/stty.before'"
    check "a terminal" wait_for 10 shows '^ready'
    type_line clear
    wait_for 10 shows '^status 0'
}
screen() { terminal capture-pane -p "$@"; }
shows() { screen | grep -qE -- "$1"; }
hides() { ! shows "$1"; }
type_line() { terminal send-keys -l "$1" && terminal send-keys Enter; }
keys() { terminal send-keys "$@"; }
top_start() { # [VARIABLE=VALUE...]: and waits for its first screen
    terminal clear-history
    type_line "env $* $dcachemon top --cached --socket $socket -c $tmp/conf"
    check "top ${*:-as it is} starts" wait_for 10 shows '^(h help|q back)'
    check "it has a snapshot" wait_for 10 shows 'UNUSED\*'
}
# What changes from second to second: the time, how long ago, a trend that is not known yet.
still() { sed -E 's/[0-9:]{8}  samples/hh:mm:ss  samples/; s/ [0-9]+ h / N h /; s| 0/s in 1 min|             |; s| 0/s|    |; s/ *$//'; }
is_screen() { [ "$(screen | still)" = "$(cat "$1")" ]; }
compare() { # TEXT: with standard input
    cat >"$tmp/expected"
    if wait_for 10 is_screen "$tmp/expected"; then pass "$1"; else
        screen | still >"$tmp/seen"
        diff "$tmp/expected" "$tmp/seen" >"$tmp/diff"
        fail "$1" "$tmp/diff"
    fi
}
# The main screen again, the cursor seen, the settings as before.
is_restored() {
    [ "$(terminal display-message -p '#{alternate_on}#{cursor_flag}#{keypad_cursor_flag}')" = 010 ] &&
        cmp "$tmp/stty.before" "$tmp/stty.now"
}
ended_with() { # STATUS TEXT
    check "$2: status $1" wait_for 10 shows "^status $1"
    check "$2: the terminal is as it was" wait_for 10 is_restored
    type_line clear
    wait_for 10 shows '^status 0'
}

terminal_start 80 24
terminal pipe-pane -o "cat >'$tmp/bytes'"
top_start
compare "80 x 24" <<'SCREEN'
dcachemon top  hh:mm:ss  samples of dcachemon-snmp
Dentries    5,000,000,000
Unused    9,007,199,254,740,992
  ALARM*     SINCE TEXT
  critical N h chain of /proc/sys/net/ipv6 has 1234 entries
        UNUSED* PER-SEC NEGATIVE PER-SEC HASHED FSTYPE SUPERBLOCK
> 5,000,000,000       -        3       -     30 tmpfs  /mnt/3
          2,000       -        2       -     20 tmpfs  /mnt/2
          1,000       -        1       -     10 tmpfs  /mnt/1
  LENGTH* PER-SEC SAME-NAME FSTYPE NAME                CHAIN UNDER (11 of 15)
    1,999       0     1,000 proc   ipv6                /proc/sys/net
   1,998+       -     1,000 proc   a\x0ab\x1b[2J\xff\\ /proc/sys/net
    1,997       0     1,000 proc   ipv6                /proc/sys/net
    1,996       0     1,000 proc   ipv6                /proc/sys/net
    1,995       0     1,000 proc   ipv6                /proc/sys/net
    1,994       0     1,000 proc   ipv6                /proc/sys/net
    1,993       0     1,000 proc   ipv6                /proc/sys/net
    1,992       0     1,000 proc   ipv6                /proc/sys/net
    1,991       0     1,000 proc   ipv6                /proc/sys/net
    1,990       0     1,000 proc   ipv6                /proc/sys/net
    1,989       0     1,000 proc   ipv6                /proc/sys/net
  NEGATIVE* PER-SEC CHILDREN FSTYPE DIRECTORY
  none
h help q quit Tab table s/S sort Enter row e explain w who r reclaim p pause
SCREEN

keys Down
check "another row" wait_for 10 shows '^> +2,000 '
keys s
check "another order" wait_for 10 shows 'NEGATIVE\*|PER-SEC\*'
keys Tab
check "another table" wait_for 10 shows '^> +1,999 '
keys Enter
check "a row in full" wait_for 10 shows '^length  *1999 entries'
keys q
check "and back" wait_for 10 shows 'UNUSED'
keys p
check "paused" wait_for 10 shows 'PAUSED'
keys p h
check "help" wait_for 10 shows '^S  *the other way round'
keys Escape
check "and back" wait_for 10 shows 'UNUSED'

# ---- commands ----

keys r
check "reclaim of the row's superblock" wait_for 20 shows "^dcachemon reclaim --dry-run --superblock 3 --socket"
check "it has said what it can" wait_for 20 shows 'exit status [1-9]'
keys q e
check "explain: the row" wait_for 10 shows '^length  *1999 entries'
keys End
check "explain: the command" wait_for 20 shows '^dcachemon show --explain --cached --socket'
said_all() { keys End && shows '^  See netns_churn in dcachemon-runbook'; }
check "and what it says, to the end" wait_for 20 said_all
keys q
check "back" wait_for 10 shows 'UNUSED'

# ---- the story of an alarm ----

keys BTab BTab
check "the alarm" wait_for 10 shows '^> critical'
keys e
check "its own story" wait_for 20 shows '^Alarm 1: chain_length of /proc/sys/net/ipv6$'
compare "the story in 80 x 24" <<SCREEN
dcachemon events --config $tmp/conf 1
Alarm 1: chain_length of /proc/sys/net/ipv6
recording-20261122T120000Z-00.jsonl

What happened (UTC)
2026-11-22 12:00:30  critical  hash chain of /proc/sys/net/ipv6 has 1234
                               entries, at or above the critical level of 1000

What was done
Nothing that dcachemon knows of: no reclaim, no change of snmpd's mute, no slab
caches dropped.

Second by second, 2026-11-22 12:00:00 to 2026-11-22 12:00:39 UTC, 40 samples
events: ! raised, o cleared
  |                              !         |
dentries: 1,000 to 1,039
  |...:::::-----=====++++*****#####%%%%%@@@|
unused: steady at 7
/proc/sys/net/ipv6: 0 s to 39.0 ms
  |...:::::-----=====++++*****#####%%%%%@@@|

Who made dentries
Nobody watched, or what "dcachemon who --json" said was not given (--who). Who
q back, arrows, PgUp, PgDn, Home, End scroll
SCREEN
keys End
check "to its end" wait_for 20 shows '^This recording has none: an earlier version made it'
check "the bottom line says how to go back" shows '^q back'
keys Home
check "and to its beginning" wait_for 10 shows '^Alarm 1: chain_length'
keys Escape
check "back to the tables" wait_for 10 shows '^> critical'
echo "alarm cleared" >&"$scene"
check "the alarm ends" wait_for 10 hides '^. critical'
echo "alarm critical" >&"$scene"
check "it is raised again" wait_for 10 shows 'critical'
rm "$tmp/state/recordings/recording-20261122T120000Z-00.jsonl"
keys e
check "a recording that is gone" wait_for 20 shows "no recording of alarm 1 in /"
check "and how it ended" wait_for 10 shows 'exit status 1'
keys q Tab Tab
check "back at the chains" wait_for 10 shows '^> +1,999 '

# ---- sizes ----

terminal resize-window -x 40 -y 10
compare "40 x 10" <<'SCREEN'
dcachemon top  hh:mm:ss  samples of dca~
Dentries    5,000,000,000              ~
Unused    9,007,199,254,740,992        ~
  ALARM*     SINCE TEXT
  critical N h chain of /proc/sys/n~
  LENGTH* NAME          CHAIN UNDER (3 ~
>   1,999 ipv6          /proc/sys/net
   1,998+ a\x0ab\x1b[2~ /proc/sys/net
    1,997 ipv6          /proc/sys/net
h help q quit Tab table s/S sort Enter ~
SCREEN
terminal resize-window -x 20 -y 5
check "too small for anything" wait_for 10 shows 'too small'
terminal resize-window -x 132 -y 40
check "as large again" wait_for 10 shows 'SUPERBLOCK'

# ---- the daemon goes and comes back ----

scene_end
check "no daemon" wait_for 10 shows "no daemon at $socket"
check "its last rows stay" shows '^  *5,000,000,000'
scene_start
echo "alarm critical" >&"$scene"
check "it is back" wait_for 10 shows 'samples of dcachemon-snmp'

# ---- every way out ----

keys q
ended_with 0 q
for way in C-c 'C-\'; do
    top_start
    keys "$way"
    ended_with 0 "$way"
done
for signal in TERM HUP; do
    top_start
    kill -"$signal" "$(pgrep -P "$(terminal display-message -p '#{pane_pid}')")"
    ended_with 0 "SIG$signal"
done
check "no name from the kernel got there raw" sh -c "! LC_ALL=C grep -qaF \"\$(printf 'b\033[2J')\" '$tmp/bytes'"
check "its escaped form did" grep -qaF 'a\x0ab\x1b[2J\xff\\' "$tmp/bytes"

# ---- looks ----

has_colour() { screen -e | grep -qE "$(printf '\033')\[[0-9;]*3[13]m"; }
has_no_colour() { ! has_colour; }
top_start TERM=screen-256color
check "a critical alarm is in red" wait_for 10 has_colour
keys q
ended_with 0 "with colour"
for plain in NO_COLOR=1 TERM=vt100; do
    top_start "$plain"
    check "$plain: no colour" has_no_colour
    keys q
    ended_with 0 "$plain"
done
type_line "TERM=dumb $dcachemon top --cached --socket $socket"
check "a terminal without a cursor is refused" wait_for 10 shows 'cannot draw on a terminal of type "dumb"'
ended_with 1 dumb
scene_end
done_testing
