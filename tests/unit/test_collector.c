// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the collector runs, complains of and publishes; complete samples and reloads. */
#include <poll.h>

#include "common/sampling/walk_choice.h"
#include "tests/unit/collector_scene.h"

static void test_no_dentry_state(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_collector *none = NULL;
	char path[512];

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

	create();
	run_for(0.5);
	SNAPSHOT *s = publish();
	totals = dcm_snapshot_row(s, DCM_SEC_TOTALS, 0);
	assert_int_equal(totals->dentries, 1000);
	assert_int_equal(totals->unused, 900);
	assert_int_equal(totals->negative, 300);
	assert_false(DCM_ROW_HAS(totals, slab_bytes));
	memory = dcm_snapshot_row(s, DCM_SEC_MEMORY, 0);
	assert_int_equal(memory->total_bytes, 1024000);
	assert_int_equal(memory->allocstall, 2);
	assert_false(DCM_ROW_HAS(memory, slab_objects));
	assert_false(DCM_ROW_HAS(memory, psi_some_us));
	self = dcm_snapshot_row(s, DCM_SEC_SELF, 0);
	assert_int_equal(self->clients, 4);
	assert_string_equal(dcm_snapshot_str(s, self->version), DCM_VERSION);
	assert_source(DCM_SOURCE_MEMORY, DCM_STATE_OK, "/proc/slabinfo: No such file");
	assert_source(DCM_SOURCE_SYSCTLS, DCM_STATE_OK, "nobody asks");
	assert_source(DCM_SOURCE_LOOKUPS, DCM_STATE_OFF, "switched off");
}

/* A count that has overflowed is absent, with the reason; the others stay. */
static void test_below_zero(void **state)
{
	const struct dcm_snap_totals *totals;

	write_text("/proc/sys/fs/dentry-state", "-12 30 45 0 -7 0\n");
	create();
	run_for(0.5);
	SNAPSHOT *s = publish();
	totals = dcm_snapshot_row(s, DCM_SEC_TOTALS, 0);
	assert_false(DCM_ROW_HAS(totals, dentries));
	assert_false(DCM_ROW_HAS(totals, negative));
	assert_int_equal(totals->unused, 30);
	assert_source(DCM_SOURCE_DENTRY_STATE, DCM_STATE_OK, "below zero");
	write_text("/proc/sys/fs/dentry-state", "12 30 45 0 7 0\n");
	run_for(2);
	SNAPSHOT *later = publish();
	totals = dcm_snapshot_row(later, DCM_SEC_TOTALS, 0);
	assert_int_equal(totals->dentries, 12);
	assert_string_equal(
		dcm_snapshot_str(later, source_row(later, DCM_SOURCE_DENTRY_STATE)->reason), "");
}

static void test_complains_once(void **state)
{
	unsigned failed = 0;
	uint64_t failures;

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
	assert_false(DCM_ROW_HAS(namespaces, created));
	assert_int_not_equal(dcm_collector_capabilities(collector), 0);
}

/* A namespace that lives less than the interval is in no list: the tracepoint tells of it. */
static void test_namespaces_made(void **state)
{
	const struct dcm_snap_namespaces *row;

	create();
	run_for(30);
	fake.namespaces.made = 81; /* 80 of which have ended again */
	fake.namespaces.count = 4;
	fake.namespaces.listed = 2;
	fake.makers[0] = (struct dcm_walk_maker){.command = "runc:[1:CHILD]", .parent = "runc"};
	fake.maker_count = 1;
	run_for(30);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_int_equal(row->created, 81);
	assert_int_equal(row->ended, 79);
	assert_int_equal(row->created_exact, 1);
	assert_true(row->created_per_second > 1 && row->created_per_second < 3);
	assert_string_equal(dcm_snapshot_str(s, row->makers), "runc:[1:CHILD] of runc");
	assert_source(DCM_SOURCE_NAMESPACES, DCM_STATE_OK, "");
}

/* Without it the count is a lower bound, and says so. */
static void test_namespaces_listed(void **state)
{
	const struct dcm_snap_namespaces *row;

	fake.watch_err = -ENOENT;
	create();
	run_for(30);
	fake.namespaces.listed = 3;
	run_for(30);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_int_equal(row->created, 3);
	assert_int_equal(row->created_exact, 0);
	assert_false(DCM_ROW_HAS(row, makers));
	assert_source(DCM_SOURCE_NAMESPACES, DCM_STATE_OK,
		      "are not counted as created: fake tracepoint is missing");
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
	add_processes();
	fake.open_err = -EPERM;
	create();
	assert_without_bpf("fake walk does not open");
	run_for(100);
	assert_int_equal(fake.opened, 1);
}

static void test_bpf_switched_off(void **state)
{
	add_processes();
	config.sampling.bpf = false;
	create();
	assert_without_bpf("bpf = no");
	assert_int_equal(fake.opened, 0);
	/* And on again, by a reload. What runs take is kept. */
	config.sampling.bpf = true;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(60);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "");
	assert_int_equal(dcm_collector_capabilities(collector), 0);
	fake.capabilities = 1ULL << 39; /* CAP_BPF */
	assert_int_equal(dcm_collector_capabilities(collector), fake.capabilities);
}

