#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# An ordinary user gets what /proc gives him, and the reason for the rest.
. "$TOP/tests/lib/tap.sh"
chmod 755 "$tmp"
# The build folder may stand below a folder that is closed to others.
cp "$BUILD/bin/dcachemon" "$tmp/dcachemon"

nobody() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --no-new-privs "$@"
    else
        "$@"
    fi
}

run 0 "show as nobody" nobody "$tmp/dcachemon" show
cp "$tmp/out" "$tmp/table"
says "$tmp/table" 'dentries +[0-9]'
says "$tmp/table" '^dentry_state +ok'
says "$tmp/table" '^lookups +ok'
says "$tmp/table" '^(superblocks|hash) +unsupported .*[a-z]{3}'

run 0 "show --json as nobody" nobody "$tmp/dcachemon" show --json
cat >"$tmp/check.py" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["totals"]["dentries"] > 0 and d["totals"]["unused"] is not None
assert d["superblocks"] == [] and d["chains"] == []
assert d["hash"]["entries"] is None and d["hash"]["histogram"] == []
assert any(l["seconds"] for l in d["lookups"]), d["lookups"]
for s in d["sources"]:
    assert s["state"] in ("ok", "off") or s["reason"], s
assert [s for s in d["sources"] if s["name"] == "hash"][0]["state"] == "unsupported"
PY
check "JSON: values where readable, reasons elsewhere" python3 "$tmp/check.py" "$tmp/out"

run 1 "doctor as nobody" nobody "$tmp/dcachemon" doctor
says "$tmp/out" '^fail +capabilities '
says "$tmp/out" '-> fix: '
run 1 "doctor --json as nobody" nobody "$tmp/dcachemon" doctor --json
check "doctor --json: every failure has a fix" python3 -c '
import json, sys
checks = json.load(open(sys.argv[1]))["checks"]
assert len(checks) > 10
assert all(c["state"] in ("ok", "warn", "fail") and c["text"] for c in checks), checks
assert any(c["state"] == "fail" and c["fix"] for c in checks)' "$tmp/out"
done_testing
