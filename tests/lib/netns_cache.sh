# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# For tests of the interface sampler through netns_cache (a driver), sourced instead of tap.sh: the test
# begins again in a mount namespace of its own with an empty /run/netns.
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP needs root for network namespaces"
    exit 0
fi
if [ -z "${DCM_UNSHARED:-}" ]; then
    DCM_UNSHARED=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

driver_pid='' sleeper=''
netns_cache_cleanup() {
    stop
    [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null
    for name in $(ip netns list 2>/dev/null | cut -d' ' -f1); do ip netns del "$name" 2>/dev/null; done
    umount -l /run/netns 2>/dev/null
}
mkdir -p /run/netns
mount -t tmpfs -o mode=755 netns /run/netns || { echo "Bail out! cannot mount a tmpfs"; exit 1; }
on_exit netns_cache_cleanup
mount --make-private /run/netns

equal() { # GOT EXPECTED
    [ "$1" = "$2" ] || { printf 'got:\n%s\nexpected:\n%s\n' "$1" "$2"; false; }
}

# ---- the driver: it answers every command up to a line "." ----

start() { # [PREFIX...] -- ARGS
    local prefix=()
    while [ "$1" != -- ]; do prefix+=("$1"); shift; done
    shift
    rm -f "$tmp/in" "$tmp/out"
    mkfifo "$tmp/in" "$tmp/out"
    "${prefix[@]}" "$BUILD/tests/lib/netns_cache" "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
    driver_pid=$!
    exec {to}>"$tmp/in" {from}<"$tmp/out"
}
stop() {
    [ -z "$driver_pid" ] || { exec {to}>&-; wait "$driver_pid"; driver_pid=; } 2>/dev/null
}
ask() { # COMMAND
    local line
    printf '%s\n' "$1" >&"$to"
    while IFS= read -r -t 60 line <&"$from"; do
        [ "$line" != . ] || return 0
        printf '%s\n' "$line"
    done
    echo "no answer"
}
tell() { ask "$1" >/dev/null; }
fd_count() { ask fds | cut -d' ' -f2; }
want_three() { for name in one two three; do tell "want $name"; done; }

# ---- namespaces ----

make_namespace() { # NAME PAIRS
    local n
    ip netns add "$1" && ip -n "$1" link set lo up
    for n in $(seq "$2"); do
        ip -n "$1" link add "v$n" type veth peer name "w$n"
        ip -n "$1" link set "v$n" up
        ip -n "$1" link set "w$n" up
        [ $((n % 2)) = 0 ] || ip -n "$1" addr add "10.9.$n.1/24" dev "v$n"
    done
}
make_three() { for name in one two three; do make_namespace $name 3; done; }
settled() { ! ip netns exec "$1" grep -q tentative <(ip -n "$1" -6 addr); }
all_settled() { for name in one two three; do wait_for 5 settled $name; done; }
# A process in a namespace without a name: $sleeper.
sleeper_begin() {
    unshare -n sleep 1000 &
    sleeper=$!
    wait_for 5 sh -c "[ \$(readlink /proc/$sleeper/ns/net) != \$(readlink /proc/self/ns/net) ]"
}
sleeper_end() {
    kill "$sleeper"
    wait "$sleeper" 2>/dev/null
    sleeper=
}

# ---- values ----

# What cat shows inside: the columns of "rows" from families on. Families come from "ip addr".
inside() { # NAMESPACE IF: "families v4retrans v6retrans v6reachable v6forwarding"
    ip netns exec "$1" sh -c '
        f=0 i=$1
        ! ip -4 addr show dev "$i" | grep -q inet || f=$((f + 1))
        ! ip -6 addr show dev "$i" | grep -q inet6 || f=$((f + 2))
        show() { if [ $((f & $1)) != 0 ]; then cat "/proc/sys/net/$2"; else echo -; fi; }
        echo $f $(show 1 "ipv4/neigh/$i/retrans_time_ms") $(show 2 "ipv6/neigh/$i/retrans_time_ms") \
            $(show 2 "ipv6/neigh/$i/base_reachable_time_ms") $(show 2 "ipv6/conf/$i/forwarding")
    ' sh "$2"
}
expected() { # NAMESPACE
    local i
    for i in $(ip netns exec "$1" ls /sys/class/net | sort); do echo "$i $(inside "$1" "$i")"; done
}
cached() { # NAMESPACE
    ask "rows $1" | awk '$NF == 0 { print $2, $5, $6, $7, $8, $9 }' | sort
}
set_sysctl() { # NAMESPACE NAME VALUE
    ip netns exec "$1" sh -c "echo $3 >/proc/sys/net/$2"
}
