// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Containers in the rows of superblocks, and when nothing is said of them. */
#include "tests/unit/collector_scene.h"

#include <linux/capability.h>

#define ID    "a123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "b123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define STATE "/var/lib/docker/containers/" ID "/config.v2.json"

static void link_namespace(const char *path, const char *target)
{
	char full[512];

	assert_int_equal(symlink(target, tree_path(&tree, path, full)), 0);
}

/* A container whose root directory is the overlay of the scene, and that has a tmpfs of its own. */
static void write_container(void)
{
	link_namespace("/proc/1/ns/mnt", "mnt:[1]");
	link_namespace("/proc/900/ns/mnt", "mnt:[9]");
	write_text("/proc/900/comm", "nginx\n");
	write_text("/proc/900/cgroup", "0::/system.slice/docker-" ID ".scope\n");
	write_text("/proc/900/mountinfo",
		   "50 40 0:40 / / rw - overlay overlay rw\n51 50 0:77 / /tmp rw - tmpfs tmp rw\n");
	write_text(STATE, "{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx:1.25\"}}");
	fake.superblocks[2] = (struct dcm_walk_superblock){
		.address = 0x7000, .dev_minor = 77, .fstype = "tmpfs", .id = "tmpfs"};
	fake.superblock_count = 3;
	fake.parent[0] = (struct dcm_walk_parent){.dentry = 2, .children = 1000};
	fake.parents = 1;
	fake.chain_superblock = 0x2000; /* of the directory, too: the overlay */
}

static int set_up_container(void **state)
{
	set_up(state);
	config.sampling.interval[DCM_SOURCE_CONTAINERS] = 10;
	config.containers.docker.count = 1;
	strcpy(config.containers.docker.path[0], "/var/lib/docker");
	write_container();
	return 0;
}

static const struct dcm_snap_superblock *row_of(const struct dcm_snapshot *s, uint32_t dev_minor)
{
	for (size_t i = 0; i < dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS); i++)
		if (superblock_row(s, i)->dev_minor == dev_minor)
			return superblock_row(s, i);
	fail_msg("no superblock 0:%u", dev_minor);
	return NULL;
}

static void assert_name(uint32_t dev_minor, const char *name)
{
	SNAPSHOT *s = publish();
	const struct dcm_snap_superblock *row = row_of(s, dev_minor);

	assert_string_equal(dcm_snapshot_str(s, row->container.name), name);
	assert_int_equal(DCM_ROW_HAS(row, container.name), *name != '\0');
}

static void test_rows(void **state)
{
	const struct dcm_snap_directory *directory;
	const struct dcm_snap_chain *chain;
	const struct dcm_snap_superblock *row;

	create();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_source(DCM_SOURCE_CONTAINERS, DCM_STATE_OK, "");
	SNAPSHOT *s = publish();
	row = row_of(s, 40);
	assert_string_equal(dcm_snapshot_str(s, row->container.runtime), "docker");
	assert_string_equal(dcm_snapshot_str(s, row->container.id), "a123456789ab");
	assert_string_equal(dcm_snapshot_str(s, row->container.name), "web-1");
	assert_string_equal(dcm_snapshot_str(s, row->container.image), "nginx:1.25");
	assert_false(DCM_ROW_HAS(row, container.pod));
	assert_false(DCM_ROW_HAS(row, process_pid)); /* the host has it mounted */
	row = row_of(s, 77);
	assert_string_equal(dcm_snapshot_str(s, row->container.name), "web-1");
	assert_int_equal(row->process_pid, 900);
	assert_string_equal(dcm_snapshot_str(s, row->process_command), "nginx");
	directory = dcm_snapshot_row(s, DCM_SEC_DIRECTORIES, 0);
	assert_non_null(directory);
	assert_string_equal(dcm_snapshot_str(s, directory->container.name), "web-1");
	assert_string_equal(dcm_snapshot_str(s, directory->container.id), "a123456789ab");
	chain = dcm_snapshot_row(s, DCM_SEC_CHAINS, 0);
	assert_non_null(chain);
	assert_string_equal(dcm_snapshot_str(s, chain->container.name), "web-1");
	assert_string_equal(dcm_snapshot_str(s, chain->container.image), "nginx:1.25");
	row = row_of(s, 5);
	assert_false(DCM_ROW_HAS(row, container.runtime));
	assert_false(DCM_ROW_HAS(row, process_pid));
}

/* Another superblock with that device number has no container before somebody has looked. */
static void test_new_superblock(void **state)
{
	uint64_t next;

	create();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_name(40, "web-1");
	fake.superblocks[1].address = 0x3000;
	now_ns += 20 * SEC;
	dcm_collector_run(collector, now_ns, &next);
	assert_name(40, "");
	assert_name(77, "web-1");
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_name(40, "web-1");
}

