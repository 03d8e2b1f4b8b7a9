// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* "who" names the container of a control group, in its tables and in JSON. */
#include <json-c/json.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands/who.h"
#include "common/base/cleanup.h"

#define ID   "3f2a9c01b77e0000000000000000000000000000000000000000000000000001"
#define GONE "4f2a9c01b77e0000000000000000000000000000000000000000000000000002"

struct fixture {
	char root[32];
	struct who_containers *containers;
};

static int setup(void **state)
{
	static const char config[] = "{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx:1.25\"}}";
	struct dcm_config_containers folders = {.docker = {.count = 1, .path = {"/docker"}}};
	struct fixture *f = calloc(1, sizeof(*f));
	char path[256];
	FILE *file;

	strcpy(f->root, "/tmp/dcm-who-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	snprintf(path, sizeof(path), "mkdir -p %s/docker/containers/" ID " %s/proc", f->root,
		 f->root);
	assert_int_equal(system(path), 0);
	snprintf(path, sizeof(path), "%s/docker/containers/" ID "/config.v2.json", f->root);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(config, file);
	fclose(file);
	assert_int_equal(who_containers_create(f->root, &folders, &f->containers), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[64];

	who_containers_destroy(f->containers);
	snprintf(command, sizeof(command), "rm -r %s", f->root);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void test_find(void **state)
{
	struct fixture *f = *state;
	const struct dcm_container *found =
		who_containers_find(f->containers, "/system.slice/docker-" ID ".scope");

	assert_non_null(found);
	assert_string_equal(found->name, "web-1");
	assert_string_equal(found->image, "nginx:1.25");
	/* again, and by the other driver */
	assert_ptr_equal(who_containers_find(f->containers, "/system.slice/docker-" ID ".scope"),
			 found);
	assert_string_equal(who_containers_find(f->containers, "/docker/" ID)->name, "web-1");
	found = who_containers_find(f->containers, "/docker/" GONE);
	assert_string_equal(found->id, GONE);
	assert_null(found->name);
	assert_null(who_containers_find(f->containers, "/docker/#"));
	assert_null(who_containers_find(f->containers, "/user.slice/user-0.slice"));
	assert_null(who_containers_find(f->containers, "/default/web"));
	assert_null(who_containers_find(f->containers, ""));
	assert_null(who_containers_find(f->containers, NULL));
	assert_null(who_containers_find(NULL, "/docker/" ID));
}

/* What @print writes to standard output. */
static char *printed_by(int (*print)(const struct who_report *), const struct who_report *report)
{
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);
	char *text = calloc(1, 65536);

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	assert_int_equal(print(report), 0);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

static void report_on(struct fixture *f, bool contained, char *(*print)(const struct who_report *),
		      char **ret)
{
	const struct dcm_who_row process = {
		.pid = 7,
		.key = (char[]){"curl"},
		.cgroup = {.text = contained ? (char[]){"/docker/" ID} : (char[]){"/user.slice"}}};
	const struct dcm_who_row cgroup = {.key = contained ? (char[]){"/docker/" GONE}
							    : (char[]){"/user.slice"}};
	const struct dcm_who_row directory = {.key = (char[]){"/etc"}};
	const struct dcm_who_makers_row maker = {.command = (char[]){"runc"},
						 .parent = (char[]){""},
						 .cgroup = contained ? (char[]){"/docker/" ID}
								     : (char[]){""}};
	const struct dcm_who_row *rows[] = {&process, &cgroup, &directory};
	const struct dcm_who_makers_row *makers[] = {&maker};
	const struct who_report report = {
		.totals = {.elapsed_seconds = 1},
		.rows = {&rows[0], &rows[1], &rows[2]},
		.count = {1, 1, 1},
		.makers = makers,
		.maker_count = 1,
		.namespaces = 1,
		.top = 10,
		.containers = f->containers,
	};

	*ret = print(&report);
}

static char *as_text(const struct who_report *report)
{
	return printed_by(who_print, report);
}

static char *as_json(const struct who_report *report)
{
	return printed_by(who_print_json, report);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		count++;
	}
	return count;
}

static void test_tables(void **state)
{
	_cleanup_free_ char *with = NULL, *without = NULL;

	report_on(*state, true, as_text, &with);
	assert_int_equal(count_of(with, "CONTAINER"), 3); /* not of directories */
	assert_int_equal(count_of(with, "web-1 (docker 3f2a9c01b77e)"), 2);
	assert_int_equal(count_of(with, "docker 4f2a9c01b77e"), 1);
	/* no column for what no row has */
	report_on(*state, false, as_text, &without);
	assert_int_equal(count_of(without, "CONTAINER"), 0);
}

static const char *text_in(json_object *document, const char *array, const char *key)
{
	json_object *row = json_object_array_get_idx(json_object_object_get(document, array), 0);
	json_object *container;

	assert_true(json_object_object_get_ex(row, "container", &container));
	return json_object_get_string(json_object_object_get(container, key));
}

static void test_json(void **state)
{
	_cleanup_free_ char *with = NULL, *without = NULL;
	json_object *document;

	report_on(*state, true, as_json, &with);
	document = json_tokener_parse(with);
	assert_string_equal(text_in(document, "processes", "name"), "web-1");
	assert_string_equal(text_in(document, "processes", "image"), "nginx:1.25");
	assert_string_equal(text_in(document, "cgroups", "id"), "4f2a9c01b77e");
	assert_string_equal(text_in(document, "namespace_makers", "name"), "web-1");
	json_object_put(document);
	report_on(*state, false, as_json, &without);
	assert_int_equal(count_of(without, "\"container\":null"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tables, setup, teardown),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
