/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opens a folder with the files of a kernel's memory (those of kernel_image.py) as a walk. */
#ifndef DCM_TESTS_WALK_OF_IMAGE_H
#define DCM_TESTS_WALK_OF_IMAGE_H

#include <stdio.h>

#include "common/kernel/walk/walk_image.h"

#define IMAGE_NODES 2 /* of kernel_image.py */

/* As dcm_walk_open_image(); @types: BTF of that kernel, or NULL. */
static inline int walk_of_image(const char *folder, const char *types, unsigned nodes,
				struct dcm_reason *reason, struct dcm_walk **ret)
{
	char core[512], symbols[512], planted[512];
	const struct dcm_walk_image image = {.core = core,
					     .symbols = symbols,
					     .types = types,
					     .planted = planted,
					     .nodes = nodes};

	snprintf(core, sizeof(core), "%s/core", folder);
	snprintf(symbols, sizeof(symbols), "%s/symbols", folder);
	snprintf(planted, sizeof(planted), "%s/planted", folder);
	return dcm_walk_open_image(&image, reason, ret);
}

#endif
