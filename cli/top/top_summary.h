/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lines above the tables of "dcachemon top": totals and their trend. Pure. */
#ifndef DCM_CLI_TOP_SUMMARY_H
#define DCM_CLI_TOP_SUMMARY_H

#include "cli/top/top_model.h"

#define TOP_SUMMARY_MAX	 8
#define TOP_SUMMARY_SIZE 512

struct top_summary {
	size_t count;
	char lines[TOP_SUMMARY_MAX][TOP_SUMMARY_SIZE]; /* printable, the most important first */
};

/* Of the model's snapshot, which there must be. */
void top_summary(const struct top_model *model, struct top_summary *ret);

#endif
