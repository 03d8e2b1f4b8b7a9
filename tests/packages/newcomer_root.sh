#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Debian of this system as a folder: newcomer_root.sh FOLDER. What dcachemon needs is left to apt;
# the client programs and systemd's tools stand for an administrator's host.
. /etc/os-release
exec "$(dirname "$0")/debian_root.sh" "$1" "$VERSION_CODENAME" netbase snmp procps systemd
