// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose namespaces are, from a captured /proc: cgroup v1 and hybrid, nsfs mounts with any path. */
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

	assert_int_equal(dcm_netns_owners_find(tree.root, &owners), 0);
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
	assert_int_equal(dcm_netns_owners_find(tree.root, &owners), 0);
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

static void test_no_proc(void **state)
{
	struct dcm_netns_owners owners;

	assert_int_equal(dcm_netns_owners_find("/nonexistent", &owners), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_owners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_containers, set_up, tear_down),
		cmocka_unit_test(test_no_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