/* /proc/kcore is opened if that is asked for, and only then; whoever reads it is told. */
static void test_vehicle(void **state)
{
	static const struct {
		unsigned vehicle;
		bool bpf;
		unsigned opened;
		enum dcm_walk_flavour wanted;
	} cases[] = {
		{DCM_VEHICLE_BPF, true, 1, DCM_WALK_AUTO},
		{DCM_VEHICLE_BPF, false, 0, DCM_WALK_AUTO},
		{DCM_VEHICLE_AUTO, true, 1, DCM_WALK_ANY},
		{DCM_VEHICLE_AUTO, false, 1, DCM_WALK_KCORE},
		{DCM_VEHICLE_KCORE, true, 1, DCM_WALK_KCORE},
		{DCM_VEHICLE_KCORE, false, 1, DCM_WALK_KCORE},
	};
	enum dcm_walk_flavour wanted;

	assert_int_equal(config.sampling.vehicle, DCM_VEHICLE_BPF);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config.sampling.vehicle = cases[i].vehicle;
		config.sampling.bpf = cases[i].bpf;
		assert_int_equal(dcm_walk_choose(&config.sampling, &wanted), cases[i].opened);
		assert_int_equal(wanted, cases[i].wanted);
	}
	fake.flavour = DCM_WALK_KCORE;
	create();
	run_for(60);
	assert_int_equal(fake.wanted, DCM_WALK_KCORE);
	assert_source(DCM_SOURCE_HASH, DCM_STATE_OK, "read from /proc/kcore, without BPF");
}

static unsigned progress_calls;

static bool count_progress(void *ctx, const char *source, double fraction)
{
	assert_true(fraction >= 0 && fraction <= 1);
	return ++progress_calls < *(unsigned *)ctx;
}

static void test_sample(void **state)
{
	unsigned limit = UINT32_MAX;

	fake.slices = 3000; /* three seconds of CPU: no budget would allow it */
	create();
	progress_calls = 0;
	assert_int_equal(dcm_collector_sample(collector, count_progress, &limit), 0);
	assert_int_equal(fake.stepped, 3000);
	assert_in_range(progress_calls, 3000, 3010);
	SNAPSHOT *s = publish();
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_CHAINS), 3);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS), 2);
	assert_true(DCM_ROW_HAS(superblock_row(s, 0), hashed));
	assert_int_equal(source_row(s, DCM_SOURCE_HASH)->state, DCM_STATE_OK);
	assert_int_equal(source_row(s, DCM_SOURCE_NAMESPACES)->state, DCM_STATE_OK);
}

static void test_sample_cancelled(void **state)
{
	unsigned limit = 10;

	create();
	progress_calls = 0;
	assert_int_equal(dcm_collector_sample(collector, count_progress, &limit), -ECANCELED);
	assert_int_equal(fake.stepped, 10);
}

/* Of the configuration at the start, and of a new one. */
static void test_slice(void **state)
{
	config.sampling.max_slice_us = 50;
	create();
	run_for(30);
	assert_int_equal(fake.slice_us, 50);
	config.sampling.max_slice_us = 0;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	assert_int_equal(fake.slice_us, 0);
}

static void test_reconfigure(void **state)
{
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
	create();
	for (int i = 0; i < 50; i++) {
		uint64_t next;

		dcm_collector_run(collector, now_ns, &next);
		if (dcm_collector_wants_publish(collector, now_ns)) {
			SNAPSHOT *s = publish();

			/* The first totals are of the creation, before time was a fake. */
			assert_true(source_row(s, DCM_SOURCE_DENTRY_STATE)->age_seconds < 0.01 ||
				    i == 0);
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

/* Links come from the real namespace, which has a loopback; the captured tree has no sysctls. */
static void test_interfaces_only_when_wanted(void **state)
{
	const struct dcm_interfaces_wanted own = {.own = true};
	const struct dcm_snap_interface *row;
	struct pollfd ended = {.events = POLLIN};
	uint64_t next;

	create();
	ended.fd = dcm_collector_fd(collector);
	run_for(20);
	assert_source(DCM_SOURCE_SYSCTLS, DCM_STATE_OK, "nobody asks");
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_NETNS), 0);
		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_INTERFACES), 0);
	}
	assert_false(dcm_collector_wants_publish(collector, now_ns));
	dcm_collector_want_interfaces(collector, now_ns, now_ns + 30 * SEC, &own);
	dcm_collector_run(collector, now_ns, &next);
	assert_false(dcm_collector_wants_publish(collector, now_ns)); /* a worker is at it */
	assert_int_equal(poll(&ended, 1, 20000), 1);
	dcm_collector_run(collector, now_ns, &next);
	assert_true(dcm_collector_wants_publish(collector, now_ns)); /* not a second later */
	assert_int_equal(poll(&ended, 1, 0), 0);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_NETNS), 1);
		row = dcm_snapshot_row(s, DCM_SEC_INTERFACES, 0);
		assert_non_null(row);
		assert_int_equal(row->netns, 1);
		assert_true(DCM_ROW_HAS(row, in_octets));
		assert_false(DCM_ROW_HAS(row, v4_retrans_ms));
	}
	run_for(40);
	{
		SNAPSHOT *s = publish();

		assert_int_equal(dcm_snapshot_count(s, DCM_SEC_IF_NETNS), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_dentry_state),
		TEST(test_totals),
		TEST(test_below_zero),
		TEST(test_complains_once),
		TEST(test_walk_does_not_open),
		TEST(test_bpf_switched_off),
		TEST(test_vehicle),
		TEST(test_namespaces_made),
		TEST(test_namespaces_listed),
		TEST(test_sample),
		TEST(test_sample_cancelled),
		TEST(test_slice),
		TEST(test_reconfigure),
		TEST(test_publish_pace),
		TEST(test_publish_follows_totals),
		TEST(test_interfaces_only_when_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
