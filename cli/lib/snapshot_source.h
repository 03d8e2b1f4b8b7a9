/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where "dcachemon show" gets snapshots from: an own collector or the running daemon. */
#ifndef DCM_CLI_SNAPSHOT_SOURCE_H
#define DCM_CLI_SNAPSHOT_SOURCE_H

#include <signal.h>
#include <stdbool.h>

#include "common/sampling/collector.h"

struct sample;

/* @stop, set by a signal handler, ends a sample under way; it must outlive the object. */
int sample_open(const struct dcm_config *config, bool cached, const volatile sig_atomic_t *stop,
		struct sample **ret);
void sample_closep(struct sample **sample);

/* A complete new sample, or the daemon's last one. -errno after a message, -ECANCELED silently. */
int sample_take(struct sample *sample, struct dcm_snapshot **ret);

#endif
