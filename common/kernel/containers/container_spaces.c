// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_spaces.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/base/search.h"
#include "common/base/units.h"
#include "common/kernel/containers/lxc_monitor.h"
#include "common/kernel/containers/process_file.h"
#include "common/parse/number.h"

#define MAX_SPACES    16384
#define MAX_MOUNTINFO (16u << 20)
#define MAX_MOUNTS    (1u << 18)
#define MAX_CGROUP    (64u << 10)
#define REREAD_NS     (60 * DCM_NSEC_PER_SEC)

struct kept {
	struct dcm_space pub;
	struct dcm_container_layer layer;	 /* of the root directory */
	char userdata_id[DCM_CONTAINER_ID_SIZE]; /* by what is bound into it; "" unknown */
	char machine[DCM_CONTAINER_ID_SIZE];	 /* likewise, of systemd-nspawn */
	uint64_t read_ns;
	uint64_t round;
	UT_hash_handle hh; /* by pub.inode */
};

struct dcm_spaces {
	char *proc;
	struct dcm_container_state *state;
	struct kept *kept;
	const struct dcm_space **list;
	size_t room;
	uint64_t round;
	char *text; /* what was read last */
	size_t text_size;
};

static void drop(struct dcm_spaces *spaces, struct kept *kept)
{
	dcm_container_deinit(&kept->pub.container);
	free(kept->pub.mount);
	DCM_HASH_DROP(spaces->kept, kept);
}

void dcm_spaces_destroy(struct dcm_spaces *spaces)
{
	struct kept *kept, *next;

	if (!spaces)
		return;
	HASH_ITER (hh, spaces->kept, kept, next)
		drop(spaces, kept);
	dcm_container_state_destroy(spaces->state);
	free(spaces->proc);
	free(spaces->list);
	free(spaces->text);
	free(spaces);
}

int dcm_spaces_create(const char *root, const struct dcm_config_containers *config,
		      struct dcm_spaces **ret)
{
	_cleanup_(dcm_spaces_destroyp) struct dcm_spaces *spaces = calloc(1, sizeof(*spaces));

	if (!spaces || dcm_container_state_create(root, config, &spaces->state) ||
	    asprintf(&spaces->proc, "%s/proc", root) < 0) {
		if (spaces)
			spaces->proc = NULL;
		return -ENOMEM;
	}
	*ret = dcm_take_ptr(spaces);
	return 0;
}

/* ---- one process ---- */

/* The number of its mount namespace, "mnt:[4026531841]" (namespaces(7)). */
static int read_namespace(const struct dcm_spaces *spaces, const char *pid, uint64_t *ret)
{
	char path[DCM_PATH_SIZE + 64], target[64];
	unsigned long long inode;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s/ns/mnt", spaces->proc, pid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (sscanf(target, "mnt:[%llu]", &inode) != 1)
		return -EINVAL;
	*ret = inode;
	return 0;
}

/* /proc/PID/@name, in spaces->text. */
static int read_file(struct dcm_spaces *spaces, pid_t pid, const char *name, size_t max,
		     struct dcm_span *ret)
{
	return dcm_process_file_read(spaces->proc, pid, name, max, &spaces->text,
				     &spaces->text_size, ret);
}

static void read_command(struct dcm_spaces *spaces, struct dcm_space *space)
{
	struct dcm_span text = {0};
	size_t len;

	if (read_file(spaces, space->pid, "comm", DCM_COMMAND_SIZE, &text))
		text.len = 0;
	len = DCM_MIN(text.len, sizeof(space->command) - 1);
	memcpy(space->command, text.at ? text.at : "", len);
	space->command[len] = '\0';
	space->command[strcspn(space->command, "\n")] = '\0';
}

/* ---- its mounts ---- */

uint64_t dcm_space_hash_id(struct dcm_span id)
{
	uint64_t hash = dcm_hash64(DCM_HASH64_START, id.at, id.len);

	return hash ? hash : 1;
}

static int compare_mounts(const void *a, const void *b)
{
	const struct dcm_space_mount *x = a, *y = b;

	return DCM_COMPARE(x->dev_major, y->dev_major) ?: DCM_COMPARE(x->dev_minor, y->dev_minor);
}

