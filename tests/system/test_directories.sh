#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# needs: host
# sees: mounts
# What piles up and where: 300,000 missing names of one pattern under one directory of an overlay,
# 50,000 under another, a tree that only a container-like mount namespace sees, hostile names.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
live_need_bpf
SNMP_DIR=$(mktemp -d /tmp/dcachemon-dirs.XXXXXX)
inner=
stop() {
    [ -z "$inner" ] || { exec {hold}>&-; wait "$inner"; }
    umount -l "$SNMP_DIR/merged" "$SNMP_DIR/backing" 2>/dev/null
    rm -rf "$SNMP_DIR"
}
trap stop EXIT

mkdir "$SNMP_DIR"/{backing,merged}
mount -t tmpfs dcm-test "$SNMP_DIR/backing"
mkdir -p "$SNMP_DIR"/backing/{lower,upper/big,upper/small,upper/odd,work}
mount -t overlay dcm-test -o "lowerdir=$SNMP_DIR/backing/lower,upperdir=$SNMP_DIR/backing/upper,workdir=$SNMP_DIR/backing/work" \
    "$SNMP_DIR/merged" || exit 1
for i in $(seq 200); do : >"$SNMP_DIR/merged/small/file$i"; done
"$BUILD/tests/lib/plant" negative "$SNMP_DIR/merged/big" 300000 .x_dOeSnotExist_.
"$BUILD/tests/lib/plant" negative "$SNMP_DIR/merged/small" 50000 probe-
# Every byte value that a name can have, in names of a directory of its own.
python3 - "$SNMP_DIR/merged/odd" <<'PY'
import os, sys
folder = os.fsencode(sys.argv[1])
for i in range(1, 256):
    if i != ord("/"):
        for k in range(60):
            os.access(folder + b"/" + bytes([i]) * (1 + k * 3), os.F_OK)
PY
show_json
of() { echo "next((x for x in d['directories'] if x['path'] == '$SNMP_DIR/merged/$1'), {})"; }
# The host may have larger ones, such as /tmp after many builds.
tap_ok "the fullest come first" json "(n := [x['negative'] for x in d['directories']]) == sorted(n, reverse=True) and $(of big)['negative'] > $(of small)['negative']"
# A host of more than a million entries has its directories counted on a sample: twice the error that
# is stated (four standard deviations) is allowed there.
near() { echo "abs($(of "$1")['$2'] - $3) <= max($3 // 100, 2 * $(of "$1")['children_error'])"; }
tap_ok "within 1 %, or the error stated" json "$(near big negative 300000) and $(near big children 300000)"
tap_ok "the small one is found, as exactly" json "$(near small negative 50000) and $(near small children 50200)"
tap_ok "filesystem type and superblock" \
    json "$(of big)['fstype'] == 'overlay' and $(of big)['superblock'] == next(s for s in d['superblocks'] if s['mountpoint'] == '$SNMP_DIR/merged')['index']"
tap_ok "names are collapsed to their pattern" json "$(of big)['sample_names'] == ['.x_dOeSnotExist_.#']"
tap_ok "the pattern has its hint" json "'NSS' in $(of big)['hint']"
tap_ok "another pattern" json "$(of small)['sample_names'] == ['probe-#'] and $(of small)['hint'] is None"
tap_ok "error is stated" json "$(of big)['children_error'] <= 4000"
tap_ok "hostile names are valid JSON" json "$(of odd)['negative'] + 2 * $(of odd)['children_error'] >= 15000 and len($(of odd)['sample_names']) > 0"
"$dcachemon" show --all >"$SNMP_DIR/text"
tap_ok "and no control byte reaches the terminal" \
    python3 -c "import sys; b = open('$SNMP_DIR/text', 'rb').read(); sys.exit(any(c < 32 and c != 10 or c == 127 for c in b))"
tap_ok "show tells the hint" grep -q "$SNMP_DIR/merged/big: NSS" "$SNMP_DIR/text"

# Mounted in another mount namespace alone.
mkfifo "$SNMP_DIR/fifo"
mkdir "$SNMP_DIR/private"
unshare -m --propagation private sh -c "
    mount -t tmpfs inner '$SNMP_DIR/private' && mkdir '$SNMP_DIR/private/deep' && cd '$SNMP_DIR/private/deep' &&
    i=0 && while [ \$i -lt 3000 ]; do : >f\$i; i=\$((i + 1)); done && stat -c %Hd:%Ld . && cat '$SNMP_DIR/fifo'" \
    >"$SNMP_DIR/device" &
inner=$!
exec {hold}<>"$SNMP_DIR/fifo"
wait_for 20 test -s "$SNMP_DIR/device"
device=$(cat "$SNMP_DIR/device")
show_json
tap_ok "seen in a container only: device and path" \
    json "any(x['path'] == '$device:/deep' and abs(x['children'] - 3000) <= max(30, 2 * x['children_error']) for x in d['directories'])"
exec {hold}>&-
kill "$inner" 2>/dev/null; wait "$inner"
inner=

# A directory that is renamed and one that goes while passes run: no garbage.
(for _ in $(seq 40); do
    mv "$SNMP_DIR/merged/small" "$SNMP_DIR/merged/moved" && mv "$SNMP_DIR/merged/moved" "$SNMP_DIR/merged/small"
    mkdir "$SNMP_DIR/merged/gone" && : >"$SNMP_DIR/merged/gone/x" && rm -r "$SNMP_DIR/merged/gone"
done) &
mover=$!
sane=0
for _ in 1 2 3 4 5; do
    show_json
    json "all(x['path'].startswith(('/', '...')) or x['path'][0].isdigit() for x in d['directories']) and all(0 <= x['negative'] <= x['children'] + x['children_error'] for x in d['directories'])" && sane=$((sane + 1))
done
wait $mover
tap_ok "renames and removals beside it leave no garbage" test $sane = 5
mkdir "$SNMP_DIR/merged/emptied"
tap_ok "one that was emptied since it was counted is left out" \
    "$BUILD/tests/lib/emptied_directory" "$SNMP_DIR/merged/emptied"
tap_done
