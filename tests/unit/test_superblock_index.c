// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/sampling/superblock_index.h"

static struct dcm_superblock_index *table;

static int set_up(void **state)
{
	return dcm_superblock_index_create(&table);
}

static int tear_down(void **state)
{
	dcm_superblock_index_destroy(table);
	return 0;
}

static struct dcm_walk_superblock make(uint64_t address)
{
	return (struct dcm_walk_superblock){.address = address,
					    .root_dentry = address + 1,
					    .fingerprint = address + 2,
					    .bdi_id = 3,
					    .oldest_mount = 10,
					    .newest_mount = 12,
					    .dev_major = 0,
					    .dev_minor = (uint32_t)address,
					    .fstype = "overlay"};
}

static void update(const struct dcm_walk_superblock *sample, size_t count, uint64_t now)
{
	assert_int_equal(dcm_superblock_index_update(table, sample, count, now), 0);
	assert_int_equal(dcm_superblock_index_count(table), count);
}

static uint32_t index_at(uint64_t address)
{
	const struct dcm_superblock *superblock = dcm_superblock_index_find(table, address);

	return superblock ? superblock->index : 0;
}

static void test_first_indexes(void **state)
{
	struct dcm_walk_superblock sample[] = {make(500), make(100), make(900)};

	update(sample, 3, 7);
	assert_int_equal(index_at(500), 1);
	assert_int_equal(index_at(100), 2);
	assert_int_equal(index_at(900), 3);
	assert_int_equal(dcm_superblock_index_find(table, 900)->since_ns, 7);
	assert_null(dcm_superblock_index_find(table, 901));
	assert_null(dcm_superblock_index_at(table, 3));
}

/* Others come and go, the order of the circle changes: the index stays, and none comes back. */
static void test_stable_and_never_reused(void **state)
{
	struct dcm_walk_superblock sample[3] = {make(1000), make(2000), make(3000)};
	uint32_t seen = 3;

	update(sample, 3, 1);
	for (uint64_t i = 0; i < 200; i++) {
		struct dcm_walk_superblock next[2] = {make(5000 + i), make(2000)};

		update(next, 2, 2 + i);
		assert_int_equal(index_at(2000), 2);
		assert_int_equal(index_at(5000 + i), ++seen);
		assert_int_equal(dcm_superblock_index_at(table, 0)->index, 2);
		assert_int_equal(dcm_superblock_index_at(table, 1)->index, seen);
	}
	update(sample, 3, 900);
	assert_int_equal(index_at(1000), ++seen);
	assert_int_equal(index_at(2000), 2);
	assert_int_equal(index_at(3000), ++seen);
}

static void test_missed_once(void **state)
{
	struct dcm_walk_superblock sample[] = {make(1), make(2)};

	update(sample, 2, 1);
	update(sample, 1, 2);
	assert_int_equal(index_at(2), 0);
	update(sample, 2, 3);
	assert_int_equal(index_at(2), 2);
	update(sample, 1, 4);
	update(sample, 1, 5);
	update(sample, 2, 6);
	assert_int_equal(index_at(2), 3);
	assert_int_equal(dcm_superblock_index_find(table, 2)->since_ns, 6);
}

enum {
	DEV,
	ROOT_DENTRY,
	FINGERPRINT,
	BDI,
	FSTYPE,
	YOUNGER_MOUNTS,
	SAME,
	GROWN,
	OLD_KERNEL,
	MOUNTS
};

static const struct {
	const char *name;
	int change;
	bool same;
} identities[] = {
	{"nothing changed", SAME, true},
	{"more unused, other id", GROWN, true},
	{"a mount went, another came, one stayed", MOUNTS, true},
	{"mount numbers are unknown", OLD_KERNEL, true},
	{"another device", DEV, false},
	{"another root dentry", ROOT_DENTRY, false},
	{"another fingerprint", FINGERPRINT, false},
	{"another backing device", BDI, false},
	{"another filesystem type", FSTYPE, false},
	{"every mount is younger than the last sample", YOUNGER_MOUNTS, false},
};

static void change(struct dcm_walk_superblock *walk, int what)
{
	walk->dev_minor += what == DEV;
	walk->root_dentry += what == ROOT_DENTRY;
	walk->fingerprint += what == FINGERPRINT;
	walk->bdi_id += what == BDI;
	if (what == FSTYPE)
		strcpy(walk->fstype, "ext4");
	if (what == YOUNGER_MOUNTS)
		walk->oldest_mount = walk->newest_mount = 13;
	if (what == MOUNTS)
		walk->oldest_mount = 12, walk->newest_mount = 40;
	if (what == OLD_KERNEL)
		walk->oldest_mount = walk->newest_mount = 0;
	if (what == GROWN)
		walk->unused = 1000;
}

static void test_identity(void **state)
{
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct dcm_walk_superblock walk = make(100000 + i * 10);
		uint32_t before;

		update(&walk, 1, 1);
		before = index_at(walk.address);
		change(&walk, identities[i].change);
		update(&walk, 1, 2);
		if ((index_at(walk.address) == before) != identities[i].same)
			fail_msg("%s: %u became %u", identities[i].name, before,
				 index_at(walk.address));
		assert_int_equal(dcm_superblock_index_find(table, walk.address)->walk.unused,
				 walk.unused);
	}
}

static void test_empty(void **state)
{
	update(NULL, 0, 1);
	update(NULL, 0, 2);
}

static void test_many(void **state)
{
	const size_t count = 20000;
	struct dcm_walk_superblock *sample = calloc(count, sizeof(*sample));

	assert_non_null(sample);
	for (size_t i = 0; i < count; i++)
		sample[i] = make(0xffff888000000000ULL + i * 2048);
	update(sample, count, 1);
	update(sample, count, 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(dcm_superblock_index_at(table, i)->index, i + 1);
	free(sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_indexes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stable_and_never_reused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missed_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_identity, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
