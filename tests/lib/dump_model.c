// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints the metric table and the alarm types as JSON, for the scripts
 * in packaging/generate/ that write the files of monitoring systems.
 */
#include <stdio.h>
#include <string.h>

#include "common/model/alarms/alarm_types.h"
#include "common/model/metrics/family.h"

static void print_string(const char *text)
{
	putchar('"');
	for (; text && *text; text++)
		printf(strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	putchar('"');
}

static void print_key(const char *key, const char *text)
{
	printf("\"%s\": ", key);
	print_string(text);
	fputs(", ", stdout);
}

static const char *syntax_name(enum dcm_snmp_type type)
{
	static const char *const names[] = {
		[DCM_SNMP_NONE] = "Index",
		[DCM_SNMP_GAUGE32] = "Gauge32",
		[DCM_SNMP_UNSIGNED32] = "Unsigned32",
		[DCM_SNMP_COUNTER32] = "Counter32",
		[DCM_SNMP_COUNTER64] = "Counter64",
		[DCM_SNMP_GAUGE64] = "Gauge64",
		[DCM_SNMP_INTEGER] = "Enumeration",
		[DCM_SNMP_TRUTH] = "TruthValue",
		[DCM_SNMP_STRING] = "DisplayString",
		[DCM_SNMP_DATETIME] = "DateAndTime",
		[DCM_SNMP_ROWPOINTER] = "RowPointer",
	};

	return names[type];
}

static void print_symbols(const struct dcm_metric *m)
{
	const char *separator = "";

	fputs("\"symbols\": {", stdout);
	for (uint32_t value = 0; value < DCM_FAMILY_STATES; value++) {
		const char *name = dcm_family_state(m, value);

		if (!name)
			continue;
		printf("%s\"%u\": \"%s\"", separator, value, name);
		separator = ", ";
	}
	fputs("}, ", stdout);
}

/* How it is found in Prometheus: "series", and "states" in place of a number. */
static void print_family(const struct dcm_table *table, const struct dcm_metric *m)
{
	struct dcm_family family;

	dcm_family_of(table, m, &family);
	if (family.type == DCM_FAMILY_COUNTER)
		strcat(family.name, "_total");
	print_key("series", family.type == DCM_FAMILY_NONE ? NULL : family.name);
	print_key("base_unit", family.unit);
	print_key("base_help", family.help);
	printf("\"states\": %s, \"label\": %s, \"charted\": %s, ",
	       family.type == DCM_FAMILY_STATESET ? "true" : "false", m->label ? "true" : "false",
	       m->collectd_type ? "true" : "false");
}

static void print_metric(const struct dcm_table *table, const struct dcm_metric *m)
{
	fputs("      {", stdout);
	print_key("name", m->name);
	print_key("object", m->mib_name);
	print_key("syntax", syntax_name(m->snmp_type));
	print_key("unit", m->unit);
	print_key("help", m->help);
	print_key("twin", m->mib_name64);
	print_symbols(m);
	print_family(table, m);
	printf("\"counter\": %s, \"arc\": %u, \"twin_arc\": %u, \"scale\": %.17g}",
	       m->kind == DCM_KIND_COUNTER ? "true" : "false", m->column, m->column64,
	       m->snmp_scale != 0 ? m->snmp_scale : 1);
}

static void print_table(const struct dcm_table *table)
{
	const char *separator = "";

	fputs("    {", stdout);
	print_key("name", table->name);
	print_key("object", table->mib_name);
	print_key("help", table->help);
	print_key("title", table->title);
	printf("\"array\": %s, \"polled\": %s, \"arc\": %u, \"metrics\": [\n",
	       table->array ? "true" : "false", table->unpolled ? "false" : "true", table->arc);
	for (size_t i = 0; i < table->count; i++) {
		if (!table->metrics[i].mib_name)
			continue;
		fputs(separator, stdout);
		print_metric(table, &table->metrics[i]);
		separator = ",\n";
	}
	fputs("]}", stdout);
}

static void print_level(const char *key, bool has, double value)
{
	if (has)
		printf("\"%s\": %.15g, ", key, value);
	else
		printf("\"%s\": null, ", key);
}

static void print_place(const char *key, const struct dcm_alarm_metric *metric)
{
	printf("\"%s\": ", key);
	if (metric->name)
		printf("[\"%s\", \"%s\"], ", dcm_table_find(metric->section)->name, metric->name);
	else
		fputs("null, ", stdout);
}

static void print_alarm(enum dcm_alarm_type type)
{
	const struct dcm_alarm_type_record *r = dcm_alarm_type_record(type);

	printf("    {\"number\": %d, ", type);
	print_key("name", r->name);
	print_key("unit", r->unit);
	print_key("value", r->value);
	print_key("why", r->why);
	print_key("notes", r->notes);
	print_place("metric", &r->metric);
	print_place("scalar", &r->scalar);
	print_level("warning", r->rule.has_warning, r->rule.warning);
	print_level("critical", r->rule.has_critical, r->rule.critical);
	print_level("extra", r->extra_key, r->rule.extra);
	print_key("extra_key", r->extra_key);
	printf("\"clear_ratio\": %.15g, \"raise_after\": %.15g, \"clear_after\": %.15g, "
	       "\"rule\": %s}",
	       r->rule.clear_ratio, r->rule.raise_after, r->rule.clear_after,
	       r->extract ? "true" : "false");
}

int main(void)
{
	printf("{\n  \"root\": \"%s\",\n  \"version\": \"%s\",\n  \"varbinds\": %d,\n  \"tables\": "
	       "[\n",
	       DCM_ROOT_OID, DCM_VERSION, DCM_ALARM_VARBINDS);
	for (size_t i = 0; i < dcm_table_count; i++) {
		fputs(i ? ",\n" : "", stdout);
		print_table(&dcm_tables[i]);
	}
	fputs("],\n  \"alarms\": [\n", stdout);
	for (int type = 1; type < DCM_ALARM_TYPE_END; type++) {
		fputs(type > 1 ? ",\n" : "", stdout);
		print_alarm((enum dcm_alarm_type)type);
	}
	fputs("]\n}\n", stdout);
	return 0;
}
