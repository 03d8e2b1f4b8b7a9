/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files for what reads files: in one folder, made once and removed when the fuzzer ends. */
#ifndef DCM_TESTS_FUZZ_SCRATCH_H
#define DCM_TESTS_FUZZ_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static inline int scratch_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	return remove(path);
}

static inline void scratch_remove(void)
{
	nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *scratch_root(void)
{
	if (*scratch)
		return scratch;
	strcpy(scratch, "/tmp/dcachemon-fuzz.XXXXXX");
	if (!mkdtemp(scratch) || atexit(scratch_remove))
		abort();
	return scratch;
}

/* Path of @name ("/a/b") in there; folders on the way are made. */
static inline const char *scratch_path(const char *name, char out[256])
{
	snprintf(out, 256, "%s%s", scratch_root(), name);
	for (char *slash = out + strlen(scratch) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(out, 0755);
		*slash = '/';
	}
	return out;
}

static inline void scratch_write(const char *name, const void *bytes, size_t size)
{
	char path[256];
	int fd = open(scratch_path(name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd))
		abort();
}

#endif
