#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# "dcachemon snmpd": the forecast follows the interfaces and lookups of this host.
TOP=${TOP:-$PWD} BUILD=${BUILD:-$PWD/build}
export TOP BUILD
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
printf '[sampling]\nsocket =\nbpf = no\n[if_mib]\nmute_seconds = 777\n' >"$tmp/conf"

"$dcachemon" snmpd status -c "$tmp/conf" >"$tmp/status" 2>"$tmp/err"
check "status ends with 0" test $? = 0
check "as many interfaces as /proc/net/dev has" \
    grep -qx "interfaces *$(grep -c : /proc/net/dev)" "$tmp/status"
check "a reload takes some time" grep -qE '^reload, forecast +[0-9.e-]+ s every 3 s$' "$tmp/status"
"$dcachemon" show --fresh --json -c "$tmp/conf" >"$tmp/json" 2>/dev/null
cat >"$tmp/forecast.py" <<'EOF'
"""Seven walks for each interface, two of them below ipv4."""
import json, sys
d = json.load(open(sys.argv[1]))
t = {l["path"]: l["seconds"] for l in d["lookups"]}
want = d["snmpd"]["interfaces"] * (2 * t["/proc/sys/net/ipv4"] + 5 * t["/proc/sys/net/ipv6"])
got = d["snmpd"]["reload_seconds"]
assert want > 0 and abs(got - want) <= 0.01 * want, (got, want)
assert abs(d["snmpd"]["wedge_ratio"] - got / 3) <= 0.01 * got, d["snmpd"]
EOF
check "reload_seconds is interfaces times lookups" python3 "$tmp/forecast.py" "$tmp/json"
run 0 "status as JSON" "$dcachemon" snmpd status --json -c "$tmp/conf"
silent "$tmp/err"
mv "$tmp/out" "$tmp/status.json"
cat >"$tmp/keys.py" <<'EOF'
"""Every key that dcachemon(1) names, null or not, and the forecast of show --json."""
import json, sys
d = json.load(open(sys.argv[1]))
assert list(d) == ["schema_version", "address", "not_measured", "pid", "process_unknown", "modules", "version",
                   "version_unknown", "mute", "measured", "state", "fix", "forecast", "advice"], d
assert d["forecast"]["interfaces"] == json.load(open(sys.argv[2]))["snmpd"]["interfaces"], d
assert set(d["forecast"]) >= {"interfaces", "reload_seconds", "wedge_ratio"}, d
assert d["address"] == sys.argv[3] and d["advice"], d
assert d["pid"] or d["version"] is None and d["version_unknown"], d
assert d["mute"]["on"] is None and d["mute"]["unknown"], d
EOF
check "all its keys, and the forecast" python3 "$tmp/keys.py" "$tmp/status.json" "$tmp/json" udp:127.0.0.1:161
run 0 "what cannot be watched" "$dcachemon" snmpd status -j -a udp:nowhere.invalid -c "$tmp/conf"
cat >"$tmp/unwatched.py" <<'EOF'
"""The same keys, unknown."""
import json, sys
d, other = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
assert list(d) == list(other) and "nowhere.invalid: " in d["not_measured"], d
assert not any(d[key] for key in ("pid", "version", "mute", "measured", "state")), d
EOF
check "says why, with the same keys" python3 "$tmp/unwatched.py" "$tmp/out" "$tmp/status.json"
run 1 "a transport of net-snmp's alone" "$dcachemon" snmpd status -a tls:127.0.0.1 -c "$tmp/conf"
says "$tmp/err" 'udp, udp6, tcp, tcp6 and unix, not "tls"'
run 2 "--json is of status only" "$dcachemon" snmpd config --json -c "$tmp/conf"
says "$tmp/err" 'for "status"'
"$dcachemon" snmpd config -c "$tmp/conf" >"$tmp/lines"
check "config ends with 0" test $? = 0
check "it names the configured seconds" grep -q '^#monitor .* < 777$' "$tmp/lines"
grep -oE '(\.?[0-9]+){9,}' "$TOP/packaging/snmpd/dcachemon-mute.conf" | sort -u >"$tmp/oids"
check "the packaged example has its OIDs" \
    diff <(grep -oE '\.1\.3\.6\.1\.4(\.[0-9]+){5,}' "$tmp/lines" | sort -u) "$tmp/oids"
run 1 "mute without credentials" "$dcachemon" snmpd mute -c "$tmp/conf"
says "$tmp/err" 'no credentials: --credentials FILE'
echo 'community = private' >"$tmp/secret"
chmod 640 "$tmp/secret"
run 1 "mute with a file that is open to others" "$dcachemon" snmpd mute -c "$tmp/conf" --credentials "$tmp/secret"
says "$tmp/err" 'open to group or others: chmod 600'
run 1 "mute with a missing file" "$dcachemon" snmpd unmute -c "$tmp/conf" --credentials "$tmp/none"
says "$tmp/err" 'No such file'
run 1 "a relative path" "$dcachemon" snmpd mute -c "$tmp/conf" --credentials secret
says "$tmp/err" 'must be an absolute path'
run 1 "no address" "$dcachemon" snmpd mute -c "$tmp/conf" -a '; reboot' --credentials "$tmp/secret"
says "$tmp/err" 'is not an address'
"$dcachemon" snmpd >/dev/null 2>&1
check "a word is needed" test $? = 2
"$dcachemon" snmpd elsewhere >/dev/null 2>&1
check "an unknown word is refused" test $? = 2
done_testing
