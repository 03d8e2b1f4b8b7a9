// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The collector against a captured tree, a scripted walk and clocks of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/collector_private.h"
#include "tests/lib/walk_fake.h"
#include "tests/unit/tree.h"

#define MS  DCM_NSEC_PER_MSEC
#define SEC DCM_NSEC_PER_SEC

static struct tree tree;
static struct dcm_config config;
static struct dcm_collector *collector;
static uint64_t now_ns, cpu_ns;

static uint64_t fake_now(void)
{
	return now_ns;
}

static uint64_t fake_cpu(void)
{
	return cpu_ns;
}

static void write_text(const char *path, const char *text)
{
	tree_write(&tree, path, text, strlen(text));
}

static void write_tree(void)
{
	write_text("/proc/sys/fs/dentry-state", "1000 900 45 0 300 0\n");
	write_text("/sys/kernel/btf/vmlinux", "");
	write_text("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nSReclaimable: 10 kB\n");
	write_text("/proc/vmstat", "pgscan_direct 5\nallocstall_normal 2\ndrop_slab 1\n");
	write_text("/proc/1/mountinfo",
		   "20 1 0:5 / /proc rw - proc proc rw\n21 1 0:40 / /srv rw - overlay none rw\n");
}

static void script_walk(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.cpu_ns = &cpu_ns;
	fake.superblocks[0] = (struct dcm_walk_superblock){
		.address = 0x1000, .dev_minor = 5, .unused = 40, .fstype = "proc", .id = "proc"};
	fake.superblocks[1] = (struct dcm_walk_superblock){.address = 0x2000,
							   .dev_minor = 40,
							   .unused = 2000000,
							   .fstype = "overlay",
							   .id = "overlay"};
	fake.superblock_count = 2;
	fake.namespaces = (struct dcm_walk_namespaces){.count = 3, .created = 1};
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

static int set_up(void **state)
{
	(void)state;
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
	strcpy(config.sampling.root, tree.root);
	script_walk();
	collector = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dcm_collector_destroy(collector);
	tree_destroy(&tree);
	return 0;
}

static void create(void)
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
static unsigned run_for(double seconds)
{
	uint64_t end = now_ns + (uint64_t)(seconds * 1e9), next;
	unsigned calls = 0;

	while (now_ns < end) {
		uint64_t before = cpu_ns;

		dcm_collector_run(collector, now_ns, &next);
		assert_true(next >= now_ns);
		now_ns += cpu_ns - before;
		if (next > now_ns)
			now_ns = next < end ? next : end;
		assert_in_range(++calls, 0, 1000000);
	}
	return calls;
}

static struct dcm_snapshot *publish(void)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason;

	assert_int_equal(dcm_collector_publish(collector, 4, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, &reason), 0);
	return snapshot;
}

static const struct dcm_snap_source *source_row(const struct dcm_snapshot *s,
						enum dcm_source source)
{
	return dcm_snapshot_row(s, DCM_SEC_SOURCES, source);
}

#define SNAPSHOT _cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot

static void assert_source(enum dcm_source source, enum dcm_source_state state, const char *reason)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_source *row = source_row(s, source);
	const char *text = dcm_snapshot_str(s, row->reason);

	if (row->state != state || !strstr(text, reason))
		fail_msg("%s: %s \"%s\"", dcm_source_name(source),
			 dcm_source_state_name(row->state), text);
}

/* ---- without BPF ---- */

static void test_no_dentry_state(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_collector *none = NULL;
	char path[512];

	(void)state;
	unlink(tree_path(&tree, "/proc/sys/fs/dentry-state", path));
	assert_int_equal(dcm_collector_create(&config, &reason, &none), -ENOENT);
	assert_null(none);
	assert_non_null(strstr(reason.text, "dentry-state"));
}

