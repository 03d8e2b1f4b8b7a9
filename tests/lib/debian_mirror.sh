# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Sourced: debian_mirror [LABEL] prints where this system's apt finds "Debian" (the default) or
# "Debian-Security". Fails on a system that is no Debian, or before the first "apt-get update".
debian_mirror() {
    local uri
    # shellcheck disable=SC2016
    uri=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
        sed -nE "s,^${1:-Debian} ((https?|file):.*[^/])/*$,\1,p" | head -1)
    [ -n "$uri" ] || { echo "apt's lists name no mirror of ${1:-Debian}: apt-get update" >&2; return 1; }
    echo "$uri"
}
