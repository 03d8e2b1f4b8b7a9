/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon who" saw, ready for printing. */
#ifndef DCM_CLI_WHO_H
#define DCM_CLI_WHO_H

#include "cli/commands/who_containers.h"
#include "cli/lib/table.h"
#include "common/kernel/who/who_watch.h"

struct who_report {
	struct dcm_who_totals totals;
	const struct dcm_who_row **rows[DCM_WHO_VIEWS];
	size_t count[DCM_WHO_VIEWS];
	const struct dcm_who_makers_row **makers;
	size_t maker_count;
	uint64_t namespaces;		   /* made; in a row or not */
	size_t top;			   /* rows to print of each */
	double unplaced;		   /* negative dentries whose directories are not known */
	uint64_t other;			   /* events without a row */
	struct who_containers *containers; /* NULL: none are named */
};

/* A cell with the container of a control group, or none. */
void who_cell_container(struct table *table, struct who_containers *containers, const char *cgroup);

/* On a terminal: for how long it will watch. */
void who_say_begin(double seconds);

/* Says why watching failed, and returns @err, which is not 0. */
int who_failed(int err, const struct dcm_reason *reason);

/* 0 or -ENOMEM. */
int who_print(const struct who_report *report);
int who_print_json(const struct who_report *report);

#endif