static void test_totals(void **state)
{
	const struct dcm_snap_totals *totals;
	const struct dcm_snap_memory *memory;
	const struct dcm_snap_self *self;

	(void)state;
	create();
	run_for(0.5);
	SNAPSHOT *s = publish();
	totals = dcm_snapshot_row(s, DCM_SEC_TOTALS, 0);
	assert_int_equal(totals->dentries, 1000);
	assert_int_equal(totals->unused, 900);
	assert_int_equal(totals->negative, 300);
	assert_false(DCM_ROW_HAS(totals, dcm_snap_totals, slab_bytes));
	memory = dcm_snapshot_row(s, DCM_SEC_MEMORY, 0);
	assert_int_equal(memory->total_bytes, 1024000);
	assert_int_equal(memory->allocstall, 2);
	assert_false(DCM_ROW_HAS(memory, dcm_snap_memory, slab_objects));
	assert_false(DCM_ROW_HAS(memory, dcm_snap_memory, psi_some_us));
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	assert_int_equal(self->clients, 4);
	assert_string_equal(dcm_snapshot_str(s, self->version), DCM_VERSION);
	assert_source(DCM_SOURCE_MEMORY, DCM_STATE_OK, "/proc/slabinfo: No such file");
	assert_source(DCM_SOURCE_SYSCTLS, DCM_STATE_OK, "nobody asks");
	assert_source(DCM_SOURCE_LOOKUPS, DCM_STATE_OFF, "switched off");
}

static unsigned count_changes(enum dcm_source source, enum dcm_source_state after)
{
	struct dcm_collector_change change;
	unsigned count = 0;

	while (dcm_collector_next_change(collector, &change))
		count += change.source == source && change.after == after;
	return count;
}

static void test_complains_once(void **state)
{
	unsigned failed = 0;
	uint64_t failures;

	(void)state;
	create();
	run_for(2);
	assert_int_equal(count_changes(DCM_SOURCE_DENTRY_STATE, DCM_STATE_OK), 1);
	write_text("/proc/sys/fs/dentry-state", "junk");
	for (int i = 0; i < 600; i++) {
		run_for(1);
		failed += count_changes(DCM_SOURCE_DENTRY_STATE, DCM_STATE_FAILED);
	}
	assert_int_equal(failed, 1);
	failures = collector->slot[DCM_SOURCE_DENTRY_STATE].failures;
	/* 1 + 2 + ... + 256 s, then every 256 s: not 600 attempts. */
	assert_in_range(failures, 9, 12);
	assert_source(DCM_SOURCE_DENTRY_STATE, DCM_STATE_FAILED, "dentry-state: ");
	write_text("/proc/sys/fs/dentry-state", "1 2 3 4 5 6\n");
	run_for(300);
	assert_int_equal(count_changes(DCM_SOURCE_DENTRY_STATE, DCM_STATE_OK), 1);
	assert_source(DCM_SOURCE_DENTRY_STATE, DCM_STATE_OK, "");
}

static void assert_without_bpf(const char *reason)
{
	const struct dcm_snap_namespaces *namespaces;

	run_for(30);
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_UNSUPPORTED, reason);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_UNSUPPORTED, reason);
	assert_source(DCM_SOURCE_NAMESPACES, DCM_STATE_OK, "without a process are not seen");
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 0);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_HASH), 0);
	namespaces = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_int_equal(namespaces->network, 2);
	assert_false(DCM_ROW_HAS(namespaces, dcm_snap_namespaces, created));
	assert_int_not_equal(dcm_collector_capabilities(collector), 0);
}

static void add_process(const char *pid, const char *target)
{
	char path[64], full[512];

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	assert_int_equal(symlink(target, tree_path(&tree, path, full)), 0);
}

static void add_processes(void)
{
	add_process("1", "net:[4026531840]");
	add_process("20", "net:[4026532999]");
	add_process("31", "net:[4026531840]");
	add_process("32", "junk");
	add_process("self", "net:[4026530000]");
}

static void test_walk_does_not_open(void **state)
{
	(void)state;
	add_processes();
	fake.open_err = -EPERM;
	create();
	assert_without_bpf("fake walk does not open");
	run_for(100);
	assert_int_equal(fake.opened, 1);
}

static void test_bpf_switched_off(void **state)
{
	(void)state;
	add_processes();
	config.sampling.bpf = false;
	create();
	assert_without_bpf("bpf = no");
	assert_int_equal(fake.opened, 0);
	/* And on again, by a reload. */
	config.sampling.bpf = true;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(60);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
	assert_int_equal(dcm_collector_capabilities(collector), 0);
}

/* ---- superblocks and hash ---- */

