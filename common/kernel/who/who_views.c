// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/who_views.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/hash_table.h"
#include "common/base/units.h"
#include "common/kernel/mounts/mount_points.h"

#define PATH_SIZE   4096
#define VIEWS_KEPT  256
#define VIEW_MAX    (1u << 20) /* a container may have as many mounts as it likes */
#define VIEW_AGE_NS DCM_NSEC_PER_SEC
#define HOST_AGE_NS (100 * DCM_NSEC_PER_MSEC)

/* A mount namespace, seen through a process that was met in it. */
struct view {
	uint32_t mount_namespace; /* hash key */
	uint32_t tried_pid;
	uint64_t tried_ns;
	struct dcm_mount_points *mounts; /* NULL: never seen */
	UT_hash_handle hh;
};

struct dcm_who_views {
	char *proc;
	struct dcm_mount_points *host;
	uint64_t host_ns; /* when its table was last asked whether it has changed */
	uint32_t host_namespace;
	struct view *view;
};

/* 0: not known */
static uint32_t namespace_of(const struct dcm_who_views *views, const char *pid)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s/ns/mnt", views->proc, pid);
	return stat(path, &st) ? 0 : (uint32_t)st.st_ino;
}

/* Whose mounts dcm_mount_points_refresh() reads. */
static uint32_t host_namespace(const struct dcm_who_views *views)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/1/mountinfo", views->proc);
	return namespace_of(views, access(path, R_OK) ? "self" : "1");
}

static void refresh_host(struct dcm_who_views *views, uint64_t now_ns)
{
	struct dcm_reason reason;
	bool changed;

	if (views->host_ns && now_ns < views->host_ns + HOST_AGE_NS)
		return;
	/* Without a mount table, directories are shown with their device. */
	(void)dcm_mount_points_refresh(views->host, &reason, &changed);
	views->host_ns = now_ns;
}

int dcm_who_views_create(const char *root, struct dcm_who_views **ret)
{
	struct dcm_who_views *views = calloc(1, sizeof(*views));
	int err = views ? dcm_mount_points_create(root, &views->host) : -ENOMEM;

	if (!err && asprintf(&views->proc, "%s/proc", root) < 0) {
		views->proc = NULL;
		err = -ENOMEM;
	}
	if (err) {
		dcm_who_views_destroy(views);
		return err;
	}
	views->host_namespace = host_namespace(views);
	*ret = views;
	return 0;
}

static void forget(struct dcm_who_views *views)
{
	struct view *view, *next;

	HASH_ITER (hh, views->view, view, next) {
		dcm_mount_points_destroy(view->mounts);
		DCM_HASH_DROP(views->view, view);
	}
}

void dcm_who_views_destroy(struct dcm_who_views *views)
{
	if (!views)
		return;
	forget(views);
	dcm_mount_points_destroy(views->host);
	free(views->proc);
	free(views);
}

/* ---- other mount namespaces ---- */

/* By the time that this runs, the process may be another one, or in another namespace. */
static void look(const struct dcm_who_views *views, struct view *view,
		 const struct dcm_who_place *place, uint64_t now_ns)
{
	struct dcm_mount_points *mounts;
	char path[PATH_SIZE], pid[16];

	view->tried_pid = place->pid;
	view->tried_ns = now_ns;
	snprintf(pid, sizeof(pid), "%u", place->pid);
	snprintf(path, sizeof(path), "%s/%s/mountinfo", views->proc, pid);
	if (dcm_mount_points_read(path, VIEW_MAX, &mounts))
		return;
	if (namespace_of(views, pid) != place->mount_namespace) {
		dcm_mount_points_destroy(mounts);
		return;
	}
	dcm_mount_points_destroy(view->mounts);
	view->mounts = mounts;
}

static struct view *find_view(struct dcm_who_views *views, uint32_t mount_namespace)
{
	struct view *view = DCM_HASH_FIND(views->view, &mount_namespace, sizeof(mount_namespace));

	if (view)
		return view;
	if (HASH_COUNT(views->view) >= VIEWS_KEPT)
		forget(views);
	view = calloc(1, sizeof(*view));
	if (!view)
		return NULL;
	view->mount_namespace = mount_namespace;
	return DCM_HASH_ADD(views->view, mount_namespace, sizeof(mount_namespace), view);
}

/* The mounts that the process sees; NULL: not known. */
static const struct dcm_mount_points *mounts_of(struct dcm_who_views *views,
						const struct dcm_who_place *place, uint64_t now_ns)
{
	struct view *view;

	if (!place->mount_namespace)
		return NULL;
	if (place->mount_namespace == views->host_namespace)
		return views->host;
	view = find_view(views, place->mount_namespace);
	if (!view)
		return NULL;
	if (place->pid && (now_ns >= view->tried_ns + VIEW_AGE_NS ||
			   (!view->mounts && view->tried_pid != place->pid)))
		look(views, view, place, now_ns);
	return view->mounts;
}

/* ---- folders ---- */

static bool climbs(const char *below)
{
	return strncmp(below, "/..", 3) == 0 && (below[3] == '/' || !below[3]);
}

/* The directory above, in place; "/" is above itself. */
static void climb(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

/* Appends @below to @base. A ".." in front is above @base, which has no links in it; others may
 * follow one, and stay. */
static int append(char *base, size_t size, const char *below, bool is_root)
{
	size_t len;

	for (; climbs(below); below += 3)
		if (!is_root)
			climb(base);
	if (!*below)
		return 0;
	len = strcmp(base, "/") == 0 ? 0 : strlen(base);
	return snprintf(base + len, size - len, "%s", below) < (int)(size - len) ? 0
										 : -ENAMETOOLONG;
}

/* By the mounts of the process. On failure @place is as it was. */
static int cross(const struct dcm_mount_points *mounts, struct dcm_who_place *place,
		 const char *below, char *inside, size_t size)
{
	char path[PATH_SIZE];
	int err = dcm_mount_points_resolve(mounts, place->dev_major, place->dev_minor,
					   place->inside, path, sizeof(path));

	if (!err)
		err = append(path, sizeof(path), below, place->is_root);
	if (!err)
		err = dcm_mount_points_locate(mounts, path, &place->dev_major, &place->dev_minor,
					      inside, size);
	if (!err)
		place->inside = inside;
	return err;
}

void dcm_who_views_folder(struct dcm_who_views *views, const struct dcm_who_place *place,
			  const char *below, uint64_t now_ns, char *out, size_t size)
{
	struct dcm_who_place folder = *place;
	const struct dcm_mount_points *mounts;
	char inside[PATH_SIZE];

	refresh_host(views, now_ns);
	mounts = *below ? mounts_of(views, place, now_ns) : NULL;
	if (*below && (!mounts || cross(mounts, &folder, below, inside, sizeof(inside)))) {
		snprintf(inside, sizeof(inside), "%s", place->inside);
		(void)append(inside, sizeof(inside), below, place->is_root);
		folder.inside = inside;
	}
	if (dcm_mount_points_resolve(views->host, folder.dev_major, folder.dev_minor, folder.inside,
				     out, size))
		snprintf(out, size, "%u:%u:%s", folder.dev_major, folder.dev_minor, folder.inside);
}
