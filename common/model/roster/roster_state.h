/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The roster as a file, so that numbers and names survive a restart of the daemon and of the host.
 */
#ifndef DCM_MODEL_ROSTER_STATE_H
#define DCM_MODEL_ROSTER_STATE_H

#include "common/base/reason.h"
#include "common/model/roster/roster.h"

#define DCM_ROSTER_STATE_MAX_SIZE (2u << 20)
#define DCM_ROSTER_MAX_SAVED	  4096 /* entries */

/* Numbers that a daemon which is not stopped in order may have given since it last saved. */
#define DCM_ROSTER_RESERVE 1024u

/*
 * Allocates *@ret, to be freed by the caller. -ENOMEM. @boot is that of this boot, "" if unknown.
 * Of more than DCM_ROSTER_MAX_SAVED entries those with the lowest numbers are saved, whose
 * superblocks have been there the longest; the others get new numbers after a restart.
 *
 * Lines of text:
 *     dcachemon superblocks 1
 *     boot ID                          or "-"
 *     last NUMBER                      none above it has been given; higher by DCM_ROSTER_RESERVE
 *                                      unless @stopping
 *     NUMBER NAMED MAJOR MINOR FINGERPRINT OLDEST NEWEST NAME
 *                                      by ascending number; FINGERPRINT 0: it is gone
 *     sum HASH                         FNV-1a 64 of all above, decimal like every number
 */
int dcm_roster_save(const struct dcm_roster *roster, const char *boot, bool stopping, char **ret,
		    size_t *ret_size);

/*
 * Reads what an earlier run saved into a fresh @roster. -EINVAL with a reason when it is damaged or
 * of another version: the roster then has no entries, and its numbers begin above the last one if
 * that can still be read. -ENOMEM.
 */
int dcm_roster_load(struct dcm_roster *roster, const char *data, size_t size, const char *boot,
		    struct dcm_reason *reason);

/* Numbers up to @number are given already. Returns the highest that is. */
uint32_t dcm_roster_begin_above(struct dcm_roster *roster, uint32_t number);

#endif
