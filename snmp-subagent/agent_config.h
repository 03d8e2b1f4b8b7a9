/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_AGENT_CONFIG_H
#define DCM_SNMP_AGENT_CONFIG_H

#include "common/model/config/config.h"

/* Reads and parses @path; logs every mistake. -errno of the file, -EFBIG, or -EINVAL; @ret is
 * written only on success. */
int dcm_agent_config_read(const char *path, struct dcm_config *ret);

/* After a reload: logs which keys of @holder differ and change with a restart only. */
void dcm_agent_config_warn(const struct dcm_config *running, const struct dcm_config *fresh,
			   enum dcm_config_holder holder);

#endif
