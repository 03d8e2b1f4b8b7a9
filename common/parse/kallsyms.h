/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A line of /proc/kallsyms (kernel/kallsyms.c, s_show): "ffffffff81000000 T _stext", and of a
 * module "ffffffffc0000000 t ext4_sync_fs\t[ext4]". Addresses are 0 for those who may not know
 * them.
 */
#ifndef DCM_PARSE_KALLSYMS_H
#define DCM_PARSE_KALLSYMS_H

#include <stdint.h>

#include "common/parse/span.h"

struct dcm_kallsyms_symbol {
	uint64_t address;
	char type; /* as nm(1) has it */
	struct dcm_span name;
};

/* -EINVAL: it is no such line. */
int dcm_kallsyms_line(struct dcm_span line, struct dcm_kallsyms_symbol *ret);

#endif
