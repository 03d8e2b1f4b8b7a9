/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_KERNEL_CONFIG_FILE_H
#define DCM_KERNEL_CONFIG_FILE_H

#include "common/model/config/config.h"

#define DCM_CONFIG_FILE_MAX (1u << 20)

/*
 * Reads @path, a regular file, and parses it over the defaults (model/config.h). Mistakes go to
 * @error and give -EINVAL; what concerns the file itself is another -errno and not reported:
 * -ENOENT, -EACCES, -ENOTSUP (not a regular file), -EFBIG (more than DCM_CONFIG_FILE_MAX bytes).
 * @ret is written only on success.
 */
int dcm_config_load(const char *path, dcm_config_error *error, void *ctx, struct dcm_config *ret);

#endif
