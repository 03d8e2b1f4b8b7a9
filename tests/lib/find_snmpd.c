// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints who answers at ADDRESS, as dcachemon finds it: "PID PROGRAM", PID 0 for nobody that can be
 * seen. */
#include <stdio.h>

#include "common/kernel/snmpd/snmpd_process.h"

int main(int argc, char **argv)
{
	struct dcm_snmpd_process process;
	struct dcm_snmpd_endpoint at;
	struct dcm_reason reason;

	if (argc != 2)
		return 2;
	if (dcm_snmpd_resolve(argv[1], &reason, &at)) {
		puts(reason.text);
		return 1;
	}
	dcm_snmpd_process_find("", &at, &process);
	printf("%d %s\n", (int)process.pid, process.program);
	return 0;
}
