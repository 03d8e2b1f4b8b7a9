/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the alarm types look at: the extractions and resource names that their records
 * (alarm_types.c) refer to. Internal to the alarm engine.
 */
#ifndef DCM_MODEL_ALARM_RULES_H
#define DCM_MODEL_ALARM_RULES_H

#include "common/model/alarms/alarm.h"
#include "common/model/alarms/alarm_config.h"
#include "common/model/alarms/alarm_trend.h"
#include "common/model/alarms/alarm_types.h"

#define DCM_ALARM_TRENDS 16 /* superblocks whose growth is followed: the largest */

/* One value of one resource. */
struct dcm_alarm_sample {
	bool absent;  /* the resource is there, its value is not: hold */
	uint64_t key; /* the resource within its type, as long as the sampler lives */
	double value;
	double ahead;		/* growth: seconds until the critical level; else unused */
	enum dcm_source source; /* the value is as good as this source */
	enum dcm_section section;
	uint32_t index;	 /* of the resource's row; 0: none */
	const void *row; /* for its name */
};

struct dcm_alarm_superblock_trend {
	uint32_t index; /* of the superblock; 0: free */
	struct dcm_trend trend;
	bool has_slope;
	double slope;
	struct dcm_trend recent; /* of the last samples */
	bool has_recent_slope;
	double recent_slope;
};

/* What is remembered from one evaluation to the next to turn counters into rates. */
struct dcm_alarm_rates {
	struct dcm_trend dentries;
	bool has_dentries_slope;
	double dentries_slope;
	struct dcm_trend recent; /* the same of the last seconds */
	bool has_recent_slope;
	double recent_slope;
	struct dcm_alarm_superblock_trend superblocks[DCM_ALARM_TRENDS];
	uint64_t superblock_runs; /* of their source, as of the last recent sample */
	bool ticked;
	uint64_t tick_ns; /* of the last trend samples */
	struct dcm_rate namespaces;
	bool has_direct;
	uint64_t direct;    /* pgscan_direct + allocstall */
	uint64_t direct_ns; /* when it was read first, or last grew */
	bool direct_seen;   /* it has grown since */
};

/* Everything an extraction may look at. */
struct dcm_alarm_view {
	const struct dcm_alarm_input *input;
	const struct dcm_alarm_config *config;
	const struct dcm_alarm_rates *rates;
	uint64_t now_ns;
	uint64_t started_ns;			       /* first evaluation of this engine */
	enum dcm_source_state state[DCM_SOURCE_COUNT]; /* 0: not known */
	uint64_t runs[DCM_SOURCE_COUNT];
};

dcm_alarm_extract dcm_alarm_extract_chains, dcm_alarm_extract_coverage, dcm_alarm_extract_lookups,
	dcm_alarm_extract_unused, dcm_alarm_extract_shrink, dcm_alarm_extract_negative,
	dcm_alarm_extract_dentries, dcm_alarm_extract_slab_share, dcm_alarm_extract_churn,
	dcm_alarm_extract_stall, dcm_alarm_extract_risk, dcm_alarm_extract_growth,
	dcm_alarm_extract_snmpd, dcm_alarm_extract_sources, dcm_alarm_extract_children,
	dcm_alarm_extract_watch, dcm_alarm_extract_rules, dcm_alarm_extract_table_chain,
	dcm_alarm_extract_table_load;

dcm_alarm_resource dcm_alarm_name_chain, dcm_alarm_name_coverage, dcm_alarm_name_lookup,
	dcm_alarm_name_superblock, dcm_alarm_name_snmpd, dcm_alarm_name_source,
	dcm_alarm_name_directory, dcm_alarm_name_rules, dcm_alarm_name_table;

dcm_alarm_note dcm_alarm_note_chain, dcm_alarm_note_children, dcm_alarm_note_churn,
	dcm_alarm_note_watch, dcm_alarm_note_superblock;

/* Whether a directory of @type that is not listed may still be at @level or above. */
bool dcm_alarm_directory_hidden(const struct dcm_alarm_view *view, enum dcm_alarm_type type,
				double level);

/* The same of a table of the kernel: not all network namespaces are listed. */
bool dcm_alarm_table_hidden(const struct dcm_alarm_view *view, enum dcm_alarm_type type,
			    double level);

/* The row of the superblock with this index, or NULL. */
const struct dcm_snap_superblock *dcm_alarm_find_superblock(const struct dcm_alarm_view *view,
							    uint32_t index);

/* "major:minor" of a superblock as a second name for overrides, "" otherwise. */
void dcm_alarm_second_name(const struct dcm_alarm_sample *sample, char *buf, size_t size);

/* Names of a resource, for rules about it; NULL after the last. */
#define DCM_ALARM_NAMES 5
struct dcm_alarm_names {
	const char *name[DCM_ALARM_NAMES + 1];
	size_t count;
	char text[DCM_ALARM_NAMES][DCM_ALARM_TARGET_SIZE];
};

/* Adds "container:" with the name, that with namespace and pod before it, and the ID of the
 * container that a superblock, chain or directory belongs to; up to three. */
void dcm_alarm_container_names(const struct dcm_alarm_view *view,
			       const struct dcm_alarm_sample *sample, struct dcm_alarm_names *ret);

/* ", container web-1, docker 3f2a9c01b77e", or what else @before is; "" without one. 16 <= @size.
 */
void dcm_alarm_note_container(const struct dcm_alarm_view *view, const char *before,
			      const struct dcm_snap_container *container, char *buf, size_t size);

/* What stays equal over a restart of the sampler, unlike the key. */
uint64_t dcm_alarm_identity(const struct dcm_alarm_view *view,
			    const struct dcm_alarm_sample *sample);

/*
 * Whether a resource that was not visited may still be what it was: only the longest chains are
 * listed, so one that is missing from a full list may be as long as the last one there.
 */
bool dcm_alarm_may_be_hidden(const struct dcm_alarm_view *view, enum dcm_alarm_type type,
			     double clear_level);

/* Reads the states of the sources. */
void dcm_alarm_view_states(struct dcm_alarm_view *view);

/* Takes this evaluation's counters into the rates; before any extraction. */
void dcm_alarm_rates_update(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view);

/* Never NULL. */
const char *dcm_alarm_input_str(const struct dcm_alarm_input *input, dcm_str str);

#endif
