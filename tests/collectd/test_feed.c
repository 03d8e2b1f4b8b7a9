// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Old values are not shown; options select superblocks and mistakes leave the default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sched.h>
#include <time.h>

#include <cmocka.h>

#include "collectd-plugin/feed_private.h"
#include "collectd-plugin/series_select.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "tests/collectd/scene.h"
#include "tests/unit/tree.h"

static char logged[4096];

static void append(const char *text)
{
	assert_true(strlen(logged) + strlen(text) < sizeof(logged));
	strcat(logged, text);
}

static void keep_line(void *ctx, enum dcm_log_level level, const char *line)
{
	append(line);
	append("\n");
}

static void report(void *ctx, const char *option, const char *message)
{
	append(option);
	append(": ");
	append(message);
	append("\n");
}

static struct dcm_snapshot *make_scene(uint32_t superblocks)
{
	struct scene scene = {.superblocks = superblocks};
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	scene_fill(builder, &scene);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

/* Values of a sampler that hangs are shown for a while, then no more, until there are new ones. */
static void test_stale(void **state)
{
	struct dcm_plugin_options *options;
	struct dcm_feed feed = {.socket = -1, .stale_ns = 30 * DCM_NSEC_PER_SEC};
	struct dcm_view *view;

	assert_int_equal(dcm_plugin_options_create(&options), 0);
	pthread_mutex_init(&feed.lock, NULL);
	feed.options = options;
	feed.started_ns = dcm_now_ns();
	logged[0] = '\0';
	assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_STARTING);
	assert_null(view);
	dcm_feed_publish(&feed, make_scene(1));
	assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_OK);
	dcm_feed_release(&feed, view);
	feed.view->taken_ns -= 29 * DCM_NSEC_PER_SEC;
	assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_OK);
	dcm_feed_release(&feed, view);
	feed.view->taken_ns -= 2 * DCM_NSEC_PER_SEC;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_LOST);
		assert_null(view);
	}
	dcm_feed_publish(&feed, make_scene(1));
	assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_OK);
	dcm_feed_release(&feed, view);
	dcm_feed_release(&feed, feed.view);
	assert_string_equal(logged, "no new values for 30 s: nothing is reported until there are\n"
				    "there are new values again\n");
	pthread_mutex_destroy(&feed.lock);
	dcm_plugin_options_destroy(options);
}

/* A view that somebody still reads outlives its successor. */
static void test_shared_view(void **state)
{
	struct dcm_plugin_options *options;
	struct dcm_feed feed = {.socket = -1, .stale_ns = 30 * DCM_NSEC_PER_SEC};
	struct dcm_view *view;

	assert_int_equal(dcm_plugin_options_create(&options), 0);
	pthread_mutex_init(&feed.lock, NULL);
	feed.options = options;
	dcm_feed_publish(&feed, make_scene(1));
	assert_int_equal(dcm_feed_read(&feed, &view), DCM_FEED_OK);
	dcm_feed_publish(&feed, make_scene(2));
	assert_int_equal(dcm_snapshot_count(view->snapshot, DCM_SEC_SUPERBLOCKS), 1);
	dcm_feed_release(&feed, view);
	assert_int_equal(dcm_snapshot_count(feed.view->snapshot, DCM_SEC_SUPERBLOCKS), 2);
	dcm_feed_release(&feed, feed.view);
	pthread_mutex_destroy(&feed.lock);
	dcm_plugin_options_destroy(options);
}

/* ---- isolated CPUs ---- */

static int last_cpu(const cpu_set_t *set)
{
	int cpu = CPU_SETSIZE - 1;

	while (cpu > 0 && !CPU_ISSET(cpu, set))
		cpu--;
	return cpu;
}

