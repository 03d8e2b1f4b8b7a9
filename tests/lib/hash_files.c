// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Many inodes in the kernel's hash table of these, as fast as it goes: hash_files FOLDER N SECONDS
 *
 * FOLDER is on tmpfs, which puts an inode there when a file handle of it is asked for, at the head
 * of its chain (mm/shmem.c, shmem_encode_fh): other filesystems go through the chain before. Makes
 * N files, or as many as SECONDS are enough for, and prints how many that are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

static int fail(const char *what)
{
	fprintf(stderr, "hash_files: %s: %s\n", what, strerror(errno));
	return 1;
}

static int ask_for_handle(const char *name)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h;
	int mount_id;

	memset(&h, 0, sizeof(h));
	h.handle.handle_bytes = MAX_HANDLE_SZ;
	return name_to_handle_at(AT_FDCWD, name, &h.handle, &mount_id, 0);
}

int main(int argc, char **argv)
{
	unsigned long most, made = 0;
	uint64_t end_ns;
	char name[32];

	if (argc != 4)
		return 2;
	most = strtoul(argv[2], NULL, 10);
	end_ns = dcm_now_ns() + strtoul(argv[3], NULL, 10) * DCM_NSEC_PER_SEC;
	if (chdir(argv[1]))
		return fail(argv[1]);
	for (; made < most && dcm_now_ns() < end_ns; made++) {
		snprintf(name, sizeof(name), "%lu", made);
		if (mknod(name, S_IFREG | 0600, 0) || ask_for_handle(name))
			return fail(name);
	}
	printf("%lu\n", made);
	return 0;
}
