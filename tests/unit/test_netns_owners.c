// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose namespaces are, from a captured /proc: cgroup v1 and hybrid, nsfs mounts with any path, and
 * containers with what docker and containerd have on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/netns/netns_owners.h"
#include "tests/unit/tree.h"

#define LONG "/srv/containers/storage/run/netns-of-the-build-farm/a-directory-with-a-long-name"

static struct tree tree;

static void add_process(int pid, unsigned inode, const char *command, const char *cgroup)
{
	char path[64], target[512], link[512];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	tree_write(&tree, path, command, strlen(command));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	tree_write(&tree, path, cgroup, strlen(cgroup));
	snprintf(path, sizeof(path), "/proc/%d/ns/made", pid);
	tree_write(&tree, path, "", 0);
	snprintf(target, sizeof(target), "net:[%u]", inode);
	snprintf(link, sizeof(link), "%s/proc/%d/ns/net", tree.root, pid);
	assert_int_equal(symlink(target, link), 0);
}

static void add_mounts(int pid, unsigned inode, const char *mounts)
{
	char path[64], target[512], link[512];

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", pid);
	tree_write(&tree, path, mounts, strlen(mounts));
	snprintf(target, sizeof(target), "mnt:[%u]", inode);
	snprintf(link, sizeof(link), "%s/proc/%d/ns/mnt", tree.root, pid);
	assert_int_equal(symlink(target, link), 0);
}

static int set_up(void **state)
{
	static const char mounts[] = "30 1 0:4 net:[501] /run/net\\040ns/blue rw - nsfs nsfs rw\n"
				     "31 1 0:4 net:[502] /run/net\\040ns/red rw - nsfs nsfs rw\n"
				     "32 1 0:4 net:[503] " LONG "/cni-0001 rw - nsfs nsfs rw\n"
				     "damaged\n"
				     "33 1 0:4 mnt:[504] /run/other rw - nsfs nsfs rw\n";

	tree_create(&tree);
	for (int i = 0; i < 6; i++)
		add_process(100 + i, 1000U + (unsigned)i, "pause\n",
			    i < 3 ? "2:misc:/\n1:memory:/docker/aaaa\n0::/\n"
				  : "2:misc:/\n1:memory:/docker/bbbb\n"
				    "0::/system.slice/containerd.service\n");
	/* One mount namespace of two processes, and a container's, which has a namespace of its
	 * own. */
	add_mounts(100, 77, mounts);
	add_mounts(101, 77, mounts);
	add_mounts(102, 78,
		   "40 1 0:4 net:[505] /run/user/1000/netns/pod rw - nsfs nsfs rw\n"
		   "41 1 0:4 net:[501] /run/net\\040ns/blue rw - nsfs nsfs rw\n");
	return 0;
}

static int tear_down(void **state)
{
	tree_destroy(&tree);
	return 0;
}

static const struct dcm_netns_owner *find(const struct dcm_netns_owners *owners,
					  const char *command, const char *cgroup)
{
	for (size_t i = 0; i < owners->count; i++)
		if (!strcmp(owners->item[i].command, command) &&
		    !strcmp(owners->item[i].cgroup, cgroup))
			return &owners->item[i];
	fail_msg("no owner %s, cgroup %s", command, cgroup);
	return NULL;
}

static void test_owners(void **state)
{
	struct dcm_netns_owners owners;

	assert_int_equal(dcm_netns_owners_find(tree.root, NULL, &owners), 0);
	assert_int_equal(owners.namespaces, 10);
	assert_int_equal(owners.count, 5);
	assert_int_equal(find(&owners, "pause", "/docker/aaaa")->namespaces, 3);
	assert_int_equal(find(&owners, "pause", "/docker/bbbb")->namespaces, 3);
	assert_int_equal(find(&owners, "/run/net ns", "")->namespaces, 2);
	assert_int_equal(find(&owners, "/run/user/1000/netns", "")->namespaces, 1);
	assert_int_equal(find(&owners, LONG, "")->namespaces, 1);
	assert_int_equal(find(&owners, LONG, "")->hold, DCM_NETNS_MOUNTED);
	dcm_netns_owners_deinit(&owners);
	assert_null(owners.item);
}

