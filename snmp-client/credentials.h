/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a SET on snmpd takes, from a file of its own that nobody but its owner can read:
 *
 *   # SNMPv2c                    # or SNMPv3
 *   community = SECRET           user = NAME
 *                                auth_protocol = SHA       MD5 | SHA | SHA-256 | ...
 *                                auth_password = SECRET
 *                                priv_protocol = AES       optional, with priv_password
 *                                priv_password = SECRET
 */
#ifndef DCM_SNMP_CLIENT_CREDENTIALS_H
#define DCM_SNMP_CLIENT_CREDENTIALS_H

#include "common/base/reason.h"

#define DCM_CREDENTIAL_MAX 128

struct dcm_credentials {
	char community[DCM_CREDENTIAL_MAX]; /* "": SNMPv3 */
	char user[DCM_CREDENTIAL_MAX];
	char auth_protocol[16], auth_password[DCM_CREDENTIAL_MAX];
	char priv_protocol[16], priv_password[DCM_CREDENTIAL_MAX]; /* "": authNoPriv */
};

/* Parses @text (pure). -EINVAL with a reason that repeats no value. */
int dcm_credentials_parse(const char *text, struct dcm_reason *reason, struct dcm_credentials *ret);

/*
 * Reads @path: a regular file that belongs to root or to this process's user and that neither group
 * nor others can read or write (-EPERM). -errno, each with a reason.
 */
int dcm_credentials_read(const char *path, struct dcm_reason *reason, struct dcm_credentials *ret);

#endif