/* A namespace made for a container: known at once, its name when somebody has looked. */
static void test_namespaces(void **state)
{
	const struct dcm_snap_namespaces *row;

	create();
	fake.makers[0] = (struct dcm_walk_maker){.command = "runc:[1:CHILD]",
						 .parent = "runc",
						 .group = "/system.slice/docker-" ID ".scope"};
	fake.maker_count = 1;
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_string_equal(dcm_snapshot_str(s, row->makers), "runc:[1:CHILD] of runc for docker");
	assert_string_equal(dcm_snapshot_str(s, row->container.runtime), "docker");
	assert_string_equal(dcm_snapshot_str(s, row->container.id), "a123456789ab");
	assert_string_equal(dcm_snapshot_str(s, row->container.name), "web-1");
	assert_false(DCM_ROW_HAS(row, container.pod));
}

/* The same of a container that has ended: its state tells, as long as that is there. */
static void test_namespaces_of_ended(void **state)
{
	const struct dcm_snap_namespaces *row;

	create();
	fake.makers[0] = (struct dcm_walk_maker){
		.command = "runc:[1:CHILD]", .parent = "runc", .group = "/docker/" OTHER};
	fake.maker_count = 1;
	write_text("/var/lib/docker/containers/" OTHER "/config.v2.json",
		   "{\"Name\":\"/failed-1\"}");
	for (int i = 0; i < 3; i++)
		assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_string_equal(dcm_snapshot_str(s, row->container.id), "b123456789ab");
	assert_string_equal(dcm_snapshot_str(s, row->container.name), "failed-1");
}

/* Of several that failed each is looked up. */
static void test_namespaces_of_several(void **state)
{
	const struct dcm_snap_namespaces *row;

	create();
	fake.makers[0] = (struct dcm_walk_maker){
		.command = "runc:[1:CHILD]", .parent = "runc", .group = "/docker/" OTHER};
	fake.makers[1] = (struct dcm_walk_maker){
		.command = "runc:[1:CHILD]", .parent = "runc", .group = "/docker/" ID};
	fake.maker_count = 2;
	write_text("/var/lib/docker/containers/" OTHER "/config.v2.json",
		   "{\"Name\":\"/failed-1\"}");
	for (int i = 0; i < 3; i++)
		assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_string_equal(dcm_snapshot_str(s, row->containers), "web-1 and failed-1");
	assert_string_equal(dcm_snapshot_str(s, row->container.name), "web-1");
}

/* Pods without a container are told beside the namespaces: containerd makes those by itself. */
static void test_waiting_pods(void **state)
{
	const struct dcm_snap_namespaces *row;
	char path[512];

	strcpy(config.containers.pods, "/var/log/pods");
	create();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *none = publish();
	row = dcm_snapshot_row(none, DCM_SEC_NAMESPACES, 0);
	assert_false(DCM_ROW_HAS(row, waiting_pods));
	tree_path(&tree, "/var/log/pods/shop_cart-1_e66b7d500362d790d618aae9a58056ed/x", path);
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *s = publish();
	row = dcm_snapshot_row(s, DCM_SEC_NAMESPACES, 0);
	assert_int_equal(row->waiting_pods, 1);
	assert_string_equal(dcm_snapshot_str(s, row->waiting_pod_names), "shop/cart-1");
	config.sampling.interval[DCM_SOURCE_CONTAINERS] = 0;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *off = publish();
	row = dcm_snapshot_row(off, DCM_SEC_NAMESPACES, 0);
	assert_false(DCM_ROW_HAS(row, waiting_pods));
}

static void test_rename(void **state)
{
	create();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	write_text(STATE, "{\"Name\":\"/renamed\"}");
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_name(40, "renamed");
}

/* Other folders take effect with the next look. */
static void test_reconfigure(void **state)
{
	create();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	strcpy(config.containers.docker.path[0], "/elsewhere");
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	assert_name(40, "");
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	SNAPSHOT *s = publish();
	assert_false(DCM_ROW_HAS(row_of(s, 40), container.name));
	assert_true(DCM_ROW_HAS(row_of(s, 40), container.id));
	config.sampling.interval[DCM_SOURCE_CONTAINERS] = 0;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	SNAPSHOT *off = publish();
	assert_false(DCM_ROW_HAS(row_of(off, 40), container.id));
	assert_source(DCM_SOURCE_CONTAINERS, DCM_STATE_OFF, "switched off");
}

/* Nothing is kept of the privileges that it takes unless somebody wants so. */
static void test_privileges(void **state)
{
	const uint64_t needed = 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_DAC_READ_SEARCH;

	create();
	assert_int_equal(dcm_collector_capabilities(collector), 0);
	config.containers.privileges = true;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	assert_int_equal(dcm_collector_capabilities(collector), needed);
	config.sampling.interval[DCM_SOURCE_CONTAINERS] = 0;
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	assert_int_equal(dcm_collector_capabilities(collector), 0);
}

#define CONTAINER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_container, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTAINER_TEST(test_rows),
		CONTAINER_TEST(test_new_superblock),
		CONTAINER_TEST(test_rename),
		CONTAINER_TEST(test_reconfigure),
		CONTAINER_TEST(test_privileges),
		CONTAINER_TEST(test_namespaces),
		CONTAINER_TEST(test_namespaces_of_ended),
		CONTAINER_TEST(test_namespaces_of_several),
		CONTAINER_TEST(test_waiting_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
