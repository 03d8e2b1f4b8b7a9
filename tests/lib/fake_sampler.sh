# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Asks tests/lib/fake_sampler, which prints to LOG, what it has published. Sourced after a file with
# wait_for. A stretch of time is counted in its snapshots: it says as well that they go on.

# sampler_report PID LOG FIELD: "published" (how many snapshots) or "max-gap-ms"
sampler_report() {
    local seen
    seen=$(grep -c ^published "$2")
    kill -USR1 "$1" && wait_for 10 sampler_reported "$2" "$seen" || return 1
    grep ^published "$2" | tail -1 | sed "s/.*$3 \([0-9]*\).*/\1/"
}
sampler_reported() { [ "$(grep -c ^published "$1")" -gt "$2" ]; }

# sampler_publishes PID LOG COUNT: waits until it has published so many more
sampler_publishes() {
    local before
    before=$(sampler_report "$1" "$2" published) || return 1
    wait_for 60 sampler_has_published "$1" "$2" $((before + $3))
}
sampler_has_published() { [ "$(sampler_report "$1" "$2" published)" -ge "$3" ]; }
