// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Walks the superblocks again and again while a child mounts and unmounts tmpfs and overlays in a
 * mount namespace of its own: dying_superblocks --FLAVOUR DIR ROUNDS NAMES
 *
 * A round is a tmpfs with an overlay on it, in which NAMES missing names are looked up. So many
 * unused entries the overlay has at most, and a tmpfs never has any: it keeps no missing name, and
 * those of its files are in use (fs/libfs.c). Prints what was seen, and each count that cannot be.
 */
#include <inttypes.h>
#include <stdio.h>

#if DCM_WITH_BPF

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "tests/lib/walk_flavour.h"

#define MAX_NS	 (30 * DCM_NSEC_PER_SEC)
#define MAX_PATH 256

/* Shared with the child. The overlay has its number from before @turn is odd until it is even
 * again, that is until umount() has returned. */
static struct stage {
	_Atomic unsigned turn;
	_Atomic unsigned major, minor;
	_Atomic bool unmounting;
	_Atomic unsigned rounds;
} * stage;

static struct tally {
	unsigned long walks, lost, rows, beside_unmount, impossible;
	uint64_t most;
} tally;

/* ---- the child ---- */

static const char *below(const char *folder, const char *name)
{
	static char paths[4][MAX_PATH];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, MAX_PATH, "%s/%s", folder, name);
	return path;
}

static int mount_overlay(const char *folder)
{
	char options[1024];

	for (int i = 0; i < 3; i++)
		if (mkdir(below(folder, (const char *[]){"t/lower", "t/upper", "t/work"}[i]), 0755))
			return -errno;
	snprintf(options, sizeof(options),
		 "lowerdir=%s/t/lower,upperdir=%s/t/upper,workdir=%s/t/work", folder, folder,
		 folder);
	return mount("dcm-test", below(folder, "m"), "overlay", 0, options) ? -errno : 0;
}

/* Looks @names up in the overlay and unmounts it. */
static int come_and_go(const char *folder, long names)
{
	char path[MAX_PATH + 32];
	struct stat st;
	int err = 0;

	if (stat(below(folder, "m"), &st))
		return -errno;
	stage->major = major(st.st_dev);
	stage->minor = minor(st.st_dev);
	stage->turn++;
	for (long i = 0; i < names; i++) {
		snprintf(path, sizeof(path), "%s/%ld", below(folder, "m"), i);
		stat(path, &st);
	}
	stage->unmounting = true;
	if (umount2(below(folder, "m"), 0))
		err = -errno;
	stage->unmounting = false;
	stage->turn++;
	return err;
}

static int churn(const char *folder, long rounds, long names)
{
	uint64_t begin = dcm_now_ns();
	int err = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mkdir(below(folder, "t"), 0755) || mkdir(below(folder, "m"), 0755))
		return -errno;
	while (!err && rounds-- && dcm_now_ns() - begin < MAX_NS) {
		if (mount("dcm-test", below(folder, "t"), "tmpfs", 0, "size=1m"))
			return -errno;
		err = mount_overlay(folder);
		if (!err)
			err = come_and_go(folder, names);
		if (umount2(below(folder, "t"), 0) && !err)
			err = -errno;
		stage->rounds++;
	}
	return err;
}

/* ---- beside it ---- */

static const char *what_cannot_be(const struct dcm_walk_superblock *sb, bool ours, uint64_t names)
{
	/* Unmounting takes it first. */
	if (!sb->root_dentry)
		return "no root";
	if (!strcmp(sb->fstype, "tmpfs") && sb->unused)
		return "entries on a tmpfs";
	return ours && sb->unused > names ? "more than were looked up" : NULL;
}

static void look(const struct dcm_walk_superblock *sb, bool ours, uint64_t names)
{
	const char *what = what_cannot_be(sb, ours, names);

	tally.rows += ours;
	if (ours && sb->unused > tally.most)
		tally.most = sb->unused;
	if (!what)
		return;
	tally.impossible++;
	printf("impossible %s: %s %u:%u unused %" PRIu64 "\n", what, sb->fstype, sb->dev_major,
	       sb->dev_minor, sb->unused);
}

static void walk_once(struct dcm_walk *walk, uint64_t names)
{
	unsigned turn = stage->turn, major = stage->major, minor = stage->minor;
	bool unmounting = stage->unmounting;
	const struct dcm_walk_superblock *sb;
	struct dcm_reason reason = {""};
	size_t count;

	tally.walks++;
	if (dcm_walk_superblocks(walk, &reason, &sb, &count)) {
		tally.lost++;
		return;
	}
	tally.beside_unmount += unmounting;
	for (size_t i = 0; i < count; i++)
		look(&sb[i],
		     turn % 2 && turn == stage->turn && sb[i].dev_major == major &&
			     sb[i].dev_minor == minor,
		     names);
}

int main(int argc, char **argv)
{
	struct dcm_reason reason = {""};
	struct dcm_walk *walk;
	int status = 0;
	pid_t child;

	if (argc != 5 || strlen(argv[2]) > MAX_PATH / 2)
		return 2;
	if (dcm_walk_open("", walk_flavour_named(argv[1] + strspn(argv[1], "-")), &reason, &walk)) {
		printf("error open %s\n", reason.text);
		return 77;
	}
	stage = mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (stage == MAP_FAILED || (child = fork()) < 0)
		return 1;
	if (!child)
		_exit(-churn(argv[2], atol(argv[3]), atol(argv[4])));
	while (waitpid(child, &status, WNOHANG) == 0)
		walk_once(walk, (uint64_t)atol(argv[4]));
	dcm_walk_close(walk);
	printf("status %d rounds %u walks %lu lost %lu rows %lu beside_unmount %lu most %" PRIu64
	       " impossible %lu\n",
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1, stage->rounds, tally.walks, tally.lost,
	       tally.rows, tally.beside_unmount, tally.most, tally.impossible);
	return 0;
}

#else

int main(void)
{
	printf("error open built without BPF\n");
	return 77;
}

#endif
