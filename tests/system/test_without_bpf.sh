#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# needs: core
# long: more
# Without BPF (a file option, an ordinary user, WITH_BPF=0): what is left works, and each missing
# source says why.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root to become another user"; exit 0; }
SNMP_DIR=$(mktemp -d)
trap 'rm -rf "$SNMP_DIR"' EXIT
chmod 755 "$SNMP_DIR"

state() { # SOURCE STATE WORD: the source is in that state and its reason has the word
    json "[s['state'] == '$2' and '$3' in (s['reason'] or '') for s in d['sources'] if s['name'] == '$1'] == [True]"
}
usable() {
    json 'd["totals"]["dentries"] > 0 and d["totals"]["unused"] > 0'
}

printf '[sampling]\nbpf = no\n' >"$SNMP_DIR/conf"
"$dcachemon" show -c "$SNMP_DIR/conf" --json >"$SNMP_DIR/show.json"
tap_ok "bpf = no: dentry-state" usable
tap_ok "bpf = no: lookups" json 'len(d["lookups"]) == 3 and all(l["seconds"] > 0 for l in d["lookups"])'
tap_ok "bpf = no: superblocks say why" state superblocks unsupported bpf
tap_ok "bpf = no: hash says why" state hash unsupported bpf
tap_ok "bpf = no: arrays stay arrays" \
    json 'd["superblocks"] == [] and d["chains"] == [] and d["hash"]["entries"] is None'
tap_ok "bpf = no: namespaces through /proc" json 'd["namespaces"]["network"] >= 1'

cp "$dcachemon" "$SNMP_DIR/dcachemon"
setpriv --reuid=65534 --regid=65534 --clear-groups "$SNMP_DIR/dcachemon" show --json >"$SNMP_DIR/show.json"
tap_ok "ordinary user: dentry-state" usable
tap_ok "ordinary user: superblocks say why" state superblocks unsupported CAP_BPF
tap_ok "ordinary user: hash says why" state hash unsupported CAP_BPF
tap_ok "ordinary user: lookups work" json 'all(l["seconds"] > 0 for l in d["lookups"])'

# Compiles it all.
if [ -z "${LONG:-}" ]; then
    :
elif make -s -C "$TOP" O="$SNMP_DIR/build" WITH_BPF=0 "$SNMP_DIR/build/bin/dcachemon" >"$SNMP_DIR/make" 2>&1; then
    "$SNMP_DIR/build/bin/dcachemon" show --json >"$SNMP_DIR/show.json"
    tap_ok "WITH_BPF=0: builds and shows" usable
    tap_ok "WITH_BPF=0: superblocks say why" state superblocks unsupported WITH_BPF=0
else
    sed 's/^/# /' "$SNMP_DIR/make"
    tap_ok "WITH_BPF=0: builds" false
fi
tap_done
