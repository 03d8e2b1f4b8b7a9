// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/alarms_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/files/recorder_files.h"
#include "common/kernel/files/state_file.h"
#include "common/kernel/files/state_writer.h"
#include "common/model/alarms/alarm_state.h"
#include "common/model/alarms/recorder.h"
#include "common/model/alarms/recorder_state.h"

#define PATH_ROOM (DCM_PATH_SIZE + 32)

struct dcm_alarms {
	struct dcm_alarm_engine *engine;
	struct dcm_recorder *recorder;	  /* NULL: switched off */
	struct dcm_recorder_files *files; /* NULL: nowhere to write */
	char state_path[PATH_ROOM];	  /* "": none */
	struct dcm_state_pace pace;
	struct dcm_state_writer writer;
	bool test_wanted;
	uint64_t recorded; /* sequence up to which the recorder knows the transitions */
	uint64_t taken;	   /* and up to which next_transition returned them */
	struct dcm_notify_counts notified, before; /* "before": by agents that have ended */
	bool notifications;
	struct dcm_alarm_clock now;
};

/* ---- life ---- */

static void load_state(struct dcm_alarms *alarms, struct dcm_reason *reason)
{
	_cleanup_free_ void *bytes = NULL;
	size_t size;
	int err = dcm_state_file_read(alarms->state_path, DCM_ALARM_STATE_MAX_SIZE, reason, &bytes,
				      &size);

	if (!err)
		err = dcm_alarm_state_load(alarms->engine, bytes, size, reason);
	if (err == -ENOENT)
		reason->text[0] = '\0'; /* the first start */
}

static bool has_folder(struct dcm_alarms *alarms, const struct dcm_config_state *config,
		       struct dcm_reason *reason)
{
	if (!config->folder[0])
		return false;
	if (access(config->folder, W_OK | X_OK) < 0) {
		dcm_reason_set(reason, -errno, "alarms will not survive a restart: %s: %s",
			       config->folder, strerror(errno));
		return false;
	}
	snprintf(alarms->state_path, sizeof(alarms->state_path), "%s/%s", config->folder,
		 DCM_ALARMS_STATE_FILE);
	return true;
}

static void open_recordings(struct dcm_alarms *alarms, const struct dcm_config_state *config,
			    struct dcm_reason *reason)
{
	struct dcm_reason state = *reason, why = {""};
	char recordings[PATH_ROOM];

	if (!config->recorder)
		return;
	snprintf(recordings, sizeof(recordings), "%s/%s", config->folder, DCM_ALARMS_RECORDINGS);
	if (dcm_recorder_files_open(recordings, &why, &alarms->files))
		dcm_reason_set(reason, 0, "%s%snothing is recorded: %s", state.text,
			       *state.text ? "; " : "", why.text);
}

int dcm_alarms_create(const struct dcm_config *config, struct dcm_reason *ret_reason,
		      struct dcm_alarms **ret)
{
	struct dcm_alarms *alarms = calloc(1, sizeof(*alarms));
	int err = alarms ? dcm_alarm_engine_create(&config->alarms, &alarms->engine) : -ENOMEM;

	ret_reason->text[0] = '\0';
	if (!err && has_folder(alarms, &config->state, ret_reason)) {
		load_state(alarms, ret_reason);
		open_recordings(alarms, &config->state, ret_reason);
	}
	if (!err && alarms->files)
		err = dcm_recorder_create(&alarms->recorder);
	if (err) {
		dcm_alarms_destroy(alarms);
		return err;
	}
	alarms->notified = *dcm_alarm_engine_notified(alarms->engine);
	dcm_alarms_configure(alarms, config);
	alarms->recorded = alarms->taken = dcm_alarm_engine_sequence(alarms->engine);
	*ret = alarms;
	return 0;
}

void dcm_alarms_configure(struct dcm_alarms *alarms, const struct dcm_config *config)
{
	dcm_alarm_engine_configure(alarms->engine, &config->alarms);
	alarms->notifications = config->snmp.notifications;
	dcm_alarm_engine_set_notified(alarms->engine, &alarms->notified, alarms->notifications);
}

void dcm_alarms_agent_started(struct dcm_alarms *alarms)
{
	alarms->notified.queued = 0;
	alarms->before = alarms->notified;
}

void dcm_alarms_notified(struct dcm_alarms *alarms, const struct dcm_notify_counts *report)
{
	uint64_t newest = dcm_alarm_engine_sequence(alarms->engine);

	if (report->handled != alarms->notified.handled)
		dcm_state_pace_change(&alarms->pace);
	alarms->notified = (struct dcm_notify_counts){.handled = DCM_MIN(report->handled, newest),
						      .sent = alarms->before.sent + report->sent,
						      .suppressed = alarms->before.suppressed +
								    report->suppressed,
						      .queued = report->queued};
	dcm_alarm_engine_set_notified(alarms->engine, &alarms->notified, alarms->notifications);
}

/* ---- judging ---- */

static void record_transitions(struct dcm_alarms *alarms)
{
	uint64_t newest = dcm_alarm_engine_sequence(alarms->engine);

	for (; alarms->recorded < newest; alarms->recorded++) {
		const struct dcm_alarm_transition *t =
			dcm_alarm_engine_transition(alarms->engine, alarms->recorded + 1);

		if (t && alarms->recorder)
			dcm_recorder_event(alarms->recorder, t, alarms->now);
	}
}

