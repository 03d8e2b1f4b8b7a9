// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_config.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm_types.h"
#include "common/model/config/config_print.h"
#include "common/model/config/config_values.h"

#define PREFIX "alarm "

#define WARNING_SET  (1U << DCM_ALARM_KEY_WARNING)
#define CRITICAL_SET (1U << DCM_ALARM_KEY_CRITICAL)

static const char *const key_names[DCM_ALARM_KEY_COUNT] = {
	[DCM_ALARM_KEY_ENABLED] = "enabled",	     [DCM_ALARM_KEY_WARNING] = "warning",
	[DCM_ALARM_KEY_CRITICAL] = "critical",	     [DCM_ALARM_KEY_CLEAR_RATIO] = "clear_ratio",
	[DCM_ALARM_KEY_RAISE_AFTER] = "raise_after", [DCM_ALARM_KEY_CLEAR_AFTER] = "clear_after",
};

void dcm_alarm_config_defaults(struct dcm_alarm_config *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++)
		ret->types[i].rule = dcm_alarm_type_record(i)->rule;
}

bool dcm_alarm_config_owns(const char *section)
{
	return !strcmp(section, "alarm") || !strncmp(section, PREFIX, strlen(PREFIX));
}

/* "alarm NAME" or "alarm NAME TARGET"; a target may contain spaces. */
static int split(const char *section, struct dcm_reason *reason, enum dcm_alarm_type *ret_type,
		 const char **ret_target)
{
	const char *name = section + strcspn(section, " ");
	enum dcm_alarm_type type;
	size_t len;

	name += strspn(name, " ");
	len = strcspn(name, " ");
	type = dcm_alarm_type_find(name, len);
	if (type == DCM_ALARM_TYPE_END)
		return dcm_reason_set(reason, -EINVAL, "no alarm type of this name");
	*ret_type = type;
	*ret_target = name + len + strspn(name + len, " ");
	if (**ret_target && !dcm_alarm_type_record(type)->resource)
		return dcm_reason_set(reason, -EINVAL,
				      "is about the whole host and takes no target");
	return 0;
}

int dcm_alarm_config_check_section(const char *section, struct dcm_reason *reason)
{
	enum dcm_alarm_type type;
	const char *target;

	return split(section, reason, &type, &target);
}

static struct dcm_alarm_override *find_override(struct dcm_alarm_config *config,
						enum dcm_alarm_type type, const char *target)
{
	for (size_t i = 0; i < config->override_count; i++) {
		struct dcm_alarm_override *o = &config->overrides[i];

		if (o->type == type && !strcmp(o->target, target))
			return o;
	}
	return NULL;
}

static int section_of(struct dcm_alarm_config *config, const char *name, struct dcm_reason *reason,
		      enum dcm_alarm_type *ret_type, struct dcm_alarm_section **ret)
{
	struct dcm_alarm_override *o;
	const char *target = "";
	int err = split(name, reason, ret_type, &target);

	if (err)
		return err;
	if (!*target) {
		*ret = &config->types[*ret_type];
		return 0;
	}
	o = find_override(config, *ret_type, target);
	if (!o) {
		if (strlen(target) >= sizeof(o->target))
			return dcm_reason_set(reason, -EINVAL, "target is too long");
		if (config->override_count == DCM_ALARM_MAX_OVERRIDES)
			return dcm_reason_set(reason, -EINVAL, "more than %d targets",
					      DCM_ALARM_MAX_OVERRIDES);
		o = &config->overrides[config->override_count++];
		*o = (struct dcm_alarm_override){.type = *ret_type};
		strcpy(o->target, target);
	}
	*ret = &o->section;
	return 0;
}

static int find_key(enum dcm_alarm_type type, const char *key)
{
	const char *extra = dcm_alarm_type_record(type)->extra_key;

	for (int i = 0; i < DCM_ALARM_KEY_EXTRA; i++)
		if (!strcmp(key, key_names[i]))
			return i;
	return extra && !strcmp(key, extra) ? DCM_ALARM_KEY_EXTRA : -EINVAL;
}

/* One key of one section. */
struct place {
	struct dcm_alarm_section *section;
	enum dcm_alarm_type type;
	unsigned key;
};

/* -ENOENT: there is no such key. */
static int find_place(struct dcm_alarm_config *config, const char *section, const char *key,
		      struct dcm_reason *reason, struct place *ret)
{
	int k, err = section_of(config, section, reason, &ret->type, &ret->section);

	if (err)
		return err;
	k = find_key(ret->type, key);
	if (k < 0)
		return -ENOENT;
	ret->key = k;
	return 0;
}

