# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Where a kernel package comes from, sourced: apt_for RELEASE sets apt_options for apt-get and
# apt-cache. Kernels of 5.10 come from Debian 11, the newest one from Debian's unstable. Their lists
# are kept in $VMCACHE; the system's own lists stay as they are. Debian 11's are fetched once,
# unstable's again after a day: it drops a kernel when the next one comes.
# shellcheck source=tests/lib/debian_mirror.sh
. "${BASH_SOURCE[0]%/*}/../lib/debian_mirror.sh"
apt_options=()
# apt_for 5.10...: Debian 11; unstable or a release of Debian 14: unstable; else what the system has.
# 1: the lists cannot be fetched.
apt_for() {
    local lists sources source uri key=/usr/share/keyrings/debian-archive-keyring.gpg
    apt_options=()
    case $1 in
    5.10*) lists=$VMCACHE/debian11 sources=('Debian bullseye' 'Debian-Security bullseye-security') ;;
    unstable | *+deb14*) lists=$VMCACHE/unstable sources=('Debian unstable') ;;
    *) return 0 ;;
    esac
    mkdir -p "$lists/partial" || return 1
    apt_options=(-o "Dir::Etc::sourcelist=$lists.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User=root)
    [ "${lists##*/}" != unstable ] || find "$lists.list" -mmin +1440 -delete 2>/dev/null
    [ ! -s "$lists.list" ] || return 0
    for source in "${sources[@]}"; do
        uri=$(debian_mirror "${source% *}") || { rm -f "$lists.list"; return 1; }
        echo "deb [signed-by=$key] $uri ${source#* } main" >>"$lists.list"
    done
    apt-get -qq "${apt_options[@]}" update >&2 || { rm -f "$lists.list"; return 1; }
}
