/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What builder and validation must know of each section's rows. Private to snapshot*.c. */
#ifndef DCM_MODEL_SNAPSHOT_LAYOUT_H
#define DCM_MODEL_SNAPSHOT_LAYOUT_H

#include "common/model/snapshot/snapshot.h"

enum dcm_member_flag {
	DCM_MEMBER_STRING = 1,	  /* a dcm_str, or an array of them when size > 4 */
	DCM_MEMBER_KEY = 2,	  /* part of what identifies the row */
	DCM_MEMBER_ASCENDING = 4, /* greater than in the row before, at least 1 */
	DCM_MEMBER_RANGE = 8,	  /* min..max when present */
};

struct dcm_member {
	uint16_t offset;
	uint16_t size; /* 4 or 8; a multiple of 4 for strings */
	unsigned flags;
	uint32_t min, max;
};

struct dcm_section_layout {
	uint32_t row_size;
	bool single; /* at most one row */
	const struct dcm_member *members;
	size_t count;
};

extern const struct dcm_section_layout dcm_section_layouts[DCM_SEC_COUNT];

#endif
