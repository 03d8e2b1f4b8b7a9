#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# A process in the sampler's place, after the drop, cannot make a walk follow an address of its own.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
"$BUILD/tests/lib/steer_walk"
status=$?
[ $status = 77 ] || exit $status