/* ---- values ---- */

static int parse_level(const char *value, struct dcm_reason *reason, bool *ret_has, double *ret)
{
	int err;

	if (!strcasecmp(value, "off")) {
		*ret_has = false;
		return 0;
	}
	err = dcm_config_value_number(value, 1e-9, 1e18, reason, ret);
	if (!err)
		*ret_has = true;
	return err;
}

static int parse_key(struct dcm_alarm_rule *rule, enum dcm_alarm_key key, const char *value,
		     struct dcm_reason *reason)
{
	switch (key) {
	case DCM_ALARM_KEY_ENABLED:
		return dcm_config_value_bool(value, reason, &rule->enabled);
	case DCM_ALARM_KEY_WARNING:
		return parse_level(value, reason, &rule->has_warning, &rule->warning);
	case DCM_ALARM_KEY_CRITICAL:
		return parse_level(value, reason, &rule->has_critical, &rule->critical);
	case DCM_ALARM_KEY_CLEAR_RATIO:
		return dcm_config_value_number(value, 0.1, 1, reason, &rule->clear_ratio);
	case DCM_ALARM_KEY_RAISE_AFTER:
		return dcm_config_value_number(value, 0, 86400, reason, &rule->raise_after);
	case DCM_ALARM_KEY_CLEAR_AFTER:
		return dcm_config_value_number(value, 0, 86400, reason, &rule->clear_after);
	case DCM_ALARM_KEY_EXTRA:
		return dcm_config_value_number(value, 0, 1e18, reason, &rule->extra);
	case DCM_ALARM_KEY_COUNT:
		break;
	}
	return -EINVAL;
}

int dcm_alarm_config_set(struct dcm_alarm_config *config, unsigned line, const char *section,
			 const char *key, const char *value, struct dcm_reason *reason)
{
	struct place at = {0};
	struct dcm_alarm_section *s;
	int err = find_place(config, section, key, reason, &at);

	if (err)
		return err == -ENOENT ? dcm_reason_set(reason, -EINVAL, "unknown key") : err;
	s = at.section;
	if (s->set & (1U << at.key))
		return s->line[at.key] ? dcm_reason_set(reason, -EINVAL, "already set in line %u",
							s->line[at.key])
				       : dcm_reason_set(reason, -EINVAL, "is given twice");
	err = parse_key(&s->rule, at.key, value, reason);
	if (err)
		return err;
	s->set |= 1U << at.key;
	s->line[at.key] = line;
	return 0;
}

/* Copies the keys whose bits are set in @keys. */
static void copy_keys(const struct dcm_alarm_rule *from, unsigned keys, struct dcm_alarm_rule *to)
{
	if (keys & (1U << DCM_ALARM_KEY_ENABLED))
		to->enabled = from->enabled;
	if (keys & (1U << DCM_ALARM_KEY_WARNING)) {
		to->has_warning = from->has_warning;
		to->warning = from->warning;
	}
	if (keys & (1U << DCM_ALARM_KEY_CRITICAL)) {
		to->has_critical = from->has_critical;
		to->critical = from->critical;
	}
	if (keys & (1U << DCM_ALARM_KEY_CLEAR_RATIO))
		to->clear_ratio = from->clear_ratio;
	if (keys & (1U << DCM_ALARM_KEY_RAISE_AFTER))
		to->raise_after = from->raise_after;
	if (keys & (1U << DCM_ALARM_KEY_CLEAR_AFTER))
		to->clear_after = from->clear_after;
	if (keys & (1U << DCM_ALARM_KEY_EXTRA))
		to->extra = from->extra;
}

int dcm_alarm_config_unset(struct dcm_alarm_config *config, const char *section, const char *key)
{
	struct place at = {0};
	int err = find_place(config, section, key, NULL, &at);

	if (err)
		return err;
	if (!(at.section->set & (1U << at.key)))
		return -ENOENT;
	copy_keys(&dcm_alarm_type_record(at.type)->rule, 1U << at.key, &at.section->rule);
	at.section->set &= ~(1U << at.key);
	at.section->line[at.key] = 0;
	return 0;
}

/* ---- the rule of one resource ---- */

static bool matches(const char *target, const char *name, bool pattern)
{
	return pattern ? fnmatch(target, name, FNM_PATHNAME) == 0 : !strcmp(target, name);
}

bool dcm_alarm_target_matches(const char *target, const char *const *names, bool pattern)
{
	if (pattern && !strpbrk(target, "*?["))
		return false;
	for (; names && *names; names++)
		if (matches(target, *names, pattern))
			return true;
	return false;
}

