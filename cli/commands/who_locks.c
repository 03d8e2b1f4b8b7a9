// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/who_locks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "cli/lib/stop_signals.h"
#include "common/base/cleanup.h"

static int watch(double seconds, struct dcm_lock_table *table, struct dcm_lock_totals *ret)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_reason reason = {""};
	struct dcm_locks *locks = NULL;
	int err = dcm_locks_open(&reason, &locks);

	if (!err && isatty(STDERR_FILENO))
		fprintf(stderr, "dcachemon: watching for %.3g s, Ctrl-C ends it early\n", seconds);
	if (!err)
		err = dcm_locks_watch(locks, seconds, &stop_signal, table, &reason);
	if (!err)
		dcm_locks_totals(locks, ret);
	dcm_locks_close(locks);
	if (!err)
		return 0;
	text = output_text(*reason.text ? reason.text : strerror(-err));
	cli_error("%s", text ? text : "?");
	return err;
}

int who_locks(double seconds, size_t top, bool json, struct who_containers *containers)
{
	struct who_locks_report report = {.top = top, .containers = containers};
	struct dcm_lock_table *table;
	int err = dcm_lock_table_create(&table);

	if (err)
		return cli_no_memory();
	stop_signals_catch();
	err = watch(seconds, table, &report.totals);
	if (!err) {
		err = dcm_lock_table_rank(table, &report.rows, &report.count);
		if (!err)
			err = json ? who_locks_print_json(&report) : who_locks_print(&report);
		if (err)
			cli_error("cannot print: %s", strerror(-err));
	}
	free(report.rows);
	dcm_lock_table_destroy(table);
	return err ? CLI_FAILED : CLI_OK;
}
