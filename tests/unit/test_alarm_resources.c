// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an alarm is about: rows that move or leave a list, targets, notes and containers. */
#include "tests/unit/alarm_scene.h"

#include "common/base/cleanup.h"

static void assert_raised(struct scene *s, const char *text)
{
	assert_int_equal(scene_run(s, 32), 1);
	assert_string_equal(scene_last(s)->text, text);
	assert_safe(text);
}

/* An estimate carries its interval, the hint and, when it is near, the end of a reference count. */
static void directory_notes(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_directory *d;

	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	d = scene_directory(s, "/srv/cache", 12000000, 30000);
	DCM_SET(d, hint, scene_str(s, "temporary names; $(use) O_TMPFILE"));
	assert_raised(s, "directory /srv/cache has 12000000 cached children, at or above 10000000, "
			 "between 11970000 and 12030000: temporary names_ __use_ O_TMPFILE");
	d->children = 1100000000;
	d->children_error = 0;
	d->hint = 0;
	assert_raised(s, "directory /srv/cache has 1100000000 cached children, at or above "
			 "100000000, its reference count overflows at 2147483648");
	d->children = 100;
	assert_int_equal(scene_run(s, 122), 1);
	assert_string_equal(scene_last(s)->text,
			    "directory /srv/cache has 100 cached children, below 8000000");
}

/* Of 32 directories that all have more, the list says nothing about another one. */
static void directory_off_the_list(void **state)
{
	struct scene *s = *state;
	char path[16];

	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	scene_directory(s, "/first", 12000000, 0);
	assert_int_equal(scene_run(s, 32), 1);
	s->directory_count = 0;
	for (int i = 0; i < 32; i++) {
		snprintf(path, sizeof(path), "/%d", i);
		scene_directory(s, path, 9000000, 0);
	}
	assert_int_equal(scene_run(s, 200), 0);
	s->directories[31].children = 100;
	assert_int_equal(scene_run(s, 122), 1);
	assert_string_equal(scene_last(s)->text,
			    "directory /first is no longer among the largest directories");
}