/* 56 containers that have one process of that name each are one owner; others are not. */
static void test_containers(void **state)
{
	struct dcm_netns_owners owners;
	const struct dcm_netns_owner *pods;
	char cgroup[256];

	for (int i = 0; i < 56; i++) {
		snprintf(cgroup, sizeof(cgroup),
			 "0::/kubepods/besteffort/pod%08x-1a2b-3c4d-5e6f-0123456789ab/%064x\n", i,
			 i * 7919);
		add_process(1000 + i, 5000U + (unsigned)i, "pause\n", cgroup);
	}
	snprintf(cgroup, sizeof(cgroup), "0::/docker/%064x\n", 12345);
	add_process(2000, 6000, "pause\n", cgroup);
	assert_int_equal(dcm_netns_owners_find(tree.root, NULL, &owners), 0);
	assert_int_equal(owners.namespaces, 10 + 57);
	assert_int_equal(owners.count, 5 + 2);
	pods = &owners.item[0];
	assert_string_equal(pods->command, "pause");
	assert_string_equal(pods->cgroup, "/kubepods/besteffort/pod#/#");
	assert_int_equal(pods->namespaces, 56);
	assert_int_equal(pods->cgroups, 56);
	snprintf(cgroup, sizeof(cgroup), "/docker/%064x", 12345); /* one alone keeps its name */
	assert_int_equal(find(&owners, "pause", cgroup)->cgroups, 1);
	dcm_netns_owners_deinit(&owners);
}

/* ---- with names of containers ---- */

#define POD "1d2c3b4a-0000-4000-8000-0123456789ab"

static void write_text(const char *path, const char *text)
{
	tree_write(&tree, path, text, strlen(text));
}

/* Docker's container number @i, @pid in it. */
static void add_docker(int i, int pid, const char *image)
{
	char id[65], path[160], text[256];

	snprintf(id, sizeof(id), "%064x", i);
	snprintf(path, sizeof(path), "/var/lib/docker/containers/%s/config.v2.json", id);
	snprintf(text, sizeof(text),
		 "{\"ID\":\"%s\",\"Name\":\"/pause-%d\",\"Config\":{\"Image\":\"%s\"}}", id, i,
		 image);
	write_text(path, text);
	snprintf(text, sizeof(text), "0::/docker/%s\n", id);
	add_process(pid, 5000U + (unsigned)i, "pause\n", text);
	add_mounts(pid, 500U + (unsigned)i, "50 1 0:50 / / rw - overlay overlay rw\n");
}

/* A container of a pod, by containerd. */
static void add_pod(int i, int pid, const char *namespace)
{
	char id[65], path[160], text[512];

	snprintf(id, sizeof(id), "%064x", i);
	snprintf(path, sizeof(path),
		 "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json", id);
	snprintf(text, sizeof(text),
		 "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
		 "\"io.kubernetes.cri.container-name\":\"nginx\","
		 "\"io.kubernetes.cri.image-name\":\"nginx:1.25\","
		 "\"io.kubernetes.cri.sandbox-name\":\"cart-%d\","
		 "\"io.kubernetes.cri.sandbox-namespace\":\"%s\"}}",
		 i, namespace);
	write_text(path, text);
	snprintf(text, sizeof(text), "0::/kubepods/besteffort/pod" POD "/%s\n", id);
	add_process(pid, 5000U + (unsigned)i, "nginx\n", text);
	add_mounts(pid, 500U + (unsigned)i, "50 1 0:50 / / rw - overlay overlay rw\n");
}

static struct dcm_config_containers config(void)
{
	struct dcm_config_containers config = {.docker = {.count = 1}, .containerd = {.count = 1}};

	strcpy(config.docker.path[0], "/var/lib/docker");
	strcpy(config.containerd.path[0], "/run/containerd");
	return config;
}

static void assert_container(const struct dcm_container *is, enum dcm_runtime runtime,
			     const char *name, const char *image, const char *namespace)
{
	assert_int_equal(is->runtime, runtime);
	assert_string_equal(is->name ? is->name : "", name);
	assert_string_equal(is->image ? is->image : "", image);
	assert_string_equal(is->namespace ? is->namespace : "", namespace);
}

