#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# whisper 1.1.4 (python3-whisper of Debian 12), aggregation method max. whisper-resize says of --aggregate: "Try to aggregate the values
# to fit the new archive better". Seen: it ends with a TypeError (map() and zip() are no lists in Python 3), and the file is
# as before. Without --aggregate it ends well, but of the values that fall into one new interval the last one stays, though
# the method is max: a peak is gone. So it is with whisper-fill. A resize that leaves the finest archive as it is, and adds
# or changes others, keeps the peaks of what is in that archive.
. "$(dirname "$0")/lib.sh"
packages python3-whisper=1.1.4-2.2
export PYTHONPATH=$dir/root/usr/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1
tool() { # NAME ARGUMENT...
    local name=$1
    shift
    /usr/bin/python3 "$dir/root/usr/bin/$name" "$@"
}
now=$(($(date +%s) / 600 * 600))
tool whisper-create --aggregationMethod=max --xFilesFactor=0 "$dir/old.wsp" 10s:1h >"$dir/out" 2>&1 || { tail -n 3 "$dir/out"; exit 77; }
tool whisper-update "$dir/old.wsp" "$((now - 900)):1000" "$((now - 890)):1" "$((now - 880)):1" "$((now - 300)):2" >"$dir/out" 2>&1
largest() { # FILE [AGE]: of the archive that goes back so far
    tool whisper-fetch --drop=nulls --from=$((now - ${2:-3000})) --until=$((now + 600)) "$1" | awk '$2 > most { most = $2 } END { print int(most) }'
}
resize() { # FILE OPTION...
    cp "$dir/old.wsp" "$1"
    tool whisper-resize "$@" --nobackup 60s:1d >"$dir/out" 2>&1
}
precision() { tool whisper-info "$1" | awk '/secondsPerPoint/ { print $2 }'; }

before=$(largest "$dir/old.wsp")
resize "$dir/plain.wsp"
plain=$? peak=$(largest "$dir/plain.wsp")
resize "$dir/aggregate.wsp" --aggregate
aggregate=$? error=$(tail -n 1 "$dir/out")
tool whisper-create --aggregationMethod=max --xFilesFactor=0 "$dir/filled.wsp" 60s:1d >"$dir/out" 2>&1
tool whisper-fill "$dir/old.wsp" "$dir/filled.wsp"
filled=$(largest "$dir/filled.wsp")
resize "$dir/finest.wsp" 10s:1h
minutes=$(largest "$dir/finest.wsp" 7200)
saw "largest value before: $before; after whisper-resize, status $plain: $peak; after whisper-fill: $filled"
saw "of the minutes of 10s:1h 60s:1d: $minutes"
saw "with --aggregate: status $aggregate, $error; still $(precision "$dir/aggregate.wsp") seconds per point"
expect "a resize ends well, and the peak is gone" [ "$before $plain $peak" = '1000 0 2' ]
expect "whisper-fill does the same" [ "$filled" = 2 ]
expect "minutes beside the old archive have it" [ "$minutes" = 1000 ]
expect "the method is still max" [ "$(tool whisper-info "$dir/plain.wsp" aggregationMethod)" = max ]
expect "with --aggregate it fails, and changes nothing" [ "$aggregate $(precision "$dir/aggregate.wsp") ${error%%:*}" = '1 10 TypeError' ]