static const struct dcm_snap_superblock *superblock_row(const struct dcm_snapshot *s, size_t i)
{
	return dcm_snapshot_row(s, DCM_SEC_SUPERBLOCKS, i);
}

static void test_superblocks(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	create();
	run_for(0.01);
	{
		SNAPSHOT *s = publish();

		row = superblock_row(s, 1);
		assert_false(DCM_ROW_HAS(row, dcm_snap_superblock, hashed)); /* no pass yet */
	}
	run_for(30);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
	row = superblock_row(s, 0);
	assert_string_equal(dcm_snapshot_str(s, row->mountpoint), "/proc");
	assert_int_equal(row->mounts, 1);
	assert_true(DCM_ROW_HAS(row, dcm_snap_superblock, hashed));
	assert_int_equal(row->hashed, 0);
	row = superblock_row(s, 1);
	assert_string_equal(dcm_snapshot_str(s, row->fstype), "overlay");
	assert_int_equal(row->index, 2);
	assert_int_equal(row->hashed, 1900);
	assert_int_equal(row->negative, 1800);
	assert_true(row->shrink_seconds > 0.899 && row->shrink_seconds < 0.901);
}

/* Another superblock in the same memory must not inherit what the pass counted there. */
static void test_reused_address(void **state)
{
	static const struct dcm_walk_superblock_count counts[] = {
		{.address = 0x2000, .hashed = 1900, .negative = 1800}};
	const struct dcm_snap_superblock *row;

	(void)state;
	fake.pass.superblocks = counts;
	fake.pass.superblock_count = 1;
	create();
	run_for(30);
	fake.superblocks[1].root_inode = 4711;
	run_for(11);
	SNAPSHOT *s = publish();
	row = superblock_row(s, 1);
	assert_int_equal(row->index, 3);
	assert_false(DCM_ROW_HAS(row, dcm_snap_superblock, hashed));
	assert_false(DCM_ROW_HAS(row, dcm_snap_superblock, negative));
}

static void test_partial_pass(void **state)
{
	const struct dcm_snap_hash *hash;

	(void)state;
	fake.slices = 1000; /* a second of CPU: 200 s of budget, the start's credit off */
	create();
	run_for(60);
	{
		SNAPSHOT *s = publish();

		hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
		assert_true(hash->coverage > 0.5 && hash->coverage < 0.65);
		assert_true(hash->progress == hash->coverage);
		assert_false(DCM_ROW_HAS(hash, dcm_snap_hash, age_seconds));
		assert_int_equal(hash->buckets, 4096);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_HISTOGRAM), 35);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 0);
	}
	assert_source(DCM_SOURCE_HASH, DCM_STATE_STARTING, "");
	run_for(90);
	SNAPSHOT *s = publish();
	hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_true(hash->coverage == 1.0);
	assert_true(hash->pass_seconds > 130 && hash->pass_seconds < 150);
	assert_true(hash->pass_cpu_seconds > 0.99 && hash->pass_cpu_seconds < 1.01);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
}

static uint64_t step_at[100000];
static size_t steps;

static void note_step(void)
{
	if (steps < DCM_ARRAY_SIZE(step_at))
		step_at[steps++] = now_ns;
}

/* A pass of 100 slices in 60 s: about 0.57 s between two of them, never a burst. */
static void test_pace(void **state)
{
	uint64_t longest = 0, shortest = UINT64_MAX;
	const struct dcm_snap_hash *hash;

	(void)state;
	create();
	run_for(120);
	fake.on_step = note_step;
	steps = 0;
	run_for(600);
	assert_in_range(steps, 990, 1010);
	for (size_t i = 1; i < steps; i++) {
		uint64_t gap = step_at[i] - step_at[i - 1];

		longest = gap > longest ? gap : longest;
		shortest = gap < shortest ? gap : shortest;
	}
	assert_in_range(longest, 500 * MS, 4000 * MS);
	assert_in_range(shortest, 100 * MS, 600 * MS);
	SNAPSHOT *s = publish();
	hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);
	assert_true(hash->pass_seconds > 54 && hash->pass_seconds < 60);
}

