/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What to tell about alarms: transitions in their order, and whatever is true now but was not
 * told (alarms older than the plugin, a sampler that was restarted, a switch between daemon and
 * own collector). Pure, free of any collectd header.
 */
#ifndef DCM_COLLECTD_NOTICES_H
#define DCM_COLLECTD_NOTICES_H

#include "collectd-plugin/values.h"
#include "common/model/alarms/alarm.h"

struct dcm_notice {
	enum dcm_severity severity;
	enum dcm_alarm_type alarm;
	bool test;
	int64_t time_ns; /* CLOCK_REALTIME of the transition, 0: now */
	/* Identifier of the value that it is about, the same in raise and clear. */
	char instance[DCM_INSTANCE_SIZE];
	const char *type, *type_instance;
	double value, threshold; /* in the unit of the alarm type */
	char resource[DCM_ALARM_TEXT_SIZE];
	char text[DCM_ALARM_TEXT_SIZE];
};

struct dcm_notices;

/* @options are those of the values, and outlive it. -ENOMEM. */
int dcm_notices_create(const struct dcm_plugin_options *options, struct dcm_notices **ret);
void dcm_notices_destroy(struct dcm_notices *notices);

/* Calls @tell for each notice that @snapshot gives rise to. @values are those of @snapshot. */
void dcm_notices_update(struct dcm_notices *notices, const struct dcm_snapshot *snapshot,
			const struct dcm_values *values,
			void (*tell)(void *ctx, const struct dcm_notice *notice), void *ctx);

#endif
