# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Where a kernel package comes from, sourced: apt_for RELEASE sets apt_options for apt-get and
# apt-cache. Kernels of 5.10 come from Debian 11, whose lists are kept in $VMCACHE/debian11 and fetched
# once; the system's own lists stay as they are.
# shellcheck source=tests/lib/debian_mirror.sh
. "${BASH_SOURCE[0]%/*}/../lib/debian_mirror.sh"
apt_options=()
apt_for() { # 5.10...: Debian 11, else what the system has; 1: the lists cannot be fetched
    local lists=$VMCACHE/debian11 key=/usr/share/keyrings/debian-archive-keyring.gpg main security
    apt_options=()
    case $1 in 5.10*) ;; *) return 0 ;; esac
    mkdir -p "$lists/partial" || return 1
    apt_options=(-o "Dir::Etc::sourcelist=$lists.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User=root)
    [ ! -s "$lists.list" ] || return 0
    main=$(debian_mirror) && security=$(debian_mirror Debian-Security) || return 1
    printf 'deb [signed-by=%s] %s main\n' $key "$main bullseye" \
        $key "$security bullseye-security" >"$lists.list"
    apt-get -qq "${apt_options[@]}" update >&2 || { rm -f "$lists.list"; return 1; }
}
