// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/who_clocks.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"

/* Windows without a call after which a clock may go to another process. */
#define PATIENCE 20
/* Of a process's time in windows, what watching may have taken at most. */
#define MOST_LOST 0.6
/* Of a window, what a process must have run for what it did to speak for the time before. */
#define LEAST_PART 0.1

static bool read_clock(uint32_t pid, uint64_t *ret)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid((pid_t)pid, &clock) || clock_gettime(clock, &ts))
		return false;
	*ret = (uint64_t)ts.tv_sec * DCM_NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
	return true;
}

void dcm_who_clocks_open(struct dcm_who_clocks *clocks)
{
	for (size_t i = 0; i < DCM_WHO_CLOCKS; i++) {
		struct dcm_who_clock *clock = &clocks->clock[i];

		if (clock->pid && !read_clock(clock->pid, &clock->begin))
			clock->pid = 0;
	}
}

void dcm_who_clocks_close(struct dcm_who_clocks *clocks, uint64_t watched_ns)
{
	for (size_t i = 0; i < DCM_WHO_CLOCKS; i++) {
		struct dcm_who_clock *clock = &clocks->clock[i];
		double lost, on, off;
		uint64_t end;

		clock->scale = 0;
		if (!clock->pid || !read_clock(clock->pid, &end) || end <= clock->begin)
			continue; /* what it did between windows is left to the next one */
		on = (double)(end - clock->begin);
		off = (double)DCM_EXCESS(clock->begin, clock->last);
		lost = clock->watched_ns > 0 ? clock->lost_ns / clock->watched_ns : 0;
		clock->watched_ns += on;
		clock->unseen++;
		if (on < LEAST_PART * (double)watched_ns) {
			clock->scale = 1;
			clock->last += end - clock->begin;
			continue;
		}
		clock->scale = 1 + off / (on * (1 - fmin(lost, MOST_LOST)));
		clock->last = end;
	}
}

static struct dcm_who_clock *find(struct dcm_who_clocks *clocks, uint32_t pid)
{
	struct dcm_who_clock *free = NULL;

	for (size_t i = 0; i < DCM_WHO_CLOCKS; i++) {
		struct dcm_who_clock *clock = &clocks->clock[i];

		if (clock->pid == pid)
			return clock;
		if (!free && (!clock->pid || clock->unseen > PATIENCE))
			free = clock;
	}
	if (!free)
		return NULL;
	*free = (struct dcm_who_clock){.pid = pid};
	if (!read_clock(pid, &free->last))
		free->pid = 0;
	free->begin = free->last; /* a window may be open already */
	return free;
}

double dcm_who_clocks_scale(struct dcm_who_clocks *clocks, uint32_t pid, double lost_ns,
			    double otherwise)
{
	struct dcm_who_clock *clock = find(clocks, pid);

	if (!clock || !clock->pid)
		return otherwise;
	clock->unseen = 0;
	clock->lost_ns += clock->scale > 0 ? lost_ns : 0;
	return clock->scale > 0 ? clock->scale : otherwise;
}
