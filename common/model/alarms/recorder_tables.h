/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's other hash tables in a recording (recorder.h), a line for each sample of them:
 *
 *   {"tables":{"time":SECONDS,"rows":[{"resource":"css_sets","longest":N,"load":X}, ..]}}
 *
 * "resource" is that of their alarms. What is not among the rows, longest chain first, has shorter
 * chains and is less full than others. Pure, and internal to the flight recorder.
 */
#ifndef DCM_MODEL_RECORDER_TABLES_H
#define DCM_MODEL_RECORDER_TABLES_H

#include "common/model/alarms/recorder.h"

#define DCM_RECORDER_TABLE_ROWS 16 /* of one line, half of them by their chain, half by load */
#define DCM_RECORDER_TABLE_S	20 /* no line sooner after the last */
#define DCM_RECORDER_TABLE_RING (DCM_RECORDER_SAMPLES / DCM_RECORDER_TABLE_S + 1)

/* Zeroed before its first use. */
struct dcm_recorder_tables {
	struct {
		uint64_t sample; /* number of the sample of that second, which it comes before */
		char line[DCM_RECORDER_TABLES_SIZE];
	} ring[DCM_RECORDER_TABLE_RING]; /* slot: number % size */
	uint64_t count;			 /* lines ever made; the next one's number */
	uint64_t cursor;		 /* number of the next line to write */
	uint64_t runs;			 /* of the source, at the last line */
	uint64_t last_ns;
};

/* Takes what is new in @input, which becomes sample number @sample. */
void dcm_recorder_tables_add(struct dcm_recorder_tables *tables,
			     const struct dcm_alarm_input *input, struct dcm_alarm_clock now,
			     uint64_t sample);

/* A recording begins with sample number @first: its first line is the one that was valid then. */
void dcm_recorder_tables_begin(struct dcm_recorder_tables *tables, uint64_t first);

/* The next line, if it comes before sample number @sample; valid until the next add. NULL: none. */
const char *dcm_recorder_tables_next(struct dcm_recorder_tables *tables, uint64_t sample);

/* Brings pointers to rows of DCM_SEC_TABLES into order: of the first @most, half have the longest
 * chains and half of the others the highest loads; the longest chain is the first. */
void dcm_recorder_tables_order(const void **rows, size_t count, size_t most);

#endif