/* By runtime, image and namespace of Kubernetes, whatever their commands. */
static void test_named_containers(void **state)
{
	const struct dcm_config_containers containers = config();
	const struct dcm_netns_owner *owner;
	struct dcm_netns_owners owners;

	for (int i = 0; i < 56; i++)
		add_docker(i, 1000 + i, "pause:3.9");
	add_docker(100, 1100, "nginx:1.25");
	for (int i = 200; i < 205; i++)
		add_pod(i, 1000 + i, i < 203 ? "shop" : "bank");
	write_text("/proc/1001/comm", "sleep\n");
	assert_int_equal(dcm_netns_owners_find(tree.root, &containers, &owners), 0);
	assert_int_equal(owners.namespaces, 10 + 56 + 1 + 5);
	assert_int_equal(owners.count, 5 + 4);

	owner = &owners.item[0];
	assert_int_equal(owner->namespaces, 56);
	assert_int_equal(owner->cgroups, 56);
	assert_int_equal(owner->members, 56);
	assert_string_equal(owner->cgroup, "/docker/#");
	assert_container(&owner->container, DCM_RUNTIME_DOCKER, "", "pause:3.9", "");
	assert_null(owner->container.id);
	for (int i = 0; i < 56; i++) {
		char name[32];

		snprintf(name, sizeof(name), "pause-%d", i);
		assert_int_equal(owner->member[i].pid, 1000 + i);
		assert_int_equal(owner->member[i].namespaces, 1);
		assert_container(&owner->member[i].container, DCM_RUNTIME_DOCKER, name, "pause:3.9",
				 "");
	}

	owner = find(&owners, "nginx", "/kubepods/besteffort/pod#/#");
	assert_int_equal(owner->members, owner->namespaces);
	assert_null(owner->container.pod);
	assert_container(&owner->container, DCM_RUNTIME_CONTAINERD, "", "nginx:1.25",
			 owner->members == 3 ? "shop" : "bank");
	for (size_t i = 0; i < owners.count; i++) /* one alone has all that is known */
		if (owners.item[i].members == 1)
			assert_container(&owners.item[i].container, DCM_RUNTIME_DOCKER, "pause-100",
					 "nginx:1.25", "");
	dcm_netns_owners_deinit(&owners);
}

/* A namespace that a container has open or has mounted is its own; one of a mount that a runtime
 * has left is the runtime's. */
static void test_holding_containers(void **state)
{
	const struct dcm_config_containers containers = config();
	const struct dcm_netns_owner *owner;
	struct dcm_netns_owners owners;
	char link[512];

	add_mounts(103, 79,
		   "60 1 0:4 net:[600] /run/docker/netns/ab5666d95b20 rw - nsfs nsfs rw\n"
		   "61 1 0:4 net:[601] /run/docker/netns/bb5666d95b20 rw - nsfs nsfs rw\n"
		   "62 1 0:4 net:[602] /run/netns/netns-a99481af-7c29-a57b-c942-f30e6d6e5f79 rw - "
		   "nsfs nsfs rw\n");
	add_docker(1, 1001, "agent:2");
	write_text("/proc/1001/fd/0", "");
	assert_int_equal(symlink("net:[700]", tree_path(&tree, "/proc/1001/fd/7", link)), 0);
	write_text("/proc/1001/mountinfo",
		   "50 1 0:50 / / rw - overlay overlay rw\n"
		   "51 1 0:4 net:[701] /run/inner/blue rw - nsfs nsfs rw\n");
	assert_int_equal(dcm_netns_owners_find(tree.root, &containers, &owners), 0);

	owner = find(&owners, "/run/docker/netns", "");
	assert_int_equal(owner->namespaces, 2);
	assert_int_equal(owner->container.runtime, DCM_RUNTIME_DOCKER);
	assert_int_equal(owner->members, 0);
	owner = find(&owners, "/run/inner", "");
	assert_int_equal(owner->hold, DCM_NETNS_MOUNTED);
	assert_container(&owner->container, DCM_RUNTIME_DOCKER, "pause-1", "agent:2", "");
	for (size_t i = 0; i < owners.count; i++)
		if (owners.item[i].hold == DCM_NETNS_HELD)
			assert_container(&owners.item[i].container, DCM_RUNTIME_DOCKER, "pause-1",
					 "agent:2", "");
	assert_int_equal(find(&owners, "/run/netns", "")->container.runtime, DCM_RUNTIME_PODMAN);
	assert_int_equal(owners.namespaces, 10 + 3 + 1 + 2);
	assert_int_equal(owners.count, 5 + 2 + 3);
	dcm_netns_owners_deinit(&owners);
}

