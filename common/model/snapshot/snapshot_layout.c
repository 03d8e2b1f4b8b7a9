// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/snapshot/snapshot_layout.h"

#include "common/base/cleanup.h"
#include "common/model/config/snmp_contexts.h"

#define MEMBER(type, member, f)                                                    \
	{                                                                          \
		.offset = offsetof(struct dcm_snap_##type, member),                \
		.size = sizeof(((struct dcm_snap_##type *)0)->member), .flags = f, \
	}
#define RANGE(type, member, low, high)                                                            \
	{                                                                                         \
		.offset = offsetof(struct dcm_snap_##type, member),                               \
		.size = sizeof(((struct dcm_snap_##type *)0)->member), .flags = DCM_MEMBER_RANGE, \
		.min = (low), .max = (high),                                                      \
	}
#define STRING(type, member)	 MEMBER(type, member, DCM_MEMBER_STRING)
#define STRING_KEY(type, member) MEMBER(type, member, DCM_MEMBER_STRING | DCM_MEMBER_KEY)
#define CONTAINER(type)                                                                            \
	STRING(type, container.runtime), STRING(type, container.id), STRING(type, container.name), \
		STRING(type, container.image), STRING(type, container.pod),                        \
		STRING(type, container.namespace)
#define KEY(type, member)   MEMBER(type, member, DCM_MEMBER_KEY)
#define INDEX(type, member) MEMBER(type, member, DCM_MEMBER_KEY | DCM_MEMBER_ASCENDING)
/* A position in a sorted list: says nothing of what the row is about. */
#define RANK(type, member) MEMBER(type, member, DCM_MEMBER_ASCENDING)

static const struct dcm_member superblock_members[] = {
	INDEX(superblock, index),
	STRING(superblock, fstype),
	STRING(superblock, id),
	STRING(superblock, mountpoint),
	STRING_KEY(superblock, name),
	CONTAINER(superblock),
	STRING(superblock, process_command),
	STRING(superblock, part_mountpoint),
};

static const struct dcm_member histogram_members[] = {
	INDEX(histogram, index),
	KEY(histogram, min_length),
};

static const struct dcm_member chain_members[] = {
	RANK(chain, rank),	   KEY(chain, bucket),	    STRING(chain, fstype),
	STRING_KEY(chain, parent), STRING_KEY(chain, name), CONTAINER(chain),
};

static const struct dcm_member directory_members[] = {
	RANK(directory, rank),	   KEY(directory, superblock),	    STRING_KEY(directory, path),
	STRING(directory, fstype), STRING(directory, sample_names), STRING(directory, hint),
	CONTAINER(directory),
};

static const struct dcm_member lookup_members[] = {
	INDEX(lookup, index),
	STRING_KEY(lookup, path),
	STRING(lookup, error),
};

/* An active alarm and a transition have one row; what they ascend by differs. */
#define ALARM_MEMBERS(index)                                                                      \
	INDEX(alarm, index), RANGE(alarm, severity, DCM_SEVERITY_CLEARED, DCM_SEVERITY_CRITICAL), \
		RANGE(alarm, resource_section, 0, DCM_SEC_COUNT - 1), STRING(alarm, resource),    \
		STRING(alarm, text), STRING(alarm, unit)

static const struct dcm_member alarm_members[] = {ALARM_MEMBERS(index)};
static const struct dcm_member event_members[] = {ALARM_MEMBERS(sequence)};

static const struct dcm_member source_members[] = {
	INDEX(source, index),
	RANGE(source, index, 1, DCM_SOURCE_COUNT),
	RANGE(source, state, DCM_STATE_OFF, DCM_STATE_STUCK),
	STRING_KEY(source, name),
	STRING(source, reason),
};

static const struct dcm_member self_members[] = {
	STRING(self, version),
};

static const struct dcm_member reclaim_members[] = {
	STRING(reclaim, target),
	STRING(reclaim, fstype),
	STRING(reclaim, rule),
	STRING(reclaim, error),
	RANGE(reclaim, result, DCM_RECLAIM_DONE, DCM_RECLAIM_GONE),
};

static const struct dcm_member namespaces_members[] = {
	STRING(namespaces, makers),
	STRING(namespaces, containers),
	CONTAINER(namespaces),
};

static const struct dcm_member alarm_count_members[] = {
	INDEX(alarm_count, type),
	STRING(alarm_count, name),
};

static const struct dcm_member if_netns_members[] = {
	INDEX(if_netns, index),
	STRING_KEY(if_netns, name),
	STRING(if_netns, error),
};

static const struct dcm_member interface_members[] = {
	INDEX(interface, key),
	STRING(interface, name),
	STRING(interface, alias),
};

static const struct dcm_member context_members[] = {
	INDEX(context, index),
	RANGE(context, index, 1, DCM_MAX_CONTEXTS),
	RANGE(context, state, DCM_CONTEXT_STARTING, DCM_CONTEXT_FAILED),
	STRING_KEY(context, name),
	STRING(context, netns),
	STRING(context, error),
};

static const struct dcm_member table_members[] = {
	INDEX(table, index),	 RANGE(table, state, DCM_STATE_OFF, DCM_STATE_STUCK),
	STRING_KEY(table, name), STRING_KEY(table, namespace),
	STRING(table, reason),
};

/*
 * Size of a row, asserted to begin with "has" and to have no more members than that has bits. As
 * part of the size, so that no row goes without; the structure around it adds 0.
 */
#define ROW_SIZE(type)                                                                   \
	(sizeof(struct dcm_snap_##type) +                                                \
	 0 * sizeof(struct {                                                             \
		 _Static_assert(offsetof(struct dcm_snap_##type, has) == 0 &&            \
					sizeof(((struct dcm_snap_##type *)0)->has) == 8, \
				"a row begins with the bits of its members");            \
		 _Static_assert(DCM_BIT_OF(sizeof(struct dcm_snap_##type)) <= 64,        \
				"a row has more members than bits");                     \
		 char unused;                                                            \
	 }))
#define SINGLE(type)                                       \
	{                                                  \
		.row_size = ROW_SIZE(type), .single = true \
	}
#define TABLE(type, list)                                                                   \
	{                                                                                   \
		.row_size = ROW_SIZE(type), .members = list, .count = DCM_ARRAY_SIZE(list), \
	}

const struct dcm_section_layout dcm_section_layouts[DCM_SEC_COUNT] = {
	[DCM_SEC_STRINGS] = {.row_size = 1},
	[DCM_SEC_TOTALS] = SINGLE(totals),
	[DCM_SEC_MEMORY] = SINGLE(memory),
	[DCM_SEC_SUPERBLOCKS] = TABLE(superblock, superblock_members),
	[DCM_SEC_HASH] = SINGLE(hash),
	[DCM_SEC_HISTOGRAM] = TABLE(histogram, histogram_members),
	[DCM_SEC_CHAINS] = TABLE(chain, chain_members),
	[DCM_SEC_DIRECTORIES] = TABLE(directory, directory_members),
	[DCM_SEC_LOOKUPS] = TABLE(lookup, lookup_members),
	[DCM_SEC_NAMESPACES] = {.row_size = ROW_SIZE(namespaces),
				.single = true,
				.members = namespaces_members,
				.count = DCM_ARRAY_SIZE(namespaces_members)},
	[DCM_SEC_SNMPD] = SINGLE(snmpd),
	[DCM_SEC_ALARMS] = TABLE(alarm, alarm_members),
	[DCM_SEC_EVENTS] = TABLE(alarm, event_members),
	[DCM_SEC_SOURCES] = TABLE(source, source_members),
	[DCM_SEC_SELF] = {.row_size = ROW_SIZE(self),
			  .single = true,
			  .members = self_members,
			  .count = DCM_ARRAY_SIZE(self_members)},
	[DCM_SEC_ALARM_STATUS] = SINGLE(alarm_status),
	[DCM_SEC_ALARM_COUNTS] = TABLE(alarm_count, alarm_count_members),
	[DCM_SEC_IF_NETNS] = TABLE(if_netns, if_netns_members),
	[DCM_SEC_INTERFACES] = TABLE(interface, interface_members),
	[DCM_SEC_RECLAIM] = {.row_size = ROW_SIZE(reclaim),
			     .single = true,
			     .members = reclaim_members,
			     .count = DCM_ARRAY_SIZE(reclaim_members)},
	[DCM_SEC_CONTEXTS] = TABLE(context, context_members),
	[DCM_SEC_TABLES] = TABLE(table, table_members),
};