const struct dcm_space_mount *dcm_space_find(const struct dcm_space *space, uint32_t dev_major,
					     uint32_t dev_minor)
{
	const struct dcm_space_mount key = {.dev_major = dev_major, .dev_minor = dev_minor};

	return dcm_find(&key, space->mount, space->count, sizeof(key), compare_mounts);
}

/* The last one that is there counts: it covers those before. */
static void note_top(const struct dcm_mountinfo *info, struct kept *kept)
{
	struct dcm_space *space = &kept->pub;

	dcm_container_layer(info, &kept->layer);
	space->top_root[0] = '\0';
	if (dcm_span_equals(info->root, "/") || info->root.len >= sizeof(space->top_root) ||
	    memchr(info->root.at, '\\', info->root.len))
		return;
	memcpy(space->top_root, info->root.at, info->root.len);
	space->top_root[info->root.len] = '\0';
	space->top_major = info->dev_major;
	space->top_minor = info->dev_minor;
}

/* Leaves @out, of DCM_CONTAINER_ID_SIZE, as it is when @id is none. */
static void note_id(struct dcm_span id, char *out)
{
	if (!id.at || id.len >= DCM_CONTAINER_ID_SIZE)
		return;
	memcpy(out, id.at, id.len);
	out[id.len] = '\0';
}

static struct dcm_space_mount describe(const struct dcm_mountinfo *info)
{
	struct dcm_span id = dcm_container_find_hex_id(info->mountpoint);
	struct dcm_span pod = dcm_container_find_pod_uid(info->mountpoint);

	return (struct dcm_space_mount){
		.dev_major = info->dev_major,
		.dev_minor = info->dev_minor,
		.top = dcm_span_equals(info->mountpoint, "/") && dcm_span_equals(info->root, "/"),
		.named = id.at ? dcm_space_hash_id(id) : 0,
		.pod = pod.at ? dcm_space_hash_id(pod) : 0,
	};
}

/* One entry per superblock. */
static void merge_mounts(struct dcm_space *space)
{
	size_t kept = 0;

	if (space->count)
		qsort(space->mount, space->count, sizeof(*space->mount), compare_mounts);
	for (size_t i = 0; i < space->count; i++) {
		struct dcm_space_mount *now = &space->mount[i], *last = &space->mount[kept - 1];

		if (kept && !compare_mounts(last, now)) {
			last->top = last->top || now->top;
			last->named = last->named ? last->named : now->named;
			last->pod = last->pod ? last->pod : now->pod;
			continue;
		}
		space->mount[kept++] = *now;
	}
	space->count = kept;
}

static int add_mount(struct dcm_space *space, size_t *room, const struct dcm_mountinfo *info)
{
	if (space->count == *room) {
		size_t more = *room ? 2 * *room : 32;
		void *grown = more > MAX_MOUNTS
				      ? NULL
				      : reallocarray(space->mount, more, sizeof(*space->mount));

		if (!grown)
			return -ENOMEM;
		space->mount = grown;
		*room = more;
	}
	space->mount[space->count++] = describe(info);
	return 0;
}

/* Unless somebody is in a chroot, the namespace's root directory is that of its process. */
static int read_mounts(struct dcm_spaces *spaces, struct kept *kept)
{
	struct dcm_space *space = &kept->pub;
	struct dcm_span rest, line;
	struct dcm_mountinfo info;
	size_t room = 0;
	int err = read_file(spaces, space->pid, "mountinfo", MAX_MOUNTINFO, &rest);

	free(space->mount);
	space->mount = NULL;
	space->count = 0;
	space->top_root[0] = kept->userdata_id[0] = kept->machine[0] = '\0';
	kept->layer.kind = DCM_LAYER_NONE;
	while (!err && dcm_span_line(&rest, &line)) {
		if (dcm_mountinfo_parse(line, &info))
			continue;
		if (dcm_span_equals(info.mountpoint, "/"))
			note_top(&info, kept);
		note_id(dcm_container_userdata_id(info.root), kept->userdata_id);
		note_id(dcm_container_machine(info.root), kept->machine);
		err = add_mount(space, &room, &info);
	}
	merge_mounts(space);
	return err;
}

