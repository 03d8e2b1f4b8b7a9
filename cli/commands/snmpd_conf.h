/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looks into the configuration of snmpd: which directives are there, not what they mean. */
#ifndef DCM_CLI_SNMPD_CONF_H
#define DCM_CLI_SNMPD_CONF_H

#include <stddef.h>

/*
 * Calls @see for each directive of ROOT/etc/snmp/snmpd.conf and of what it includes, in order. The
 * name and the rest of its line are terminated and have no blanks around them. 0, or -errno when
 * the file itself cannot be read.
 */
int snmpd_conf_read(const char *root, void (*see)(void *ctx, const char *name, const char *rest),
		    void *ctx);

#endif
