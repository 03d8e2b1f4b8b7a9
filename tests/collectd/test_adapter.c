// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The plugin in a mock daemon: every callback, options, values, notifications, start and end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <pthread.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/sampling/collector.h"
#include "common/transport/snapshot_server.h"
#include "tests/collectd/mock_host.h"
#include "tests/collectd/scene.h"

#define WAIT_NS (20 * DCM_NSEC_PER_SEC)

/* ---- a worker that is held up (the linker's --wrap) ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool at_gate, gate_closed;

void __real_dcm_collector_run(struct dcm_collector *collector, uint64_t now_ns, uint64_t *ret);
void __wrap_dcm_collector_run(struct dcm_collector *collector, uint64_t now_ns, uint64_t *ret);

void __wrap_dcm_collector_run(struct dcm_collector *collector, uint64_t now_ns, uint64_t *ret)
{
	if (gate_closed) {
		at_gate = true;
		pthread_mutex_lock(&gate);
		pthread_mutex_unlock(&gate);
		at_gate = false;
	}
	__real_dcm_collector_run(collector, now_ns, ret);
}

/* ---- a daemon ---- */

static struct {
	struct dcm_snapshot_server *server;
	struct dcm_snapshot_builder *builder;
	struct scene scene;
	char folder[32], path[64];
	uint64_t due_ns;
} host;

static void serve(void)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;

	if (dcm_now_ns() < host.due_ns) {
		dcm_snapshot_server_dispatch(host.server);
		return;
	}
	host.due_ns = dcm_now_ns() + 20 * DCM_NSEC_PER_MSEC;
	scene_fill(host.builder, &host.scene);
	assert_int_equal(dcm_snapshot_builder_finish(host.builder, 1, dcm_now_ns(), &snapshot), 0);
	assert_int_equal(dcm_snapshot_server_publish(host.server, snapshot), 0);
	dcm_snapshot_server_dispatch(host.server);
}

static void start_daemon(uint32_t superblocks)
{
	struct dcm_reason reason;

	host.scene = (struct scene){.superblocks = superblocks};
	host.due_ns = 0;
	assert_int_equal(dcm_snapshot_builder_create(&host.builder), 0);
	assert_int_equal(dcm_snapshot_server_create(&host.server), 0);
	assert_int_equal(dcm_snapshot_server_listen(host.server, host.path, "", &reason), 0);
}

static void stop_daemon(void)
{
	dcm_snapshot_server_destroy(host.server);
	dcm_snapshot_builder_destroy(host.builder);
	host.server = NULL;
}

/* One read; only its values are kept. */
static void read_once(void)
{
	free(mock.values);
	mock.values = NULL;
	mock.value_count = 0;
	assert_int_equal(mock.read(), 0);
	poll(NULL, 0, 5);
}

/* Reads, with the daemon at work, until @identifier has @value. */
static void read_until(const char *identifier, double value)
{
	uint64_t end = dcm_now_ns() + WAIT_NS;

	for (;;) {
		const struct mock_value *found;

		if (host.server)
			serve();
		read_once();
		found = mock_find(identifier);
		if (found && found->value.gauge == value)
			return;
		if (dcm_now_ns() > end)
			fail_msg("%s never was %g", identifier, value);
	}
}

static int setup(void **state)
{
	mock_forget();
	mock.interval = 0.2;
	module_register();
	strcpy(host.folder, "/tmp/dcm-adapter-XXXXXX");
	assert_non_null(mkdtemp(host.folder));
	snprintf(host.path, sizeof(host.path), "%s/sock", host.folder);
	return 0;
}

static int teardown(void **state)
{
	mock.shutdown();
	if (host.server)
		stop_daemon();
	rmdir(host.folder);
	mock_forget();
	return 0;
}

static void start(const char *source, const char *key, const char *value)
{
	const char *pairs[] = {"Source", source, "Socket", host.path, "BPF",
			       "false",	 key,	 value,	   NULL,      NULL};

	assert_int_equal(mock_configure(pairs), 0);
	assert_int_equal(mock.init(), 0);
}

static size_t count_entries(const char *folder)
{
	_cleanup_closedir_ DIR *dir = opendir(folder);
	size_t count = 0;

	while (readdir(dir))
		count++;
	return count;
}

/* ---- the tests ---- */

static void test_registers(void **state)
{
	assert_non_null(mock.config);
	assert_non_null(mock.init);
	assert_non_null(mock.read);
	assert_non_null(mock.shutdown);
}

