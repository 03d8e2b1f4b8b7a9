/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_CONFIG_FILE_H
#define DCM_SNMP_CONFIG_FILE_H

#include "common/model/config.h"

/* Reads and parses @path; logs every mistake. -errno of the file, -EFBIG, or -EINVAL; @ret is
 * written only on success. */
int dcm_config_file_read(const char *path, struct dcm_config *ret);

#endif
