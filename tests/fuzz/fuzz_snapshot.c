// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A snapshot from anybody: what the validator lets through must be readable by everything that
 * reads snapshots. The first byte chooses: the input as the block, or as damage to a good one.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/alarms/alarm.h"
#include "common/model/alarms/alarm_config.h"
#include "common/model/metrics/metrics.h"
#include "tests/fuzz/patch.h"
#include "tests/lib/synthetic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows of sections that synthetic.h leaves out. */
static void more_rows(struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_directory *directory =
		dcm_snapshot_builder_add(builder, DCM_SEC_DIRECTORIES);
	struct dcm_snap_lookup *lookup = dcm_snapshot_builder_add(builder, DCM_SEC_LOOKUPS);
	struct dcm_snap_interface *interface =
		dcm_snapshot_builder_add(builder, DCM_SEC_INTERFACES);
	struct dcm_snap_if_netns *netns = dcm_snapshot_builder_add(builder, DCM_SEC_IF_NETNS);
	struct dcm_snap_hash *hash = dcm_snapshot_builder_add(builder, DCM_SEC_HASH);

	DCM_SET(directory, rank, 1);
	DCM_SET(directory, path, dcm_snapshot_builder_text(builder, "/a/b"));
	DCM_SET(lookup, index, 1);
	DCM_SET(lookup, seconds, 0.1);
	DCM_SET(interface, key, 1ULL << 32 | 1);
	DCM_SET(netns, index, 1);
	DCM_SET(hash, max_chain, 7);
}

static struct dcm_snapshot *good_block(void)
{
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;

	if (dcm_snapshot_builder_create(&builder))
		abort();
	synthetic_fill(builder, 4);
	more_rows(builder);
	if (dcm_snapshot_builder_finish(builder, 1, 1, &snapshot))
		abort();
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

static void read_row(const struct dcm_snapshot *snapshot, const struct dcm_table *table,
		     const void *row)
{
	static const enum dcm_text_form forms[] = {DCM_TEXT_TERMINAL, DCM_TEXT_DISPLAY,
						   DCM_TEXT_IDENTIFIER};
	char out[512];

	for (size_t m = 0; m < table->count; m++) {
		const struct dcm_metric *metric = &table->metrics[m];

		if (!dcm_metric_present(metric, row))
			continue;
		for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++)
			if (dcm_metric_text(forms[f], snapshot, metric, row, out, sizeof(out)) !=
			    strlen(out))
				abort();
	}
}

static void read_all(const struct dcm_snapshot *snapshot)
{
	static struct dcm_alarm_config config;
	struct dcm_alarm_engine *engine;
	struct dcm_alarm_input input;
	double value;

	for (size_t t = 0; t < dcm_table_count; t++)
		for (size_t i = 0; i < dcm_snapshot_count(snapshot, dcm_tables[t].section); i++)
			read_row(snapshot, &dcm_tables[t],
				 dcm_snapshot_row(snapshot, dcm_tables[t].section, i));
	dcm_alarm_config_defaults(&config);
	dcm_alarm_config_drop_holds(&config);
	if (dcm_alarm_engine_create(&config, &engine))
		abort();
	dcm_alarm_input_from_snapshot(snapshot, &input);
	for (uint64_t i = 1; i <= 3; i++)
		dcm_alarm_engine_evaluate(
			engine, &input,
			(struct dcm_alarm_clock){i * 1000000000, (int64_t)i * 1000000000});
	for (int type = 0; type < DCM_ALARM_TYPE_END; type++)
		dcm_alarm_worst_value(&input, &config, (enum dcm_alarm_type)type, &value);
	dcm_alarm_engine_destroy(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dcm_snapshot *good;
	struct dcm_reason reason = {""};
	struct dcm_snapshot snapshot;
	uint8_t *block;
	size_t len;
	int err;

	if (!good)
		good = good_block();
	if (!size)
		return 0;
	len = data[0] & 1 ? good->size : size - 1;
	block = malloc(len + 1);
	if (!block)
		return 0;
	if (data[0] & 1) {
		memcpy(block, good->header, len);
		fuzz_patch(block, len, data + 1, size - 1);
	} else {
		memcpy(block, data + 1, len);
	}
	err = dcm_snapshot_validate(block, len, &reason);
	if (err && (!reason.text[0] || (err != -EINVAL && err != -EPROTO)))
		abort();
	snapshot = (struct dcm_snapshot){.header = (void *)block, .size = len};
	if (!err)
		read_all(&snapshot);
	free(block);
	return 0;
}
