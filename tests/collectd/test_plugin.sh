#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# The plugin in a real collectd that reads a made-up host: loading, exact values, selection,
# notifications, intervals. Needs no kernel feature.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/collectd_env.sh"
need_collectd

# ---- what the linker made ----

exports=$(nm -D --defined-only "$plugin" | awk '{ print $3 }')
check "the only export is module_register" test "$exports" = module_register
check "libbpf is not needed to load it" sh -c "! readelf -d '$plugin' | grep NEEDED | grep bpf"

check "one file alone includes collectd's headers" \
    test "$(cd "$TOP/collectd-plugin" && grep -l '#include <collectd' ./*)" = ./adapter5.c

# collectd exports sstrncpy: a function of that name in a plugin is taken for it unless hidden.
cat >"$tmp/probe.c" <<'EOF'
#include <stddef.h>
void plugin_log(int level, const char *format, ...);
char *sstrncpy(char *dest, const char *src, size_t n);
char *sstrncpy(char *dest, const char *src, size_t n) { dest[0] = 'o'; dest[1] = 0; return dest; }
__attribute__((visibility("default"))) void module_register(void);
void module_register(void)
{
	char buf[16] = "";
	plugin_log(4, "probe: %s", sstrncpy(buf, "theirs", sizeof(buf)));
}
EOF
mkdir "$tmp/hidden" "$tmp/open"
cc -shared -fPIC -fvisibility=hidden -o "$tmp/hidden/probe.so" "$tmp/probe.c"
cc -shared -fPIC -o "$tmp/open/probe.so" "$tmp/probe.c"
for kind in hidden open; do
    printf 'BaseDir "%s"\nPIDFile "%s/pid"\nPluginDir "%s"\nLoadPlugin probe\n' \
        "$tmp" "$tmp" "$tmp/$kind" >"$tmp/probe.conf"
    collectd -T -C "$tmp/probe.conf" >"$tmp/$kind.log" 2>&1
done
check "a hidden sstrncpy is our own" grep -q "probe: o$" "$tmp/hidden.log"
check "(the daemon replaces one that is not hidden)" grep -q "probe: theirs$" "$tmp/open.log"
check "the plugin is compiled with hidden visibility" \
    sh -c "! nm '$plugin' | grep -E ' [TDB] ' | grep -v module_register"

# ---- values of a made-up host ----

scene host 30
tell "alarm warning"
cat >"$tmp/tell.sh" <<EOF
#!/bin/sh
{ echo "user \$(id -un)"; cat; echo "==="; } >>"$tmp/told/\$\$"
EOF
mkdir -m 777 "$tmp/told"
chmod 755 "$tmp/tell.sh"
collectd_conf host <<EOF
LoadPlugin exec
<Plugin exec>
  NotificationExec "nobody" "$tmp/tell.sh"
</Plugin>
<Plugin dcachemon>
  Source daemon
  Socket "$tmp/host.sock"
  MaxSuperblocks 5
  Superblock "/mnt/3"
  Superblock "/^0:2/"
  Superblock "id30"
  IgnoreSelected false
</Plugin>
EOF
check "collectd -T accepts it" collectd -T -C "$tmp/host.conf"
start_collectd host
# Several threads write: with the third read all of the first is there.
three_reads() { [ "$(csv host totals/objects-dentries | wc -l)" -ge 3 ]; }
check "values arrive" wait_for 30 three_reads
check "5,000,000,000 arrives exact" csv_is host totals/objects-dentries 5000000000.000000
check "2^53 arrives exact" csv_is host totals/objects-unused 9007199254740992.000000
check "2^53 arrives exact as a counter" csv_is host memory/total_operations-pgscan_direct 9007199254740992
check "nothing for an absent value" sh -c "! ls '$tmp/host/csv/test/dcachemon-totals' | grep negative"
check "not degraded" csv_is host agent/bool-degraded 0.000000

