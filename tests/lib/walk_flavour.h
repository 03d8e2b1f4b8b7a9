/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of the walkers' flavours, for the arguments of tools. */
#ifndef DCM_TESTS_WALK_FLAVOUR_H
#define DCM_TESTS_WALK_FLAVOUR_H

#include <string.h>

#include "common/kernel/walk/walk.h"

static const char *const walk_flavours[] = {
	[DCM_WALK_AUTO] = "auto",	[DCM_WALK_FAST] = "fast",   [DCM_WALK_COMPAT] = "compat",
	[DCM_WALK_BOUNDED] = "bounded", [DCM_WALK_KCORE] = "kcore",
};

/* DCM_WALK_AUTO when no flavour has that name. */
static inline enum dcm_walk_flavour walk_flavour_named(const char *name)
{
	enum dcm_walk_flavour f = DCM_WALK_KCORE;

	while (f != DCM_WALK_AUTO && strcmp(name, walk_flavours[f]) != 0)
		f--;
	return f;
}

#endif
