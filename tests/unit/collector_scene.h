/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A collector on a captured tree, a scripted walk and clocks of its own. */
#ifndef DCM_TESTS_COLLECTOR_SCENE_H
#define DCM_TESTS_COLLECTOR_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/sampling/collector_private.h"
#include "tests/lib/walk_fake.h"
#include "tests/unit/tree.h"

#define MS  DCM_NSEC_PER_MSEC
#define SEC DCM_NSEC_PER_SEC

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define SNAPSHOT _cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot

static struct tree tree;
static struct dcm_config config;
static struct dcm_collector *collector;
static uint64_t now_ns, cpu_ns;
static uint64_t longest_call_ns; /* of CPU time */
static uint64_t wake_cost_ns;	 /* CPU time that every wake-up takes */
static unsigned wakes;

static inline uint64_t fake_now(void)
{
	return now_ns;
}

static inline uint64_t fake_cpu(void)
{
	return cpu_ns;
}

static inline void write_text(const char *path, const char *text)
{
	tree_write(&tree, path, text, strlen(text));
}

static inline void write_tree(void)
{
	write_text("/proc/sys/fs/dentry-state", "1000 900 45 0 300 0\n");
	write_text("/sys/kernel/btf/vmlinux", "");
	write_text("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nSReclaimable: 10 kB\n");
	write_text("/proc/vmstat", "pgscan_direct 5\nallocstall_normal 2\ndrop_slab 1\n");
	write_text("/proc/1/mountinfo",
		   "20 1 0:5 / /proc rw - proc proc rw\n21 1 0:40 / /srv rw - overlay none rw\n");
}

static inline void script_walk(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.cpu_ns = &cpu_ns;
	fake.superblocks[0] = (struct dcm_walk_superblock){.address = 0x1000,
							   .dev_minor = 5,
							   .unused = 40,
							   .has_unused = true,
							   .fstype = "proc",
							   .id = "proc"};
	fake.superblocks[1] = (struct dcm_walk_superblock){.address = 0x2000,
							   .dev_minor = 40,
							   .unused = 2000000,
							   .has_unused = true,
							   .fstype = "overlay",
							   .id = "overlay"};
	fake.superblock_count = 2;
	fake.namespaces = (struct dcm_walk_namespaces){.count = 3, .listed = 1, .made = 1};
	fake.pass = (struct dcm_walk_pass){.buckets = 4096,
					   .nonempty = 3000,
					   .entries = 5000,
					   .negative = 300,
					   .max_chain = 1000,
					   .top = {{.bucket = 2, .length = 1000},
						   {.bucket = 5, .length = 900},
						   {.bucket = 7, .length = 3}},
					   .top_count = 3};
	fake.slices = 100;
	fake.slice_cost_ns = MS;
	fake.chain_length[2] = 1000;
	fake.chain_length[5] = 900;
	fake.chain_length[7] = 3;
	fake.chain_superblock = 0x1000;
}

static inline int set_up(void **state)
{
	tree_create(&tree);
	write_tree();
	memset(&config, 0, sizeof(config));
	config.sampling.bpf = true;
	config.sampling.budget_percent = 0.5;
	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++)
		config.sampling.interval[i] = 10;
	config.sampling.interval[DCM_SOURCE_DENTRY_STATE] = 1;
	config.sampling.interval[DCM_SOURCE_HASH] = 60;
	config.sampling.interval[DCM_SOURCE_LOOKUPS] = 0;
	config.sampling.interval[DCM_SOURCE_CONTAINERS] = 0; /* its thread has a clock of its own */
	strcpy(config.sampling.root, tree.root);
	script_walk();
	collector = NULL;
	longest_call_ns = 0;
	wake_cost_ns = 0;
	wakes = 0;
	return 0;
}

static inline int tear_down(void **state)
{
	dcm_collector_destroy(collector);
	tree_destroy(&tree);
	return 0;
}

static inline void create(void)
{
	struct dcm_reason reason = {""};
	int err = dcm_collector_create(&config, &reason, &collector);

	if (err)
		fail_msg("create: %d %s", err, reason.text);
	now_ns = dcm_now_ns();
	cpu_ns = 0;
	collector->now_clock = fake_now;
	collector->cpu_clock = fake_cpu;
	collector->charged_ns = 0;
	dcm_budget_init(&collector->budget, config.sampling.budget_percent, now_ns);
}

/* Runs for @seconds of fake time. Returns how many calls that took. */
static inline unsigned run_for(double seconds)
{
	uint64_t end = now_ns + (uint64_t)(seconds * 1e9), next;
	unsigned calls = 0;

	while (now_ns < end) {
		uint64_t before = cpu_ns;

		dcm_collector_run(collector, now_ns, &next);
		assert_true(next >= now_ns);
		now_ns += cpu_ns - before;
		if (cpu_ns - before > longest_call_ns)
			longest_call_ns = cpu_ns - before;
		if (next > now_ns) {
			now_ns = next < end ? next : end;
			cpu_ns += wake_cost_ns;
			wakes++;
		}
		assert_in_range(++calls, 0, 1000000);
	}
	return calls;
}

static inline struct dcm_snapshot *publish(void)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason;

	assert_int_equal(dcm_collector_publish(collector, 4, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, &reason), 0);
	return snapshot;
}

static inline const struct dcm_snap_source *source_row(const struct dcm_snapshot *s,
						       enum dcm_source source)
{
	return dcm_snapshot_row(s, DCM_SEC_SOURCES, source);
}

static inline const struct dcm_snap_superblock *superblock_row(const struct dcm_snapshot *s,
							       size_t i)
{
	return dcm_snapshot_row(s, DCM_SEC_SUPERBLOCKS, i);
}

static inline void assert_source(enum dcm_source source, enum dcm_source_state state,
				 const char *reason)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_source *row = source_row(s, source);
	const char *text = dcm_snapshot_str(s, row->reason);

	if (row->state != state || !strstr(text, reason))
		fail_msg("%s: %s \"%s\"", dcm_source_name(source),
			 dcm_source_state_name(row->state), text);
}

static inline unsigned count_changes(enum dcm_source source, enum dcm_source_state after)
{
	struct dcm_collector_change change;
	unsigned count = 0;

	while (dcm_collector_next_change(collector, &change))
		count += change.source == source && change.after == after;
	return count;
}

#endif
