/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_PRIVILEGES_H
#define DCM_SNMP_PRIVILEGES_H

#include "common/base/reason.h"

/*
 * Becomes @user with its groups ("" stays), gives up every capability for good and sets
 * NO_NEW_PRIVS. -ENOENT unknown user, -EPERM and others, each with a reason.
 */
int dcm_privileges_drop(const char *user, struct dcm_reason *reason);

#endif
