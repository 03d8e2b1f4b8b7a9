// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * /proc/PID/cgroup, whose paths container engines and users choose: the first byte is the room for
 * the owner, the rest is the text. The owner is part of the text, and cut where the room ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/parse/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DELETED " (deleted)"

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A removed cgroup loses its suffix once; what is left is the beginning of the path. */
static void check_deleted(const char *path)
{
	_cleanup_free_ char *kept = strdup(path);
	size_t len = strlen(path), suffix = strlen(DELETED);
	bool deleted = len > suffix && !strcmp(path + len - suffix, DELETED);

	require(kept);
	dcm_cgroup_drop_deleted(kept);
	require(strlen(kept) == (deleted ? len - suffix : len));
	require(!strncmp(kept, path, strlen(kept)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? data[0] + 1U : 1, len = size ? size - 1 : 0;
	_cleanup_free_ char *text = malloc(len ? len : 1), *owner = malloc(room),
			    *whole = malloc(len + 1);

	const char *last;

	require(text && owner && whole);
	if (len)
		memcpy(text, data + 1, len);
	dcm_cgroup_owner(text, len, owner, room);
	require(memchr(owner, '\0', room) != NULL);
	require(memmem(text, len, owner, strlen(owner)) != NULL);
	/* With room for the whole text the answer begins alike. */
	dcm_cgroup_owner(text, len, whole, len + 1);
	require(!strncmp(whole, owner, strlen(owner)));
	require(strlen(owner) == (strlen(whole) < room ? strlen(whole) : room - 1));
	check_deleted(whole);
	/* Only the last component counts. */
	last = strrchr(whole, '/');
	require(dcm_cgroup_names_owner(whole) == dcm_cgroup_names_owner(last ? last + 1 : whole));
	return 0;
}
