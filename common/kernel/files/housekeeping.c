// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/housekeeping.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/fd_io.h"
#include "common/parse/cpu_list.h"

/* Kernels without the file, and with nothing in it, isolate none. */
static void add_listed(const char *root, const char *file, cpu_set_t *set)
{
	char path[4096], text[4096];
	_cleanup_close_ int fd = -1;
	size_t len;

	if ((size_t)snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/%s", root, file) >=
	    sizeof(path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dcm_fd_read_all(fd, text, sizeof(text) - 1, &len))
		return;
	text[len] = '\0';
	dcm_cpu_list_add(text, set);
}

int dcm_housekeeping_enter(const char *root)
{
	cpu_set_t isolated, ours, both;

	CPU_ZERO(&isolated);
	add_listed(root, "isolated", &isolated);
	add_listed(root, "nohz_full", &isolated);
	/* EINVAL: more CPUs than a cpu_set_t has. */
	if (!CPU_COUNT(&isolated) || sched_getaffinity(0, sizeof(ours), &ours) < 0)
		return 0;
	CPU_AND(&both, &ours, &isolated);
	if (!CPU_COUNT(&both) || CPU_EQUAL(&both, &ours))
		return 0;
	CPU_XOR(&ours, &ours, &both);
	return sched_setaffinity(0, sizeof(ours), &ours) < 0 ? -errno : 0;
}
