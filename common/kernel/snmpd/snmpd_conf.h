/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The configuration of snmpd, found as snmpd finds it (net-snmp's snmplib/read_config.c):
 *
 *   1. what -x, and addresses on the command line, say
 *   2. snmpd.conf and snmpd.local.conf, then snmp.conf and snmp.local.conf, in each directory of
 *      SNMPCONFPATH, or else of the built-in path and then the persistent directory; not with -C.
 *      What somebody else wrote into the persistent directory counts only at the next start:
 *      snmpd then writes its files there again
 *   3. the files of -c, with commas between them
 *   4. --WORD=REST, and -Y
 *
 * with includeFile, includeDir and includeSearch where they are. A word counts as often as it is
 * read, so the last one wins.
 */
#ifndef DCM_KERNEL_SNMPD_CONF_H
#define DCM_KERNEL_SNMPD_CONF_H

#include <stddef.h>
#include <sys/types.h>

#include "common/model/snmpd/snmpd_settings.h"

#define DCM_SNMPD_CONF_DEFAULT "/etc/snmp/snmpd.conf"

struct dcm_snmpd_conf {
	struct dcm_snmpd_settings settings;
	unsigned files;		    /* for snmpd, not snmp.conf, that could be read */
	char main[DCM_PATH_SIZE];   /* where a line for snmpd goes: -c, or snmpd.conf */
	bool has_main;		    /* it could be read */
	int unreadable;		    /* 0, or why the first that is there could not be read */
	char unread[DCM_PATH_SIZE]; /* that one */
};

/*
 * Reads the configuration of process @pid, which is an snmpd, with its options, environment and
 * root directory as far as they can be seen; with @pid 0 that of an snmpd without options. Below
 * @root ("" but in tests). Bounded: 256 files, 16 deep, 1 MiB each; regular files only.
 */
void dcm_snmpd_conf_read(const char *root, pid_t pid, struct dcm_snmpd_conf *ret);

#endif
