# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Names of containers beside real runtimes, for tests with tap.sh: $count of each (CONTAINERS=20).
: "${tmp:?tap.sh comes first}"
count=${CONTAINERS:-20}
dcachemon=$BUILD/bin/dcachemon
missing() { # RUNTIME COMMAND...: skips it when one is missing
    local command
    for command in "${@:2}"; do
        command -v "$command" >/dev/null || { skip "$1" "no $command (make deps-containers)"; return 0; }
    done
    return 1
}
configure() { # KEY FOLDER
    printf '[sampling]\nhash_interval = 0\n[containers]\n%s = %s\n[state]\nfolder =\n' "$1" "$2" >"$tmp/conf"
}
# named RUNTIME IMAGE NAME...: "show" has a superblock of each, and none of the names in $gone. A NAME of
# Kubernetes is NAMESPACE/POD/CONTAINER, or NAMESPACE/POD of what the containers of a pod share.
named() {
    "$dcachemon" show --json -c "$tmp/conf" >"$tmp/show.json" || return
    gone=${gone:-} python3 - "$tmp/show.json" "$@" <<'PY'
import json, os, sys
path, runtime, image, *names = sys.argv[1:]
have = {}
for row in json.load(open(path))["superblocks"]:
    c = row["container"]
    if c and (c["runtime"] or "") == runtime:
        name = "/".join(c[key] for key in ("namespace", "pod", "name") if c[key])
        have.setdefault(name, set()).add(c["image"])
wrong = [n for n in names if not any(image in (i or "") for i in have.get(n, ()))]
stale = [n for n in os.environ["gone"].split() if n in have]
print("# %d of %d right" % (len(names) - len(wrong), len(names)))
assert not wrong, ("missing", wrong, sorted(have, key=str))
assert not stale, ("stale", stale)
PY
}
all() { seq -f "$1-%g" "$count"; } # PREFIX
