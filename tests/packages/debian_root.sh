#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A minimal Debian as a folder: debian_root.sh FOLDER SUITE [PACKAGE...]. Does nothing when it is there.
# The mirror is that of this system's apt; what happened is in FOLDER.log.
set -eu
root=$1 suite=$2
shift 2
[ ! -e "$root/.complete" ] || exit 0
command -v debootstrap >/dev/null || { echo "debootstrap is missing: make deps-packaging" >&2; exit 1; }
. "$(dirname "$0")/../lib/debian_mirror.sh"
mirror=$(debian_mirror)
rm -rf "$root"
mkdir -p "${root%/*}"
exec >"$root.log" 2>&1
# The packages beside the base come through apt: debootstrap takes longer to resolve them than to fetch.
debootstrap --variant=minbase "$suite" "$root" "$mirror"
# Nothing starts by itself in there, and nothing of it has to survive a power cut.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# The installer writes it; a resolver without a name server has it from here.
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/test"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    apt-get install -y -q --no-install-recommends "$@"
touch "$root/.complete"
