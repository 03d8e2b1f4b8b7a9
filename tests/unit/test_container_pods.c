// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose superblocks are in Kubernetes: pods of containerd, static ones, their folders, CRI-O. */
#include "tests/unit/container_scene.h"

#define KUBE "/kubepods/burstable/pod" UID "/"
#define TASK "/run/containerd/io.containerd.runtime.v2.task/k8s.io/"
#define SANDBOX                                                                                \
	"\"io.kubernetes.cri.sandbox-name\":\"cart\",\"io.kubernetes.cri.sandbox-namespace\":" \
	"\"shop\""

/* Of what the containers of a pod share, the pod is known. */
static void test_kubernetes(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_place place;
	static const char shared[] = "60 50 0:79 / /shared rw - tmpfs tmpfs rw\n";
	char mounts[1024];

	process(f, 700, 7, "pause", KUBE ID_A, ROOT(70, ""));
	snprintf(mounts, sizeof(mounts), "%s%s", ROOT(71, ""), shared);
	process(f, 701, 71, "nginx", KUBE ID_B, mounts);
	snprintf(mounts, sizeof(mounts), "%s%s", ROOT(72, ""), shared);
	process(f, 702, 72, "php", KUBE ID_C, mounts);
	put(f, TASK ID_A "/config.json", "{\"annotations\":{" SANDBOX "}}");
	put(f, TASK ID_B "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"nginx\","
	    "\"io.kubernetes.cri.image-name\":\"nginx:1\"," SANDBOX "}}");
	put(f, TASK ID_C "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"php\"," SANDBOX "}}");
	scan(f);
	assert_owner(f, 71, DCM_RUNTIME_CONTAINERD, ID_B, "nginx", "nginx:1");
	assert_pod(f, 71, "cart", "shop");
	assert_owner(f, 70, DCM_RUNTIME_CONTAINERD, ID_A, "", "");
	assert_pod(f, 70, "cart", "shop");
	/* Of neither of the two alone, and the one that holds the pod has it not mounted. */
	assert_owner(f, 79, DCM_RUNTIME_CONTAINERD, ID_A, "", "");
	assert_pod(f, 79, "cart", "shop");
	assert_int_equal(dcm_container_map_find(f->map, 0, 79, &place), 0);
	assert_int_equal(place.pid, 701);
	snprintf(mounts, sizeof(mounts), "%s%s", ROOT(70, ""), shared);
	end_process(f, 700);
	process(f, 703, 7, "pause", KUBE ID_A, mounts);
	scan(f);
	assert_owner(f, 79, DCM_RUNTIME_CONTAINERD, ID_A, "", "");
	assert_pod(f, 79, "cart", "shop");
}

#define SUM	      "e66b7d500362d790d618aae9a58056ed"
#define STATIC	      "/kubepods/besteffort/pod" SUM "/"
#define VOLUMES	      "/var/lib/kubelet/pods/" SUM "/volumes/kubernetes.io~"
#define VOLUME(minor) "60 50 0:" #minor " / /v" #minor " rw,relatime - tmpfs tmpfs rw\n"

/* As kubelet 1.20 and containerd 1.6 did it: a pod from a file, with a volume in memory that both
 * its containers have and one that one has, which are mounted on the host as well; and a container
 * of another pod that has all of the host. */
static void test_static_pod(void **state)
{
	struct fixture *f = *state;

	process(f, 1, 1, "init", "/init.scope",
		HOST_MOUNTS
		"43 27 254:0 /var/lib/kubelet /var/lib/kubelet rw shared:2 - ext4 /dev/vda rw\n"
		"44 43 0:39 / " VOLUMES "empty-dir/mem rw shared:3 - tmpfs tmpfs rw\n"
		"45 43 0:38 / " VOLUMES "secret/key rw shared:4 - tmpfs tmpfs rw\n"
		"46 43 0:37 / " VOLUMES "empty-dir/none rw shared:5 - tmpfs tmpfs rw\n");
	process(f, 700, 7, "pause", STATIC ID_A, ROOT(70, ""));
	process(f, 701, 71, "web", STATIC ID_B, ROOT(71, "") VOLUME(39) VOLUME(38));
	process(f, 702, 72, "log", STATIC ID_C, ROOT(72, "") VOLUME(39));
	process(f, 500, 5, "agent", KUBE "f" ID_63, ROOT(73, "") VOLUME(39) VOLUME(38) VOLUME(37));
	put(f, TASK ID_A "/config.json", "{\"annotations\":{" SANDBOX "}}");
	put(f, TASK ID_B "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"web\"," SANDBOX "}}");
	put(f, TASK ID_C "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"log\"," SANDBOX "}}");
	scan(f);
	assert_owner(f, 71, DCM_RUNTIME_CONTAINERD, ID_B, "web", "");
	assert_pod(f, 71, "cart", "shop");
	assert_owner(f, 39, DCM_RUNTIME_CONTAINERD, ID_A, "", "");
	assert_pod(f, 39, "cart", "shop");
	assert_owner(f, 38, DCM_RUNTIME_CONTAINERD, ID_B, "web", "");
	assert_nobody(f, 0, 37);
}