/* ---- its container ---- */

/* What the control groups do not tell, the mounts may: a user's podman has none of its own where
 * cgroup v1 is in use, nor has systemd-nspawn in a unit of another name. */
static int ask_mounts(struct dcm_spaces *spaces, const struct kept *kept, struct dcm_container *ret)
{
	struct dcm_container_key key = {.runtime = DCM_RUNTIME_PODMAN};

	if (kept->userdata_id[0]) {
		strcpy(key.id, kept->userdata_id);
	} else if (kept->machine[0]) {
		key.runtime = DCM_RUNTIME_NSPAWN;
		strcpy(key.id, kept->machine);
	} else {
		return dcm_container_state_of_layer(spaces->state, &kept->layer, ret);
	}
	return dcm_container_state_find(spaces->state, &key, &kept->layer, ret);
}

/* Where the control group has another name than the container. */
static int ask_monitor(const struct dcm_spaces *spaces, pid_t pid, struct dcm_container *container)
{
	char *name;
	int err;

	if (container->runtime != DCM_RUNTIME_LXC || !dcm_lxc_maybe_renamed(container->id))
		return 0;
	err = dcm_lxc_monitor_name(spaces->proc, pid, &name);
	if (err)
		return err == -ENOMEM ? err : 0;
	free(container->name);
	container->name = name;
	return 0;
}

static uint64_t hash_pod(const struct dcm_container_key *key)
{
	return key->pod_uid[0]
		       ? dcm_space_hash_id((struct dcm_span){key->pod_uid, strlen(key->pod_uid)})
		       : 0;
}

static int identify(struct dcm_spaces *spaces, struct kept *kept)
{
	struct dcm_container found = {0};
	struct dcm_container_key key = {0};
	struct dcm_span text;
	int err = read_file(spaces, kept->pub.pid, "cgroup", MAX_CGROUP, &text);

	if (err)
		return err;
	err = dcm_container_of_cgroup(text.at, text.len, &key);
	if (!err)
		err = dcm_container_state_find(spaces->state, &key, &kept->layer, &found);
	if (err == -ENOENT)
		err = ask_mounts(spaces, kept, &found);
	if (!err)
		err = ask_monitor(spaces, kept->pub.pid, &found);
	dcm_container_deinit(&kept->pub.container);
	kept->pub.container = found;
	kept->pub.contained = !err;
	kept->pub.pod = err ? 0 : hash_pod(&key);
	return err == -ENOMEM ? err : 0;
}

/* ---- all ---- */

static struct kept *keep(struct dcm_spaces *spaces, uint64_t inode)
{
	struct kept *kept = DCM_HASH_FIND(spaces->kept, &inode, sizeof(inode));

	if (kept)
		return kept;
	kept = calloc(1, sizeof(*kept));
	if (!kept)
		return NULL;
	kept->pub.inode = inode;
	return DCM_HASH_ADD(spaces->kept, pub.inode, sizeof(inode), kept);
}

static bool is_due(const struct kept *kept, pid_t pid, uint64_t now_ns)
{
	return kept->pub.pid != pid || !kept->read_ns || now_ns - kept->read_ns >= REREAD_NS;
}

/* -ENOENT: it has ended, or has gone to another namespace meanwhile. */
static int look(struct dcm_spaces *spaces, const char *name, pid_t pid, bool host, uint64_t now_ns,
		struct kept *kept)
{
	uint64_t inode;
	int err = 0;

	if (is_due(kept, pid, now_ns) || host) {
		kept->pub.pid = pid;
		kept->read_ns = now_ns;
		err = read_mounts(spaces, kept);
		read_command(spaces, &kept->pub);
	}
	if (!err && !host)
		err = identify(spaces, kept);
	if (!err && (read_namespace(spaces, name, &inode) || inode != kept->pub.inode))
		err = -ENOENT;
	if (err)
		kept->read_ns = 0;
	else
		kept->round = spaces->round;
	return err == -ENOMEM ? err : 0;
}

