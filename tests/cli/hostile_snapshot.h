/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A snapshot that was never sampled: extreme numbers, hostile names, absent values. */
#ifndef DCM_TESTS_CLI_HOSTILE_SNAPSHOT_H
#define DCM_TESTS_CLI_HOSTILE_SNAPSHOT_H

#include <stdio.h>
#include <string.h>

#include "common/model/snapshot/snapshot.h"

/* What a stranger may name a file: a newline, an escape sequence, C1, bidi, invalid UTF-8, DEL. */
#define HOSTILE_NAME "a\nb\033[2Jc\x9b\xc2\x9b\xe2\x80\xae\xff\xc3(\\\"</\x7f"

static inline void synthetic_chains(struct dcm_snapshot_builder *b)
{
	struct dcm_snap_chain *c;
	char longest[256];

	memset(longest, 0xfe, 255);
	longest[255] = '\0';
	c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);
	DCM_SET(c, rank, 1);
	DCM_SET(c, length, 1003);
	DCM_SET(c, same_name, 1001);
	DCM_SET(c, parent, dcm_snapshot_builder_text(b, "/proc/sys/net"));
	DCM_SET(c, name, dcm_snapshot_builder_text(b, "ipv6"));
	DCM_SET(c, fstype, dcm_snapshot_builder_text(b, "proc"));
	DCM_SET(c, truncated, 1);
	c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);
	DCM_SET(c, rank, 2);
	DCM_SET(c, length, UINT64_MAX);
	DCM_SET(c, name, dcm_snapshot_builder_text(b, HOSTILE_NAME));
	DCM_SET(c, parent, dcm_snapshot_builder_text(b, longest));
	DCM_SET(c, container.runtime, dcm_snapshot_builder_text(b, "docker"));
	DCM_SET(c, container.name, dcm_snapshot_builder_text(b, HOSTILE_NAME));
}

static inline void synthetic_superblocks(struct dcm_snapshot_builder *b)
{
	struct dcm_snap_superblock *s;

	for (uint32_t i = 1; i <= 20; i++) {
		s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
		DCM_SET(s, index, i);
		DCM_SET(s, unused, i == 20 ? 1ULL << 63 : i * 1000);
		if (i == 19) {
			DCM_SET(s, process_pid, 942);
			DCM_SET(s, process_command, dcm_snapshot_builder_text(b, "podman pause"));
		}
		if (i != 20)
			continue;
		DCM_SET(s, dev_major, 259);
		DCM_SET(s, dev_minor, 7);
		DCM_SET(s, fstype, dcm_snapshot_builder_text(b, "overlay"));
		DCM_SET(s, mountpoint, dcm_snapshot_builder_text(b, "/mnt/" HOSTILE_NAME));
		DCM_SET(s, negative, UINT64_MAX);
		DCM_SET(s, container.runtime, dcm_snapshot_builder_text(b, "docker"));
		DCM_SET(s, container.id, dcm_snapshot_builder_text(b, "3f2a9c01b77e"));
		DCM_SET(s, container.name, dcm_snapshot_builder_text(b, HOSTILE_NAME));
	}
}

static inline void synthetic_lookups(struct dcm_snapshot_builder *b)
{
	struct dcm_snap_lookup *l;

	l = dcm_snapshot_builder_add(b, DCM_SEC_LOOKUPS);
	DCM_SET(l, index, 1);
	DCM_SET(l, path, dcm_snapshot_builder_text(b, "/proc/sys/net/ipv6"));
	DCM_SET(l, seconds, 184e-6);
	l = dcm_snapshot_builder_add(b, DCM_SEC_LOOKUPS);
	DCM_SET(l, index, 2);
	DCM_SET(l, path, dcm_snapshot_builder_text(b, HOSTILE_NAME));
	DCM_SET(l, seconds, 0.0 / 0.0);
	DCM_SET(l, error, dcm_snapshot_builder_text(b, HOSTILE_NAME));
}

static inline void synthetic_sources(struct dcm_snapshot_builder *b)
{
	struct dcm_snap_source *s = dcm_snapshot_builder_add(b, DCM_SEC_SOURCES);

	DCM_SET(s, index, DCM_SOURCE_SUPERBLOCKS + 1);
	DCM_SET(s, state, DCM_STATE_UNSUPPORTED);
	DCM_SET(s, name, dcm_snapshot_builder_text(b, "superblocks"));
	DCM_SET(s, reason, dcm_snapshot_builder_text(b, "no BTF\n\033[31m"));
}

static inline void synthetic_directories(struct dcm_snapshot_builder *b)
{
	struct dcm_snap_directory *d = dcm_snapshot_builder_add(b, DCM_SEC_DIRECTORIES);

	DCM_SET(d, rank, 1);
	DCM_SET(d, path, dcm_snapshot_builder_text(b, "/var"));
	d->sample_names[0] = dcm_snapshot_builder_text(b, "one");
	d->sample_names[1] = dcm_snapshot_builder_text(b, HOSTILE_NAME);
	d->has |= DCM_HAS(d, sample_names);
}

/* @full: rows in most sections; otherwise an empty snapshot. */
static inline struct dcm_snapshot *synthetic_snapshot(bool full)
{
	struct dcm_snapshot_builder *b;
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_snap_totals *t;

	if (dcm_snapshot_builder_create(&b))
		return NULL;
	if (full) {
		t = dcm_snapshot_builder_add(b, DCM_SEC_TOTALS);
		DCM_SET(t, dentries, -5);
		DCM_SET(t, unused, INT64_MAX);
		DCM_SET(t, slab_bytes, UINT64_MAX);
		synthetic_chains(b);
		synthetic_superblocks(b);
		synthetic_lookups(b);
		synthetic_sources(b);
		synthetic_directories(b);
	}
	if (dcm_snapshot_builder_finish(b, 1700000000123456789, 1, &snapshot))
		snapshot = NULL;
	dcm_snapshot_builder_destroy(b);
	return snapshot;
}

#endif
