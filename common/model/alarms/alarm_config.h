/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rules of the alarm engine:
 *
 *   [alarm NAME]          for every resource of one type
 *   [alarm NAME TARGET]   for one resource, or for all that match a pattern (fnmatch(3), where
 *                         '*' and '?' match no '/'); keys that are missing here come from
 *                         [alarm NAME]. A target that is the name itself comes before patterns,
 *                         of which the first one holds.
 *
 *   enabled      yes or no
 *   warning      level in the unit of the type, or "off"
 *   critical     level, or "off"; not below warning
 *   clear_ratio  0.1..1: an alarm clears below level x clear_ratio
 *   raise_after  seconds for which the value must stay at or above a level
 *   clear_after  seconds for which it must stay below the clear level
 *   within       growth only: seconds ahead in which the critical level would be reached
 *   min_unused   reclaim_risk only: unused entries below which free memory is no risk
 */
#ifndef DCM_MODEL_ALARM_CONFIG_H
#define DCM_MODEL_ALARM_CONFIG_H

#include <stdio.h>

#include "common/base/reason.h"
#include "common/model/alarms/alarm_types.h"

#define DCM_ALARM_MAX_OVERRIDES 64
#define DCM_ALARM_TARGET_SIZE	512

/* Keys of a rule, as bits of "set" and as index of "line". */
enum dcm_alarm_key {
	DCM_ALARM_KEY_ENABLED,
	DCM_ALARM_KEY_WARNING,
	DCM_ALARM_KEY_CRITICAL,
	DCM_ALARM_KEY_CLEAR_RATIO,
	DCM_ALARM_KEY_RAISE_AFTER,
	DCM_ALARM_KEY_CLEAR_AFTER,
	DCM_ALARM_KEY_EXTRA,
	DCM_ALARM_KEY_COUNT,
};

/* A rule and where it was written, for messages. */
struct dcm_alarm_section {
	struct dcm_alarm_rule rule;
	unsigned set;			    /* bits of enum dcm_alarm_key */
	unsigned line[DCM_ALARM_KEY_COUNT]; /* 1..; 0: not written */
};

struct dcm_alarm_override {
	enum dcm_alarm_type type;
	char target[DCM_ALARM_TARGET_SIZE]; /* path, major:minor, container:NAME, source */
	struct dcm_alarm_section section;
};

struct dcm_alarm_config {
	struct dcm_alarm_section types[DCM_ALARM_TYPE_END];
	struct dcm_alarm_override overrides[DCM_ALARM_MAX_OVERRIDES];
	size_t override_count;
};

/* Called once per mistake; the same shape as dcm_config_error. */
typedef void dcm_alarm_config_error(void *ctx, unsigned line, const char *section, const char *key,
				    const char *message);

void dcm_alarm_config_defaults(struct dcm_alarm_config *ret);

/* Whether @section ("alarm growth") belongs to this part of the file. */
bool dcm_alarm_config_owns(const char *section);

/* -EINVAL with a reason: no such alarm type, or a target where the type is about the host. */
int dcm_alarm_config_check_section(const char *section, struct dcm_reason *reason);

/*
 * Stores one "key = value" of @line in @section; line 0: not from a file. -EINVAL with a reason:
 * unknown type or key, value out of range, key repeated, more than DCM_ALARM_MAX_OVERRIDES targets.
 */
int dcm_alarm_config_set(struct dcm_alarm_config *config, unsigned line, const char *section,
			 const char *key, const char *value, struct dcm_reason *reason);

/* Puts one key back to its default, as if it had not been set. -ENOENT: it was not; -EINVAL: no
 * such section. */
int dcm_alarm_config_unset(struct dcm_alarm_config *config, const char *section, const char *key);

/*
 * To be called after the last key: what only shows when all keys are known (critical below
 * warning). Reports every mistake, with line 0 for a key that is not from a file; returns 0 or
 * -EINVAL. @error may unset the key that it is told.
 */
int dcm_alarm_config_check(const struct dcm_alarm_config *config, dcm_alarm_config_error *error,
			   void *ctx);

/* The rule that holds for one resource; any of @names (NULL-terminated) selects an override. False:
 * none did. */
bool dcm_alarm_config_resolve(const struct dcm_alarm_config *config, enum dcm_alarm_type type,
			      const char *const *names, struct dcm_alarm_rule *ret);

/* Whether @target is one of @names (NULL-terminated); @pattern: is a pattern that one matches. */
bool dcm_alarm_target_matches(const char *target, const char *const *names, bool pattern);

/* Levels as they are, raise_after and clear_after 0: for one look without a history. */
void dcm_alarm_config_drop_holds(struct dcm_alarm_config *config);

/* The default sections as commented INI text that parses to the defaults. */
int dcm_alarm_config_print_defaults(FILE *out);

#endif
