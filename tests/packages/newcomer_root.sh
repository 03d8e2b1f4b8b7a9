#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A minimal Debian with snmpd, as a folder: newcomer_root.sh FOLDER. Does nothing when it is there.
set -eu
root=$1
[ ! -e "$root/.complete" ] || exit 0
command -v debootstrap >/dev/null || { echo "debootstrap is missing: make deps-packaging" >&2; exit 1; }
rm -rf "$root"
debootstrap --variant=minbase \
    --include=snmpd,snmp,procps,iproute2,mount,systemd,libbpf1,libcap-ng0,libinih1,libjson-c5,libmnl0,libmount1,libsmartcols1,libsnmp40,collectd-core \
    bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1
# Nothing starts by itself in there.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
touch "$root/.complete"
