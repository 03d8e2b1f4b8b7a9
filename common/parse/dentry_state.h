/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_DENTRY_STATE_H
#define DCM_PARSE_DENTRY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts of dentries, 0 or above; one without its has_ flag is absent. */
struct dcm_dentry_state {
	bool has_dentries, has_unused, has_negative;
	bool below_zero; /* a number was: that count has overflowed, as on 3.x, and is absent */
	int64_t dentries;
	int64_t unused;
	int64_t negative; /* unused ones without an inode */
};

/*
 * Parses /proc/sys/fs/dentry-state (@len bytes, no NUL needed).
 *
 * The fifth number is nr_negative since 5.0 and in kernels with a back-port; before, it was padding
 * that is always 0, and nothing in the line tells a padding 0 from "no negative dentries". So a
 * number other than 0 proves that the kernel counts, and a 0 only counts when the caller knows
 * (@counts_negative) from elsewhere: because an earlier line had a number there, or because
 * /sys/kernel/btf/vmlinux exists (5.4), which is younger than the counter. Keep the knowledge:
 *
 *	counts_negative |= state.has_negative;
 *
 * Returns 0, -EINVAL (not such a line, fewer than five numbers) or -ERANGE.
 */
int dcm_dentry_state_parse(const char *text, size_t len, bool counts_negative,
			   struct dcm_dentry_state *ret);

#endif
