// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/reclaim/reclaim_cgroup.h"

#define MAX_RUN_GROUPS 1024
#define STEP_BYTES_MIN (1u << 20)
#define STEP_BYTES_MAX (4u << 20)
#define STEP_AIM_NS    (50 * DCM_NSEC_PER_MSEC)
#define IDLE_STEPS     3 /* a referenced dentry goes in the second scan only */
#define NEXT_TO_NONE   (64u << 10)

struct dcm_cgroup_run {
	bool v1, swappiness;
	uint64_t bytes; /* of the next step, v2 */
	size_t count, next;
	uint64_t least_slab;	       /* of the next one so far */
	unsigned idle;		       /* steps in a row in which that did not fall */
	char *folders[MAX_RUN_GROUPS]; /* those below before the one above them */
};

/* ---- the groups ---- */

/* Adds the groups below @path, a buffer of DCM_CGROUP_PATH bytes, then itself. */
static int add_groups(struct dcm_cgroup_run *run, char *path)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	size_t len = strlen(path);
	struct dirent *entry;
	int err = 0;

	while (!err && dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (dcm_cgroup_descend(path, entry->d_name))
			err = add_groups(run, path);
		path[len] = '\0';
	}
	/* Too many: the one above frees what those below still have. */
	if (err || run->count == MAX_RUN_GROUPS)
		return err;
	run->folders[run->count] = strdup(path);
	return run->folders[run->count++] ? 0 : -ENOMEM;
}

int dcm_cgroup_run_create(const struct dcm_cgroup *cgroup, struct dcm_reason *reason,
			  struct dcm_cgroup_run **ret)
{
	struct dcm_cgroup_run *run = calloc(1, sizeof(*run));
	char path[DCM_CGROUP_PATH];

	if (!run)
		return dcm_reason_no_memory(reason);
	run->v1 = cgroup->v1;
	run->swappiness = cgroup->swappiness;
	run->bytes = STEP_BYTES_MIN;
	run->least_slab = UINT64_MAX;
	memcpy(path, cgroup->folder, sizeof(path));
	if (add_groups(run, path)) {
		dcm_cgroup_run_destroy(run);
		return dcm_reason_no_memory(reason);
	}
	*ret = run;
	return 0;
}

void dcm_cgroup_run_destroy(struct dcm_cgroup_run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->count; i++)
		free(run->folders[i]);
	free(run);
}

/* ---- a step ---- */

static void end_as_child(int fd, const char *text, double seconds)
{
	long us = (long)(seconds * 1e6);
	struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
	static const int deadly[] = {SIGALRM, SIGINT, SIGTERM};
	sigset_t none;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(deadly); i++)
		signal(deadly[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setitimer(ITIMER_REAL, &timer, NULL);
	_exit(write(fd, text, strlen(text)) < 0 ? errno : 0);
}

/* The kernel looks for signals between two rounds of its reclaim: a child can be ended there. 0,
 * -EINTR: the time was up, or as write(2). */
static int write_for(int fd, const char *text, double seconds)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (!child)
		end_as_child(fd, text, DCM_MAX(seconds, 0.001));
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
		kill(child, SIGTERM);
	}
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int open_file(const struct dcm_cgroup_run *run)
{
	char path[DCM_CGROUP_PATH + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", run->folders[run->next],
		 run->v1 ? "memory.force_empty" : "memory.reclaim");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void adapt(struct dcm_cgroup_run *run, uint64_t ns)
{
	if (ns < STEP_AIM_NS / 2)
		run->bytes = DCM_MIN(run->bytes * 2, STEP_BYTES_MAX);
	else if (ns > STEP_AIM_NS * 2)
		run->bytes = DCM_MAX(run->bytes / 2, STEP_BYTES_MIN);
}

static void go_on(struct dcm_cgroup_run *run)
{
	run->next++;
	run->idle = 0;
	run->least_slab = UINT64_MAX;
}

/* Next to empty: the kernel would go on looking for the rest until the time is up. Or a group that
 * gives page cache only, or is filled as fast as it is emptied. */
static bool is_through(struct dcm_cgroup_run *run)
{
	struct dcm_cgroup cgroup = {.v1 = run->v1};

	snprintf(cgroup.folder, sizeof(cgroup.folder), "%s", run->folders[run->next]);
	if (dcm_cgroup_measure(&cgroup) || cgroup.slab_bytes <= NEXT_TO_NONE)
		return true;
	run->idle = cgroup.slab_bytes < run->least_slab ? 0 : run->idle + 1;
	run->least_slab = DCM_MIN(run->least_slab, cgroup.slab_bytes);
	return run->idle == IDLE_STEPS;
}

int dcm_cgroup_run_step(struct dcm_cgroup_run *run, double seconds, struct dcm_reason *reason,
			bool *ret_more)
{
	_cleanup_close_ int fd = -1;
	uint64_t begin = dcm_now_ns();
	char text[64] = "0";
	bool through;
	int err;

	if (run->next == run->count)
		return *ret_more = false, 0;
	if (!run->v1)
		snprintf(text, sizeof(text), "%" PRIu64 "%s", run->bytes,
			 run->swappiness ? " swappiness=0" : "");
	fd = open_file(run);
	err = fd < 0 ? fd : write_for(fd, text, seconds);
	adapt(run, dcm_now_ns() - begin);
	/* Through with this one: nothing more to take (-EAGAIN), empty, or gone meanwhile. */
	through = err == -EAGAIN || err == -ENOENT || err == -ENODEV || (run->v1 && !err);
	if (!through && err && err != -EINTR)
		return dcm_reason_set(reason, err, "%s: %s", run->folders[run->next],
				      strerror(-err));
	if (through || is_through(run))
		go_on(run);
	*ret_more = run->next < run->count;
	return 0;
}