/* Callbacks that come without init, or twice, do no harm. */
static void test_out_of_order(void **state)
{
	assert_int_equal(mock.read(), 0);
	assert_int_equal(mock.shutdown(), 0);
	start("self", NULL, NULL);
	assert_int_equal(mock.init(), 0);
	assert_int_equal(mock.shutdown(), 0);
	assert_int_equal(mock.shutdown(), 0);
	assert_int_equal(mock.value_count, 0);
}

static void test_bad_options(void **state)
{
	static const char *const pairs[] = {"Source",
					    "sideways",
					    "MaxChains",
					    "1.5",
					    "BudgetPercent",
					    "lots",
					    "HashInterval",
					    "0.001",
					    "Frobnicate",
					    "1",
					    "Superblock",
					    "/(/",
					    "Socket",
					    "relative",
					    "chain_length/Warning",
					    "much",
					    "no_such/Warning",
					    "1",
					    "MemoryInterval",
					    "30",
					    "MemoryInterval",
					    "60",
					    NULL};
	static const char *const messages[] = {
		"option Source: must be auto, daemon or self; it is ignored",
		"option MaxChains: must be a whole number",
		"option BudgetPercent: must be a number; it is ignored",
		"option HashInterval: must be 0 or between 0.1 and 86400",
		"option Frobnicate: unknown key",
		"option Superblock: is empty or not a regular expression",
		"option Socket: must be an absolute path",
		"option Alarm chain_length: Warning: ",
		"option Alarm no_such: Warning: ",
		"option MemoryInterval: is given twice; it is ignored",
	};

	assert_int_equal(mock_configure(pairs), 0);
	assert_int_equal(mock.init(), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(messages); i++)
		if (mock_logged(messages[i]) != 1)
			fail_msg("%zu times: %s", mock_logged(messages[i]), messages[i]);
}

static void test_values(void **state)
{
	start_daemon(3);
	start("daemon", NULL, NULL);
	read_until("totals/objects-dentries", SCENE_DENTRIES);
	assert_true(mock_find("totals/objects-unused")->value.gauge == (double)SCENE_UNUSED);
	assert_int_equal(mock_find("memory/total_operations-pgscan_direct")->value.derive,
			 SCENE_DIRECT);
	assert_true(mock_find("memory/percent-psi_some")->value.gauge == 12.5);
	assert_true(mock_find("lookup-proc_sys_net_ipv6/latency-lookup")->value.gauge == 0.000025);
	assert_true(mock_find("superblock-tmpfs-mnt_2/objects-hashed")->value.gauge == 20);
	assert_true(mock_find("superblock-other/objects-unused")->value.gauge == 0);
	assert_true(mock_find("agent/bool-degraded")->value.gauge == 0);
	assert_null(mock_find("totals/objects-negative")); /* absent */
	assert_null(mock_find("hash/gauge-coverage"));	   /* not a number */
	assert_non_null(mock_find("chain-10/objects-length"));
	assert_null(mock_find("chain-11/objects-length"));
}

/* Meta data whatever the instance; the instance only if it is wanted. */
static void test_containers(void **state)
{
	const struct mock_value *value;

	start_daemon(3);
	host.scene.container = true;
	start("daemon", NULL, NULL);
	read_until("superblock-tmpfs-mnt_2/objects-hashed", 20);
	value = mock_find("superblock-tmpfs-mnt_2/objects-hashed");
	assert_string_equal(value->container_name, "web-1");
	assert_string_equal(value->container_id, "3f2a9c01b77e");
	assert_string_equal(mock_find("superblock-tmpfs-mnt_1/objects-hashed")->container_id, "");
	assert_string_equal(mock_find("totals/objects-dentries")->container_id, "");
}

static void test_container_instances(void **state)
{
	start_daemon(3);
	host.scene.container = true;
	start("daemon", "ContainerInstances", "true");
	read_until("superblock-tmpfs-container_web-1/objects-hashed", 20);
	assert_null(mock_find("superblock-tmpfs-mnt_2/objects-hashed"));
	assert_non_null(mock_find("superblock-tmpfs-mnt_1/objects-hashed"));
}

/* Before the first pass nobody knows how many entries are hashed: no sum of nothing is sent. */
static void test_unknown_sums(void **state)
{
	(void)state;
	start_daemon(5);
	host.scene.no_pass = true;
	start("daemon", "MaxSuperblocks", "3");
	read_until("superblock-other/objects-unused", 1000 + 2000);
	assert_null(mock_find("superblock-other/objects-hashed"));
	assert_null(mock_find("superblock-other/objects-negative"));
	host.scene.no_pass = false;
	read_until("superblock-other/objects-hashed", 10 + 20);
	read_until("superblock-other/objects-negative", 1 + 2);
}

