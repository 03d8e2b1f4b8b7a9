/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /proc/PID/mountinfo (proc(5)), one line per mount:
 *
 *   36 35 98:0 /root /mountpoint rw,noatime shared:1 - ext4 /dev/root rw,errors=continue
 *
 * Texts are as in the file: blank, tab, line feed and backslash as octal \NNN.
 */
#ifndef DCM_PARSE_MOUNTINFO_H
#define DCM_PARSE_MOUNTINFO_H

#include <stdint.h>

#include "common/parse/span.h"

struct dcm_mountinfo {
	int id;
	uint32_t dev_major, dev_minor;
	struct dcm_span root;	    /* what of the superblock is mounted */
	struct dcm_span mountpoint; /* as seen from the root of the process */
	struct dcm_span fstype;
	struct dcm_span options;    /* of the superblock; empty where there are none */
	struct dcm_span superblock; /* from the type to the end of the line */
};

/* -EINVAL for anything else than such a line. */
int dcm_mountinfo_parse(struct dcm_span line, struct dcm_mountinfo *ret);

#endif
