/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Default rules; docs/alarms.md justifies every figure. Internal to the alarm engine. */
#ifndef DCM_MODEL_ALARM_DEFAULTS_H
#define DCM_MODEL_ALARM_DEFAULTS_H

#include "common/model/alarms/alarm_config.h"

struct dcm_alarm_default {
	struct dcm_alarm_rule rule;
	const char *extra_key; /* name of the key that only this type has; NULL: none */
	const char *why;       /* one line for the default configuration file */
};

extern const struct dcm_alarm_default dcm_alarm_defaults[DCM_ALARM_TYPE_END];

#endif
