/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A made-up host with values that are hard to carry: 5,000,000,000 dentries, 2^53 unused ones, a
 * counter of 2^53; and one alarm about its longest chain.
 */
#ifndef DCM_TESTS_COLLECTD_SCENE_H
#define DCM_TESTS_COLLECTD_SCENE_H

#include "common/model/alarms/alarm.h"
#include "tests/lib/synthetic.h"

#define SCENE_DENTRIES	  5000000000LL
#define SCENE_UNUSED	  (1LL << 53)
#define SCENE_DIRECT	  (1ULL << 53)
#define SCENE_CHAIN	  1234
#define SCENE_THRESHOLD	  1000
#define SCENE_ALARM_TEXT  "chain of /proc/sys/net/ipv6 has 1234 entries"
#define SCENE_ALARM_THING "/proc/sys/net/ipv6"

struct scene {
	uint32_t superblocks;
	bool container;	   /* the second superblock is one's */
	uint32_t severity; /* of the alarm; 0: there never was one */
	uint64_t sequence; /* of its last transition */
	bool hash_broken;
	bool no_pass; /* over the hash table yet */
};

static inline void scene_alarm_row(struct dcm_snapshot_builder *builder, enum dcm_section section,
				   const struct scene *scene)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(builder, section);

	DCM_SET(row, index, 1);
	DCM_SET(row, type, DCM_ALARM_CHAIN_LENGTH);
	DCM_SET(row, sequence, scene->sequence);
	DCM_SET(row, severity, scene->severity);
	DCM_SET(row, resource_section, DCM_SEC_CHAINS);
	DCM_SET(row, resource_index, 1);
	DCM_SET(row, resource, dcm_snapshot_builder_text(builder, SCENE_ALARM_THING));
	DCM_SET(row, value, SCENE_CHAIN);
	DCM_SET(row, threshold, SCENE_THRESHOLD);
	DCM_SET(row, text, dcm_snapshot_builder_text(builder, SCENE_ALARM_TEXT));
	DCM_SET(row, time_ns, 1700000000000000000LL);
}

static inline void scene_alarm(struct dcm_snapshot_builder *builder, const struct scene *scene)
{
	if (!scene->severity)
		return;
	if (scene->severity != DCM_SEVERITY_CLEARED)
		scene_alarm_row(builder, DCM_SEC_ALARMS, scene);
	scene_alarm_row(builder, DCM_SEC_EVENTS, scene);
}

static inline void scene_scalars(struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(builder, DCM_SEC_TOTALS);
	struct dcm_snap_memory *memory = dcm_snapshot_builder_add(builder, DCM_SEC_MEMORY);
	struct dcm_snap_hash *hash = dcm_snapshot_builder_add(builder, DCM_SEC_HASH);
	struct dcm_snap_self *self = dcm_snapshot_builder_add(builder, DCM_SEC_SELF);
	struct dcm_snap_lookup *lookup = dcm_snapshot_builder_add(builder, DCM_SEC_LOOKUPS);

	DCM_SET(totals, dentries, SCENE_DENTRIES);
	DCM_SET(totals, unused, SCENE_UNUSED); /* "negative" stays absent */
	DCM_SET(memory, pgscan_direct, SCENE_DIRECT);
	DCM_SET(memory, psi_some_avg10, 12.5);
	DCM_SET(hash, max_chain, SCENE_CHAIN);
	DCM_SET(hash, coverage, 1.0 / 0.0 - 1.0 / 0.0); /* NaN: never sent */
	DCM_SET(self, cpu_percent, 0.25);
	DCM_SET(lookup, index, 1);
	DCM_SET(lookup, path, dcm_snapshot_builder_text(builder, "/proc/sys/net/ipv6"));
	DCM_SET(lookup, seconds, 0.000025);
}

static inline void scene_fill(struct dcm_snapshot_builder *builder, const struct scene *scene)
{
	scene_scalars(builder);
	for (uint32_t i = 1; i <= scene->superblocks; i++) {
		struct dcm_snap_superblock *row =
			synthetic_superblock(builder, i, scene->superblocks);

		if (scene->container && i == 2) {
			DCM_SET(row, container.id,
				dcm_snapshot_builder_text(builder, "3f2a9c01b77e"));
			DCM_SET(row, container.name, dcm_snapshot_builder_text(builder, "web-1"));
		}
		if (scene->no_pass)
			row->has &= ~(DCM_HAS(row, hashed) | DCM_HAS(row, negative));
	}
	for (uint32_t rank = 1; rank <= 15; rank++)
		synthetic_chain(builder, rank);
	for (int i = 0; i < DCM_SOURCE_COUNT; i++) {
		struct dcm_snap_source *row = dcm_snapshot_builder_add(builder, DCM_SEC_SOURCES);
		bool broken = scene->hash_broken && i == DCM_SOURCE_HASH;

		DCM_SET(row, index, (uint32_t)i + 1);
		DCM_SET(row, state, broken ? DCM_STATE_FAILED : DCM_STATE_OK);
		DCM_SET(row, name,
			dcm_snapshot_builder_text(builder, dcm_source_name((enum dcm_source)i)));
		if (broken)
			DCM_SET(row, reason, dcm_snapshot_builder_text(builder, "no BTF"));
		DCM_SET(row, runs, 7);
	}
	scene_alarm(builder, scene);
}

#endif