/* However large the table: the budget holds, and slices are spread over the whole time. */
static void test_budget_holds(void **state)
{
	uint64_t before, longest = 0;

	(void)state;
	fake.slices = 1000000;
	fake.superblocks_cost_ns = 10 * MS; /* every 10 s: a fifth of the budget */
	create();
	run_for(120);
	before = cpu_ns;
	fake.on_step = note_step;
	steps = 0;
	run_for(1000);
	assert_in_range(cpu_ns - before, 4900 * MS, 5060 * MS); /* 0.5 % of 1000 s */
	for (size_t i = 1; i < steps; i++)
		if (step_at[i] - step_at[i - 1] > longest)
			longest = step_at[i] - step_at[i - 1];
	assert_in_range(longest, 0, 3 * SEC);
}

/* A budget that the cheap sources alone use up: they go on, and the pass still moves a little. */
static void test_cheap_sources_always_run(void **state)
{
	(void)state;
	fake.superblocks_cost_ns = 200 * MS; /* 2 % of a CPU */
	create();
	run_for(600);
	assert_in_range(collector->slot[DCM_SOURCE_SUPERBLOCKS].runs, 58, 62);
	assert_in_range(collector->slot[DCM_SOURCE_DENTRY_STATE].runs, 590, 605);
}

/* Chains so long that measuring them again every 10 s would take more than the whole budget. */
static void test_long_chains_leave_passes_room(void **state)
{
	uint64_t passes;

	(void)state;
	fake.chain_cost_ns = 30 * MS;
	create();
	run_for(120);
	passes = collector->slot[DCM_SOURCE_HASH].runs;
	fake.chains_walked = 0;
	run_for(1000);
	assert_in_range(collector->slot[DCM_SOURCE_HASH].runs - passes, 8, 17);
	assert_in_range(fake.chains_walked, 60, 160);
}

static void test_no_budget(void **state)
{
	(void)state;
	config.sampling.budget_percent = 0;
	fake.slices = 5000;
	create();
	run_for(10);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
}

static void test_pass_fails(void **state)
{
	unsigned begun;

	(void)state;
	create();
	run_for(30);
	fake.step_err = -EIO;
	run_for(120);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_FAILED, "fake pass is lost");
	assert_int_equal(count_changes(DCM_SOURCE_HASH, DCM_STATE_FAILED), 1);
	begun = fake.begun;
	run_for(300);
	assert_in_range(fake.begun - begun, 1, 4); /* backs off */
	{
		SNAPSHOT *s = publish(); /* the last complete pass stays, and says how old it is */
		const struct dcm_snap_hash *hash = dcm_snapshot_row(s, DCM_SEC_HASH, 0);

		assert_int_equal(hash->entries, 5000);
		assert_true(hash->age_seconds > 400);
	}
	fake.step_err = 0;
	run_for(500);
	assert_int_equal(count_changes(DCM_SOURCE_HASH, DCM_STATE_OK), 1);
}

/* A circle that moves under the walk is walked again before anybody hears of it. */
static void test_moving_circle(void **state)
{
	(void)state;
	create();
	run_for(2);
	count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED);
	fake.superblocks_err = -EAGAIN;
	run_for(11);
	fake.superblocks_err = 0;
	run_for(2);
	assert_int_equal(count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED), 0);
	assert_in_range(collector->slot[DCM_SOURCE_SUPERBLOCKS].runs, 2, 3);
	fake.superblocks_err = -EAGAIN;
	run_for(30);
	assert_int_equal(count_changes(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED), 1);
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_FAILED, "circle is broken");
}

static void test_table_not_found(void **state)
{
	(void)state;
	fake.begin_err = -ENOENT;
	create();
	run_for(30);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_FAILED, "fake table not found");
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_OK, "");
}

/* ---- chains ---- */

static void assert_chain(const struct dcm_snapshot *s, size_t i, uint64_t length)
{
	const struct dcm_snap_chain *row = dcm_snapshot_row(s, DCM_SEC_CHAINS, i);

	assert_non_null(row);
	assert_int_equal(row->length, length);
	assert_int_equal(row->rank, i + 1);
	assert_int_equal(row->superblock, 1);
	assert_string_equal(dcm_snapshot_str(s, row->parent), "/proc/sys/net");
	assert_string_equal(dcm_snapshot_str(s, row->name), "ipv6");
	assert_string_equal(dcm_snapshot_str(s, row->fstype), "proc");
}