/* The worker's CPUs once they are others than @ours; @ours after ten seconds. */
static cpu_set_t worker_cpus(const struct dcm_feed *feed, const cpu_set_t *ours)
{
	const struct timespec pause = {.tv_nsec = 10 * DCM_NSEC_PER_MSEC};
	cpu_set_t set = *ours;

	for (int i = 0; i < 1000 && CPU_EQUAL(&set, ours); i++) {
		nanosleep(&pause, NULL);
		assert_int_equal(pthread_getaffinity_np(feed->thread, sizeof(set), &set), 0);
	}
	return set;
}

/* The thread that walks leaves CPUs that were set apart; collectd's stay where they were. */
static void test_isolated_cpus(void **state)
{
	struct dcm_plugin_options *options;
	cpu_set_t ours, expected, set;
	struct dcm_feed *feed;
	struct tree tree;
	char list[16];

	assert_int_equal(sched_getaffinity(0, sizeof(ours), &ours), 0);
	if (CPU_COUNT(&ours) < 2) {
		print_message("needs two CPUs\n");
		skip();
	}
	expected = ours;
	CPU_CLR(last_cpu(&ours), &expected);
	tree_create(&tree);
	snprintf(list, sizeof(list), "%d\n", last_cpu(&ours));
	tree_write(&tree, "/sys/devices/system/cpu/isolated", list, strlen(list));
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	options->source = DCM_PLUGIN_OPTIONS_SELF;
	options->config.sampling.bpf = false;
	snprintf(options->config.sampling.root, sizeof(options->config.sampling.root), "%s",
		 tree.root);
	assert_int_equal(dcm_feed_start(options, 10, &feed), 0);
	set = worker_cpus(feed, &ours);
	assert_true(CPU_EQUAL(&set, &expected));
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	assert_true(CPU_EQUAL(&set, &ours));
	assert_int_equal(dcm_feed_stop(feed, 5000), 0);
	dcm_plugin_options_destroy(options);
	tree_destroy(&tree);
}

/* ---- options ---- */

static struct dcm_plugin_options *options_of(const char *const (*lines)[3])
{
	struct dcm_plugin_options *options;

	logged[0] = '\0';
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	for (; (*lines)[1]; lines++)
		assert_int_equal(dcm_plugin_options_set(options, (*lines)[0], (*lines)[1],
							(*lines)[2], report, NULL),
				 0);
	dcm_plugin_options_finish(options, report, NULL);
	return options;
}

static void test_good_options(void **state)
{
	static const char *const lines[][3] = {{NULL, "source", "SELF"},
					       {NULL, "BudgetPercent", "2.5"},
					       {NULL, "BPF", "off"},
					       {NULL, "DentryStateInterval", "3"},
					       {NULL, "HashInterval", "0"},
					       {NULL, "Lookup", "/proc/sys"},
					       {NULL, "Lookup", "/srv"},
					       {NULL, "MaxSuperblocks", "0"},
					       /* Only together are they in order. */
					       {"chain_length", "Warning", "2000000"},
					       {"chain_length", "Critical", "3000000"},
					       {"superblock_unused /srv/my data", "Warning", "5"},
					       {NULL, NULL, NULL}};
	struct dcm_plugin_options *o = options_of(lines);

	assert_string_equal(logged, "");
	assert_int_equal(o->source, DCM_PLUGIN_OPTIONS_SELF);
	assert_true(o->config.sampling.budget_percent == 2.5);
	assert_false(o->config.sampling.bpf);
	assert_true(o->config.sampling.interval[DCM_SOURCE_DENTRY_STATE] == 3);
	assert_true(o->config.sampling.interval[DCM_SOURCE_HASH] == 0);
	assert_int_equal(o->config.sampling.lookups, 2);
	assert_string_equal(o->config.sampling.lookup[1], "/srv");
	assert_int_equal(o->max_superblocks, 0);
	assert_true(o->config.alarms.types[DCM_ALARM_CHAIN_LENGTH].rule.critical == 3000000);
	assert_int_equal(o->config.alarms.override_count, 1);
	assert_string_equal(o->config.alarms.overrides[0].target, "/srv/my data");
	dcm_plugin_options_destroy(o);
}

