// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which container control groups tell of: paths as runtimes document them; identifiers are made up.
 */
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/model/containers/container_cgroup.h"

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID   "1d2c3b4a-0000-4000-8000-0123456789ab"
#define UID_  "1d2c3b4a_0000_4000_8000_0123456789ab"
#define SUM   "5d8e4a0c97b3216f8a0b1c2d3e4f5061"
#define KUBE  "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/"

static const struct {
	const char *name, *text;
	enum dcm_runtime runtime;
	const char *id, *space, *pod_uid; /* id NULL: no container */
	bool guessed;
} cases[] = {
	{"docker, systemd", "0::/system.slice/docker-" ID ".scope\n", DCM_RUNTIME_DOCKER, ID, "",
	 "", false},
	{"docker, cgroupfs", "0::/docker/" ID "\n", DCM_RUNTIME_DOCKER, ID, "", "", false},
	{"docker, a parent of its own", "0::/jobs/" ID "\n", DCM_RUNTIME_UNKNOWN, ID, "jobs", "",
	 false},
	{"docker, systemd inside", "0::/docker/" ID "/system.slice/cron.service\n",
	 DCM_RUNTIME_DOCKER, ID, "", "", false},
	{"docker in docker", "0::/docker/" OTHER "/docker/" ID "\n", DCM_RUNTIME_DOCKER, ID, "", "",
	 false},
	{"docker, v1", "13:misc:/\n5:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n",
	 DCM_RUNTIME_DOCKER, ID, "", "", false},
	{"removed", "0::/docker/" ID " (deleted)\n", DCM_RUNTIME_DOCKER, ID, "", "", false},
	{"podman", "0::/machine.slice/libpod-" ID ".scope/container\n", DCM_RUNTIME_PODMAN, ID, "",
	 "", false},
	{"podman, a user's",
	 "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
	 ".scope/container\n",
	 DCM_RUNTIME_PODMAN, ID, "", "", false},
	{"podman, cgroupfs", "5:memory:/libpod_parent/libpod-" ID "\n", DCM_RUNTIME_PODMAN, ID, "",
	 "", false},
	{"podman, split", "0::/machine.slice/web.service/libpod-payload-" ID "\n",
	 DCM_RUNTIME_PODMAN, ID, "", "", false},
	{"podman's monitor", "0::/machine.slice/libpod-conmon-" ID ".scope\n", DCM_RUNTIME_UNKNOWN,
	 NULL, NULL, NULL, false},
	{"containerd, Kubernetes", "0::" KUBE "cri-containerd-" ID ".scope\n",
	 DCM_RUNTIME_CONTAINERD, ID, "k8s.io", UID, false},
	{"containerd, Kubernetes, mixed drivers",
	 "0::/system.slice/kubepods-besteffort-pod" UID_ ".slice:cri-containerd:" ID "\n",
	 DCM_RUNTIME_CONTAINERD, ID, "k8s.io", UID, false},
	{"CRI-O", "0::" KUBE "crio-" ID ".scope/container\n", DCM_RUNTIME_CRIO, ID, "", UID, false},
	{"CRI-O's monitor", "0::" KUBE "crio-conmon-" ID ".scope\n", DCM_RUNTIME_UNKNOWN, NULL,
	 NULL, NULL, false},
	{"docker, Kubernetes", "0::" KUBE "docker-" ID ".scope\n", DCM_RUNTIME_DOCKER, ID, "", UID,
	 false},
	{"Kubernetes, cgroupfs", "4:memory:/kubepods/besteffort/pod" UID "/" ID "\n",
	 DCM_RUNTIME_UNKNOWN, ID, "k8s.io", UID, false},
	/* As kubelet 1.20 and containerd 1.6 made it: the UID of a pod from a file is a sum. */
	{"Kubernetes, cgroupfs, a static pod",
	 "9:name=systemd:/kubepods/besteffort/pod" SUM "/" ID "\n0::/kubepods/besteffort/pod" SUM
	 "/" ID "\n",
	 DCM_RUNTIME_UNKNOWN, ID, "k8s.io", SUM, false},
	{"Kubernetes, cgroupfs, a static pod with guarantees", "0::/kubepods/pod" SUM "/" ID "\n",
	 DCM_RUNTIME_UNKNOWN, ID, "k8s.io", SUM, false},
	{"Kubernetes, systemd, a static pod",
	 "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" SUM
	 ".slice/cri-containerd-" ID ".scope\n",
	 DCM_RUNTIME_CONTAINERD, ID, "k8s.io", SUM, false},
	{"no pod by its name", "0::/jobs/pod" SUM "x/" ID "\n", DCM_RUNTIME_UNKNOWN, ID,
	 "pod" SUM "x", "", false},
	{"Kubernetes in docker (kind)", "0::/docker/" OTHER "/kubelet/kubepods/pod" UID "/" ID "\n",
	 DCM_RUNTIME_UNKNOWN, ID, "k8s.io", UID, false},
	{"nerdctl", "0::/system.slice/nerdctl-" ID ".scope\n", DCM_RUNTIME_CONTAINERD, ID,
	 "default", "", false},
	{"ctr", "0::/default/web1\n", DCM_RUNTIME_CONTAINERD, "web1", "default", "", true},
	{"no line of a guess before one of a container", "9:pids:/a/b\n0::/docker/" ID "\n",
	 DCM_RUNTIME_DOCKER, ID, "", "", false},
	{"another prefix", "0::/x.slice/engine-" ID ".scope\n", DCM_RUNTIME_UNKNOWN, ID, "", "",
	 false},
	{"lxc", "0::/lxc.payload.web1\n", DCM_RUNTIME_LXC, "web1", "", "", false},
	{"lxc-attach", "0::/lxc.payload.web1/.lxc\n", DCM_RUNTIME_LXC, "web1", "", "", false},
	{"lxc, a folder", "0::/lxc.payload/web1\n", DCM_RUNTIME_LXC, "web1", "", "", false},
	{"lxc of old", "5:memory:/lxc/web1/init.scope\n", DCM_RUNTIME_LXC, "web1", "", "", false},
	{"lxc's monitor", "0::/lxc.monitor.web1\n", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
	{"nspawn, a service", "0::/machine.slice/systemd-nspawn@web\\x2d1.service/payload\n",
	 DCM_RUNTIME_NSPAWN, "web-1", "", "", false},
	{"nspawn, a scope", "0::/machine.slice/machine-web\\x2d1.scope/payload\n",
	 DCM_RUNTIME_NSPAWN, "web-1", "", "", false},
	{"a virtual machine", "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n",
	 DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
	{"a service", "0::/system.slice/cron.service\n", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL,
	 false},
	{"a user", "0::/user.slice/user-1000.slice/session-3.scope\n", DCM_RUNTIME_UNKNOWN, NULL,
	 NULL, NULL, false},
	{"the root", "0::/\n", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
	{"63 digits are no ID of docker's",
	 "0::/a/docker-123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n",
	 DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
	{"capital letters are no ID",
	 "0::/a/b/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n",
	 DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
	{"a name that leaves its folder", "0::/default/..\n", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL,
	 false},
	{"no line of a cgroup file", "docker/" ID "\n", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL,
	 false},
	{"nothing", "", DCM_RUNTIME_UNKNOWN, NULL, NULL, NULL, false},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);
		_cleanup_free_ char *text = text_exact(cases[i].text, len);
		struct dcm_container_key key;
		int err = dcm_container_of_cgroup(text, len, &key);

		print_message("%s\n", cases[i].name);
		if (!cases[i].id) {
			assert_int_equal(err, -ENOENT);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(key.runtime, cases[i].runtime);
		assert_string_equal(key.id, cases[i].id);
		assert_string_equal(key.space, cases[i].space);
		assert_string_equal(key.pod_uid, cases[i].pod_uid);
		assert_int_equal(key.guessed, cases[i].guessed);
	}
}

/* An ID that is longer than any runtime's is none, wherever it ends. */
static void test_long(void **state)
{
	struct dcm_container_key key;
	char text[1024];

	for (size_t len = 1; len < 400; len++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "0::/lxc.payload.");
		int err;

		memset(text + n, 'w', len);
		err = dcm_container_of_cgroup(text, n + len, &key);
		if (len < DCM_CONTAINER_ID_SIZE) {
			assert_int_equal(err, 0);
			assert_int_equal(strlen(key.id), len);
		} else {
			assert_int_equal(err, -ENOENT);
		}
	}
}

static void test_hex_id(void **state)
{
	static const char path[] = "/run/docker/" ID "/shm";
	struct dcm_span id = dcm_container_find_hex_id((struct dcm_span){path, strlen(path)});

	assert_true(dcm_span_equals(id, ID));
	assert_null(dcm_container_find_hex_id((struct dcm_span){path, 20}).at);
	assert_false(dcm_container_is_hex_id((struct dcm_span){ID, 63}));
	assert_int_equal(dcm_container_id_shown(ID), 12);
	assert_int_equal(dcm_container_id_shown("web-1"), 5);
}

static void test_pod_uid(void **state)
{
	static const struct {
		const char *path, *uid;
	} paths[] = {
		{"/var/lib/kubelet/pods/" SUM "/volumes/kubernetes.io~empty-dir/mem", SUM},
		{"/var/lib/kubelet/pods/" UID "/volumes/kubernetes.io~secret/key", UID},
		{"/pods/" UID, UID},
		{"/var/lib/kubelet/" UID "/volumes", NULL},
		{"/srv/pods/5d8e4a0c97b3216f8a0b1c2d3e4f506/x", NULL},
		{"/srv/pods/5d8e4a0c97b3216f8a0b1c2d3e4f506g/x", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(paths); i++) {
		struct dcm_span path = {paths[i].path, strlen(paths[i].path)}, uid;

		uid = dcm_container_find_pod_uid(path);
		assert_int_equal(uid.at != NULL, paths[i].uid != NULL);
		assert_true(!uid.at || dcm_span_equals(uid, paths[i].uid));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_hex_id),
		cmocka_unit_test(test_pod_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
