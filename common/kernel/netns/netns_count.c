// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/netns/netns_count.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"

/* The link reads "net:[4026531840]" (namespaces(7)). */
static int read_inode(int proc_fd, const char *pid, uint64_t *ret)
{
	char path[300], target[64];
	unsigned long long inode;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/net", pid);
	n = readlinkat(proc_fd, path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (sscanf(target, "net:[%llu]", &inode) != 1)
		return -EINVAL;
	*ret = inode;
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return DCM_COMPARE(x, y);
}

/* Sorts them, and keeps one of each. */
static size_t keep_distinct(uint64_t *inodes, size_t count)
{
	size_t distinct = 0;

	if (count > 0)
		qsort(inodes, count, sizeof(*inodes), compare);
	for (size_t i = 0; i < count; i++)
		if (!distinct || inodes[i] != inodes[distinct - 1])
			inodes[distinct++] = inodes[i];
	return distinct;
}

/* Into @inodes, which has room for all processes that are looked at. */
static int read_all(const char *root, uint64_t *inodes, struct dcm_netns_count *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_free_ char *path = NULL;
	struct dcm_netns_count result = {0};
	struct dirent *entry;
	size_t count = 0, seen = 0;

	if (asprintf(&path, "%s/proc", root) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		int err;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (seen++ == DCM_NETNS_COUNT_MAX_PROCESSES) {
			result.cut = true;
			break;
		}
		err = read_inode(dirfd(dir), entry->d_name, &inodes[count]);
		count += err == 0;
		result.denied |= err == -EACCES || err == -EPERM;
	}
	result.namespaces = keep_distinct(inodes, count);
	*ret = result;
	return 0;
}

static uint64_t *room_for_all(void)
{
	return malloc(DCM_NETNS_COUNT_MAX_PROCESSES * sizeof(uint64_t));
}

int dcm_netns_count(const char *root, struct dcm_netns_count *ret)
{
	_cleanup_free_ uint64_t *inodes = room_for_all();

	return inodes ? read_all(root, inodes, ret) : -ENOMEM;
}

int dcm_netns_numbers(const char *root, uint64_t *ret, size_t room, size_t *ret_count)
{
	_cleanup_free_ uint64_t *inodes = room_for_all();
	struct dcm_netns_count found;
	int err = inodes ? read_all(root, inodes, &found) : -ENOMEM;

	if (err)
		return err;
	*ret_count = DCM_MIN((size_t)found.namespaces, room);
	memcpy(ret, inodes, *ret_count * sizeof(*ret));
	return 0;
}
