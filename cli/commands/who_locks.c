// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/who_locks.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/who.h"
#include "cli/lib/stop_signals.h"

static int watch(double seconds, struct dcm_lock_table *table, struct dcm_lock_totals *ret)
{
	struct dcm_reason reason = {""};
	struct dcm_locks *locks = NULL;
	int err = dcm_locks_open(&reason, &locks);

	if (!err) {
		who_say_begin(seconds);
		err = dcm_locks_watch(locks, seconds, &stop_signal, table, &reason);
	}
	if (!err)
		dcm_locks_totals(locks, ret);
	dcm_locks_close(locks);
	return err ? who_failed(err, &reason) : 0;
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
