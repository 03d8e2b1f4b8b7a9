// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* "show --explain": who owns the namespaces of a chain, in words and in JSON. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "cli/commands/show_tables.h"
#include "common/base/cleanup.h"

#define ZEROS "0000000000000" /* 13 of 52 */
#define ID    "3f2a9c01b77e" ZEROS ZEROS ZEROS ZEROS

static char text_of[][128] = {"pause:3.9", "shop", "cart-5d9", "nginx", "/kubepods/#"};

/* Seventy containers of one image, one that has all names, a runtime's mounts, a process. */
static struct dcm_netns_member many[70],
	alone[] = {
		{.namespaces = 2,
		 .pid = 77,
		 .container = {DCM_RUNTIME_CONTAINERD, ID, text_of[3], text_of[0], text_of[2],
			       text_of[1]}},
};
static struct dcm_netns_owner owners[] = {
	{.hold = DCM_NETNS_INSIDE,
	 .namespaces = 70,
	 .pid = 942,
	 .command = "pause",
	 .cgroup = "/docker/#",
	 .cgroups = 70,
	 .member = many,
	 .members = 70,
	 .container = {.runtime = DCM_RUNTIME_DOCKER, .image = text_of[0]}},
	{.hold = DCM_NETNS_MOUNTED,
	 .namespaces = 5,
	 .command = "/run/docker/netns",
	 .cgroup = "",
	 .cgroups = 1,
	 .container = {.runtime = DCM_RUNTIME_DOCKER}},
	{.hold = DCM_NETNS_HELD,
	 .namespaces = 3,
	 .pid = 5,
	 .command = "plant\x1b[2J",
	 .cgroup = "/",
	 .cgroups = 1},
	{.hold = DCM_NETNS_INSIDE,
	 .namespaces = 2,
	 .pid = 77,
	 .command = "nginx",
	 .cgroup = text_of[4],
	 .cgroups = 1,
	 .member = alone,
	 .members = 1,
	 .container = {DCM_RUNTIME_CONTAINERD, ID, text_of[3], text_of[0], text_of[2], text_of[1]}},
};
static const struct explain explain = {{owners, DCM_ARRAY_SIZE(owners), 80}};

static struct dcm_snapshot *snapshot(void)
{
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *made = NULL;
	struct dcm_snap_chain *row;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);
	DCM_SET(row, rank, 1);
	DCM_SET(row, length, 80);
	DCM_SET(row, same_name, 80);
	DCM_SET(row, negative, 0);
	DCM_SET(row, unused, 0);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, "proc"));
	DCM_SET(row, parent, dcm_snapshot_builder_text(builder, "/proc/sys/net"));
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, "ipv6"));
	row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);
	DCM_SET(row, rank, 2);
	DCM_SET(row, length, 60);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, "overlay"));
	DCM_SET(row, parent, dcm_snapshot_builder_text(builder, "/merged"));
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, "x"));
	DCM_SET(row, container.runtime, dcm_snapshot_builder_text(builder, "docker"));
	DCM_SET(row, container.id, dcm_snapshot_builder_text(builder, "3f2a9c01b77e"));
	DCM_SET(row, container.name, dcm_snapshot_builder_text(builder, "web-9"));
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &made), 0);
	dcm_snapshot_builder_destroy(builder);
	return made;
}

static int set_up(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	for (int i = 0; i < 70; i++) {
		char name[32], id[65];

		snprintf(name, sizeof(name), "web-%d", i + 1);
		snprintf(id, sizeof(id), "%064x", i);
		many[i] = (struct dcm_netns_member){
			.namespaces = 1,
			.pid = 942 + i,
			.container = {.runtime = DCM_RUNTIME_DOCKER,
				      .id = strdup(id),
				      .name = i == 1 ? NULL : strdup(name),
				      .image = text_of[0]},
		};
	}
	return 0;
}

static int tear_down(void **state)
{
	for (int i = 0; i < 70; i++) {
		free(many[i].container.id);
		free(many[i].container.name);
	}
	return 0;
}

static void test_words(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *made = snapshot();
	_cleanup_free_ char *printed = NULL;
	static const char *const lines[] = {
		"    70 of docker containers, image pause:3.9: web-1, 000000000000, web-3 and 67 "
		"more "
		"('pause', PID 942 and others), which live in them\n",
		"    in container web-9 (docker 3f2a9c01b77e)\n",
		"    5 of '/run/docker/netns', mounted there by docker\n",
		"    3 of 'plant\\x1b[2J' (PID 5, cgroup /), which holds them open\n",
		"    2 of container shop/cart-5d9/nginx (containerd 3f2a9c01b77e), image pause:3.9 "
		"('nginx', PID 77), which lives in them\n",
		"  To do: find out what makes them ('dcachemon who') and stop it; ",
	};
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	explain_print(&explain, made, out);
	fclose(out);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++)
		if (!strstr(printed, lines[i]))
			fail_msg("\"%s\" is missing in:\n%s", lines[i], printed);
	assert_null(strstr(printed, "others\n")); /* no more owners than are listed */
}

/* The member @path, names and numbers with dots between them. */
static const char *at(struct json_object *json, const char *path)
{
	char copy[128], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save))
		json = json_object_is_type(json, json_type_array)
			       ? json_object_array_get_idx(json, (size_t)atoi(part))
			       : json_object_object_get(json, part);
	return json ? json_object_get_string(json) : "null";
}

static void test_json(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *made = snapshot();
	_cleanup_free_ char *printed = NULL;
	static const struct {
		const char *path, *value;
	} cases[] = {
		{"namespaces", "80"},
		{"owners.0.containers", "70"},
		{"owners.0.container.runtime", "docker"},
		{"owners.0.container.image", "pause:3.9"},
		{"owners.0.container.id", "null"},
		{"owners.0.members.1.container.id", "000000000000"},
		{"owners.0.members.1.container.name", "null"},
		{"owners.0.members.63.container.name", "web-64"},
		{"owners.0.members.63.pid", "1005"},
		{"owners.0.members.63.namespaces", "1"},
		{"owners.0.members.64", "null"},
		{"owners.1.container.runtime", "docker"},
		{"owners.1.containers", "0"},
		{"owners.2.container", "null"},
		{"owners.3.container.id", "3f2a9c01b77e"},
		{"owners.3.container.name", "nginx"},
		{"owners.3.container.pod", "cart-5d9"},
		{"owners.3.container.namespace", "shop"},
		{"owners.3.members.0.container.namespace", "shop"},
	};
	struct json_object *document, *chain;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_int_equal(json_explained(made, &explain, out), 0);
	fclose(out);
	document = json_tokener_parse(printed);
	chain = json_object_array_get_idx(json_object_object_get(document, "chains"), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const char *is = at(json_object_object_get(chain, "explain"), cases[i].path);

		if (strcmp(is, cases[i].value) != 0)
			fail_msg("%s is %s in %s", cases[i].path, is, printed);
	}
	json_object_put(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
