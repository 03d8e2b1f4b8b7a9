/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state of the host when an alarm was raised, from the snapshot that has the raise, as one
 * line of a recording (recorder.h):
 *
 *   {"state":{"time":SECONDS,"tables":{"superblocks":{"total":812,"rows":[{"index":1, ..}, ..]},
 *    ..},"cut":0}}
 *
 * Tables, keys and order are those of the metric table; a value that is absent has no key. "total"
 * counts the rows of the snapshot, "cut" the texts that were cut at DCM_RECORDER_STATE_TEXT bytes.
 * Texts are as in the JSON of the command line: UTF-8, other bytes as \xNN, a backslash as two.
 */
#ifndef DCM_MODEL_RECORDER_STATE_H
#define DCM_MODEL_RECORDER_STATE_H

#include "common/model/snapshot/snapshot.h"

#define DCM_RECORDER_STATE_ROWS	 20	      /* of each table: largest, longest or newest */
#define DCM_RECORDER_STATE_TEXT	 256	      /* bytes of a name; a cut one ends in "~" */
#define DCM_RECORDER_STATE_BYTES (160u << 10) /* of the line; rows beyond are left out */

/* The @i-th section that a state has, in order; DCM_SEC_COUNT beyond the last. */
enum dcm_section dcm_recorder_state_section(size_t i);

/* The line with its newline, to be freed. -ENOMEM. */
int dcm_recorder_state(const struct dcm_snapshot *snapshot, char **ret);

#endif
