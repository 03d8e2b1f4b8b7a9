// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmp-subagent/agent/alarm_sender.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/model/alarms/alarm_queue.h"
#include "common/model/metrics/metrics.h"
#include "snmp-subagent/agent/notification.h"
#include "snmp-tables/metric_handler.h"

/* dcmNotifications of DCACHEMON-MIB */
#define RAISED_ARC  1
#define CLEARED_ARC 2

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

static void destroy(void *part)
{
	struct dcm_notifier *notifier = part;

	dcm_alarm_queue_destroy(notifier->queue);
	dcm_snapshot_builder_destroy(notifier->builder);
	free(notifier);
}

static int create(const struct dcm_part_context *context, struct dcm_reason *reason, void **ret)
{
	struct dcm_notifier *notifier = calloc(1, sizeof(*notifier));
	struct dcm_notify_config notify = settings(context->config);

	if (!notifier)
		return dcm_reason_no_memory(reason);
	notifier->handler = context->metrics;
	if (dcm_alarm_queue_create(&notify, dcm_now_ns(), &notifier->queue) ||
	    dcm_snapshot_builder_create(&notifier->builder)) {
		destroy(notifier);
		return dcm_reason_no_memory(reason);
	}
	*ret = notifier;
	return 0;
}

static void configure(void *part, const struct dcm_config *config)
{
	struct dcm_notifier *notifier = part;
	struct dcm_notify_config notify = settings(config);

	dcm_alarm_queue_configure(notifier->queue, &notify);
}

static void swap(void *part, const struct dcm_snapshot *snapshot)
{
	struct dcm_notifier *notifier = part;

	dcm_alarm_queue_update(notifier->queue, snapshot, dcm_now_ns());
}

static void connection(void *part, bool up, struct dcm_mib_uptime uptime __attribute__((unused)))
{
	struct dcm_notifier *notifier = part;

	dcm_alarm_queue_connection(notifier->queue, up, dcm_now_ns());
}

void dcm_notifier_counts(const struct dcm_notifier *notifier, struct dcm_notify_counts *ret)
{
	dcm_alarm_queue_counts(notifier->queue, ret);
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

	if (dcm_notification_send(variables, err, "a notification", &notifier->failing))
		dcm_log(DCM_LOG_DEBUG, "sent transition %" PRIu64 " of alarm %" PRIu32 ", %s%s",
			t->sequence, t->index, dcm_severity_name(t->severity),
			notify->again ? ", again" : "");
}

static bool send_next(void *part, uint64_t now_ns, uint64_t *ret_due_ns)
{
	struct dcm_notifier *notifier = part;
	struct dcm_alarm_sender notify;

	if (!dcm_alarm_queue_next(notifier->queue, now_ns, &notify, ret_due_ns))
		return false;
	send_one(notifier, &notify);
	return true;
}

static uint64_t run(void *part, uint64_t now_ns)
{
	return dcm_notification_round(send_next, part, now_ns);
}

const struct dcm_part dcm_alarm_sender_part = {
	.create = create,
	.destroy = destroy,
	.configure = configure,
	.swap = swap,
	.connection = connection,
	.run = run,
};
