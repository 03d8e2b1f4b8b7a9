// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The container that a network namespace was last made for, by the control groups of the makers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/sampling/maker_containers.h"

#define ID_A "a123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_B "b123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD  "pod1d2c3b4a-0000-4000-8000-0123456789ab"

static char texts[][80] = {ID_A, "web-1", "nginx:1.25", "ctr-1", "web-2"};

/* What runs: web-1 of docker, and ctr-1 of containerd, as it is called by default. */
static struct dcm_space spaces[] = {
	{.pid = 1,
	 .contained = true,
	 .container = {.runtime = DCM_RUNTIME_DOCKER,
		       .id = texts[0],
		       .name = texts[1],
		       .image = texts[2]}},
	{.pid = 2,
	 .contained = true,
	 .container = {.runtime = DCM_RUNTIME_CONTAINERD, .id = texts[3], .name = texts[3]}},
};
static struct dcm_container_map *map;

static int set_up(void **state)
{
	const struct dcm_space *list[] = {&spaces[0], &spaces[1]};
	const struct dcm_spaces_found found = {.space = list, .count = 2};

	return dcm_container_map_create(&found, &map);
}

static int tear_down(void **state)
{
	dcm_container_map_destroy(map);
	return 0;
}

static struct dcm_walk_maker maker(const char *command, const char *parent, const char *group)
{
	struct dcm_walk_maker maker = {0};

	snprintf(maker.command, sizeof(maker.command), "%s", command);
	snprintf(maker.parent, sizeof(maker.parent), "%s", parent);
	snprintf(maker.group, sizeof(maker.group), "%s", group);
	return maker;
}

static void test_cases(void **state)
{
	static const struct {
		const char *command, *parent, *group;
		enum dcm_runtime told; /* by the group alone */
		bool known;
		enum dcm_runtime runtime;
		const char *id, *name;
	} cases[] = {
		{"runc:[1:CHILD]", "runc", "/docker/" ID_A, DCM_RUNTIME_DOCKER, true,
		 DCM_RUNTIME_DOCKER, ID_A, "web-1"},
		{"runc:[1:CHILD]", "runc", "/system.slice/docker-" ID_A ".scope",
		 DCM_RUNTIME_DOCKER, true, DCM_RUNTIME_DOCKER, ID_A, "web-1"},
		{"runc:[1:CHILD]", "runc", "/docker/" ID_B, DCM_RUNTIME_DOCKER, true,
		 DCM_RUNTIME_DOCKER, ID_B, ""},
		{"runc:[1:CHILD]", "runc", "/libpod_parent/libpod-" ID_B, DCM_RUNTIME_PODMAN, true,
		 DCM_RUNTIME_PODMAN, ID_B, ""},
		{"runc:[1:CHILD]", "runc", "/" POD "/" ID_A, DCM_RUNTIME_UNKNOWN, true,
		 DCM_RUNTIME_DOCKER, ID_A, "web-1"},
		{"runc:[1:CHILD]", "runc", "/" POD "/" ID_B, DCM_RUNTIME_UNKNOWN, true,
		 DCM_RUNTIME_UNKNOWN, ID_B, ""},
		{"runc:[1:CHILD]", "runc", "/default/ctr-1", DCM_RUNTIME_UNKNOWN, true,
		 DCM_RUNTIME_CONTAINERD, "ctr-1", "ctr-1"},
		{"runc:[1:CHILD]", "runc", "/default/ctr-2", DCM_RUNTIME_UNKNOWN, false, 0, "", ""},
		{"podman", "bash", "/user.slice/session-1.scope", DCM_RUNTIME_UNKNOWN, true,
		 DCM_RUNTIME_PODMAN, "", ""},
		{"containerd", "systemd", "/system.slice/containerd.service", DCM_RUNTIME_UNKNOWN,
		 true, DCM_RUNTIME_CONTAINERD, "", ""},
		{"exe", "dockerd", "/", DCM_RUNTIME_UNKNOWN, true, DCM_RUNTIME_DOCKER, "", ""},
		{"ip", "bash", "/init.scope", DCM_RUNTIME_UNKNOWN, false, 0, "", ""},
		{"ip", "bash", "", DCM_RUNTIME_UNKNOWN, false, 0, "", ""},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct dcm_walk_maker one =
			maker(cases[i].command, cases[i].parent, cases[i].group);
		struct dcm_maker_container latest = {0};
		const struct dcm_container *is = &latest.container;

		assert_int_equal(dcm_maker_runtime(&one), cases[i].told);
		dcm_maker_container_take(&latest, &one, 1, map);
		assert_int_equal(latest.known, cases[i].known);
		if (latest.known) {
			assert_int_equal(is->runtime, cases[i].runtime);
			assert_string_equal(is->id ? is->id : "", cases[i].id);
			assert_string_equal(is->name ? is->name : "", cases[i].name);
		}
		dcm_maker_container_deinit(&latest);
		assert_false(latest.known);
	}
}

/* The newest that tells anything counts; a name that is known later is added, one that has changed
 * replaces it, and one of a container that has ended stays. */
static void test_over_time(void **state)
{
	const struct dcm_walk_maker makers[] = {
		maker("runc:[1:CHILD]", "runc", "/docker/" ID_B),
		maker("runc:[1:CHILD]", "runc", "/docker/" ID_A),
		maker("ip", "bash", "/init.scope"),
	};
	struct dcm_maker_container latest = {0};

	dcm_maker_container_take(&latest, makers, 3, NULL);
	assert_string_equal(latest.container.id, ID_A);
	assert_null(latest.container.name);
	dcm_maker_container_take(&latest, NULL, 0, map);
	assert_string_equal(latest.container.name, "web-1");

	tear_down(state);
	spaces[0].container.name = texts[4];
	assert_int_equal(set_up(state), 0);
	dcm_maker_container_take(&latest, &makers[2], 1, map);
	assert_string_equal(latest.container.name, "web-2");

	tear_down(state);
	spaces[0].contained = false;
	assert_int_equal(set_up(state), 0);
	dcm_maker_container_take(&latest, NULL, 0, map);
	assert_string_equal(latest.container.name, "web-2");
	dcm_maker_container_take(&latest, makers, 1, map);
	assert_string_equal(latest.container.id, ID_B);
	assert_null(latest.container.name);
	dcm_maker_container_deinit(&latest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_over_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