/* With nothing else to read, kubelet's folders tell the pod. */
static void test_pod_folders(void **state)
{
	struct fixture *f = *state;
	char full[512];

	process(f, 700, 7, "pause", KUBE ID_A, ROOT(70, ""));
	scan(f);
	assert_owner(f, 70, DCM_RUNTIME_UNKNOWN, ID_A, "", "");
	assert_pod(f, 70, "", "");
	tree_path(&f->tree, "/var/log/pods/shop_cart_" UID "/x", full);
	scan(f);
	assert_pod(f, 70, "cart", "shop");
}

static void test_crio(void **state)
{
	struct fixture *f = *state;

	process(f, 700, 7, "nginx", "/kubepods.slice/crio-" ID_A ".scope", ROOT(70, ""));
	put(f, "/var/lib/containers/storage/overlay-containers/containers.json",
	    "[{\"id\":\"" ID_A "\",\"names\":[\"k8s_nginx_cart_shop_1_0\"],\"layer\":\"L\","
	    "\"metadata\":\"{\\\"pod-id\\\":\\\"x\\\",\\\"image-name\\\":\\\"nginx:2\\\"}\"}]");
	scan(f);
	assert_owner(f, 70, DCM_RUNTIME_CRIO, ID_A, "k8s_nginx_cart_shop_1_0", "nginx:2");
	put(f, "/var/lib/containers/storage/overlay-containers/" ID_A "/userdata/config.json",
	    "{\"annotations\":{\"io.kubernetes.container.name\":\"nginx\","
	    "\"io.kubernetes.pod.name\":\"cart\",\"io.kubernetes.pod.namespace\":\"shop\"}}");
	scan(f);
	assert_owner(f, 70, DCM_RUNTIME_CRIO, ID_A, "nginx", "nginx:2");
	assert_pod(f, 70, "cart", "shop");
}

#define POD_UID "94b5efd7-ddc2-4860-8673-c22fc07c8d61"
#define STORED	"/var/lib/containers/storage/overlay-containers/"
#define METADATA(name, more)                                                               \
	"\"metadata\":\"{\\\"pod-name\\\":\\\"k8s_cart-1_shop_" POD_UID                    \
	"_0\\\",\\\"pod-id\\\":\\\"" ID_B                                                  \
	"\\\",\\\"image-name\\\":\\\"example.org/busybox:1\\\",\\\"name\\\":\\\"k8s_" name \
	"_cart-1_shop_" POD_UID "_0\\\"" more "}\",\"flags\":{\"Volatile\":true}"
#define NOTES(name)                                                                      \
	"{\"ociVersion\":\"1.0.2\",\"annotations\":{\"io.container.manager\":\"cri-o\"," \
	"\"io.kubernetes.container.name\":\"" name                                       \
	"\",\"io.kubernetes.cri-o.ImageName\":\"example.org/"                            \
	"busybox:1\",\"io.kubernetes.pod.name\":"                                        \
	"\"cart-1\",\"io.kubernetes.pod.namespace\":\"shop\"}}"

/* As CRI-O 1.26 wrote them: all its containers are volatile ones. podman's list is beside it. */
static void test_crio_volatile(void **state)
{
	struct fixture *f = *state;

	process(f, 700, 7, "sleep", "/kubepods/besteffort/pod" POD_UID "/crio-" ID_A, ROOT(70, ""));
	process(f, 701, 71, "pause", "/kubepods/besteffort/pod" POD_UID "/crio-" ID_B,
		ROOT(71, ""));
	put(f, STORED "containers.json", "[]");
	put(f, STORED "volatile-containers.json",
	    "[{\"id\":\"" ID_B "\",\"names\":[\"k8s_POD_cart-1_shop_" POD_UID
	    "_0\",\"k8s_cart-1_shop_" POD_UID "_0\"],\"layer\":\"L1\"," METADATA(
		    "POD", ",\\\"pod\\\":true") "},"
						"{\"id\":\"" ID_A
						"\",\"names\":[\"k8s_web_cart-1_shop_" POD_UID
						"_0\"],\"layer\":\"L2\"," METADATA("web", "") "}]");
	put(f, STORED ID_A "/userdata/config.json", NOTES("web"));
	put(f, STORED ID_B "/userdata/config.json", NOTES("POD"));
	scan(f);
	assert_owner(f, 70, DCM_RUNTIME_CRIO, ID_A, "web", "example.org/busybox:1");
	assert_pod(f, 70, "cart-1", "shop");
	assert_owner(f, 71, DCM_RUNTIME_CRIO, ID_B, "", "example.org/busybox:1");
	assert_pod(f, 71, "cart-1", "shop");
}

/* ---- the thread ---- */

static void test_find_in_pods(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_root root;

	process(f, 701, 71, "nginx", KUBE ID_B, ROOT(71, ""));
	process(f, 702, 72, "nginx", KUBE ID_C, ROOT(72, ""));
	put(f, TASK ID_B "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"nginx\"," SANDBOX "}}");
	put(f, TASK ID_C "/config.json",
	    "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"nginx\","
	    "\"io.kubernetes.cri.sandbox-name\":\"menu\","
	    "\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}");
	assert_int_equal(find(f, "nginx", &root), -ENOTUNIQ);
	assert_int_equal(find(f, "shop/menu/nginx", &root), 0);
	assert_int_equal(root.dev_minor, 72);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kubernetes),	  TEST(test_pod_folders), TEST(test_crio),
		TEST(test_crio_volatile), TEST(test_static_pod),  TEST(test_find_in_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