static int look_at_process(struct dcm_spaces *spaces, const char *name, uint64_t host,
			   uint64_t now_ns, struct dcm_spaces_found *found)
{
	struct kept *kept;
	uint64_t inode;
	int err = read_namespace(spaces, name, &inode);

	if (err) {
		/* That of PID 1 is the host's in any case. */
		found->denied += (err == -EACCES || err == -EPERM) && strcmp(name, "1") != 0;
		return 0;
	}
	if (HASH_COUNT(spaces->kept) >= MAX_SPACES &&
	    !DCM_HASH_FIND(spaces->kept, &inode, sizeof(inode))) {
		found->cut = true;
		return 0;
	}
	kept = keep(spaces, inode);
	if (!kept)
		return -ENOMEM;
	if (kept->round == spaces->round)
		return 0; /* through another process */
	return look(spaces, name, dcm_number_pid(name), inode == host, now_ns, kept);
}

static int compare_pids(const void *a, const void *b)
{
	const struct dcm_space *x = *(const struct dcm_space *const *)a,
			       *y = *(const struct dcm_space *const *)b;

	return DCM_COMPARE(x->pid, y->pid);
}

/* Forgets those that nobody is in any more; lists the others. */
static int settle(struct dcm_spaces *spaces, uint64_t host, struct dcm_spaces_found *found)
{
	struct kept *kept, *next;

	HASH_ITER (hh, spaces->kept, kept, next)
		if (kept->round != spaces->round)
			drop(spaces, kept);
	if (HASH_COUNT(spaces->kept) > spaces->room) {
		size_t room = HASH_COUNT(spaces->kept);
		void *list = reallocarray(spaces->list, room, sizeof(*spaces->list));

		if (!list)
			return -ENOMEM;
		spaces->list = list;
		spaces->room = room;
	}
	HASH_ITER (hh, spaces->kept, kept, next) {
		if (kept->pub.inode == host)
			found->host = &kept->pub;
		else
			spaces->list[found->count++] = &kept->pub;
	}
	if (found->count)
		qsort(spaces->list, found->count, sizeof(*spaces->list), compare_pids);
	found->space = spaces->list;
	return 0;
}

int dcm_spaces_scan(struct dcm_spaces *spaces, uint64_t now_ns, const struct dcm_worker *worker,
		    struct dcm_spaces_found *ret)
{
	_cleanup_closedir_ DIR *proc = opendir(spaces->proc);
	struct dcm_spaces_found found = {0};
	struct dirent *entry;
	uint64_t host = 0;
	int err = 0;

	if (!proc)
		return -errno;
	if (read_namespace(spaces, "1", &host))
		read_namespace(spaces, "self", &host);
	spaces->round++;
	dcm_container_state_begin(spaces->state);
	while (!err && (entry = readdir(proc))) {
		if (worker && dcm_worker_stopping(worker))
			return -ECANCELED;
		if (dcm_number_pid(entry->d_name))
			err = look_at_process(spaces, entry->d_name, host, now_ns, &found);
	}
	if (!err)
		err = settle(spaces, host, &found);
	if (!err)
		*ret = found;
	return err;
}

/* Of a pod that has a mount namespace of its own. */
static bool runs(const void *ctx, struct dcm_span uid)
{
	const struct dcm_spaces_found *found = ctx;
	uint64_t pod = dcm_space_hash_id(uid);

	for (size_t i = 0; i < found->count; i++)
		if (found->space[i]->pod == pod)
			return true;
	return false;
}

int dcm_spaces_waiting_pods(struct dcm_spaces *spaces, const struct dcm_spaces_found *found,
			    struct dcm_waiting_pods *ret)
{
	return dcm_container_state_waiting(spaces->state, runs, found, ret);
}

int dcm_spaces_look_up(struct dcm_spaces *spaces, const struct dcm_container_key *key,
		       struct dcm_container *ret)
{
	return dcm_container_state_find(spaces->state, key, NULL, ret);
}

const struct dcm_space *dcm_spaces_find(const struct dcm_spaces *spaces, uint64_t inode)
{
	const struct kept *kept = DCM_HASH_FIND(spaces->kept, &inode, sizeof(inode));

	return kept ? &kept->pub : NULL;
}
