// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/netns/netns_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"

#define MOST_ENTRIES (1u << 16)

static void take(struct dcm_netns_name *names, size_t count, const struct stat *st,
		 const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].inode == st->st_ino && !*names[i].path)
			snprintf(names[i].path, sizeof(names[i].path),
				 DCM_NETNS_NAMES_FOLDER "/%.255s", name);
}

void dcm_netns_names_find(const char *root, struct dcm_netns_name *names, size_t count)
{
	char path[4096];
	_cleanup_closedir_ DIR *folder = NULL;
	struct dirent *entry;
	struct stat nsfs, st;

	for (size_t i = 0; i < count; i++)
		*names[i].path = '\0';
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root);
	if (!count || stat(path, &nsfs))
		return;
	snprintf(path, sizeof(path), "%s" DCM_NETNS_NAMES_FOLDER, root);
	folder = opendir(path);
	for (size_t n = 0; folder && n < MOST_ENTRIES && (entry = readdir(folder)); n++)
		if (!fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    st.st_dev == nsfs.st_dev)
			take(names, count, &st, entry->d_name);
}