/* Nobody lives in these any more: files of runtimes tell whose they were. */
static void test_mounts_of_containers(void **state)
{
	struct dcm_config_containers containers = config();
	const struct dcm_netns_owner *owner;
	struct dcm_netns_owners owners;
	char path[256], text[512];

	add_mounts(103, 79,
		   "60 1 0:4 net:[600] /run/docker/netns/ab5666d95b20 rw - nsfs nsfs rw\n"
		   "61 1 0:4 net:[601] /run/docker/netns/bb5666d95b20 rw - nsfs nsfs rw\n"
		   "62 1 0:4 net:[602] /run/netns/cni-1 rw - nsfs nsfs rw\n"
		   "63 1 0:4 net:[603] /run/netns/cni-2 rw - nsfs nsfs rw\n"
		   "64 1 0:4 net:[604] /run/netns/netns-3 rw - nsfs nsfs rw\n");
	snprintf(path, sizeof(path), "/var/lib/docker/containers/%064x/config.v2.json", 1);
	write_text(path,
		   "{\"Name\":\"/web-1\",\"Config\":{\"Image\":\"nginx:1.25\"},"
		   "\"NetworkSettings\":{\"SandboxKey\":\"/var/run/docker/netns/ab5666d95b20\"}}");
	snprintf(path, sizeof(path),
		 "/run/containerd/io.containerd.runtime.v2.task/k8s.io/%064x/config.json", 2);
	write_text(
		path,
		"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"cart-1\","
		"\"io.kubernetes.cri.sandbox-namespace\":\"shop\"},\"linux\":{\"namespaces\":"
		"[{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/var/run/netns/cni-1\"}]}}");
	snprintf(path, sizeof(path), "/storage/overlay-containers/%064x/userdata/config.json", 3);
	write_text(path, "{\"linux\":{\"namespaces\":[{\"type\":\"network\","
			 "\"path\":\"/run/netns/netns-3\"}]}}");
	snprintf(text, sizeof(text), "[{\"id\":\"%064x\",\"names\":[\"db-1\"]}]", 3);
	write_text("/storage/overlay-containers/containers.json", text);
	strcpy(containers.storage.path[0], "/storage");
	containers.storage.count = 1;
	assert_int_equal(dcm_netns_owners_find(tree.root, &containers, &owners), 0);

	for (size_t i = 0, named = 0; i <= owners.count; i++) {
		if (i == owners.count) {
			assert_int_equal(named, 3);
			break;
		}
		owner = &owners.item[i];
		if (owner->hold != DCM_NETNS_MOUNTED || !owner->container.id)
			continue;
		named++;
		assert_int_equal(owner->namespaces, 1);
		if (owner->container.runtime == DCM_RUNTIME_DOCKER)
			assert_container(&owner->container, DCM_RUNTIME_DOCKER, "web-1",
					 "nginx:1.25", "");
		else if (owner->container.runtime == DCM_RUNTIME_CONTAINERD)
			assert_container(&owner->container, DCM_RUNTIME_CONTAINERD, "", "", "shop");
		else
			assert_container(&owner->container, DCM_RUNTIME_PODMAN, "db-1", "", "");
	}
	/* No file tells of the others. */
	assert_int_equal(owners.namespaces, 10 + 5);
	dcm_netns_owners_deinit(&owners);
}

static void test_no_proc(void **state)
{
	struct dcm_netns_owners owners;

	assert_int_equal(dcm_netns_owners_find("/nonexistent", NULL, &owners), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_owners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_containers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_named_containers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_holding_containers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mounts_of_containers, set_up, tear_down),
		cmocka_unit_test(test_no_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
