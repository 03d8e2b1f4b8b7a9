// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/inherited.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/cleanup.h"

void dcm_inherited_complete(void)
{
	/* An open takes the lowest number that is free. Children shall have them as well. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int close_range_of(unsigned first, unsigned last)
{
#ifdef SYS_close_range
	return (int)syscall(SYS_close_range, first, last, 0); /* Linux 5.9 */
#else
	return -1;
#endif
}

/* For older kernels: those that /proc/self/fd lists. */
static void close_listed(unsigned first, unsigned last)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		unsigned long fd = strtoul(entry->d_name, NULL, 10);

		if (entry->d_name[0] != '.' && fd >= first && fd <= last &&
		    fd != (unsigned long)dirfd(dir))
			close((int)fd);
	}
	if (dir)
		closedir(dir);
}

static void close_span(unsigned first, unsigned last)
{
	if (first <= last && close_range_of(first, last) < 0)
		close_listed(first, last);
}

/* The lowest of @keep from @first on; UINT_MAX: none. */
static unsigned next_kept(const int *keep, size_t count, unsigned first)
{
	unsigned next = UINT_MAX;

	for (size_t i = 0; i < count; i++)
		if (keep[i] >= (int)first && (unsigned)keep[i] < next)
			next = (unsigned)keep[i];
	return next;
}

void dcm_inherited_close(const int *keep, size_t count)
{
	unsigned first = STDERR_FILENO + 1, next;

	while ((next = next_kept(keep, count, first)) != UINT_MAX) {
		close_span(first, next - 1);
		first = next + 1;
	}
	close_span(first, UINT_MAX);
}
