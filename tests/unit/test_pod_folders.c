// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pods that no container was made in yet, by the folders of their logs and the processes of pods.
 */
#include "tests/unit/tree.h"

#include <stdlib.h>

#include "common/base/units.h"
#include "common/kernel/containers/container_spaces.h"

#define PODS "/var/log/pods/"
#define ID   "a123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UUID "1d2c3b4a-0000-4000-8000-0123456789ab"
#define UNIT "1d2c3b4a_0000_4000_8000_0123456789ab" /* in the name of a unit */
#define SUM  "e66b7d500362d790d618aae9a58056ed"	    /* of a pod from a file */

static struct tree tree;
static struct dcm_spaces *spaces;

static int set_up(void **state)
{
	static struct dcm_config_containers config = {.pods = "/var/log/pods"};

	(void)state;
	tree_create(&tree);
	tree_write(&tree, "/proc/loadavg", "", 0);
	return dcm_spaces_create(tree.root, &config, &spaces);
}

static int tear_down(void **state)
{
	(void)state;
	dcm_spaces_destroy(spaces);
	tree_destroy(&tree);
	return 0;
}

/* @path in the folder of pods, whose last change was @age seconds ago. */
static void add(const char *path, time_t age)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1700000000 - age}};
	char part[256], full[512];

	snprintf(part, sizeof(part), PODS "%s/x", path);
	*strrchr(tree_path(&tree, part, full), '/') = '\0';
	assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

static void drop(const char *path)
{
	char part[256], full[512];

	snprintf(part, sizeof(part), PODS "%s", path);
	assert_int_equal(rmdir(tree_path(&tree, part, full)), 0);
}

/* One process, in the group of a pod. */
static void run_in(const char *cgroup)
{
	char full[512];

	assert_int_equal(symlink("mnt:[7]", tree_path(&tree, "/proc/700/ns/mnt", full)), 0);
	tree_write(&tree, "/proc/700/cgroup", cgroup, strlen(cgroup));
	tree_write(&tree, "/proc/700/comm", "pause\n", 6);
	tree_write(&tree, "/proc/700/mountinfo", "", 0);
}

static struct dcm_waiting_pods look(void)
{
	struct dcm_waiting_pods pods;
	struct dcm_spaces_found found;

	assert_int_equal(dcm_spaces_scan(spaces, DCM_NSEC_PER_SEC, NULL, &found), 0);
	assert_int_equal(dcm_spaces_waiting_pods(spaces, &found, &pods), 0);
	return pods;
}

static void assert_waiting(size_t count, const char *names)
{
	struct dcm_waiting_pods pods = look();

	assert_true(pods.known);
	assert_int_equal(pods.count, count);
	assert_string_equal(pods.names, names);
}

static void test_none(void **state)
{
	(void)state;
	assert_false(look().known); /* no Kubernetes here */
	add("", 0);
	assert_waiting(0, "");
	add("lost+found", 0);
	add("shop_cart", 0); /* no pod's */
	assert_waiting(0, "");
}

/* Those that wait longest come first, whatever their names. */
static void test_order(void **state)
{
	(void)state;
	add("shop_cart-2_" UUID, 20);
	assert_waiting(1, "shop/cart-2");
	add("shop_cart-1_" SUM, 10);
	assert_waiting(2, "shop/cart-2 and shop/cart-1");
	add("bank_teller_" UUID, 30);
	assert_waiting(3, "bank/teller, shop/cart-2 and 1 more");
	drop("shop_cart-2_" UUID);
	assert_waiting(2, "bank/teller and shop/cart-1");
}

/* kubelet has made the folder of a container: it had its sandbox, now or once. */
static void test_begun(void **state)
{
	(void)state;
	add("shop_cart-1_" SUM, 10);
	add("shop_cart-2_" UUID "/web", 10);
	assert_waiting(1, "shop/cart-1");
	add("shop_cart-1_" SUM "/web", 10);
	assert_waiting(0, "");
}

/* It has its sandbox and waits for an image. */
static void test_holds_its_namespaces(void **state)
{
	(void)state;
	add("shop_cart-1_" UUID, 10);
	add("shop_cart-2_" SUM, 5);
	run_in("0::/kubepods.slice/kubepods-pod" UNIT ".slice/cri-containerd-" ID ".scope\n");
	assert_waiting(1, "shop/cart-2");
}

static void test_holds_its_namespaces_by_file(void **state)
{
	(void)state;
	add("shop_cart-1_" UUID, 10);
	add("shop_cart-2_" SUM, 5);
	run_in("0::/kubepods/besteffort/pod" SUM "/" ID "\n");
	assert_waiting(1, "shop/cart-1");
}

/* A link that somebody has put there is not followed; long names are cut. */
static void test_strangers(void **state)
{
	char full[512], name[201], expected[256];

	(void)state;
	memset(name, 'n', 150);
	snprintf(name + 150, sizeof(name) - 150, "_p_1");
	add(name, 10);
	snprintf(expected, sizeof(expected), "%.100s", name);
	assert_int_equal(symlink("/", tree_path(&tree, PODS "shop_cart_" UUID, full)), 0);
	assert_waiting(1, expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_none),
		TEST(test_order),
		TEST(test_begun),
		TEST(test_holds_its_namespaces),
		TEST(test_holds_its_namespaces_by_file),
		TEST(test_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
