// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM "/usr/sbin/snmpd"

int dcm_snmpd_program(const char *root, pid_t pid, struct dcm_reason *reason, char *ret,
		      size_t size)
{
	struct stat running, installed;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/%d/exe", root, (int)pid);
	if (stat(path, &running) < 0)
		return dcm_reason_set(reason, -errno, "cannot see which program it runs: %s",
				      strerror(errno));
	snprintf(path, sizeof(path), "%s" PROGRAM, root);
	if (stat(path, &installed) < 0)
		return dcm_reason_set(reason, -errno, PROGRAM ": %s", strerror(errno));
	if (running.st_dev != installed.st_dev || running.st_ino != installed.st_ino)
		return dcm_reason_set(reason, -ESTALE,
				      "it runs another file than what is " PROGRAM " now");
	if (!S_ISREG(installed.st_mode) || installed.st_uid != 0 ||
	    installed.st_mode & (S_IWGRP | S_IWOTH))
		return dcm_reason_set(reason, -EPERM,
				      PROGRAM " is not root's alone to write, so it is not run");
	snprintf(ret, size, "%s", path);
	return 0;
}
