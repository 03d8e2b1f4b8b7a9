// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints what the interface tables would say of one namespace, in the form of
 * "snmpwalk -On -Ox -Ot -Oe", straight from the sampler and without a master agent.
 * Usage: if_mib_dump [-r ROOT] NAMESPACE OBJECT...     (OBJECT: ifTable, ifXTable, ...; NAMESPACE:
 * "" the own or a path; ROOT/proc instead of /proc: links still come from the kernel)
 *        if_mib_dump -c       lines of "OBJECT ROOT", below each "OBJECT NUMBER COLUMN TYPE"
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/interfaces/if_snapshot.h"
#include "snmp-tables/if_mib.h"

static struct dcm_snapshot *sample(const char *root, const char *name)
{
	struct dcm_if_sampler_options options;
	struct dcm_snapshot_builder *builder;
	struct dcm_if_sampler *sampler;
	struct dcm_snapshot *snapshot;
	struct dcm_reason reason = {""};
	struct dcm_if_round *views;
	bool pending;

	dcm_if_sampler_defaults(&options);
	options.root = root;
	if (dcm_if_sampler_create(&options, &reason, &sampler) ||
	    dcm_netns_set_choose(dcm_if_sampler_namespaces(sampler), &name, *name ? 1 : 0)) {
		fprintf(stderr, "cannot sample: %s\n", reason.text);
		exit(1);
	}
	dcm_if_sampler_refresh(sampler);
	if (dcm_if_sampler_want(sampler, name, UINT64_MAX) ||
	    dcm_snapshot_builder_create(&builder)) {
		fprintf(stderr, "cannot sample \"%s\"\n", name);
		exit(1);
	}
	do
		dcm_if_sampler_run(sampler, dcm_now_ns(), &pending);
	while (pending);
	if (dcm_if_round_copy(sampler, 0, &views))
		exit(1);
	dcm_if_snapshot(views, builder, 0, 65536);
	dcm_if_round_destroy(views);
	if (dcm_snapshot_builder_finish(builder, 0, dcm_now_ns(), &snapshot))
		exit(1);
	dcm_snapshot_builder_destroy(builder);
	dcm_if_sampler_destroy(sampler);
	if (dcm_snapshot_validate(snapshot->header, snapshot->size, &reason)) {
		fprintf(stderr, "%s\n", reason.text);
		exit(1);
	}
	return snapshot;
}

static void print_octets(const struct dcm_mib_value *value)
{
	if (!value->len) {
		printf("\"\"\n");
		return;
	}
	printf("Hex-STRING: ");
	for (size_t i = 0; i < value->len; i++)
		printf("%02X ", (unsigned char)value->octets[i]);
	printf("\n");
}

static void print_value(const struct dcm_mib_value *value)
{
	static const char *const types[] = {
		[DCM_MIB_GAUGE32] = "Gauge32: ",
		[DCM_MIB_COUNTER32] = "Counter32: ",
		[DCM_MIB_COUNTER64] = "Counter64: ",
		[DCM_MIB_INTEGER] = "INTEGER: ",
		[DCM_MIB_TIMETICKS] = "",
	};

	if (value->type == DCM_MIB_OCTETS)
		print_octets(value);
	else if (value->type == DCM_MIB_OBJECT_ID)
		printf("OID: .0.0\n");
	else
		printf("%s%" PRIu64 "\n", types[value->type], value->number);
}

static void walk(const struct dcm_if_mib_view *view, enum dcm_if_mib_object object)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];
	struct dcm_mib_instance at = {.name_len = 0};

	while (!dcm_if_mib_next(view, object, (struct dcm_mib_name){at.name, at.name_len}, false,
				&at)) {
		for (size_t i = 0; i < definition->root_len; i++)
			printf(".%lu", definition->root[i]);
		for (size_t i = 0; i < at.name_len; i++)
			printf(".%lu", at.name[i]);
		printf(" = ");
		print_value(&at.value);
	}
}

static void print_columns(const struct dcm_if_mib_definition *definition)
{
	static const char *const types[] = {
		[DCM_MIB_GAUGE32] = "Gauge32",
		[DCM_MIB_COUNTER32] = "Counter32",
		[DCM_MIB_COUNTER64] = "Counter64",
		[DCM_MIB_INTEGER] = "INTEGER",
		[DCM_MIB_TIMETICKS] = "TimeTicks",
		[DCM_MIB_OCTETS] = "OCTET-STRING",
		[DCM_MIB_OBJECT_ID] = "OBJECT-IDENTIFIER",
	};

	printf("%s ", definition->name);
	for (size_t i = 0; i < definition->root_len; i++)
		printf("%s%lu", i ? "." : "", definition->root[i]);
	printf("\n");
	for (size_t i = 0; i < definition->column_count; i++) {
		const struct dcm_if_column *column = &definition->columns[i];

		printf("%s %u %s %s\n", definition->name, column->number, column->name,
		       types[column->type]);
	}
}

int main(int argc, char **argv)
{
	const struct dcm_mib_uptime uptime = {dcm_now_ns(), 100};
	struct dcm_if_mib_view view;
	struct dcm_snapshot *snapshot;
	const char *root = "";

	if (argc == 2 && !strcmp(argv[1], "-c")) {
		for (unsigned object = 0; object < DCM_IF_MIB_COUNT; object++)
			print_columns(&dcm_if_mib_definitions[object]);
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "-r")) {
		root = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 3)
		return 2;
	snapshot = sample(root, argv[1]);
	if (dcm_if_mib_view_init(snapshot, argv[1], uptime, &view))
		return 1;
	for (int i = 2; i < argc; i++)
		for (unsigned object = 0; object < DCM_IF_MIB_COUNT; object++)
			if (!strcmp(dcm_if_mib_definitions[object].name, argv[i]))
				walk(&view, object);
	dcm_snapshot_destroy(snapshot);
	return 0;
}
