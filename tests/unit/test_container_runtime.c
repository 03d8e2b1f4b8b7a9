// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What names of processes and of mounts tell about the runtime. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/containers/container_runtime.h"

static void test_commands(void **state)
{
	static const struct {
		const char *command;
		enum dcm_runtime runtime;
	} cases[] = {
		{"dockerd", DCM_RUNTIME_DOCKER},
		{"podman", DCM_RUNTIME_PODMAN},
		{"containerd", DCM_RUNTIME_CONTAINERD},
		{"crio", DCM_RUNTIME_CRIO},
		{"pinns", DCM_RUNTIME_CRIO},
		{"lxc-start", DCM_RUNTIME_LXC},
		{"systemd-nspawn", DCM_RUNTIME_NSPAWN},
		{"runc", DCM_RUNTIME_UNKNOWN},
		{"containerd-shim", DCM_RUNTIME_UNKNOWN},
		{"", DCM_RUNTIME_UNKNOWN},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++)
		assert_int_equal(dcm_runtime_of_command(cases[i].command), cases[i].runtime);
}

static void test_mounts(void **state)
{
	static const struct {
		const char *mountpoint;
		enum dcm_runtime runtime;
	} cases[] = {
		{"/run/docker/netns/ab5666d95b20", DCM_RUNTIME_DOCKER},
		{"/var/run/docker/netns/default", DCM_RUNTIME_DOCKER},
		{"/run/user/1000/docker/netns/ab5666d95b20", DCM_RUNTIME_DOCKER},
		{"/docker/netns/a", DCM_RUNTIME_DOCKER},
		{"/run/netns/netns-a99481af-7c29-a57b-c942-f30e6d6e5f79", DCM_RUNTIME_PODMAN},
		{"/run/user/1000/netns/netns-a99481af-7c29-a57b-c942-f30e6d6e5f79",
		 DCM_RUNTIME_PODMAN},
		{"/run/netns/netns-a99481af-7c29-a57b-c942-f30e6d6e5f7", DCM_RUNTIME_UNKNOWN},
		{"/run/netns/netns-a99481af-7c29-a57b-c942-f30e6d6e5f790", DCM_RUNTIME_UNKNOWN},
		{"/run/netns/netns-blue", DCM_RUNTIME_UNKNOWN},
		{"/run/netns/cni-a99481af-7c29-a57b-c942-f30e6d6e5f79", DCM_RUNTIME_UNKNOWN},
		{"/run/netns/docker", DCM_RUNTIME_UNKNOWN},
		{"/netns/a", DCM_RUNTIME_UNKNOWN},
		{"/", DCM_RUNTIME_UNKNOWN},
		{"", DCM_RUNTIME_UNKNOWN},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++)
		assert_int_equal(dcm_runtime_of_netns(cases[i].mountpoint), cases[i].runtime);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
