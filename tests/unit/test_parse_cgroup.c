// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which line of /proc/PID/cgroup names the owner: layouts of engines, drivers and hierarchies, as
 * their processes have them; the identifiers are invented. */
#include "tests/unit/parse_text.h"

#include "common/parse/cgroup.h"

#define ID  "3f1c0a7e55d29b84c6e2"
#define POD "pod1d2c3b4a_0000_4000_8000_0123456789ab"

static const struct {
	const char *name, *text, *owner;
} cases[] = {
	{"v2, docker, systemd driver", "0::/system.slice/docker-" ID ".scope\n",
	 "/system.slice/docker-" ID ".scope"},
	{"v2, docker, cgroupfs driver", "0::/docker/" ID "\n", "/docker/" ID},
	{"v2, podman", "0::/machine.slice/libpod-" ID ".scope/container\n",
	 "/machine.slice/libpod-" ID ".scope/container"},
	{"v2, podman rootless",
	 "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope\n",
	 "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope"},
	{"v2, Kubernetes, systemd driver",
	 "0::/kubepods.slice/kubepods-" POD ".slice/cri-containerd-" ID ".scope\n",
	 "/kubepods.slice/kubepods-" POD ".slice/cri-containerd-" ID ".scope"},
	{"v2, CRI-O", "0::/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope\n",
	 "/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope"},
	{"v2, nspawn", "0::/machine.slice/systemd-nspawn@web.service/payload\n",
	 "/machine.slice/systemd-nspawn@web.service/payload"},
	{"v2, LXC", "0::/lxc.payload.web\n", "/lxc.payload.web"},
	{"v2, a service", "0::/system.slice/cron.service\n", "/system.slice/cron.service"},
	{"v2, the engine itself", "0::/system.slice/containerd.service\n",
	 "/system.slice/containerd.service"},
	{"v2, a kernel thread", "0::/\n", "/"},
	{"hybrid, docker, v2 unused",
	 "13:misc:/\n12:rdma:/\n5:memory:/docker/" ID "\n4:cpu,cpuacct:/docker/" ID
	 "\n1:name=systemd:/docker/" ID "\n0::/\n",
	 "/docker/" ID},
	{"hybrid, containerd, processes stay in its service",
	 "9:pids:/default/" ID "\n5:memory:/default/" ID
	 "\n1:name=systemd:/system.slice/containerd.service\n"
	 "0::/system.slice/containerd.service\n",
	 "/default/" ID},
	{"hybrid, LXC fills v2", "5:memory:/lxc.payload.web\n0::/lxc.payload.web\n",
	 "/lxc.payload.web"},
	{"hybrid, Kubernetes, cgroupfs driver",
	 "6:memory:/kubepods/besteffort/" POD "/" ID "\n3:cpu,cpuacct:/kubepods/besteffort/" POD
	 "/" ID "\n0::/system.slice/kubelet.service\n",
	 "/kubepods/besteffort/" POD "/" ID},
	{"v1, the first line is a controller that nobody uses",
	 "2:misc:/\n1:memory:/docker/" ID "\n", "/docker/" ID},
	{"v1, CRI-O, systemd driver",
	 "11:freezer:/kubepods.slice/x\n8:cpu,cpuacct:/kubepods.slice/kubepods-" POD
	 ".slice/crio-" ID ".scope\n4:memory:/\n",
	 "/kubepods.slice/kubepods-" POD ".slice/crio-" ID ".scope"},
	{"v1, nspawn, in name=systemd only",
	 "7:memory:/\n6:pids:/\n5:cpu,cpuacct:/\n1:name=systemd:/machine.slice/web.scope\n",
	 "/machine.slice/web.scope"},
	{"v1, a service with pids only", "7:memory:/\n6:pids:/system.slice/cron.service\n5:cpu:/\n",
	 "/system.slice/cron.service"},
	{"v1, the engine itself",
	 "7:memory:/system.slice/docker.service\n1:name=systemd:/system.slice/docker.service\n",
	 "/system.slice/docker.service"},
	{"v1, root", "7:memory:/\n6:pids:/\n1:name=systemd:/\n", "/"},
	{"a named hierarchy beside", "3:name=elogind:/5\n2:memory:/\n0::/\n", "/5"},
	{"a controller whose name contains another's",
	 "3:cpuacct:/wrong\n2:cpuset:/wrong\n1:pids:/right\n", "/right"},
	{"removed", "0::/docker/" ID " (deleted)\n", "/docker/" ID},
	{"outside the reader's cgroup namespace", "0::/../../docker/" ID "\n", "/../../docker/" ID},
	{"colons in the path", "0::/a:b:c\n", "/a:b:c"},
	{"no newline at the end", "0::/docker/" ID, "/docker/" ID},
	{"junk", "nothing\n:\n::\n1:x\n", ""},
	{"empty", "", ""},
};

static void test_cases(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);
		_cleanup_free_ char *text = text_exact(cases[i].text, len);
		char owner[256];

		print_message("%s\n", cases[i].name);
		dcm_cgroup_owner(text, len, owner, sizeof(owner));
		assert_string_equal(owner, cases[i].owner);
	}
}

static void test_small_room(void **state)
{
	char owner[8];

	dcm_cgroup_owner("0::/docker/abc\n", 15, owner, sizeof(owner));
	assert_string_equal(owner, "/docker");
}

static void test_names_owner(void **state)
{
	assert_true(dcm_cgroup_names_owner("/docker/" ID));
	assert_true(dcm_cgroup_names_owner("/system.slice/containerd.service/x"));
	assert_false(dcm_cgroup_names_owner("/system.slice/containerd.service"));
	assert_false(dcm_cgroup_names_owner("/"));
	assert_false(dcm_cgroup_names_owner(""));
}

#define UUID  "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
#define UUID_ "0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0"

static void test_collapse(void **state)
{
	static const char *const paths[][2] = {
		{"/docker/" ID, "/docker/#"},
		{"/system.slice/docker-" ID ".scope", "/system.slice/docker-#.scope"},
		{"/libpod_parent/libpod-" ID "/container", "/libpod_parent/libpod-#/container"},
		{"/kubepods/besteffort/pod" UUID "/" ID, "/kubepods/besteffort/pod#/#"},
		{"/kubepods/burstable/podabcdef12-4b5a-6978-8796-a5b4c3d2e1f0/" ID,
		 "/kubepods/burstable/pod#/#"},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UUID_
		 ".slice/cri-containerd-" ID ".scope",
		 "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod#.slice/"
		 "cri-containerd-#.scope"},
		{"/default/web-1", "/default/web-#"},
		{"/user.slice/user-1000.slice/session-3.scope",
		 "/user.slice/user-#.slice/session-#.scope"},
		{"/machine.slice/machine-" UUID ".scope", "/machine.slice/machine-#.scope"},
		{"/system.slice/cafe-babe.service", "/system.slice/cafe-babe.service"},
		{"/deadbeefcafe", "/deadbeefcafe"}, /* letters alone may be a word */
		{"/", "/"},
		{"", ""},
	};
	char out[256], small[4];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(paths); i++) {
		dcm_cgroup_collapse(paths[i][0], out, sizeof(out));
		assert_string_equal(out, paths[i][1]);
	}
	dcm_cgroup_collapse("/docker/x", small, sizeof(small));
	assert_string_equal(small, "/do");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_small_room),
		cmocka_unit_test(test_names_owner),
		cmocka_unit_test(test_collapse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
