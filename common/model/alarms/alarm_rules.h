/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each alarm type looks at: one row of the table per type. Internal to the alarm engine.
 */
#ifndef DCM_MODEL_ALARM_RULES_H
#define DCM_MODEL_ALARM_RULES_H

#include "common/model/alarms/alarm_config.h"
#include "common/model/alarms/alarm_trend.h"

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
};

/* What is remembered from one evaluation to the next to turn counters into rates. */
struct dcm_alarm_rates {
	struct dcm_trend dentries;
	bool has_dentries_slope;
	double dentries_slope;
	struct dcm_alarm_superblock_trend superblocks[DCM_ALARM_TRENDS];
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
};

typedef void dcm_alarm_visit(void *ctx, const struct dcm_alarm_sample *sample);

struct dcm_alarm_rule_info {
	/* Visits every resource of the type once. */
	void (*extract)(const struct dcm_alarm_view *view, dcm_alarm_visit *visit, void *ctx);
	/* Raw name of the resource for people and for [alarm NAME TARGET]; NULL: "host". */
	void (*name)(const struct dcm_alarm_view *view, const struct dcm_alarm_sample *sample,
		     char *buf, size_t size);
	/* Words before the resource, between it and the value, and after the value. Without
	 * "between" the value says nothing: "raised" and "cleared" follow the resource. */
	const char *before, *between, *after;
	const char *raised, *cleared;
	double scale;	  /* of value and threshold in the text; 0 means 1 */
	const char *gone; /* text of a clear whose resource went away */
};

/* NULL for types without a rule. */
const struct dcm_alarm_rule_info *dcm_alarm_rule_info(enum dcm_alarm_type type);

/* "major:minor" of a superblock as a second name for overrides, "" otherwise. */
void dcm_alarm_second_name(const struct dcm_alarm_sample *sample, char *buf, size_t size);

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