/* Every mistake is named and leaves the default; what is right beside it holds. */
static void test_bad_options(void **state)
{
	static const char *const lines[][3] = {{NULL, "BudgetPercent", "101"},
					       {NULL, "BudgetPercent", "x"},
					       {NULL, "DentryStateInterval", "1e999"},
					       {NULL, "MemoryInterval", "7"},
					       {NULL, "Lookup", "/a\n[sampling]\nbpf = no"},
					       {"chain_length", "Critical", "0.5"},
					       {"chain_length]\n[sampling", "bpf", "no"},
					       {NULL, "Superblock", ""},
					       {NULL, "MaxChains", "-1"},
					       {NULL, "MaxChains", "99999999999999999999"},
					       {NULL, "", "x"},
					       {NULL, NULL, NULL}};
	struct dcm_plugin_options *o = options_of(lines);
	struct dcm_config *config = malloc(sizeof(*config));

	dcm_config_defaults(config);
	assert_true(o->config.sampling.budget_percent == config->sampling.budget_percent);
	assert_true(o->config.sampling.interval[DCM_SOURCE_DENTRY_STATE] == 1);
	assert_true(o->config.sampling.interval[DCM_SOURCE_MEMORY] == 7);
	assert_true(o->config.sampling.bpf);
	assert_int_equal(o->max_chains, 10);
	assert_memory_equal(&o->config.alarms.types, &config->alarms.types,
			    sizeof(config->alarms.types));
	for (const char *const(*line)[3] = lines; (*line)[1]; line++)
		if (strcmp((*line)[1], "MemoryInterval") != 0)
			assert_non_null(strstr(logged, (*line)[1]));
	free(config);
	dcm_plugin_options_destroy(o);
}

/* ---- superblocks ---- */

static void test_selection(void **state)
{
	static const struct {
		const char *pattern, *ignore;
		size_t selected; /* of 12: fstype tmpfs, /mnt/1.., id1.., 0:1.. */
	} cases[] = {
		{NULL, "false", 12},	{"tmpfs", "false", 12},	     {"tmpfs", "true", 0},
		{"ext4", "false", 0},	{"ext4", "true", 12},	     {"/mnt/3", "false", 1},
		{"/mnt/3", "true", 11}, {"0:12", "false", 1},	     {"id7", "false", 1},
		{"/^id1/", "false", 4}, {"/mnt.[12]$/", "true", 10}, {"mnt", "false", 0},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const char *const lines[][3] = {
			{NULL, "IgnoreSelected", cases[i].ignore},
			{NULL, cases[i].pattern ? "Superblock" : NULL, cases[i].pattern},
			{NULL, NULL, NULL}};
		_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = make_scene(12);
		struct dcm_plugin_options *options = options_of(lines);
		struct dcm_superblock_picks picks;

		options->max_superblocks = 5;
		assert_int_equal(dcm_series_select_pick(snapshot, options, &picks), 0);
		assert_int_equal(picks.single_count + picks.other_count, cases[i].selected);
		assert_int_equal(picks.single_count, cases[i].selected < 5 ? cases[i].selected : 5);
		for (size_t k = 1; k < picks.single_count; k++)
			assert_true(picks.singles[k - 1].row->unused >=
				    picks.singles[k].row->unused);
		dcm_series_select_deinit(&picks);
		dcm_plugin_options_destroy(options);
	}
}

static struct dcm_snap_superblock *add_named(struct dcm_snapshot_builder *builder, uint32_t index,
					     const char *fstype, const char *mountpoint)
{
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);

	DCM_SET(row, index, index);
	DCM_SET(row, dev_minor, 40 + index);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, fstype));
	if (*mountpoint)
		DCM_SET(row, mountpoint, dcm_snapshot_builder_text(builder, mountpoint));
	DCM_SET(row, unused, index);
	return row;
}