/* NULL: none. */
static const struct dcm_alarm_override *find_match(const struct dcm_alarm_config *config,
						   enum dcm_alarm_type type,
						   const char *const *names, bool pattern)
{
	for (size_t i = 0; i < config->override_count; i++) {
		const struct dcm_alarm_override *o = &config->overrides[i];

		if (o->type == type && dcm_alarm_target_matches(o->target, names, pattern))
			return o;
	}
	return NULL;
}

bool dcm_alarm_config_resolve(const struct dcm_alarm_config *config, enum dcm_alarm_type type,
			      const char *const *names, struct dcm_alarm_rule *ret)
{
	const struct dcm_alarm_override *o = find_match(config, type, names, false);

	if (!o)
		o = find_match(config, type, names, true);
	*ret = config->types[type].rule;
	if (o)
		copy_keys(&o->section.rule, o->section.set, ret);
	return o != NULL;
}

void dcm_alarm_config_drop_holds(struct dcm_alarm_config *config)
{
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++)
		config->types[i].rule.raise_after = config->types[i].rule.clear_after = 0;
	for (size_t i = 0; i < config->override_count; i++) {
		struct dcm_alarm_rule *rule = &config->overrides[i].section.rule;

		rule->raise_after = rule->clear_after = 0;
	}
}

/* ---- checks over several keys ---- */

static int check_rule(const struct dcm_alarm_rule *rule, const struct dcm_alarm_section *written,
		      const char *section, dcm_alarm_config_error *error, void *ctx)
{
	unsigned critical = written->line[DCM_ALARM_KEY_CRITICAL];
	unsigned warning = written->line[DCM_ALARM_KEY_WARNING];
	/* what this section does not set is not to blame; of two lines the later one is */
	bool blame_warning = !(written->set & CRITICAL_SET) || warning > critical;
	char message[128];

	if (!rule->has_warning || !rule->has_critical || rule->critical >= rule->warning)
		return 0;
	snprintf(message, sizeof(message), "critical %.15g is below warning %.15g", rule->critical,
		 rule->warning);
	if (error)
		error(ctx, blame_warning ? warning : critical, section,
		      blame_warning ? "warning" : "critical", message);
	return -EINVAL;
}

int dcm_alarm_config_check(const struct dcm_alarm_config *config, dcm_alarm_config_error *error,
			   void *ctx)
{
	char section[DCM_ALARM_TARGET_SIZE + 64];
	int err = 0;

	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		const struct dcm_alarm_section *s = &config->types[i];

		snprintf(section, sizeof(section), PREFIX "%s", dcm_alarm_type_name(i));
		if (check_rule(&s->rule, s, section, error, ctx))
			err = -EINVAL;
	}
	for (size_t i = 0; i < config->override_count; i++) {
		const struct dcm_alarm_override *o = &config->overrides[i];
		struct dcm_alarm_rule rule = config->types[o->type].rule;

		copy_keys(&o->section.rule, o->section.set, &rule);
		snprintf(section, sizeof(section), PREFIX "%s %s", dcm_alarm_type_name(o->type),
			 o->target);
		if (o->section.set & (WARNING_SET | CRITICAL_SET) &&
		    check_rule(&rule, &o->section, section, error, ctx))
			err = -EINVAL;
	}
	return err;
}

/* ---- the default file ---- */

static void print_level(FILE *out, const char *key, bool has, double level)
{
	if (has)
		fprintf(out, "%s = %.15g\n", key, level);
	else
		fprintf(out, "%s = off\n", key);
}

static void print_type(const struct dcm_alarm_type_record *record, FILE *out)
{
	const struct dcm_alarm_rule *rule = &record->rule;
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s", record->value, record->why ? ": " : "",
		 record->why ? record->why : "");
	fputc('\n', out);
	dcm_config_print_comment(out, text);
	fprintf(out, "[" PREFIX "%s]\nenabled = %s\n", record->name, rule->enabled ? "yes" : "no");
	print_level(out, "warning", rule->has_warning, rule->warning);
	print_level(out, "critical", rule->has_critical, rule->critical);
	fprintf(out, "clear_ratio = %.15g\nraise_after = %.15g\nclear_after = %.15g\n",
		rule->clear_ratio, rule->raise_after, rule->clear_after);
	if (record->extra_key)
		fprintf(out, "%s = %.15g\n", record->extra_key, rule->extra);
}

int dcm_alarm_config_print_defaults(FILE *out)
{
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++)
		if (dcm_alarm_has_rule(i))
			print_type(dcm_alarm_type_record(i), out);
	return ferror(out) ? -EIO : 0;
}