# Selected: 2, 20..29 (device 0:2...), 3 and 30; the largest five of those are 30 and 29 to 26.
ls "$tmp/host/csv/test" >"$tmp/names"
check "the largest are listed one by one" test "$(grep -c superblock-tmpfs "$tmp/names")" = 5
check "among them the very largest" csv_is host superblock-tmpfs-mnt_30/objects-unused 5000000000.000000
check "the other selected ones are summed up" \
    csv_is host superblock-other/objects-unused $((1000 * (2 + 3 + 20 + 21 + 22 + 23 + 24 + 25))).000000
check "every part of a name is harmless" sh -c "! grep -vE '^dcachemon-[A-Za-z0-9_-]+$' '$tmp/names'"

# ---- notifications ----

told() { cat "$tmp"/told/* 2>/dev/null; }
told_severity() { told | grep -q "^Severity: $1$"; }
field() { told | awk -v RS= -v s="$1" '$0 ~ "Severity: " s' | grep -q "^$2$"; }
check "an alarm older than collectd is told" wait_for 20 told_severity WARNING
tell "alarm critical"
check "it becomes critical" wait_for 20 told_severity FAILURE
tell "alarm cleared"
check "it clears" wait_for 20 told_severity OKAY
cat "$tmp"/told/* >"$tmp/all"
for line in "user nobody" "Host: test" "Plugin: dcachemon" "PluginInstance: chain-1" "Type: objects" \
    "TypeInstance: length" "DataSource: value" "CurrentValue: 1.234000e+03" "WarningMax: 1.000000e+03" \
    "FailureMax: 1.000000e+03" "Alarm: chain_length" "Resource: /proc/sys/net/ipv6"; do
    check "exec got $line" grep -qx "$line" "$tmp/all"
done
check "logfile got all three" sh -c "
    grep -c 'Notification: severity = \(WARNING\|FAILURE\|OKAY\), host = test, plugin = dcachemon' \
    '$tmp/host.log' | grep -qx 3"

# ---- a source fails, the daemon goes away ----

tell "hash broken"
check "degraded" wait_for 20 csv_is host agent/bool-degraded 1.000000
tell "hash ok"
check "and well again" wait_for 20 csv_is host agent/bool-degraded 0.000000
check "one warning" test "$(grep -c 'source hash is failed: no BTF' "$tmp/host.log")" = 1
tell end
wait "$scene_pid"
check "the end of the daemon is told" wait_for 20 grep -q "no daemon answers at" "$tmp/host.log"
stop_collectd
check "clean end within 2 s ($stop_ms ms)" test "$stop_ms" -lt 2000
check "status 0" test "$stop_status" = 0
check "no read was suspended" sh -c "! grep -q 'read-function of plugin' '$tmp/host.log'"

# ---- mistakes in the options ----

plugin_interval=3
collectd_conf odd <<EOF
<Plugin dcachemon>
  Source "nowhere"
  BPF "perhaps"
  BPF "no"
  HashInterval "x"
  MaxSuperblocks 1 2
  Surprise 1
  <Alarm "chain_length" "/proc/sys/net">
    Warning "a lot"
  </Alarm>
  <Alarm>
    Warning 1
  </Alarm>
</Plugin>
EOF
start_collectd odd
for option in Source BPF HashInterval MaxSuperblocks Surprise Alarm "Alarm chain_length /proc/sys/net: Warning"; do
    check "a mistake in $option is named" grep -q "option $option: " "$tmp/odd.log"
done
two_reads() { [ "$(csv odd totals/objects-dentries | wc -l)" -ge 2 ]; }
check "and collectd samples" wait_for 30 two_reads
stop_collectd
spacing=$(csv odd totals/objects-dentries | head -2 | awk -F, 'NR == 2 { printf "%.0f", $1 - t } { t = $1 }')
check "at the interval of its LoadPlugin block, 3 s" test "$spacing" = 3
done_testing
