// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The version of a running snmpd, by running the same file once more. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands/snmpd.h"
#include "cli/lib/run_program.h"
#include "common/kernel/snmpd/snmpd_program.h"

#define TIMEOUT_MS 5000

int snmpd_version(const char *root, pid_t pid, struct dcm_reason *reason, char *ret, size_t size)
{
	static const char label[] = "NET-SNMP version:";
	char path[PATH_MAX], out[1024], *at;
	const char *argv[] = {path, "-v", NULL};
	int err = dcm_snmpd_program(root, pid, reason, path, sizeof(path));

	if (err)
		return err;
	err = program_run(argv, TIMEOUT_MS, out, sizeof(out));
	if (err < 0)
		return dcm_reason_set(reason, err, "\"%s -v\": %s", path, strerror(-err));
	at = strstr(out, label);
	if (err || !at)
		return dcm_reason_set(reason, -EPROTO, "\"%s -v\" names none", path);
	at += sizeof(label) - 1;
	at += strspn(at, " \t");
	at[strcspn(at, " \t\r\n")] = '\0';
	if (!*at)
		return dcm_reason_set(reason, -EPROTO, "\"%s -v\" names none", path);
	snprintf(ret, size, "%s", at);
	return 0;
}
