// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_hold.h"

#include "common/base/units.h"

bool dcm_alarm_timer_update(struct dcm_alarm_timer *timer, bool condition, uint64_t credit_ns,
			    double hold_seconds)
{
	if (!condition) {
		*timer = (struct dcm_alarm_timer){0};
		return false;
	}
	if (timer->on)
		timer->ns += credit_ns;
	timer->on = true;
	return timer->ns >= hold_seconds * DCM_NSEC_PER_SEC;
}

enum dcm_severity dcm_alarm_rule_severity(const struct dcm_alarm_rule *rule, double value)
{
	if (!rule->enabled)
		return DCM_SEVERITY_CLEARED;
	if (rule->has_critical && value >= rule->critical)
		return DCM_SEVERITY_CRITICAL;
	if (rule->has_warning && value >= rule->warning)
		return DCM_SEVERITY_WARNING;
	return DCM_SEVERITY_CLEARED;
}

double dcm_alarm_rule_threshold(const struct dcm_alarm_rule *rule, enum dcm_severity severity)
{
	if (severity == DCM_SEVERITY_CRITICAL)
		return rule->critical;
	if (severity == DCM_SEVERITY_WARNING)
		return rule->warning;
	return rule->clear_ratio * (rule->has_warning ? rule->warning : rule->critical);
}

enum dcm_severity dcm_alarm_holds_update(struct dcm_alarm_holds *holds,
					 const struct dcm_alarm_rule *rule, double value,
					 uint64_t credit_ns, enum dcm_severity now)
{
	double ratio = rule->clear_ratio;
	bool warning = rule->enabled && rule->has_warning;
	bool critical = rule->enabled && rule->has_critical;
	/* every timer is updated whatever the others say */
	bool raise_warning =
		dcm_alarm_timer_update(&holds->above_warning, warning && value >= rule->warning,
				       credit_ns, rule->raise_after);
	bool raise_critical =
		dcm_alarm_timer_update(&holds->above_critical, critical && value >= rule->critical,
				       credit_ns, rule->raise_after);
	bool end_warning = dcm_alarm_timer_update(&holds->below_warning,
						  !warning || value < rule->warning * ratio,
						  credit_ns, rule->clear_after);
	bool end_critical = dcm_alarm_timer_update(&holds->below_critical,
						   !critical || value < rule->critical * ratio,
						   credit_ns, rule->clear_after);

	if (raise_critical)
		return DCM_SEVERITY_CRITICAL;
	if (now == DCM_SEVERITY_CRITICAL) {
		if (!end_critical)
			return now;
		return end_warning ? DCM_SEVERITY_CLEARED : DCM_SEVERITY_WARNING;
	}
	if (raise_warning)
		return DCM_SEVERITY_WARNING;
	return end_warning ? DCM_SEVERITY_CLEARED : now;
}
