/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long the processes that are met in windows were on a CPU, within windows and between them.
 * What a process does goes with that rather than with the time on the wall: a window begins when
 * the watcher has just run and ends when it runs again, which says nothing about others only as
 * long as CPUs are idle; and whoever is watched is slower, by so much for each call.
 */
#ifndef DCM_KERNEL_WHO_CLOCKS_H
#define DCM_KERNEL_WHO_CLOCKS_H

#include <stdint.h>

#define DCM_WHO_CLOCKS 64

struct dcm_who_clock {
	uint32_t pid;	     /* 0: free */
	uint64_t last;	     /* CPU time up to which events are accounted for, ns */
	uint64_t begin;	     /* of the window under way */
	double scale;	     /* events in the period per event of the last window; 0: unknown */
	double watched_ns;   /* CPU time in windows */
	double lost_ns;	     /* of that, what watching added */
	unsigned int unseen; /* windows without a call */
};

/* All zero at first. */
struct dcm_who_clocks {
	struct dcm_who_clock clock[DCM_WHO_CLOCKS];
};

/* A window begins. */
void dcm_who_clocks_open(struct dcm_who_clocks *clocks);

/* It ended, after @watched_ns. Before the window's events are looked at. */
void dcm_who_clocks_close(struct dcm_who_clocks *clocks, uint64_t watched_ns);

/* For a record of @pid in the window that was closed last, which cost it @lost_ns: the scale, or
 * @otherwise where the process was not known before. */
double dcm_who_clocks_scale(struct dcm_who_clocks *clocks, uint32_t pid, double lost_ns,
			    double otherwise);

#endif
