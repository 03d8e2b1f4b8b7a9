// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mounts, bind mounts and unmounts at random in a mount namespace of its own. After each, the table
 * must name a mountpoint that leads to the filesystem when there is one, and locate each folder in
 * the mount that it is in: the oracle asks the kernel which mount a path leads to (statx(2),
 * STATX_MNT_ID, since 5.8) and reads mountinfo by itself.
 */
#include "tests/unit/tree.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "common/kernel/mounts/mount_points.h"

#define STEPS	  600
#define MAX_LINES 256

static const char *const folders[] = {"", "/a", "/a/b", "/a/b/c", "/a-b", "/d", "/d/e"};

struct line {
	unsigned id, dev_major, dev_minor;
	char fs_root[128], mountpoint[128];
	bool reachable;
};

struct world {
	char base[80];
	uint32_t random;
	struct line lines[MAX_LINES];
	size_t count, hidden_seen, part_seen;
};

static uint32_t pick(struct world *world, uint32_t n)
{
	world->random = world->random * 1103515245 + 12345;
	return (world->random >> 16) % n;
}

static void make_folders(const struct world *world)
{
	for (size_t i = 1; i < DCM_ARRAY_SIZE(folders); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", world->base, folders[i]);
		mkdir(path, 0700);
	}
}

static void random_step(struct world *world)
{
	char at[128], from[128];

	snprintf(at, sizeof(at), "%s%s", world->base,
		 folders[pick(world, DCM_ARRAY_SIZE(folders))]);
	snprintf(from, sizeof(from), "%s%s", world->base,
		 folders[pick(world, DCM_ARRAY_SIZE(folders))]);
	switch (pick(world, 5)) {
	case 0:
	case 1:
		mount("dcachemon-test", at, "tmpfs", 0, "size=64k");
		break;
	case 2:
		mount(from, at, NULL, MS_BIND, NULL);
		break;
	default:
		/* The base stays mounted: what stands on it may go. */
		if (strcmp(at, world->base) != 0)
			umount2(at, MNT_DETACH);
	}
	make_folders(world);
}

static bool leads_to(const struct line *line)
{
	struct statx stx;

	return statx(AT_FDCWD, line->mountpoint, AT_NO_AUTOMOUNT, STATX_MNT_ID, &stx) == 0 &&
	       (stx.stx_mask & STATX_MNT_ID) && stx.stx_mnt_id == line->id;
}

/* Only lines of this test: their names have no escapes. */
static void read_lines(struct world *world)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
	char text[4096];

	world->count = 0;
	while (file && fgets(text, sizeof(text), file) && world->count < MAX_LINES) {
		struct line *line = &world->lines[world->count];

		if (strstr(text, world->base) &&
		    sscanf(text, "%u %*u %u:%u %127s %127s", &line->id, &line->dev_major,
			   &line->dev_minor, line->fs_root, line->mountpoint) == 5) {
			line->reachable = leads_to(line);
			world->count++;
		}
	}
}