static void test_chains(void **state)
{
	(void)state;
	create();
	run_for(25);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
		assert_chain(s, 0, 1000);
		assert_chain(s, 1, 900);
		assert_chain(s, 2, 3);
	}
	/* Between passes: one grows past the other, one dissolves. */
	fake.chain_length[5] = 5000;
	fake.chain_length[7] = 0;
	run_for(11);
	{
		SNAPSHOT *s = publish();
		const struct dcm_snap_chain *row;

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 2);
		assert_chain(s, 0, 5000);
		assert_chain(s, 1, 1000);
		row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
		assert_int_equal(row->bucket, 5);
		assert_true(row->age_seconds < 11);
	}
	/* It is still measured, and comes back. */
	fake.chain_length[7] = 4;
	run_for(11);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
	assert_chain(s, 2, 4);
}

/* A chain is not attributed to a superblock that has since taken the other's address. */
static void test_chain_of_reused_address(void **state)
{
	const struct dcm_snap_chain *row;

	(void)state;
	create();
	run_for(5);
	fake.superblocks[0].root_inode = 4711;
	strcpy(fake.superblocks[0].fstype, "ext4");
	/* The round of chains at 10 s comes after that of superblocks: catch the time between. */
	dcm_superblock_table_update(collector->superblocks, fake.superblocks, 2, now_ns);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
	assert_false(DCM_ROW_HAS(row, dcm_snap_chain, fstype));
	assert_false(DCM_ROW_HAS(row, dcm_snap_chain, superblock));
	assert_string_equal(dcm_snapshot_str(s, row->parent), "/sys/net");
}

static void test_chains_of_next_pass(void **state)
{
	(void)state;
	create();
	run_for(25);
	fake.pass.top[0] = (struct dcm_walk_long_chain){.bucket = 9, .length = 70};
	fake.pass.top_count = 1;
	fake.chain_length[9] = 71;
	run_for(120);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 1);
	assert_chain(s, 0, 71);
}

/* ---- complete samples, configuration, publishing ---- */

static unsigned progress_calls;

static bool count_progress(void *ctx, const char *source, double fraction)
{
	(void)source;
	assert_true(fraction >= 0 && fraction <= 1);
	return ++progress_calls < *(unsigned *)ctx;
}

static void test_sample(void **state)
{
	unsigned limit = UINT32_MAX;

	(void)state;
	fake.slices = 3000; /* three seconds of CPU: no budget would allow it */
	create();
	progress_calls = 0;
	assert_int_equal(dcm_collector_sample(collector, count_progress, &limit), 0);
	assert_int_equal(fake.stepped, 3000);
	assert_in_range(progress_calls, 3000, 3010);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
	assert_true(DCM_ROW_HAS(superblock_row(s, 0), dcm_snap_superblock, hashed));
	assert_int_equal(source_row(s, DCM_SOURCE_HASH)->state, DCM_STATE_OK);
	assert_int_equal(source_row(s, DCM_SOURCE_NAMESPACES)->state, DCM_STATE_OK);
}

static void test_sample_cancelled(void **state)
{
	unsigned limit = 10;

	(void)state;
	create();
	progress_calls = 0;
	assert_int_equal(dcm_collector_sample(collector, count_progress, &limit), -ECANCELED);
	assert_int_equal(fake.stepped, 10);
}

static void test_reconfigure(void **state)
{
	(void)state;
	create();
	run_for(30);
	config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] = 0;
	config.sampling.budget_percent = 2;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(30);
	assert_source(DCM_SOURCE_SUPERBLOCKS, DCM_STATE_OFF, "switched off in the configuration");
	{
		SNAPSHOT *s = publish();
		const struct dcm_snap_self *self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);

		assert_true(self->budget_percent == 2.0);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 0);
	}
	config.sampling.interval[DCM_SOURCE_SUPERBLOCKS] = 5;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(6);
	SNAPSHOT *s = publish();
	assert_int_equal(superblock_row(s, 0)->index, 1); /* learnt indexes stay */
	assert_int_equal(fake.opened, 1);
}

