#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Prints the source files, one per line: those that git knows, or all except build directories.
set -eu
cd "$(dirname "$0")/.."
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard | while read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done
else
    find . -path './build*' -type d -prune -o -type f -print | sed 's|^\./||'
fi
