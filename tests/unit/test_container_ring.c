// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Containers that got network namespaces of late: more than the last is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/units.h"
#include "common/sampling/container_ring.h"

#define START (1000 * DCM_NSEC_PER_SEC)

static struct dcm_container_ring ring;
static struct dcm_container_map *map;

static int set_up(void **state)
{
	const struct dcm_spaces_found nobody = {0};

	return dcm_container_map_create(&nobody, &map);
}

static int tear_down(void **state)
{
	dcm_container_map_destroy(map);
	dcm_container_ring_deinit(&ring);
	assert_int_equal(ring.count, 0);
	return 0;
}

/* Docker's container number @i makes a namespace. */
static void make(unsigned i, uint64_t now_ns)
{
	struct dcm_walk_maker maker = {.command = "runc:[1:CHILD]", .parent = "runc"};

	snprintf(maker.group, sizeof(maker.group), "/docker/%064x", i);
	dcm_container_ring_take(&ring, now_ns, &maker, 1, map);
}

/* Its runtime tells its name. */
static void name(unsigned i, const char *text)
{
	struct dcm_container container = {.runtime = DCM_RUNTIME_DOCKER};
	char id[65];

	snprintf(id, sizeof(id), "%064x", i);
	container.id = strdup(id);
	container.name = strdup(text);
	dcm_container_map_add_ended(map, &container);
}

static void assert_text(const char *expected)
{
	char text[512];

	assert_int_equal(dcm_container_ring_text(&ring, text, sizeof(text)), *expected != '\0');
	assert_string_equal(text, expected);
}

static void test_text(void **state)
{
	struct dcm_container_key unnamed[DCM_CONTAINER_RING];

	assert_text("");
	make(1, START);
	make(1, START);
	assert_text(""); /* one is told elsewhere */
	make(2, START + 1);
	assert_text("000000000000 and 000000000000");
	assert_int_equal(dcm_container_ring_unnamed(&ring, unnamed), 2);
	name(1, "web-1");
	name(2, "web-2");
	dcm_container_ring_take(&ring, START + 2, NULL, 0, map);
	assert_text("web-2 and web-1");
	assert_int_equal(dcm_container_ring_unnamed(&ring, unnamed), 0);
	/* the one seen last comes first, one with a name before those */
	make(1, START + 3);
	assert_text("web-1 and web-2");
	for (unsigned i = 3; i <= 8; i++)
		make(i, START + 4);
	assert_text("web-1, web-2 and 6 more");
	assert_int_equal(dcm_container_ring_unnamed(&ring, unnamed), 6);
}

/* Its runtime has nothing of it any more: the name that was known stays. */
static void test_gone(void **state)
{
	make(1, START);
	make(2, START);
	name(1, "web-1");
	dcm_container_ring_take(&ring, START, NULL, 0, map);
	dcm_container_map_destroy(map);
	assert_int_equal(set_up(NULL), 0);
	make(1, START);
	assert_text("web-1 and 000000000000");
}

static void test_bounds(void **state)
{
	struct dcm_walk_maker other = {.command = "ip", .parent = "bash", .group = "/init.scope"};
	char text[16];

	for (unsigned i = 0; i < 3 * DCM_CONTAINER_RING; i++)
		make(i, START + i);
	assert_int_equal(ring.count, DCM_CONTAINER_RING);
	assert_text("000000000000, 000000000000 and 62 more");
	dcm_container_ring_take(&ring, START, &other, 1, map); /* nobody's */
	assert_int_equal(ring.count, DCM_CONTAINER_RING);
	for (size_t size = 1; size <= sizeof(text); size++) {
		dcm_container_ring_text(&ring, text, size);
		assert_true(strlen(text) < size);
	}
	dcm_container_ring_take(&ring, START + 121 * DCM_NSEC_PER_SEC, NULL, 0, map);
	assert_int_equal(ring.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_text), TEST(test_gone), TEST(test_bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
