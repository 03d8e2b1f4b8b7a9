/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A snapshot as text for Prometheus. */
#ifndef DCM_CLI_SHOW_OPENMETRICS_H
#define DCM_CLI_SHOW_OPENMETRICS_H

#include <stdio.h>

#include "common/model/snapshot/snapshot.h"

enum openmetrics_form {
	/* OpenMetrics 1.0 */
	OPENMETRICS,
	/*
	 * Prometheus' text format 0.0.4, which node_exporter's textfile collector reads: a counter
	 * is declared under its whole name, there are no units, states are gauges, and help keeps
	 * its quotes. Series have the same names and labels.
	 */
	OPENMETRICS_CLASSIC,
};

/*
 * Writes every polled table of the metric table: numbers as gauges and counters, states as
 * statesets, texts as labels and info. Absent values have no series. Label values are valid UTF-8
 * without control characters, and no two rows of a table have the same labels. Write errors stay in
 * @out's error flag. 0 or -ENOMEM.
 */
int openmetrics_snapshot(const struct dcm_snapshot *snapshot, enum openmetrics_form form,
			 FILE *out);

#endif
