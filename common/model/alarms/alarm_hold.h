/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hysteresis and hold times of one alarm. Internal to the alarm engine. */
#ifndef DCM_MODEL_ALARM_HOLD_H
#define DCM_MODEL_ALARM_HOLD_H

#include "common/model/alarms/alarm_config.h"

/* For how long a condition has been true without a break. */
struct dcm_alarm_timer {
	bool on;
	uint64_t ns;
};

struct dcm_alarm_holds {
	struct dcm_alarm_timer above_warning, above_critical;
	struct dcm_alarm_timer below_warning, below_critical;
};

/*
 * @credit_ns is the time since the previous call, 0 when the value was not seen in between: time
 * in which nothing was measured never counts.
 */
bool dcm_alarm_timer_update(struct dcm_alarm_timer *timer, bool condition, uint64_t credit_ns,
			    double hold_seconds);

/* The severity that follows from @now, the value and how long it has been at its level. */
enum dcm_severity dcm_alarm_holds_update(struct dcm_alarm_holds *holds,
					 const struct dcm_alarm_rule *rule, double value,
					 uint64_t credit_ns, enum dcm_severity now);

/* The severity of @value without any hold time. */
enum dcm_severity dcm_alarm_rule_severity(const struct dcm_alarm_rule *rule, double value);

/* The level of @severity; of the lowest level for DCM_SEVERITY_CLEARED, with the clear ratio. */
double dcm_alarm_rule_threshold(const struct dcm_alarm_rule *rule, enum dcm_severity severity);

#endif
