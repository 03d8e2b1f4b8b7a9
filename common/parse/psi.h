/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_PSI_H
#define DCM_PARSE_PSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Pressure of one kind; a value without its has_ flag is absent. */
struct dcm_psi_line {
	bool has_avg10, has_total;
	double avg10;	   /* percent of the last ten seconds */
	uint64_t total_us; /* stalled microseconds since boot */
};

struct dcm_psi {
	struct dcm_psi_line some; /* at least one task waited */
	struct dcm_psi_line full; /* all non-idle tasks waited at once */
};

/*
 * Parses /proc/pressure/memory (@len bytes, no NUL needed). A value that is no number or does not
 * fit is absent; the first of several lines of one kind counts. Returns 0 when at least one value
 * was found, else -ENOENT.
 */
int dcm_psi_parse(const char *text, size_t len, struct dcm_psi *ret);

#endif
