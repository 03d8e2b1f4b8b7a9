/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long shrinking a superblock and watching a directory will take on this host. Pure: what was
 * measured in, ranges out.
 *
 * Each entry costs a few cache misses. How long one takes here is told by the last pass over the
 * hash table, which meets the same cold lines, though several at a time: its cost per entry, as a
 * ratio to that of the host the factors were measured on, is the host's pace. Factors turn the pace
 * into the cost of shrinking and of watching (tests/bench/forecast measures them again). What
 * earlier reclaims of similar size took on this very host is better than any factor.
 *
 * The clock runs longer than the processor when others want it: how much longer depends on who
 * they are, so that is a range too.
 */
#ifndef DCM_MODEL_RECLAIM_FORECAST_H
#define DCM_MODEL_RECLAIM_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dcm_reclaim_entry;

struct dcm_range {
	double low, likely, high;
};

/* A pass over the hash table, or the beginning of one. */
struct dcm_forecast_pass {
	uint64_t buckets, entries; /* that it met */
	double cpu_seconds;
	bool compat; /* by the slower walker */
};

/* What wanted the CPUs during the last seconds. */
struct dcm_forecast_cpus {
	double cpus;	/* online; 0: nothing is known */
	double busy;	/* of them, on average: from 0 to cpus */
	double waiting; /* share of time in which somebody waited for one: PSI some, 0 to 1 */
	double running; /* tasks that ran or wanted to at the moment, without the one that asks */
	double steal;	/* share of the time of all that a hypervisor took, 0 to 1 */
};

/* A reclaim in one call, the newest first. */
struct dcm_forecast_past {
	bool with_inodes;
	double entries, cpu_seconds;
};

struct dcm_forecast_history {
	struct dcm_forecast_past past[8];
	size_t count;
};

struct dcm_forecast {
	double pace; /* 1 on the host of the factors, 2 where memory is twice as slow; 0: unknown */
	struct dcm_forecast_cpus cpus;
	struct dcm_forecast_history history;
};

/* 0 when the pass met too little to tell. */
double dcm_forecast_pace(const struct dcm_forecast_pass *pass);

/*
 * The pace after another pass showed @now, if @before was the pace until then; 0 is unknown. Others
 * can only make a pass slower: falls at once and rises slowly.
 */
double dcm_forecast_steady_pace(double before, double now);

/* Takes what @entry, newer than all before it, tells; most entries tell nothing. */
void dcm_forecast_remember(struct dcm_forecast_history *history,
			   const struct dcm_reclaim_entry *entry);

struct dcm_forecast_shrink {
	struct dcm_range cpu;	/* seconds of processor time */
	struct dcm_range clock; /* seconds that s_umount is held, beside what the CPUs do now */
};

/* Shrinking @unused dentries of a superblock of @fstype ("overlay", "fuse.sshfs") in one call. */
void dcm_forecast_shrink(const struct dcm_forecast *forecast, const char *fstype, uint64_t unused,
			 struct dcm_forecast_shrink *ret);

/*
 * Seconds that adding a watch to a directory holds the locks of the directory and its inode,
 * without being interrupted: the kernel visits all cached children (fs/notify/fsnotify.c).
 * @children may be
 * @error off.
 */
void dcm_forecast_watch(const struct dcm_forecast *forecast, uint64_t children, uint64_t error,
			struct dcm_range *ret);

#endif