static void test_publish_pace(void **state)
{
	uint64_t next;

	(void)state;
	create();
	dcm_collector_run(collector, now_ns, &next);
	assert_true(dcm_collector_wants_publish(collector, now_ns));
	dcm_snapshot_destroy(publish());
	assert_false(dcm_collector_wants_publish(collector, now_ns));
	run_for(0.5);
	assert_false(dcm_collector_wants_publish(collector, now_ns));
	run_for(0.6);
	assert_true(dcm_collector_wants_publish(collector, now_ns));
}

/* Other news wait for the totals, so that each snapshot has fresh ones; but not for long. */
static void test_publish_follows_totals(void **state)
{
	(void)state;
	create();
	for (int i = 0; i < 50; i++) {
		uint64_t next;

		dcm_collector_run(collector, now_ns, &next);
		if (dcm_collector_wants_publish(collector, now_ns)) {
			SNAPSHOT *s = publish();

			assert_true(source_row(s, DCM_SOURCE_DENTRY_STATE)->age_seconds < 0.01);
		}
		now_ns = next;
	}
	config.sampling.interval[DCM_SOURCE_DENTRY_STATE] = 100;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(0.5);
	dcm_snapshot_destroy(publish());
	run_for(1.5);
	assert_false(dcm_collector_wants_publish(collector, now_ns));
	run_for(1);
	assert_true(dcm_collector_wants_publish(collector, now_ns));
}

static void test_idle_wakeups(void **state)
{
	(void)state;
	create();
	run_for(120);
	dcm_snapshot_destroy(publish());
	/* Dentry state and memory every second, 100 slices and 18 chains a minute, the rest every
	 * 10 s: about four a second. */
	assert_in_range(run_for(60), 60, 300);
}

static void test_cpu_percent(void **state)
{
	const struct dcm_snap_self *self;

	(void)state;
	fake.superblocks_cost_ns = 20 * MS; /* 0.2 % */
	config.sampling.interval[DCM_SOURCE_HASH] = 0;
	create();
	run_for(300);
	SNAPSHOT *s = publish();
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	assert_true(self->cpu_percent > 0.15 && self->cpu_percent < 0.25);
	assert_true(self->cpu_seconds > 0.55 && self->cpu_seconds < 0.65);
	assert_true(self->longest_slice_seconds == 0.0007);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Links come from the real namespace, which has a loopback; the captured tree has no sysctls. */
static void test_interfaces_only_when_wanted(void **state)
{
	const struct dcm_snap_interface *row;
	uint64_t next;

	(void)state;
	create();
	run_for(20);
	assert_source(DCM_SOURCE_SYSCTLS, DCM_STATE_OK, "nobody asks");
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_SPACES), 0);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_INTERFACES), 0);
	}
	assert_false(dcm_collector_wants_publish(collector, now_ns));
	dcm_collector_want_interfaces(collector, now_ns, now_ns + 30 * SEC);
	dcm_collector_run(collector, now_ns, &next);
	assert_true(dcm_collector_wants_publish(collector, now_ns)); /* not a second later */
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_SPACES), 1);
		row = dcm_snapshot_row(s, DCM_SEC_INTERFACES, 0);
		assert_non_null(row);
		assert_int_equal(row->space, 1);
		assert_true(DCM_ROW_HAS(row, dcm_snap_interface, in_octets));
		assert_false(DCM_ROW_HAS(row, dcm_snap_interface, v4_retrans_ms));
	}
	run_for(40);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_SPACES), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_dentry_state),
		TEST(test_totals),
		TEST(test_complains_once),
		TEST(test_walk_does_not_open),
		TEST(test_bpf_switched_off),
		TEST(test_superblocks),
		TEST(test_reused_address),
		TEST(test_partial_pass),
		TEST(test_pace),
		TEST(test_budget_holds),
		TEST(test_cheap_sources_always_run),
		TEST(test_long_chains_leave_passes_room),
		TEST(test_no_budget),
		TEST(test_pass_fails),
		TEST(test_moving_circle),
		TEST(test_table_not_found),
		TEST(test_chains),
		TEST(test_chain_of_reused_address),
		TEST(test_chains_of_next_pass),
		TEST(test_sample),
		TEST(test_sample_cancelled),
		TEST(test_reconfigure),
		TEST(test_publish_pace),
		TEST(test_publish_follows_totals),
		TEST(test_idle_wakeups),
		TEST(test_interfaces_only_when_wanted),
		TEST(test_cpu_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
