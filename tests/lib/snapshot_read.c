// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads snapshots off a socket and prints every present value of the last one, one per line:
 *
 *   snapshot_read SOCKET [COUNT]		sequence=7
 *					superblocks.3.unused=4711
 *
 * The number is the row's position from 0. Strings are escaped as for a terminal. Waits at most
 * five seconds for each snapshot.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/metrics/metrics.h"
#include "common/model/metrics/text.h"
#include "common/transport/snapshot_memfd.h"

#define TIMEOUT_MS 5000

static void print_value(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
			const void *row)
{
	const char *text;
	char *safe;

	if (metric->type != DCM_T_STR) {
		printf("%.17g\n", dcm_metric_number(metric, row));
		return;
	}
	text = dcm_metric_str(snapshot, metric, row);
	safe = malloc(DCM_TEXT_ROOM(strlen(text)));
	if (!safe)
		exit(1);
	dcm_text_escape(DCM_TEXT_TERMINAL, text, safe, DCM_TEXT_ROOM(strlen(text)));
	puts(safe);
	free(safe);
}

static void print_table(const struct dcm_snapshot *snapshot, const struct dcm_table *table)
{
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, table->section); i++) {
		const void *row = dcm_snapshot_row(snapshot, table->section, i);

		for (size_t m = 0; m < table->count; m++) {
			if (!dcm_metric_present(&table->metrics[m], row))
				continue;
			printf("%s.%zu.%s=", table->name, i, table->metrics[m].name);
			print_value(snapshot, &table->metrics[m], row);
		}
	}
}

int main(int argc, char **argv)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};
	int count = argc == 3 ? atoi(argv[2]) : 1;
	int fd, err;

	if (argc < 2 || count < 1)
		return 2;
	err = dcm_snapshot_client_connect(argv[1], &fd);
	while (!err && count-- > 0) {
		dcm_snapshot_destroy(snapshot);
		snapshot = NULL;
		err = dcm_snapshot_client_wait(fd, TIMEOUT_MS, &reason, &snapshot);
	}
	if (err) {
		fprintf(stderr, "snapshot_read: %s: %s %s\n", argv[1], strerror(-err), reason.text);
		return 1;
	}
	printf("sequence=%" PRIu64 "\nsize=%zu\n", snapshot->header->sequence, snapshot->size);
	for (size_t i = 0; i < dcm_table_count; i++)
		print_table(snapshot, &dcm_tables[i]);
	dcm_snapshot_destroy(snapshot);
	return 0;
}
