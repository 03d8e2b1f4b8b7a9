// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* mountinfo, as a file of a captured tree: the table answers, or says why not. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/kernel/mounts/mount_points.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[] = "/dev/shm/dcachemon-fuzz.XXXXXX", file[64];

static void remove_tree(void)
{
	char path[64];

	unlink(file);
	snprintf(path, sizeof(path), "%s/proc/1", root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/proc", root);
	rmdir(path);
	rmdir(root);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[64];

	if (!mkdtemp(root))
		abort();
	snprintf(path, sizeof(path), "%s/proc", root);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/1", root);
	mkdir(path, 0755);
	snprintf(file, sizeof(file), "%s/proc/1/mountinfo", root);
	atexit(remove_tree);
	return 0;
}

static void write_file(const uint8_t *data, size_t size)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void ask(const struct dcm_mount_points *table)
{
	struct dcm_mount_device device;
	char out[64];

	for (uint32_t minor = 0; minor < 64; minor++) {
		if (dcm_mount_points_find(table, 0, minor, &device))
			continue;
		if (!device.mounts || device.mountpoint[0] != '/' || !device.fstype)
			abort();
		if (!dcm_mount_points_resolve(table, 0, minor, "/sys/net", out, sizeof(out)) &&
		    out[0] != '/')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcm_reason reason = {""};
	struct dcm_mount_points *table;
	bool changed;
	int err;

	write_file(data, size);
	if (dcm_mount_points_create(root, &table))
		abort();
	err = dcm_mount_points_refresh(table, &reason, &changed);
	if (err && !reason.text[0])
		abort();
	if (!err)
		ask(table);
	dcm_mount_points_destroy(table);
	return 0;
}
