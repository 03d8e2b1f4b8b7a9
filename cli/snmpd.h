/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of "dcachemon snmpd". */
#ifndef DCM_CLI_SNMPD_H
#define DCM_CLI_SNMPD_H

#include "common/model/config.h"

/* Sets the time between two reloads of snmpd's own interface table and prints it before and after.
 * Returns enum cli_exit. */
int snmpd_set_reload(const struct dcm_config_if_mib *config, unsigned seconds);

#endif