/* A namespace holds what has left the host's table of mounts: no name any more, the same rule. */
static void rule_follows_the_superblock(void **state)
{
	struct scene *s = scene_create();
	struct dcm_snap_superblock *held, *fresh;
	struct dcm_reason reason;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	dcm_alarm_config_set(&s->config, 1, "alarm superblock_unused /m", "warning", "1000",
			     &reason);
	dcm_alarm_config_set(&s->config, 2, "alarm superblock_unused /m", "critical", "10000",
			     &reason);
	scene_start(s);
	held = scene_superblock(s, 7, "/m", 20000);
	scene_superblock(s, 8, "/calm", 20000);
	assert_int_equal(scene_run(s, 31), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	held->mountpoint = 0;
	assert_int_equal(scene_run(s, 1000), 0);
	/* another one takes the name: the rule holds for both */
	fresh = scene_superblock(s, 9, "/m", 1500);
	assert_int_equal(scene_run(s, 31), 1);
	assert_int_equal(scene_last(s)->resource_index, 9);
	fresh->unused = held->unused = 10;
	assert_int_equal(scene_run(s, 1000), 2);
	assert_string_equal(scene_last(s)->text,
			    "superblock /m holds 10 unused entries, below 800");
	/* seen calm under its name, grown without one */
	held->unused = 1000;
	assert_int_equal(scene_run(s, 31), 1);
	assert_string_equal(scene_last(s)->resource, "overlay 0:47");
	scene_destroy(s);
}

static void contain(struct scene *s, struct dcm_snap_superblock *sb, const char *name)
{
	DCM_SET(sb, container.runtime, scene_str(s, "docker"));
	DCM_SET(sb, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(sb, container.name, scene_str(s, name));
}

/* Whose it is stands in the text; the resource stays what it is, for a name may change. */
static void container_notes(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_directory *d;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	contain(s, scene_superblock(s, 7, "/d/merged", 20000000), "web-1;$(id)");
	assert_raised(s, "superblock /d/merged holds 20000000 unused entries, at or above "
			 "10000000, container web-1___id_, docker 3f2a9c01b77e");
	assert_string_equal(scene_last(s)->resource, "/d/merged");
	scene_only(s, DCM_ALARM_DIRECTORY_CHILDREN);
	scene_start(s);
	d = scene_directory(s, "/d/merged/cache", 12000000, 0);
	DCM_SET(d, container.runtime, scene_str(s, "containerd"));
	DCM_SET(d, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(d, container.pod, scene_str(s, "cart"));
	DCM_SET(d, container.namespace, scene_str(s, "shop"));
	assert_raised(s, "directory /d/merged/cache has 12000000 cached children, at or above "
			 "10000000, container shop/cart, containerd 3f2a9c01b77e");
}

/* Targets that are patterns, or names of containers; a name itself comes before patterns. */
static void patterns(void **state)
{
	static const struct {
		const char *mountpoint, *container;
		uint64_t unused; /* raises a warning; one less does not */
	} cases[] = {
		{"/var/lib/docker/overlay2/0a1b/merged", NULL, 1000},
		{"/var/lib/docker/overlay2/0a1b/x/merged", NULL, 10000000},
		{"/var/lib/docker/overlay2/special/merged", NULL, 2000},
		{"", "web-1", 3000},
		{"", "web-special", 4000},
		{"", "db-1", 10000000},
		{"/var/lib/docker/overlay2/0a1c/merged", "web-1", 1000},
	};
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_rule(s, "alarm superblock_unused /var/lib/docker/overlay2/*/merged", "warning",
		   "1000");
	scene_rule(s, "alarm superblock_unused /var/lib/docker/overlay2/special/merged", "warning",
		   "2000");
	scene_rule(s, "alarm superblock_unused container:web-*", "warning", "3000");
	scene_rule(s, "alarm superblock_unused container:web-special", "warning", "4000");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_snap_superblock *sb;

		scene_start(s);
		s->superblock_count = 0;
		sb = scene_superblock(s, (uint32_t)i + 1, cases[i].mountpoint, cases[i].unused - 1);
		if (cases[i].container)
			contain(s, sb, cases[i].container);
		assert_int_equal(scene_run(s, 100), 0);
		sb->unused = cases[i].unused;
		assert_int_equal(scene_run(s, 32), 1);
		assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	}
}

/* Only the longest 32 chains are listed: one that fell off a list of long ones is unknown. */
static void chain_off_the_list_holds(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 500, "/proc/sys/net", "core", 1200);
	assert_int_equal(scene_run(s, 11), 1);
	s->chain_count = 0;
	for (unsigned i = 0; i < 32; i++)
		scene_chain(s, 1000 + i, "/x", "y", 900);
	assert_int_equal(scene_run(s, 500), 0);
	s->chains[31].length = 3;
	assert_int_equal(scene_run(s, 61), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
	assert_string_equal(scene_last(s)->text, "hash chain of /proc/sys/net/core is no longer "
						 "among the longest chains");
}

/* The rank of a chain moves, its alarm doesn't; the row pointer follows. */
static void chain_keeps_its_alarm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	scene_chain(s, 1, "/proc/sys/net", "ipv6", 1300);
	scene_chain(s, 2, "/proc/sys/net", "core", 1200);
	assert_int_equal(scene_run(s, 11), 2);
	s->chain_count = 0;
	scene_chain(s, 2, "/proc/sys/net", "core", 6000);
	scene_chain(s, 1, "/proc/sys/net", "ipv6", 1100);
	assert_int_equal(scene_run(s, 11), 1);
	assert_string_equal(scene_last(s)->resource, "/proc/sys/net/core");
	assert_int_equal(scene_last(s)->resource_index, 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_int_equal(scene_last(s)->index, 2);
}

/* A chain in a container's own directory; the host's /proc is nobody's. */
static void chain_names_the_container(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_chain *chain;

	scene_only(s, DCM_ALARM_CHAIN_LENGTH);
	scene_start(s);
	chain = scene_chain(s, 7, "/var/lib/x/merged/cache", "entry", 1500);
	DCM_SET(chain, container.runtime, scene_str(s, "docker"));
	DCM_SET(chain, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(chain, container.name, scene_str(s, "web-1"));
	assert_int_equal(scene_run(s, 60), 1);
	assert_string_equal(
		scene_last(s)->text,
		"hash chain of /var/lib/x/merged/cache/entry has 1500 entries, at or above "
		"1000, container web-1, docker 3f2a9c01b77e");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_follows_the_superblock),
		cmocka_unit_test_setup_teardown(directory_notes, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(container_notes, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(patterns, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(directory_off_the_list, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(chain_off_the_list_holds, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(chain_keeps_its_alarm, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(chain_names_the_container, scene_setup,
						scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
