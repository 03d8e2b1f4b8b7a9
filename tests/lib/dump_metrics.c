// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints the metric table. "dump_metrics docs" gives docs/metrics.md; "dump_metrics mib" what the
 * MIB must hold, tab-separated: descriptor, OID below dcmObjects, syntax, access, unit, scale,
 * enumeration (name=number,...).
 */
#include <stdio.h>
#include <string.h>

#include "common/model/metrics/family.h"

#define FOR_EACH_METRIC(table, metric)                           \
	for (const struct dcm_metric *metric = (table)->metrics; \
	     metric < (table)->metrics + (table)->count; metric++)

static const char *syntax_name(const struct dcm_metric *m)
{
	static const char *const names[] = {
		[DCM_SNMP_NONE] = "Unsigned32",	      [DCM_SNMP_GAUGE32] = "Gauge32",
		[DCM_SNMP_UNSIGNED32] = "Unsigned32", [DCM_SNMP_COUNTER32] = "Counter32",
		[DCM_SNMP_COUNTER64] = "Counter64",   [DCM_SNMP_GAUGE64] = "Counter64",
		[DCM_SNMP_INTEGER] = "Enumeration",   [DCM_SNMP_TRUTH] = "TruthValue",
		[DCM_SNMP_STRING] = "DisplayString",  [DCM_SNMP_DATETIME] = "DateAndTime",
		[DCM_SNMP_ROWPOINTER] = "RowPointer",
	};

	/* an index that is an enumeration */
	if (m->snmp_type == DCM_SNMP_NONE && m->symbol)
		return "Enumeration";
	return names[m->snmp_type];
}

static double twin_scale_of(const struct dcm_metric *m)
{
	return m->snmp_scale != 0 ? m->snmp_scale : 1;
}

/* A text says the number itself. */
static double scale_of(const struct dcm_metric *m)
{
	return m->snmp_type == DCM_SNMP_STRING ? 1 : twin_scale_of(m);
}

/* ---- mib ---- */

static void print_symbols(const struct dcm_metric *m)
{
	const char *separator = "";

	for (uint32_t value = 0; value < DCM_FAMILY_STATES; value++) {
		const char *name = dcm_family_state(m, value);

		if (!name)
			continue;
		printf("%s%s=%u", separator, name, value);
		separator = ",";
	}
}

static void print_object(const struct dcm_table *table, const struct dcm_metric *m)
{
	const char *access = m->snmp_type == DCM_SNMP_NONE ? "noaccess" : "readonly";
	const char *row = table->array ? "1." : "";

	if (!m->mib_name)
		return;
	printf("%s\t%u.%s%u\t%s\t%s\t%s\t%.17g\t", m->mib_name, table->arc, row, m->column,
	       syntax_name(m), access, m->unit, scale_of(m));
	print_symbols(m);
	putchar('\n');
	if (m->column64)
		printf("%s\t%u.%s%u\tCounter64\t%s\t%s\t%.17g\t\n", m->mib_name64, table->arc, row,
		       m->column64, access, m->unit, twin_scale_of(m));
}

static void print_mib(void)
{
	for (size_t i = 0; i < dcm_table_count; i++) {
		const struct dcm_table *table = &dcm_tables[i];

		printf("%s\t%u\t%s\t\t\t1\t\n", table->mib_name, table->arc,
		       table->array ? "table" : "node");
		if (table->array)
			printf("%s\t%u.1\trow\t%s\t\t1\t\n", table->mib_entry_name, table->arc,
			       table->index->mib_name);
		FOR_EACH_METRIC(table, m)
		print_object(table, m);
		if (table->change_arc)
			printf("%s\t%u.%u\tTimeStamp\treadonly\t\t1\t\n", table->change_mib_name,
			       DCM_TABLE_CHANGES_ARC, table->change_arc);
	}
	printf("dcmTableChanges\t%u\tnode\t\t\t1\t\n", DCM_TABLE_CHANGES_ARC);
	for (unsigned arc = 2; arc < 2 + DCM_ALARM_VARBINDS; arc++)
		FOR_EACH_METRIC(dcm_table_find(DCM_SEC_ALARMS), m)
	if (m->column == arc)
		printf("%s\t%u\tvarbind\t\t\t1\t\n", m->mib_name, arc - 1);
}

