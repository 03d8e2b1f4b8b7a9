/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opens a folder with the files of a made-up kernel's memory (kernel_image.py) as a walk. */
#ifndef DCM_TESTS_WALK_OF_IMAGE_H
#define DCM_TESTS_WALK_OF_IMAGE_H

#include <stdio.h>

#include "common/kernel/walk/walk_image.h"

/* As dcm_walk_open_image(). */
static inline int walk_of_image(const char *folder, struct dcm_reason *reason,
				struct dcm_walk **ret)
{
	char core[512], symbols[512], planted[512];
	const struct dcm_walk_image image = {
		.core = core, .symbols = symbols, .planted = planted, .nodes = 2};

	snprintf(core, sizeof(core), "%s/core", folder);
	snprintf(symbols, sizeof(symbols), "%s/symbols", folder);
	snprintf(planted, sizeof(planted), "%s/planted", folder);
	return dcm_walk_open_image(&image, reason, ret);
}

#endif
