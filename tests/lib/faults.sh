# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the fault tests share. FAULTS=long repeats as often as tests/FAULTS.md says for the long form.
# $subject is the build under test: the one with AddressSanitizer where it is there.

long() { [ "${FAULTS:-}" = long ]; }
times() { if long; then echo "$2"; else echo "$1"; fi; } # SHORT LONG

subject=$BUILD
[ -x "$TOP/build-asan/tests/lib/snmp_agent" ] && subject=$TOP/build-asan
# What was freed is kept aside, 256 MB of it by default: no memory would be level.
export ASAN_OPTIONS="${ASAN_OPTIONS:-exitcode=99}:quarantine_size_mb=4" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

# instrumented: whether the subject is built with AddressSanitizer.
instrumented() { nm -D "$subject/tests/lib/snmp_agent" 2>/dev/null | grep -q __asan_init; }
no_report() { ! grep -hE -A 12 'ERROR: .*Sanitizer|runtime error|leak of' "$@" | head -60 | sed 's/^/# /' | grep .; }
