// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What it costs to take a sample of N superblocks into the collector, to build a snapshot and one
 * more while nothing is new, to put it into a memfd and to read it: prints a table. The walk is
 * scripted, all else is real.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/sampling/collector_private.h"
#include "common/transport/snapshot_memfd.h"

#define FAKE_MAX 10000
#include "tests/lib/walk_fake.h"

#define ROUNDS 50

struct cost {
	uint64_t sample_ns, build_ns, again_ns, memfd_ns, open_ns;
	size_t size;
};

static void script(size_t count)
{
	fake.superblock_count = count;
	for (size_t i = 0; i < count; i++) {
		struct dcm_walk_superblock *sb = &fake.superblocks[i];

		*sb = (struct dcm_walk_superblock){.address = 0xffff888100000000ULL + i * 2048,
						   .dev_minor = (uint32_t)i,
						   .unused = i * 7,
						   .fstype = "overlay"};
		snprintf(sb->id, sizeof(sb->id), "overlay-%zu", i);
	}
	fake.slices = 1;
	fake.pass.buckets = 4096;
}

static uint64_t lap(uint64_t *since)
{
	uint64_t now = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID), spent = now - *since;

	*since = now;
	return spent;
}

static int measure_once(struct dcm_collector *collector, struct cost *cost)
{
	struct dcm_snapshot *snapshot, *opened;
	uint64_t at = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int fd, err;

	err = dcm_superblock_index_update(collector->superblocks, fake.superblocks,
					  fake.superblock_count, dcm_now_ns());
	cost->sample_ns += lap(&at);
	collector->slot[DCM_SOURCE_SUPERBLOCKS].runs++;
	if (!err)
		err = dcm_collector_publish(collector, 1, &snapshot);
	if (err)
		return err;
	cost->build_ns += lap(&at);
	dcm_snapshot_destroy(snapshot);
	lap(&at);
	err = dcm_collector_publish(collector, 1, &snapshot);
	if (err)
		return err;
	cost->size = snapshot->size;
	cost->again_ns += lap(&at);
	err = dcm_snapshot_memfd_create(snapshot, &fd);
	cost->memfd_ns += lap(&at);
	dcm_snapshot_destroy(snapshot);
	if (err)
		return err;
	lap(&at);
	err = dcm_snapshot_memfd_open(fd, NULL, &opened);
	cost->open_ns += lap(&at);
	close(fd);
	if (!err)
		dcm_snapshot_destroy(opened);
	return err;
}

static int measure(size_t count)
{
	struct dcm_collector *collector;
	struct dcm_config config = {.sampling = {.bpf = true}};
	struct dcm_reason reason = {""};
	struct cost cost = {0};
	int err;

	for (size_t i = 0; i < DCM_SOURCE_COUNT; i++)
		config.sampling.interval[i] = i == DCM_SOURCE_LOOKUPS ? 0 : 10;
	script(count);
	err = dcm_collector_create(&config, &reason, &collector);
	if (err)
		return err;
	err = dcm_collector_sample(collector, NULL, NULL);
	for (int i = 0; i < ROUNDS && !err; i++)
		err = measure_once(collector, &cost);
	dcm_collector_destroy(collector);
	printf("%11zu %9.1f %11.1f %11.1f %11.1f %11.1f %11.1f\n", count, (double)cost.size / 1024,
	       (double)cost.sample_ns / ROUNDS / 1000, (double)cost.build_ns / ROUNDS / 1000,
	       (double)cost.again_ns / ROUNDS / 1000, (double)cost.memfd_ns / ROUNDS / 1000,
	       (double)cost.open_ns / ROUNDS / 1000);
	return err;
}

int main(void)
{
	printf("%11s %9s %11s %11s %11s %11s %11s\n", "superblocks", "KiB", "sample us", "build us",
	       "again us", "memfd us", "open us");
	return measure(40) || measure(1000) || measure(10000) ? 1 : 0;
}
