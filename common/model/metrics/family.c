// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/metrics/family.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"

/* Units that have a base unit in OpenMetrics; others count things and have no unit there. */
struct unit {
	const char *unit;   /* of the metric */
	const char *ending; /* of its name, replaced by the base unit; "": none */
	const char *base;
	double scale;
	const char *said, *instead; /* in its help; NULL: the same */
};

static const struct unit units[] = {
	{"seconds", "", "seconds", 1, NULL, NULL},
	{"bytes", "", "bytes", 1, NULL, NULL},
	{"ratio", "", "ratio", 1, NULL, NULL},
	{"percent", "_percent", "ratio", 1e-2, "in percent", "as a ratio"},
	{"microseconds", "_us", "seconds", 1e-6, "in microseconds", "in seconds"},
};

static const struct unit *find_unit(const char *name)
{
	for (size_t i = 0; name && i < DCM_ARRAY_SIZE(units); i++)
		if (!strcmp(units[i].unit, name))
			return &units[i];
	return NULL;
}

static enum dcm_family_type type_of(const struct dcm_metric *metric)
{
	if (metric->label)
		return DCM_FAMILY_NONE;
	switch (metric->kind) {
	case DCM_KIND_GAUGE:
		return DCM_FAMILY_GAUGE;
	case DCM_KIND_COUNTER:
		return DCM_FAMILY_COUNTER;
	case DCM_KIND_STATE:
		return metric->symbol ? DCM_FAMILY_STATESET : DCM_FAMILY_GAUGE;
	case DCM_KIND_TEXT:
	case DCM_KIND_KEY:
		break;
	}
	return DCM_FAMILY_NONE;
}

/* "dcmAlarmCountTable" as "dcachemon_alarm_count" */
void dcm_family_prefix(const struct dcm_table *table, char ret[DCM_FAMILY_NAME_SIZE])
{
	const char *from = table->mib_name + strlen("dcm");
	size_t len = (size_t)snprintf(ret, DCM_FAMILY_NAME_SIZE, "dcachemon");

	for (; *from && strcmp(from, "Table") != 0 && len + 3 < DCM_FAMILY_NAME_SIZE; from++) {
		if (isupper((unsigned char)*from))
			ret[len++] = '_';
		ret[len++] = (char)tolower((unsigned char)*from);
	}
	ret[len] = '\0';
}

static bool ends_in(const char *text, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	return n && len >= n && !memcmp(text + len - n, ending, n);
}

#define ALL 4096 /* bytes, more than any text has */

/* Appends @n bytes at most; returns the length of the text, which is cut at @size. */
static size_t add(char *text, size_t size, size_t len, const char *from, size_t n)
{
	n = strnlen(from, n);
	if (n >= size - len)
		n = size - len - 1;
	memcpy(text + len, from, n);
	text[len + n] = '\0';
	return len + n;
}

/* The key without what the base unit replaces, and that unit unless the key has it. */
static void set_name(const struct dcm_table *table, const struct dcm_metric *metric,
		     const struct unit *unit, char ret[DCM_FAMILY_NAME_SIZE])
{
	bool date = metric->type == DCM_T_TIME_NS, named = date && !strcmp(metric->name, "time");
	size_t key = named ? 0 : strlen(metric->name), len;

	if (unit && ends_in(metric->name, key, unit->ending))
		key -= strlen(unit->ending);
	dcm_family_prefix(table, ret);
	len = strlen(ret);
	if (key)
		len = add(ret, DCM_FAMILY_NAME_SIZE, len, "_", 1);
	len = add(ret, DCM_FAMILY_NAME_SIZE, len, metric->name, key);
	if (date)
		len = add(ret, DCM_FAMILY_NAME_SIZE, len, "_timestamp", ALL);
	if (!unit || ends_in(ret, len, unit->base))
		return;
	len = add(ret, DCM_FAMILY_NAME_SIZE, len, "_", 1);
	add(ret, DCM_FAMILY_NAME_SIZE, len, unit->base, ALL);
}

/* Says the base unit where the table's help says the metric's. */
static void set_help(const struct dcm_metric *metric, const struct unit *unit,
		     char ret[DCM_FAMILY_HELP_SIZE])
{
	const char *said = unit && unit->said ? strstr(metric->help, unit->said) : NULL;
	size_t len = add(ret, DCM_FAMILY_HELP_SIZE, 0, metric->help,
			 said ? (size_t)(said - metric->help) : ALL);

	if (!said)
		return;
	len = add(ret, DCM_FAMILY_HELP_SIZE, len, unit->instead, ALL);
	add(ret, DCM_FAMILY_HELP_SIZE, len, said + strlen(unit->said), ALL);
}

bool dcm_family_is_info(const struct dcm_metric *metric)
{
	return metric->kind == DCM_KIND_TEXT && !metric->label && !metric->short_lived &&
	       metric->type != DCM_T_STRINGS;
}

const char *dcm_family_state(const struct dcm_metric *metric, uint32_t value)
{
	const char *name =
		metric->symbol && value < DCM_FAMILY_STATES ? metric->symbol(value) : NULL;

	return name && strcmp(name, "unknown") != 0 ? name : NULL;
}

void dcm_family_of(const struct dcm_table *table, const struct dcm_metric *metric,
		   struct dcm_family *ret)
{
	const struct unit *unit = find_unit(metric->unit);

	ret->type = type_of(metric);
	ret->unit = unit ? unit->base : "";
	ret->scale = unit ? unit->scale : 1;
	set_name(table, metric, unit, ret->name);
	set_help(metric, unit, ret->help);
}