/* ---- docs ---- */

static const char *type_name(const struct dcm_metric *m)
{
	if (m->symbol && m->kind == DCM_KIND_STATE)
		return "name";
	switch (m->type) {
	case DCM_T_BOOL:
		return "true or false";
	case DCM_T_STR:
	case DCM_T_DEVICE:
		return "text";
	case DCM_T_STRINGS:
		return "texts";
	case DCM_T_TIME_NS:
	case DCM_T_DOUBLE:
		return "number";
	default:
		return "integer";
	}
}

static void print_scale(double scale)
{
	if (scale < 1)
		printf(", ÷ %g", 1 / scale);
	else if (scale > 1)
		printf(", × %.0f", scale);
}

static void print_snmp(const struct dcm_metric *m)
{
	if (!m->mib_name)
		return;
	printf("`%s` (%u, %s", m->mib_name, m->column,
	       m->snmp_type == DCM_SNMP_NONE ? "index" : syntax_name(m));
	print_scale(scale_of(m));
	putchar(')');
	if (!m->column64)
		return;
	printf(", `%s` (%u", m->mib_name64, m->column64);
	print_scale(twin_scale_of(m));
	putchar(')');
}

static void print_series(const struct dcm_table *table, const struct dcm_metric *m)
{
	struct dcm_family family;

	if (table->unpolled)
		return;
	dcm_family_of(table, m, &family);
	if (family.type != DCM_FAMILY_NONE)
		printf("`%s%s`", family.name, family.type == DCM_FAMILY_COUNTER ? "_total" : "");
	else if (m->label)
		printf("label `%s`", m->name);
	else if (dcm_family_is_info(m))
		printf("label of `..._info`");
}

static void print_row(const struct dcm_table *table, const struct dcm_metric *m)
{
	if (m->json)
		printf("| `%s%s%s` | ", m->object ? m->object : "", m->object ? "." : "",
		       dcm_metric_key(m));
	else
		printf("|  | ");
	printf("%s | %s | %s | ", m->help, m->unit, type_name(m));
	print_snmp(m);
	printf(" | ");
	if (m->collectd_type)
		printf("`%s-%s`", m->collectd_type, m->collectd_type_instance);
	printf(" | ");
	print_series(table, m);
	printf(" |\n");
}

static void print_docs(void)
{
	puts("# Metrics\n\n"
	     "<!-- Generated by \"make generate\" from common/model/metrics/metrics.c: do not "
	     "edit. "
	     "-->\n\n"
	     "Every value that dcachemon exports. The JSON key is that of `dcachemon show --json`;"
	     " an absent\nvalue is `null` there and has no instance in SNMP. SNMP names the object"
	     " of DCACHEMON-MIB with its\ncolumn or arc, its syntax and what the value is"
	     " multiplied with; a second name is its twin in 64\nbits. collectd gives the stock"
	     " type and the type instance. Prometheus gives the series of `dcachemon show"
	     " --openmetrics` and\n`--prometheus`, in base units; a label is in all series of its"
	     " row, and texts that may change are in\n`..._info`.");
	for (size_t i = 0; i < dcm_table_count; i++) {
		const struct dcm_table *table = &dcm_tables[i];

		printf("\n## %s%s%s%s\n\n%s SNMP: `%s`, dcmObjects %u.\n\n",
		       table->json_parent ? table->json_parent : "", table->json_parent ? "." : "",
		       table->name, table->array ? "[]" : "", table->help, table->mib_name,
		       table->arc);
		puts("| JSON | meaning | unit | type | SNMP | collectd | Prometheus |\n"
		     "| --- | --- | --- | --- | --- | --- | --- |");
		FOR_EACH_METRIC(table, m)
		print_row(table, m);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "mib")) {
		print_mib();
	} else if (argc == 2 && !strcmp(argv[1], "docs")) {
		print_docs();
	} else {
		fprintf(stderr, "usage: dump_metrics mib|docs\n");
		return 2;
	}
	return 0;
}
