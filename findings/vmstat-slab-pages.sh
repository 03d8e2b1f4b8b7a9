#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# vmstat of procps 4.0.2 (Debian 12). vmstat(8), "FIELD DESCRIPTION FOR SLAB MODE": "pages: Number of pages with at least one
# active object". Seen: the column Pages of "vmstat -m" is the number of objects in one slab (<objperslab> of /proc/slabinfo),
# 21 for a dentry slab of any size: memory worked out from it is wrong by orders of magnitude. The page also says that
# vmstat takes no special permissions; this mode takes root.
. "$(dirname "$0")/lib.sh"
packages procps=2:4.0.2-3 libproc2-0=2:4.0.2-3
[ -r /proc/slabinfo ] || { echo "no /proc/slabinfo here"; exit 77; }
column() { awk -v field="$1" '$1 == "dentry" { print $field; exit }'; }
pages=$(LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu) "$dir/root/usr/bin/vmstat" -m | column 5)
[ -n "$pages" ] || { echo "no dentry slab here"; exit 77; }
per_slab=$(column 5 </proc/slabinfo) pages_each=$(column 6 </proc/slabinfo) active=$(column 14 </proc/slabinfo)
saw "Pages of dentry $pages; in slabinfo $per_slab objects in a slab, $active active slabs of $pages_each page(s)"
expect "Pages is the number of objects in a slab" [ "$pages" = "$per_slab" ]
expect "and not that of pages" [ "$pages" -lt $((active * pages_each / 2)) ]
