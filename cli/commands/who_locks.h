/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* "dcachemon who --locks": who waits for which lock. */
#ifndef DCM_CLI_WHO_LOCKS_H
#define DCM_CLI_WHO_LOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/commands/who_containers.h"
#include "common/kernel/who/lock_watch.h"

struct who_locks_report {
	struct dcm_lock_totals totals;
	const struct dcm_lock_row **rows;
	size_t count;
	size_t top;			   /* rows to print */
	struct who_containers *containers; /* NULL: none are named */
};

/* Watches and prints; @containers may be NULL. Returns enum cli_exit. */
int who_locks(double seconds, size_t top, bool json, struct who_containers *containers);

/* 0 or -errno. */
int who_locks_print(const struct who_locks_report *report);
int who_locks_print_json(const struct who_locks_report *report);

#endif