/* Every identifier is well formed and there once; all values of a read have one time. */
static void test_identifiers(void **state)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	start_daemon(500);
	start("daemon", "MaxSuperblocks", "500");
	read_until("totals/objects-dentries", SCENE_DENTRIES);
	for (size_t i = 0; i < mock.value_count; i++) {
		const value_list_t *a = &mock.values[i].list;

		assert_string_equal(a->plugin, "dcachemon");
		assert_true(*a->plugin_instance &&
			    strspn(a->plugin_instance, allowed) == strlen(a->plugin_instance));
		assert_true(strspn(a->type_instance, allowed) == strlen(a->type_instance));
		assert_true(a->time == mock.values[0].list.time);
		for (size_t k = 0; k < i; k++) {
			const value_list_t *b = &mock.values[k].list;

			assert_false(!strcmp(a->plugin_instance, b->plugin_instance) &&
				     !strcmp(a->type, b->type) &&
				     !strcmp(a->type_instance, b->type_instance));
		}
	}
}

static void test_degraded(void **state)
{
	start_daemon(1);
	start("daemon", NULL, NULL);
	read_until("agent/bool-degraded", 0);
	host.scene.hash_broken = true;
	read_until("agent/bool-degraded", 1);
	read_until("agent/bool-degraded", 1);
	assert_int_equal(mock_logged("source hash is failed: no BTF"), 1);
	host.scene.hash_broken = false;
	read_until("agent/bool-degraded", 0);
	assert_int_equal(mock_logged("source hash is ok again"), 1);
	assert_int_equal(mock_logged("source "), 2);
}

static void wait_notifications(size_t count)
{
	uint64_t end = dcm_now_ns() + WAIT_NS;

	while (mock.notification_count < count && dcm_now_ns() < end)
		read_until("agent/bool-degraded", 0);
	assert_int_equal(mock.notification_count, count);
}

static void set_alarm(enum dcm_severity severity)
{
	host.scene.severity = severity;
	host.scene.sequence++;
}

static void check_notification(size_t i, int severity, bool critical)
{
	const struct mock_notification *got = &mock.notifications[i];

	assert_int_equal(got->n.severity, severity);
	assert_string_equal(got->n.host, "mock");
	assert_string_equal(got->n.plugin, "dcachemon");
	assert_string_equal(got->n.plugin_instance, "chain-1");
	assert_string_equal(got->n.type, "objects");
	assert_string_equal(got->n.type_instance, "length");
	assert_string_equal(got->n.message, SCENE_ALARM_TEXT);
	assert_string_equal(got->data_source, "value");
	assert_string_equal(got->alarm, "chain_length");
	assert_true(got->current == SCENE_CHAIN);
	assert_int_equal(got->has_failure_max, critical);
	assert_int_equal(got->has_warning_max, !critical);
	assert_true((critical ? got->failure_max : got->warning_max) == SCENE_THRESHOLD);
	assert_true(CDTIME_T_TO_TIME_T(got->n.time) == 1700000000);
}

static void test_notifications(void **state)
{
	start_daemon(1);
	start("daemon", NULL, NULL);
	read_until("agent/bool-degraded", 0);
	set_alarm(DCM_SEVERITY_WARNING);
	wait_notifications(1);
	set_alarm(DCM_SEVERITY_CRITICAL);
	wait_notifications(2);
	set_alarm(DCM_SEVERITY_CLEARED);
	wait_notifications(3);
	check_notification(0, NOTIF_WARNING, false);
	check_notification(1, NOTIF_FAILURE, true);
	check_notification(2, NOTIF_OKAY, false);
}

static void test_no_notifications(void **state)
{
	start_daemon(1);
	start("daemon", "Notifications", "false");
	set_alarm(DCM_SEVERITY_CRITICAL);
	read_until("agent/bool-degraded", 0);
	set_alarm(DCM_SEVERITY_CLEARED);
	for (int i = 0; i < 50; i++)
		read_until("agent/bool-degraded", 0);
	assert_int_equal(mock.notification_count, 0);
}

/* A daemon that is not there: one warning, no values, no failure; it comes, goes and comes. */
static void test_daemon_comes_and_goes(void **state)
{
	start("daemon", NULL, NULL);
	for (int i = 0; i < 50; i++)
		read_once();
	assert_int_equal(mock.value_count, 0);
	assert_int_equal(mock_logged("no daemon answers at"), 1);
	start_daemon(1);
	read_until("totals/objects-dentries", SCENE_DENTRIES);
	assert_int_equal(mock_logged("the daemon answers"), 1);
	stop_daemon();
	while (mock_logged("no daemon answers at") < 2)
		read_once();
	start_daemon(1);
	while (mock_logged("the daemon answers") < 2)
		read_until("totals/objects-dentries", SCENE_DENTRIES);
}

