/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The alarm engine at work: judges every snapshot just before it is finished, keeps its state in
 * [state] folder and lets the flight recorder write there. Nothing here waits for the disk: the
 * state is written by a thread of its own.
 */
#ifndef DCM_SAMPLING_ALARMS_RUN_H
#define DCM_SAMPLING_ALARMS_RUN_H

#include "common/model/alarms/alarm.h"
#include "common/model/config/config.h"

struct dcm_alarms;

#define DCM_ALARMS_STATE_FILE "alarms"	   /* in [state] folder */
#define DCM_ALARMS_RECORDINGS "recordings" /* folder in [state] folder */

/*
 * Reads the state of an earlier run. Without a directory, or with a damaged state, it starts
 * afresh: *ret_reason then says why ("" when there was nothing to say). -ENOMEM.
 */
int dcm_alarms_create(const struct dcm_config *config, struct dcm_reason *ret_reason,
		      struct dcm_alarms **ret);

/* Writes what has not been written yet. NULL is allowed. */
void dcm_alarms_destroy(struct dcm_alarms *alarms);

/* Takes new rules; the directory stays. */
void dcm_alarms_configure(struct dcm_alarms *alarms, const struct dcm_config *config);

/* A dcm_collector_hook: @ctx is the struct dcm_alarms. */
void dcm_alarms_hook(void *ctx, struct dcm_snapshot_builder *builder, uint64_t monotonic_ns,
		     int64_t realtime_ns);

/* Raises and clears the test alarm with the next snapshot. */
void dcm_alarms_test(struct dcm_alarms *alarms);

/* A new agent process: its reports begin at 0. */
void dcm_alarms_agent_started(struct dcm_alarms *alarms);

/* What the agent process reports of the notifications, since its start. */
void dcm_alarms_notified(struct dcm_alarms *alarms, const struct dcm_notify_counts *report);

/*
 * To be called after every publish: writes state and recordings, which take the state of the host
 * at a raise from @snapshot, the one that the hook saw last (NULL: there is none). 0: all that was
 * to be written has been, 1: it is not known yet, -errno with a reason: something was not.
 */
int dcm_alarms_flush(struct dcm_alarms *alarms, const struct dcm_snapshot *snapshot,
		     uint64_t now_ns, struct dcm_reason *reason);

/* Takes one transition that has not been taken yet, for the log; false when there is none. */
bool dcm_alarms_next_transition(struct dcm_alarms *alarms, struct dcm_alarm_transition *ret);

#endif