/* Stacked mounts, mounts without mount point, hostile and long ones: all differ, all harmless. */
static void test_names(void **state)
{
	static char long_a[200], long_b[200];
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	const char *mountpoints[] = {"/data", "/data", "/data", "",	  "",	  "/",	  "/a/b",
				     "/a_b",  "/a b",  "/a\nb", "/a;b{}", long_a, long_b, "/root"};
	struct dcm_snapshot_builder *builder;
	struct dcm_superblock_picks picks;
	struct dcm_plugin_options *options;

	memset(long_a, 'x', 150);
	memset(long_b, 'x', 151);
	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	for (uint32_t i = 0; i < DCM_ARRAY_SIZE(mountpoints); i++)
		add_named(builder, i + 1, "overlay", mountpoints[i]);
	add_named(builder, 100, "fuse.a very long kind of filesystem", "/f");
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	assert_int_equal(dcm_series_select_pick(snapshot, options, &picks), 0);
	assert_int_equal(picks.single_count, DCM_ARRAY_SIZE(mountpoints) + 1);
	for (size_t i = 0; i < picks.single_count; i++) {
		const struct dcm_superblock_pick *pick = &picks.singles[i];

		assert_true(strspn(pick->instance, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
			    strlen(pick->instance));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(pick->instance, picks.singles[k].instance);
		if (pick->row->index == 1)
			assert_string_equal(pick->instance, "superblock-overlay-data");
		if (pick->row->index == 3)
			assert_string_equal(pick->instance, "superblock-overlay-data-0_43");
		if (pick->row->index == 4)
			assert_string_equal(pick->instance, "superblock-overlay-0_44");
		if (pick->row->index == 6)
			assert_string_equal(pick->instance, "superblock-overlay-_");
		if (pick->row->index == 7)
			assert_string_equal(pick->instance, "superblock-overlay-a_b");
	}
	dcm_series_select_deinit(&picks);
	dcm_plugin_options_destroy(options);
}

#define ID	"4f5bbf8e7c11d0c9a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718"
#define STORAGE "/var/lib/containers/storage/overlay/" ID

/* Of superblock @index, as the daemon names it, when some of them are there. Where @expected ends
 * in
 * "-", a hash of eight digits follows. */
static void assert_instance(unsigned there, uint32_t index, bool mounted, const char *expected)
{
	static const struct {
		const char *fstype, *mountpoint, *name;
	} rows[] = {
		{"overlay", STORAGE "/merged", "overlay:4f5bbf8e7c11"},
		{"overlay", "/mnt" STORAGE "/merged", "overlay:4f5bbf8e7c11d"},
		{"tmpfs", STORAGE "/userdata/shm", "tmpfs:4f5bbf8e7c11/userdata/shm"},
		{"overlay", STORAGE "0/merged", "overlay:" STORAGE "0/merged"}, /* 65 digits */
		{"overlay", "/4f5bbf8e7c11/x", "overlay:/4f5bbf8e7c11/x"},
		{"overlay", "/srv" STORAGE "/merged", "overlay:4f5bbf8e7c11:0:46"},
	};
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_snapshot_builder *builder;
	struct dcm_superblock_picks picks;
	struct dcm_plugin_options *options;
	size_t len = strlen(expected);
	bool found = false, hashed = expected[len - 1] == '-';

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	for (uint32_t i = 0; i < DCM_ARRAY_SIZE(rows); i++) {
		struct dcm_snap_superblock *row;

		if (!(there >> i & 1))
			continue;
		row = add_named(builder, i + 1, rows[i].fstype, mounted ? rows[i].mountpoint : "");
		DCM_SET(row, name, dcm_snapshot_builder_text(builder, rows[i].name));
	}
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	assert_int_equal(dcm_series_select_pick(snapshot, options, &picks), 0);
	for (size_t i = 0; i < picks.single_count; i++) {
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(picks.singles[i].instance,
						picks.singles[k].instance);
		if (picks.singles[i].row->index != index)
			continue;
		assert_int_equal(strlen(picks.singles[i].instance), len + (hashed ? 8 : 0));
		assert_memory_equal(picks.singles[i].instance, expected, len);
		found = true;
	}
	assert_true(found);
	dcm_series_select_deinit(&picks);
	dcm_plugin_options_destroy(options);
}

/* The short id is whole and in front. It is the same whoever else is there, and when the mount is
 * gone from the host's table while a namespace holds the superblock. */
static void test_containers(void **state)
{
	static const struct {
		uint32_t index;
		const char *instance;
	} cases[] = {
		{1, "superblock-overlay-4f5bbf8e7c11"},
		{2, "superblock-overlay-4f5bbf8e7c11d"},
		{3, "superblock-tmpfs-4f5bbf8e7c11_userdata_shm"},
		{6, "superblock-overlay-4f5bbf8e7c11_0_46-"},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		assert_instance(0x3f, cases[i].index, true, cases[i].instance);
		assert_instance(0x3f, cases[i].index, false, cases[i].instance);
		assert_instance(1U << (cases[i].index - 1), cases[i].index, true,
				cases[i].instance);
	}
	/* what is no container's goes by its path, cut as before */
	assert_instance(0x3f, 5, true, "superblock-overlay-4f5bbf8e7c11_x");
	assert_instance(
		0x3f, 4, true,
		"superblock-overlay-var_lib_containers_storage_overlay_4f5bbf8e7c11d0c9a1b-");
}

/* Values of each kind of row that can have a container carry it (cli/test_containers_shown). */
static void test_container_of_rows(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_plugin_options *options;
	struct dcm_snapshot_builder *builder;
	struct dcm_values values = {0};
	struct dcm_snap_namespaces *n;
	struct dcm_snap_directory *d;
	struct dcm_snap_superblock *s;
	struct dcm_snap_chain *c;
	unsigned seen = 0;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	s = add_named(builder, 1, "overlay", "/mnt");
	DCM_SET(s, unused, 1);
	DCM_SET(s, container.name, dcm_snapshot_builder_text(builder, "web-1"));
	c = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);
	DCM_SET(c, rank, 1);
	DCM_SET(c, length, 7);
	DCM_SET(c, container.name, dcm_snapshot_builder_text(builder, "web-1"));
	d = dcm_snapshot_builder_add(builder, DCM_SEC_DIRECTORIES);
	DCM_SET(d, rank, 1);
	DCM_SET(d, children, 7);
	DCM_SET(d, container.name, dcm_snapshot_builder_text(builder, "web-1"));
	n = dcm_snapshot_builder_add(builder, DCM_SEC_NAMESPACES);
	DCM_SET(n, network, 7);
	DCM_SET(n, container.name, dcm_snapshot_builder_text(builder, "web-1"));
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	assert_int_equal(dcm_plugin_options_create(&options), 0);
	assert_int_equal(dcm_values_from_snapshot(snapshot, options, &values), 0);
	for (size_t i = 0; i < values.count; i++) {
		const struct dcm_value *value = &values.items[i];

		if (!value->container)
			continue;
		assert_string_equal(dcm_snapshot_str(snapshot, value->container->name), "web-1");
		seen |= 1U << value->section;
	}
	assert_int_equal(seen, 1U << DCM_SEC_SUPERBLOCKS | 1U << DCM_SEC_CHAINS |
				       1U << DCM_SEC_DIRECTORIES | 1U << DCM_SEC_NAMESPACES);
	dcm_values_deinit(&values);
	dcm_plugin_options_destroy(options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_shared_view),
		cmocka_unit_test(test_container_of_rows),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_good_options),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_isolated_cpus),
	};

	dcm_log_set_sink(keep_line, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
