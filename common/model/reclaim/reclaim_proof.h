/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a superblock's options are what they were, by the lines that mountinfo had about it
 * before and has after. Only options of the superblock count: the flags of a single mount are not
 * touched, and others change them meanwhile. So they do with "ro" and "rw", which a reconfigure
 * repeats: whoever waits for it to end with a remount has his turn before the second look. Pure.
 */
#ifndef DCM_MODEL_RECLAIM_PROOF_H
#define DCM_MODEL_RECLAIM_PROOF_H

#include "common/parse/mountinfo.h"

enum dcm_reclaim_proof {
	DCM_RECLAIM_UNKNOWN, /* no mount of before is there any more, or nothing could be read */
	DCM_RECLAIM_SAME,
	DCM_RECLAIM_CHANGED,
};

/* The options that are only in @before ("-noacl") and only in @after ("+acl"), raw bytes. */
struct dcm_reclaim_change {
	char text[160]; /* cut where it does not fit; "" when there is none */
};

/*
 * Compares the lines about device @dev_major:@dev_minor of two texts; NULL is an unknown one. Lines
 * of mounts that came or went do not count. @ret_change may be NULL.
 */
enum dcm_reclaim_proof dcm_reclaim_compare(const char *before, const char *after,
					   uint32_t dev_major, uint32_t dev_minor,
					   struct dcm_reclaim_change *ret_change);

/* The line of mount @id in @text; false when there is none. */
bool dcm_reclaim_find_line(const char *text, int id, struct dcm_mountinfo *ret);

/* Takes the next of comma-separated options off @options; false at the end. */
bool dcm_reclaim_next_option(struct dcm_span *options, struct dcm_span *ret);

/* Whether @option is one of comma-separated @options. */
bool dcm_reclaim_is_option(struct dcm_span options, struct dcm_span option);

#endif
