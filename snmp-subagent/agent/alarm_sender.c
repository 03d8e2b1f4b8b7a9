// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-subagent/agent/alarm_sender.h"

#include <errno.h>

#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/base/units.h"
#include "common/model/metrics/metrics.h"
#include "snmp-subagent/agent/agentx.h"

/* dcmNotifications of DCACHEMON-MIB */
#define RAISED_ARC  1
#define CLEARED_ARC 2

/* Between two rounds the loop reads what the master sends, its answers among them. */
#define MAX_PER_ROUND 16

/* A master whose socket is full is asked again so much later. */
#define FULL_NS (200 * DCM_NSEC_PER_MSEC)

struct dcm_notifier {
	const struct dcm_metric_handler *handler;
	struct dcm_alarm_queue *queue;
	struct dcm_snapshot_builder *builder;
	struct dcm_complaint failing;
};

static struct dcm_notify_config settings(const struct dcm_config *config)
{
	struct dcm_notify_config notify = config->notify;

	notify.enabled = config->snmp.notifications;
	return notify;
}

int dcm_notifier_create(const struct dcm_config *config, const struct dcm_metric_handler *handler,
			uint64_t now_ns, struct dcm_notifier **ret)
{
	struct dcm_notifier *notifier = calloc(1, sizeof(*notifier));
	struct dcm_notify_config notify = settings(config);
	int err;

	if (!notifier)
		return -ENOMEM;
	notifier->handler = handler;
	err = dcm_alarm_queue_create(&notify, now_ns, &notifier->queue);
	if (!err)
		err = dcm_snapshot_builder_create(&notifier->builder);
	if (err) {
		dcm_notifier_destroy(notifier);
		return err;
	}
	*ret = notifier;
	return 0;
}

void dcm_notifier_destroy(struct dcm_notifier *notifier)
{
	if (!notifier)
		return;
	dcm_alarm_queue_destroy(notifier->queue);
	dcm_snapshot_builder_destroy(notifier->builder);
	free(notifier);
}

void dcm_notifier_configure(struct dcm_notifier *notifier, const struct dcm_config *config)
{
	struct dcm_notify_config notify = settings(config);

	dcm_alarm_queue_configure(notifier->queue, &notify);
}

void dcm_notifier_update(struct dcm_notifier *notifier, const struct dcm_snapshot *snapshot,
			 uint64_t now_ns)
{
	dcm_alarm_queue_update(notifier->queue, snapshot, now_ns);
}

void dcm_notifier_counts(const struct dcm_notifier *notifier, struct dcm_notify_counts *ret)
{
	dcm_alarm_queue_counts(notifier->queue, ret);
}

void dcm_notifier_connection(struct dcm_notifier *notifier, bool up, uint64_t now_ns)
{
	dcm_alarm_queue_connection(notifier->queue, up, now_ns);
}

/* The transition as the only row of a snapshot, so that its values are those of the table. */
static int make_variables(struct dcm_notifier *notifier, const struct dcm_alarm_transition *t,
			  netsnmp_variable_list **ret)
{
	uint32_t arc = t->severity == DCM_SEVERITY_CLEARED ? CLEARED_ARC : RAISED_ARC;
	struct dcm_snapshot *row;
	int err;

	dcm_alarm_transition_write(t, DCM_SEC_ALARMS, notifier->builder);
	err = dcm_snapshot_builder_finish(notifier->builder, t->time_ns, 0, &row);
	return err ? err
		   : dcm_metric_handler_notification(notifier->handler, row, arc,
						     DCM_ALARM_VARBINDS, ret);
}

static void send_one(struct dcm_notifier *notifier, const struct dcm_alarm_sender *notify)
{
	const struct dcm_alarm_transition *t = &notify->transition;
	netsnmp_variable_list *variables = NULL;
	int err = make_variables(notifier, t, &variables);

	if (!err)
		send_v2trap(variables);
	snmp_free_varbind(variables);
	if (err) {
		dcm_complain(&notifier->failing, DCM_LOG_ERROR, "cannot make a notification: %s",
			     strerror(-err));
		return;
	}
	dcm_settle(&notifier->failing, NULL);
	dcm_log(DCM_LOG_DEBUG, "sent transition %" PRIu64 " of alarm %" PRIu32 ", %s%s",
		t->sequence, t->index, dcm_severity_name(t->severity),
		notify->again ? ", again" : "");
}

uint64_t dcm_notifier_run(struct dcm_notifier *notifier, uint64_t now_ns)
{
	struct dcm_alarm_sender notify;
	uint64_t due;

	for (int i = 0; i < MAX_PER_ROUND; i++) {
		/* A write that waits for the master while it waits for us would never end. */
		if (dcm_agentx_connected() && !dcm_agentx_writable())
			return now_ns + FULL_NS;
		if (!dcm_alarm_queue_next(notifier->queue, now_ns, &notify, &due))
			return due;
		send_one(notifier, &notify);
	}
	return now_ns;
}
