# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=sh
# Source it from the top of the tree: Net-SNMP's tools then resolve the names of DCACHEMON-MIB, and
# smilint and smidump find what it imports. Debian has no IETF modules apart from those that the
# package erlang-snmp brings.
mibs_found="$(pwd)/mibs"
for mibs_folder in /usr/lib/erlang/lib/snmp-*/mibs /usr/share/snmp/mibs; do
    [ ! -d "$mibs_folder" ] || mibs_found=$mibs_found:$mibs_folder
done
export MIBDIRS="$mibs_found" MIBS=DCACHEMON-MIB SMIPATH="$mibs_found"
unset mibs_found mibs_folder