void dcm_alarms_hook(void *ctx, struct dcm_snapshot_builder *builder, uint64_t monotonic_ns,
		     int64_t realtime_ns)
{
	struct dcm_alarms *alarms = ctx;
	struct dcm_alarm_input input;
	uint64_t before = dcm_alarm_engine_sequence(alarms->engine);

	alarms->now = (struct dcm_alarm_clock){monotonic_ns, realtime_ns};
	dcm_alarm_input_from_builder(builder, &input);
	dcm_alarm_engine_evaluate(alarms->engine, &input, alarms->now);
	if (alarms->recorder)
		dcm_recorder_add(alarms->recorder, &input, alarms->now);
	if (alarms->test_wanted)
		dcm_alarm_engine_test(alarms->engine, alarms->now);
	alarms->test_wanted = false;
	if (dcm_alarm_engine_sequence(alarms->engine) != before)
		dcm_state_pace_change(&alarms->pace);
	record_transitions(alarms);
	dcm_alarm_engine_write(alarms->engine, builder);
}

void dcm_alarms_test(struct dcm_alarms *alarms)
{
	alarms->test_wanted = true;
}

bool dcm_alarms_next_transition(struct dcm_alarms *alarms, struct dcm_alarm_transition *ret)
{
	uint64_t newest = dcm_alarm_engine_sequence(alarms->engine);

	while (alarms->taken < newest) {
		const struct dcm_alarm_transition *t =
			dcm_alarm_engine_transition(alarms->engine, ++alarms->taken);

		if (t) {
			*ret = *t;
			return true;
		}
	}
	return false;
}

/* ---- the state file ---- */

static int start_write(struct dcm_alarms *alarms)
{
	void *bytes;
	size_t size;
	int err = dcm_alarm_state_save(alarms->engine, &bytes, &size);

	return err ? err : dcm_state_writer_start(&alarms->writer, alarms->state_path, bytes, size);
}

static int flush_state(struct dcm_alarms *alarms, uint64_t now_ns, struct dcm_reason *reason)
{
	int err;

	if (dcm_state_writer_busy(&alarms->writer, reason, &err))
		return 0;
	if (!alarms->state_path[0] || !dcm_state_pace_due(&alarms->pace, now_ns))
		return err;
	if (start_write(alarms) < 0 && !err)
		err = dcm_reason_set(reason, -ENOMEM, "cannot write the alarm state");
	return err;
}

/* ---- recordings ---- */

static int append_state(struct dcm_alarms *alarms, const struct dcm_snapshot *snapshot,
			struct dcm_reason *reason)
{
	_cleanup_free_ char *state = NULL;

	if (!snapshot)
		return 0;
	if (dcm_recorder_state(snapshot, &state))
		return dcm_reason_no_memory(reason);
	return dcm_recorder_files_append(alarms->files, state, reason);
}

static int flush_recorder(struct dcm_alarms *alarms, const struct dcm_snapshot *snapshot,
			  struct dcm_reason *reason)
{
	char line[DCM_RECORDER_LINE_SIZE];
	int err = 0;

	if (!alarms->recorder)
		return 0;
	for (;;) {
		int step_err = 0;

		switch (dcm_recorder_next(alarms->recorder, alarms->now, line)) {
		case DCM_RECORDER_IDLE:
			step_err = dcm_recorder_files_flush(alarms->files, reason);
			return err ? err : step_err;
		case DCM_RECORDER_BEGIN:
			step_err = dcm_recorder_files_begin(alarms->files, alarms->now.realtime_ns,
							    reason);
			if (!step_err)
				step_err = dcm_recorder_files_append(alarms->files, line, reason);
			break;
		case DCM_RECORDER_STATE:
			step_err = append_state(alarms, snapshot, reason);
			break;
		case DCM_RECORDER_MORE:
			step_err = dcm_recorder_files_append(alarms->files, line, reason);
			break;
		case DCM_RECORDER_END:
			step_err = dcm_recorder_files_end(alarms->files, reason);
			break;
		}
		err = err ? err : step_err;
	}
}

int dcm_alarms_flush(struct dcm_alarms *alarms, const struct dcm_snapshot *snapshot,
		     uint64_t now_ns, struct dcm_reason *reason)
{
	int err = flush_state(alarms, now_ns, reason);
	int recorder_err = flush_recorder(alarms, snapshot, reason);

	if (err || recorder_err)
		return err ? err : recorder_err;
	/* after a failure only a write that went well is good news */
	return alarms->writer.running || alarms->writer.err;
}

void dcm_alarms_destroy(struct dcm_alarms *alarms)
{
	struct dcm_reason reason;

	if (!alarms)
		return;
	dcm_state_writer_finish(&alarms->writer);
	if (alarms->state_path[0] && alarms->pace.changed)
		start_write(alarms);
	dcm_state_writer_finish(&alarms->writer);
	if (alarms->files)
		dcm_recorder_files_end(alarms->files, &reason);
	dcm_recorder_files_close(alarms->files);
	dcm_recorder_destroy(alarms->recorder);
	dcm_alarm_engine_destroy(alarms->engine);
	free(alarms);
}
