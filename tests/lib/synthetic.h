/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A snapshot whose every value follows from the row number, so that a test knows what to expect.
 * Superblock row i (1..N): index 3i, unused 1000i, hashed 10i, negative i; mounts only in even
 * rows; the last row's unused is 5,000,000,000, above Gauge32.
 */
#ifndef DCM_TESTS_SYNTHETIC_H
#define DCM_TESTS_SYNTHETIC_H

#include <stdio.h>
#include <string.h>

#include "common/model/snapshot/snapshot.h"

#define SYNTHETIC_UNUSED_ABOVE_32 5000000000ULL

/* A name that forges a line, moves the cursor and is not UTF-8. */
#define SYNTHETIC_HOSTILE_NAME "a\nb\x1b[2J\xff\\"

static inline struct dcm_snap_superblock *synthetic_superblock(struct dcm_snapshot_builder *builder,
							       uint32_t i, uint32_t count)
{
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);
	char text[64];

	DCM_SET(row, index, 3 * i);
	DCM_SET(row, dev_major, 0);
	DCM_SET(row, dev_minor, i);
	if (i % 2 == 0)
		DCM_SET(row, mounts, i);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, "tmpfs"));
	snprintf(text, sizeof(text), "id%u", i);
	DCM_SET(row, id, dcm_snapshot_builder_text(builder, text));
	snprintf(text, sizeof(text), "/mnt/%u", i);
	DCM_SET(row, mountpoint, dcm_snapshot_builder_text(builder, text));
	DCM_SET(row, unused, i == count ? SYNTHETIC_UNUSED_ABOVE_32 : 1000ULL * i);
	DCM_SET(row, hashed, 10ULL * i);
	DCM_SET(row, negative, i);
	DCM_SET(row, shrink_seconds, i / 1000.0);
	return row;
}

static inline void synthetic_chain(struct dcm_snapshot_builder *builder, uint32_t rank)
{
	struct dcm_snap_chain *row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);

	DCM_SET(row, rank, rank);
	DCM_SET(row, superblock, 3);
	DCM_SET(row, bucket, 77 + rank);
	DCM_SET(row, length, 2000 - rank);
	DCM_SET(row, same_name, 1000);
	DCM_SET(row, negative, 0);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, "proc"));
	DCM_SET(row, parent, dcm_snapshot_builder_text(builder, "/proc/sys/net"));
	DCM_SET(row, name,
		dcm_snapshot_builder_text(builder, rank == 2 ? SYNTHETIC_HOSTILE_NAME : "ipv6"));
	DCM_SET(row, truncated, rank == 2);
	DCM_SET(row, age_seconds, 1.5);
}

static inline void synthetic_source(struct dcm_snapshot_builder *builder, enum dcm_source source)
{
	struct dcm_snap_source *row = dcm_snapshot_builder_add(builder, DCM_SEC_SOURCES);
	bool ok = source != DCM_SOURCE_HASH;

	DCM_SET(row, index, (uint32_t)source + 1);
	DCM_SET(row, state, ok ? DCM_STATE_OK : DCM_STATE_UNSUPPORTED);
	DCM_SET(row, name, dcm_snapshot_builder_text(builder, dcm_source_name(source)));
	if (!ok)
		DCM_SET(row, reason, dcm_snapshot_builder_text(builder, "no BTF here"));
	DCM_SET(row, interval_seconds, 10);
	DCM_SET(row, runs, (1ULL << 32) + 7);
	DCM_SET(row, failures, 0);
}

static inline void synthetic_scalars(struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(builder, DCM_SEC_TOTALS);
	struct dcm_snap_self *self = dcm_snapshot_builder_add(builder, DCM_SEC_SELF);

	DCM_SET(totals, dentries, 123456);
	DCM_SET(totals, unused, -5);		   /* as old kernels could report it */
	DCM_SET(totals, slab_bytes, 192ULL << 20); /* "negative" stays absent */
	DCM_SET(self, cpu_seconds, 1.25);
	DCM_SET(self, version, dcm_snapshot_builder_text(builder, "synthetic"));
}

/* Adds everything to @builder; @superblocks rows. */
static inline void synthetic_fill(struct dcm_snapshot_builder *builder, uint32_t superblocks)
{
	synthetic_scalars(builder);
	for (uint32_t i = 1; i <= superblocks; i++)
		synthetic_superblock(builder, i, superblocks);
	for (uint32_t rank = 1; rank <= 3; rank++)
		synthetic_chain(builder, rank);
	for (int source = 0; source < DCM_SOURCE_COUNT; source++)
		synthetic_source(builder, (enum dcm_source)source);
}

#endif
