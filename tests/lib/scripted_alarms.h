/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The alarm engine over the synthetic superblocks, for tests of what comes after it. CONFIG holds
 * the rules; CONFIG.values is read with every snapshot, its lines are
 *
 *   INDEX UNUSED    unused entries of the superblock with that index, 0 for the others
 *   burst N         all superblocks step from 0 to 10^9 and back until N transitions were made
 *
 * The second superblock is mounted at SCRIPTED_HOSTILE_NAME.
 */
#ifndef DCM_TESTS_SCRIPTED_ALARMS_H
#define DCM_TESTS_SCRIPTED_ALARMS_H

#include <stdlib.h>

#include "common/kernel/files/config_file.h"
#include "common/model/alarms/alarm.h"
#include "tests/lib/synthetic.h"

/* What a shell, snmptt or a terminal could act on. */
#define SCRIPTED_HOSTILE_NAME "/a\n;$(id)`id`|&<>\"'\\%n*?\x1b[2J\xff"

struct scripted_alarms {
	struct dcm_alarm_engine *engine; /* NULL: no alarms */
	char values[512];
	uint64_t burst_end; /* sequence at which the burst is over; 0: none yet */
	bool high;
};

static inline void scripted_alarms_mistake(void *ctx, unsigned line, const char *section,
					   const char *key, const char *message)
{
	fprintf(stderr, "%s:%u: [%s] %s: %s\n", (const char *)ctx, line, section, key, message);
}

static inline bool scripted_alarms_open(struct scripted_alarms *s, const char *path)
{
	static struct dcm_config config;

	if (dcm_config_load(path, scripted_alarms_mistake, (void *)(uintptr_t)path, &config) < 0 ||
	    dcm_alarm_engine_create(&config.alarms, &s->engine) < 0)
		return false;
	snprintf(s->values, sizeof(s->values), "%s.values", path);
	return true;
}

static inline void scripted_alarms_burst(struct scripted_alarms *s, uint64_t transitions,
					 struct dcm_snap_superblock *rows, size_t count)
{
	uint64_t sequence = dcm_alarm_engine_sequence(s->engine);

	if (!s->burst_end)
		s->burst_end = sequence + transitions;
	s->high = !s->high && sequence < s->burst_end;
	for (size_t i = 0; i < count; i++)
		rows[i].unused = s->high ? 1000000000 : 0;
}

static inline void scripted_alarms_values(struct scripted_alarms *s,
					  struct dcm_snap_superblock *rows, size_t count)
{
	FILE *file = fopen(s->values, "re");
	unsigned long long index, value;
	char line[64];

	for (size_t i = 0; i < count; i++)
		rows[i].unused = 0;
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "burst %llu", &value) == 1)
			scripted_alarms_burst(s, value, rows, count);
		else if (sscanf(line, "%llu %llu", &index, &value) == 2)
			for (size_t i = 0; i < count; i++)
				if (rows[i].index == index)
					rows[i].unused = value;
	}
	if (file)
		fclose(file);
}

/* Call when @builder holds everything else. */
static inline void scripted_alarms_judge(struct scripted_alarms *s,
					 struct dcm_snapshot_builder *builder,
					 struct dcm_alarm_clock now)
{
	struct dcm_alarm_input input;
	size_t count;
	const void *borrowed = dcm_snapshot_builder_rows(builder, DCM_SEC_SUPERBLOCKS, &count);
	struct dcm_snap_superblock *rows = (struct dcm_snap_superblock *)(uintptr_t)borrowed;

	if (count > 1)
		rows[1].mountpoint = dcm_snapshot_builder_text(builder, SCRIPTED_HOSTILE_NAME);
	scripted_alarms_values(s, rows, count);
	dcm_alarm_input_from_builder(builder, &input);
	dcm_alarm_engine_evaluate(s->engine, &input, now);
	dcm_alarm_engine_write(s->engine, builder);
}

#endif
