// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The memory that kernel and user side share. A BPF array is mapped with all of its pages at once
 * (array_map_mmap, kernel/bpf/arraymap.c), so what is looked at a few times in a pass, and is nine
 * tenths of it, is mapped only meanwhile. Its addresses stay reserved.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/kernel/walk/walk_internal.h"

/* Bytes from the start of the area up to the page where the counts begin to be alone. */
static size_t head_size(const struct dcm_walk *walk)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (offsetof(struct dcm_bpf_area, sb_used) + page - 1) & ~(page - 1);

	return size < walk->area_size ? size : walk->area_size;
}

static int map_part(const struct dcm_walk *walk, size_t begin, size_t end)
{
	void *at = (char *)walk->area + begin;

	if (begin == end)
		return 0;
	return mmap(at, end - begin, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, walk->area_fd,
		    (off_t)begin) == MAP_FAILED
		       ? -errno
		       : 0;
}

int dcm_walk_area_map(struct dcm_walk *walk, int map_fd, size_t size)
{
	void *area = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (area == MAP_FAILED)
		return -errno;
	walk->area = area;
	walk->area_size = size;
	walk->area_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	err = walk->area_fd < 0 ? -errno : map_part(walk, 0, head_size(walk));
	if (err)
		dcm_walk_area_unmap(walk);
	return err;
}

void dcm_walk_area_unmap(struct dcm_walk *walk)
{
	if (!walk->area)
		return;
	munmap(walk->area, walk->area_size);
	if (walk->area_fd >= 0)
		close(walk->area_fd);
	walk->area = NULL;
}

int dcm_walk_counts_map(const struct dcm_walk *walk)
{
	return map_part(walk, head_size(walk), walk->area_size);
}

void dcm_walk_counts_unmap(const struct dcm_walk *walk)
{
	size_t head = head_size(walk);

	/* Should that fail, they stay mapped, which does no harm. */
	if (head < walk->area_size)
		(void)mmap((char *)walk->area + head, walk->area_size - head, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
