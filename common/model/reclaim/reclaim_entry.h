/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One attempt to shrink a superblock, as one line of reclaim.log:
 *
 *   TIME MAJOR:MINOR TYPE BEFORE AFTER SECONDS RESULT TARGET RULE ERROR
 *   ACTIONS REFUSALS FAILURES FREED CPU ROOT:OLDEST:NEWEST
 *
 * TIME in seconds since 1970 (to the millisecond), BEFORE and AFTER in unused dentries, SECONDS of
 * wall time; "-" means unknown. TYPE, TARGET, RULE and ERROR are raw bytes with
 * blanks, control bytes and backslashes as octal \NNN. ACTIONS to FREED are sums over all lines up
 * to this one, so that they outlive the older lines. CPU is the processor time of a reclaim in one
 * call, in seconds. The last field is the identity of the superblock (reclaim_identity.h), 0 for
 * what is unknown. Lines of older versions lack one or both of the last two.
 */
#ifndef DCM_MODEL_RECLAIM_ENTRY_H
#define DCM_MODEL_RECLAIM_ENTRY_H

#include <stdbool.h>

#include "common/model/reclaim/reclaim_identity.h"
#include "common/model/snapshot/snapshot.h"
#include "common/parse/span.h"

struct dcm_reclaim_counts {
	uint64_t actions;  /* superblocks shrunk, if only in part */
	uint64_t refusals; /* due, but not touched */
	uint64_t failures; /* attempts that the kernel or the filesystem turned down */
	uint64_t freed;	   /* dentries, as far as they could be counted */
};

struct dcm_reclaim_entry {
	int64_t time_ns; /* CLOCK_REALTIME */
	uint32_t dev_major, dev_minor;
	enum dcm_reclaim_outcome outcome;
	bool has_before, has_after, has_seconds, has_cpu_seconds;
	uint64_t before, after; /* unused dentries */
	double seconds, cpu_seconds;
	char fstype[72];
	char target[256]; /* mount point */
	char rule[200];	  /* why it was due; "" by hand */
	char error[200];  /* why it was not just done; "" when it was */
	struct dcm_reclaim_counts counts;
	struct dcm_reclaim_identity identity;
};

#define DCM_RECLAIM_LINE_SIZE 4096 /* always enough */

/* Writes the line with its newline; returns its length. */
size_t dcm_reclaim_entry_format(const struct dcm_reclaim_entry *entry,
				char ret[DCM_RECLAIM_LINE_SIZE]);

/* -EINVAL for anything else than such a line; too long texts are cut. */
int dcm_reclaim_entry_parse(struct dcm_span line, struct dcm_reclaim_entry *ret);

/* Adds the entry's own outcome to @counts. */
void dcm_reclaim_counts_add(struct dcm_reclaim_counts *counts,
			    const struct dcm_reclaim_entry *entry);

/* "overlay on /mnt (0:45): 300,000 -> 12 unused in 0.13 s (alarm ...)": raw bytes, @size at least
 * 16. */
void dcm_reclaim_entry_text(const struct dcm_reclaim_entry *entry, char *out, size_t size);

#endif