/* Source auto: by itself until a daemon answers, and again when it is gone. */
static void test_auto(void **state)
{
	start("auto", NULL, NULL);
	read_until("source-dentry_state/total_operations-failures", 0);
	assert_int_equal(mock_logged("no daemon"), 0);
	start_daemon(1);
	read_until("totals/objects-dentries", SCENE_DENTRIES);
	stop_daemon();
	while (mock_find("totals/objects-dentries")->value.gauge == (double)SCENE_DENTRIES)
		read_once();
	assert_int_equal(mock_logged("sampling by ourselves"), 1);
}

/* No read waits for a worker that is held up; shutdown gives up on it in time. */
static void test_held_up(void **state)
{
	size_t tasks = count_entries("/proc/self/task"); /* a sanitizer may have one, too */
	uint64_t begin;
	int slow = 0;

	start("self", NULL, NULL);
	read_until("source-dentry_state/total_operations-failures", 0);
	pthread_mutex_lock(&gate);
	gate_closed = true;
	while (!at_gate)
		poll(NULL, 0, 1);
	for (int i = 0; i < 100; i++) {
		begin = dcm_now_ns();
		assert_int_equal(mock.read(), 0);
		slow += dcm_now_ns() - begin > 50 * DCM_NSEC_PER_MSEC;
	}
	assert_non_null(mock_find("totals/objects-dentries"));
	print_message("# of 100 reads, longer than 50 ms: %d\n", slow);
	assert_true(slow < 20); /* other work on this machine holds up a few */
	begin = dcm_now_ns();
	assert_int_equal(mock.shutdown(), 0);
	assert_true(dcm_now_ns() - begin < 10 * DCM_NSEC_PER_SEC);
	assert_int_equal(mock_logged("held up in the kernel"), 1);
	gate_closed = false;
	pthread_mutex_unlock(&gate);
	while (count_entries("/proc/self/task") > tasks)
		poll(NULL, 0, 5);
}

/* What one read hands over, from a daemon that has so many superblocks. */
static size_t values_of(uint32_t superblocks)
{
	start_daemon(superblocks);
	start("daemon", NULL, NULL);
	read_until("totals/objects-dentries", SCENE_DENTRIES);
	return mock.value_count;
}

/* 10,000 superblocks: reading stays cheap, with no value more than of a hundred. */
static void test_many_superblocks(void **state)
{
	size_t of_hundred = values_of(100);

	assert_int_equal(mock.shutdown(), 0);
	stop_daemon();
	assert_int_equal(values_of(10000), of_hundred);
	/* Of rows 1 to 10000, 10000 has 5e9 and the others 1000 each per number. */
	assert_non_null(mock_find("superblock-tmpfs-mnt_10000/objects-unused"));
	assert_non_null(mock_find("superblock-tmpfs-mnt_9981/objects-unused"));
	assert_null(mock_find("superblock-tmpfs-mnt_9980/objects-unused"));
	assert_true(mock_find("superblock-other/objects-negative")->value.gauge ==
		    9980.0 * 9981 / 2);
}

/* A thousand lives in one process leave no thread and no descriptor. */
static void test_thousand_lives(void **state)
{
	size_t fds = count_entries("/proc/self/fd"), threads = count_entries("/proc/self/task");

	for (int i = 0; i < 1000; i++) {
		start(i % 2 ? "self" : "auto", NULL, NULL);
		assert_int_equal(mock.read(), 0);
		assert_int_equal(mock.shutdown(), 0);
		mock_forget();
	}
	assert_int_equal(count_entries("/proc/self/fd"), fds);
	assert_int_equal(count_entries("/proc/self/task"), threads);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_registers),
		TEST(test_out_of_order),
		TEST(test_bad_options),
		TEST(test_values),
		TEST(test_containers),
		TEST(test_container_instances),
		TEST(test_unknown_sums),
		TEST(test_identifiers),
		TEST(test_degraded),
		TEST(test_notifications),
		TEST(test_no_notifications),
		TEST(test_daemon_comes_and_goes),
		TEST(test_auto),
		TEST(test_many_superblocks),
		TEST(test_thousand_lives),
		TEST(test_held_up), /* last: a held-up thread keeps what it uses */
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