static bool same_device(const struct line *a, const struct line *b)
{
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

/* 0 if the answer for the device of @line is right, else the number of the failing line. */
static int check_device(struct world *world, const struct dcm_mount_points *table,
			const struct line *line)
{
	bool reachable = false, whole = false, answer = false, answer_reachable = false;
	struct dcm_mount_device device;
	size_t mounts = 0;

	if (dcm_mount_points_find(table, line->dev_major, line->dev_minor, &device) != 0)
		return __LINE__;
	for (size_t i = 0; i < world->count; i++) {
		const struct line *other = &world->lines[i];

		if (!same_device(line, other))
			continue;
		mounts++;
		reachable |= other->reachable;
		whole |= other->reachable && strcmp(other->fs_root, "/") == 0;
		if (strcmp(other->mountpoint, device.mountpoint) != 0 ||
		    strcmp(other->fs_root, device.fs_root) != 0)
			continue;
		answer = true;
		answer_reachable |= other->reachable;
	}
	world->hidden_seen += !line->reachable;
	world->part_seen += reachable && !whole;
	if (device.mounts != mounts || !answer)
		return __LINE__;
	if (reachable && !answer_reachable)
		return __LINE__;
	return whole && strcmp(device.fs_root, "/") != 0 ? __LINE__ : 0;
}

/* Which mount a folder is in, and where in it. */
static int check_folder(const struct world *world, const struct dcm_mount_points *table,
			const char *folder)
{
	char path[128], inside[256], wanted[256];
	uint32_t dev_major, dev_minor;
	struct statx stx;

	snprintf(path, sizeof(path), "%s%s", world->base, folder);
	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_MNT_ID, &stx) != 0)
		return 0;
	if (dcm_mount_points_locate(table, path, &dev_major, &dev_minor, inside, sizeof(inside)))
		return __LINE__;
	for (size_t i = 0; i < world->count; i++) {
		const struct line *line = &world->lines[i];
		bool whole = strcmp(line->fs_root, "/") == 0;

		if (line->id != stx.stx_mnt_id)
			continue;
		snprintf(wanted, sizeof(wanted), "%s%s", whole ? "" : line->fs_root,
			 path + strlen(line->mountpoint));
		if (dev_major != line->dev_major || dev_minor != line->dev_minor)
			return __LINE__;
		return strcmp(inside, *wanted ? wanted : "/") == 0 ? 0 : __LINE__;
	}
	return __LINE__;
}

/* Asks for every mount and folder that is there; line number of the first wrong answer. */
static int check_all(struct world *world, struct dcm_mount_points *table)
{
	bool changed;
	int line;

	if (dcm_mount_points_refresh(table, NULL, &changed) != 0)
		return __LINE__;
	read_lines(world);
	for (size_t i = 0; i < world->count; i++) {
		line = check_device(world, table, &world->lines[i]);
		if (line) {
			print_message("%s\n", world->lines[i].mountpoint);
			return line;
		}
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(folders); i++) {
		line = check_folder(world, table, folders[i]);
		if (line) {
			print_message("folder %s\n", folders[i]);
			return line;
		}
	}
	return 0;
}

static int walk(struct world *world, struct dcm_mount_points *table)
{
	for (int step = 0; step < STEPS; step++) {
		int line;

		random_step(world);
		line = check_all(world, table);
		if (line) {
			print_message("step %d\n", step);
			return line;
		}
	}
	/* The steps must have made what is asked about. */
	return world->hidden_seen < 100 || world->part_seen < 10 ? __LINE__ : 0;
}

#define SKIPPED 1

/* In the child: number of the failed line, 0, or SKIPPED. */
static int run_child(const char *root)
{
	static struct world world = {.random = 7};
	struct dcm_mount_points *table;
	struct statx stx;
	char path[128];

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return SKIPPED;
	if (statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &stx) != 0 || !(stx.stx_mask & STATX_MNT_ID))
		return SKIPPED;
	snprintf(world.base, sizeof(world.base), "%s/m", root);
	snprintf(path, sizeof(path), "%s/proc", root);
	if (mkdir(world.base, 0700) != 0 || mkdir(path, 0700) != 0)
		return __LINE__;
	/* A root without /proc/1, so that the table of this process is read. */
	snprintf(path, sizeof(path), "%s/proc/self", root);
	if (symlink("/proc/self", path) != 0 ||
	    mount("dcachemon-test", world.base, "tmpfs", 0, "size=64k") != 0)
		return __LINE__;
	make_folders(&world);
	if (dcm_mount_points_create(root, &table) != 0)
		return __LINE__;
	int line = walk(&world, table);

	print_message("%zu times out of reach, %zu times only a part in reach\n", world.hidden_seen,
		      world.part_seen);
	dcm_mount_points_destroy(table);
	return line;
}

static void test_reach(void **state)
{
	struct tree tree;
	int fds[2], line = -1, status;
	pid_t pid;

	tree_create(&tree);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		line = run_child(tree.root);
		fflush(NULL);
		_exit(write(fds[1], &line, sizeof(line)) == sizeof(line) ? 0 : 1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &line, sizeof(line)), sizeof(line));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tree_destroy(&tree);
	if (line == SKIPPED) {
		print_message("# SKIP no mounting here, or no STATX_MNT_ID\n");
		skip();
	}
	assert_int_equal(line, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
