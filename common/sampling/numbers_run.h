/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the numbers and names of superblocks in [state] folder. Nothing here waits for the disk
 * but the start and the end.
 */
#ifndef DCM_SAMPLING_NUMBERS_RUN_H
#define DCM_SAMPLING_NUMBERS_RUN_H

#include "common/model/config/config.h"
#include "common/model/roster/roster.h"

struct dcm_numbers;

#define DCM_NUMBERS_STATE_FILE "superblocks" /* in [state] folder */

/*
 * Reads what an earlier run kept into @roster, which is fresh and outlives it. Without a folder
 * nothing is kept. What cannot be read is left alone until the first change: *ret_reason then says
 * why, and numbers begin above all that history may know. -ENOMEM.
 */
int dcm_numbers_create(const struct dcm_config *config, struct dcm_roster *roster,
		       struct dcm_reason *ret_reason, struct dcm_numbers **ret);

/* Writes the state once more. NULL is allowed. */
void dcm_numbers_destroy(struct dcm_numbers *numbers);

/* To be called after every publish: writes what has changed, at most once a second. 0: all is
 * written, 1: it is not known yet, -errno with a reason: it was not; it is tried again. */
int dcm_numbers_flush(struct dcm_numbers *numbers, uint64_t now_ns, struct dcm_reason *reason);

#endif
