/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A host to plant values in, and what the alarm engine makes of it. */
#ifndef TESTS_UNIT_ALARM_SCENE_H
#define TESTS_UNIT_ALARM_SCENE_H

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/units.h"
#include "common/model/alarms/alarm.h"
#include "common/model/alarms/alarm_config.h"

#define SCENE_SUPERBLOCKS 10000
#define SCENE_STRINGS	  (1 << 20)

struct scene {
	struct dcm_snap_totals totals;
	struct dcm_snap_memory memory;
	struct dcm_snap_hash hash;
	struct dcm_snap_namespaces namespaces;
	struct dcm_snap_snmpd snmpd;
	struct dcm_snap_reclaim reclaim;
	struct dcm_snap_chain chains[32];
	size_t chain_count;
	struct dcm_snap_lookup lookups[4];
	size_t lookup_count;
	struct dcm_snap_superblock superblocks[SCENE_SUPERBLOCKS];
	size_t superblock_count;
	struct dcm_snap_directory directories[32];
	size_t directory_count;
	struct dcm_snap_table tables[8];
	size_t table_count;
	struct dcm_snap_source sources[DCM_SOURCE_COUNT];
	char strings[SCENE_STRINGS];
	size_t strings_size;
	struct dcm_alarm_config config;
	struct dcm_alarm_engine *engine;
	struct dcm_alarm_clock now;
};

static inline dcm_str scene_str(struct scene *s, const char *text)
{
	size_t len = strlen(text) + 1, at = s->strings_size;

	assert_true(at + len <= SCENE_STRINGS);
	memcpy(s->strings + at, text, len);
	s->strings_size += len;
	return at;
}

/* All sources work; there are no values yet. */
static inline struct scene *scene_create(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->strings_size = 1;
	for (unsigned i = 0; i < DCM_SOURCE_COUNT; i++) {
		DCM_SET(&s->sources[i], index, i + 1);
		DCM_SET(&s->sources[i], state, DCM_STATE_OK);
		DCM_SET(&s->sources[i], name, scene_str(s, dcm_source_name(i)));
	}
	DCM_SET(&s->hash, age_seconds, 10.0);
	dcm_alarm_config_defaults(&s->config);
	s->now = (struct dcm_alarm_clock){1000 * DCM_NSEC_PER_SEC,
					  1700000000 * (int64_t)DCM_NSEC_PER_SEC};
	return s;
}

static inline void scene_destroy(struct scene *s)
{
	dcm_alarm_engine_destroy(s->engine);
	free(s);
}

/* For cmocka: a scene of its own for each test, as *@state. */
static inline int scene_setup(void **state)
{
	*state = scene_create();
	return 0;
}

static inline int scene_teardown(void **state)
{
	scene_destroy(*state);
	return 0;
}

static inline void scene_start(struct scene *s)
{
	dcm_alarm_engine_destroy(s->engine);
	assert_int_equal(dcm_alarm_engine_create(&s->config, &s->engine), 0);
}

static inline void scene_only(struct scene *s, enum dcm_alarm_type type)
{
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++)
		s->config.types[i].rule.enabled = i == type;
}

static inline void scene_source(struct scene *s, enum dcm_source source, uint32_t state)
{
	s->sources[source].state = state;
}

static inline struct dcm_snap_superblock *scene_superblock(struct scene *s, uint32_t index,
							   const char *mountpoint, uint64_t unused)
{
	struct dcm_snap_superblock *sb = &s->superblocks[s->superblock_count++];

	assert_true(s->superblock_count <= SCENE_SUPERBLOCKS);
	*sb = (struct dcm_snap_superblock){0};
	DCM_SET(sb, index, index);
	DCM_SET(sb, dev_major, 0);
	DCM_SET(sb, dev_minor, index + 40);
	DCM_SET(sb, fstype, scene_str(s, "overlay"));
	DCM_SET(sb, mountpoint, scene_str(s, mountpoint));
	DCM_SET(sb, unused, unused);
	return sb;
}

static inline struct dcm_snap_chain *
scene_chain(struct scene *s, uint64_t bucket, const char *parent, const char *name, uint64_t length)
{
	struct dcm_snap_chain *c = &s->chains[s->chain_count++];

	*c = (struct dcm_snap_chain){0};
	DCM_SET(c, rank, s->chain_count);
	DCM_SET(c, bucket, bucket);
	DCM_SET(c, length, length);
	DCM_SET(c, parent, scene_str(s, parent));
	DCM_SET(c, name, scene_str(s, name));
	return c;
}

static inline struct dcm_snap_lookup *scene_lookup(struct scene *s, const char *path,
						   double seconds)
{
	struct dcm_snap_lookup *l = &s->lookups[s->lookup_count++];

	*l = (struct dcm_snap_lookup){0};
	DCM_SET(l, index, s->lookup_count);
	DCM_SET(l, path, scene_str(s, path));
	DCM_SET(l, seconds, seconds);
	return l;
}

/* Watching one child takes 100 ns, 70 to 130. */
static inline struct dcm_snap_directory *scene_directory(struct scene *s, const char *path,
							 uint64_t children, uint64_t error)
{
	struct dcm_snap_directory *d = &s->directories[s->directory_count++];

	assert_true(s->directory_count <= 32);
	*d = (struct dcm_snap_directory){0};
	DCM_SET(d, rank, s->directory_count);
	DCM_SET(d, superblock, 7);
	DCM_SET(d, path, scene_str(s, path));
	DCM_SET(d, children, children);
	DCM_SET(d, children_error, error);
	DCM_SET(d, watch_seconds, (double)children * 100e-9);
	DCM_SET(d, watch_low_seconds, (double)(children - error) * 70e-9);
	DCM_SET(d, watch_high_seconds, (double)(children + error) * 130e-9);
	return d;
}

/* The table of the namespace at @place; 0 is the sampler's own. */
static inline struct dcm_snap_table *scene_table(struct scene *s, enum dcm_hash_table table,
						 unsigned place, dcm_str namespace,
						 uint64_t longest, double load)
{
	struct dcm_snap_table *t = &s->tables[s->table_count++];

	assert_true(s->table_count <= DCM_ARRAY_SIZE(s->tables));
	*t = (struct dcm_snap_table){0};
	DCM_SET(t, index, (table + 1) * DCM_TABLE_PLACES + place);
	DCM_SET(t, state, DCM_STATE_OK);
	DCM_SET(t, namespace, namespace);
	DCM_SET(t, longest, longest);
	DCM_SET(t, load, load);
	DCM_SET(t, key, t->index);
	return t;
}

static inline void scene_input(const struct scene *s, struct dcm_alarm_input *ret)
{
	*ret = (struct dcm_alarm_input){.strings = s->strings, .strings_size = s->strings_size};
#define SCENE_ROWS(section, array, n) (ret->rows[section] = (array), ret->count[section] = (n))
	SCENE_ROWS(DCM_SEC_TOTALS, &s->totals, 1);
	SCENE_ROWS(DCM_SEC_MEMORY, &s->memory, 1);
	SCENE_ROWS(DCM_SEC_HASH, &s->hash, 1);
	SCENE_ROWS(DCM_SEC_NAMESPACES, &s->namespaces, 1);
	SCENE_ROWS(DCM_SEC_SNMPD, &s->snmpd, 1);
	SCENE_ROWS(DCM_SEC_RECLAIM, &s->reclaim, 1);
	SCENE_ROWS(DCM_SEC_CHAINS, s->chains, s->chain_count);
	SCENE_ROWS(DCM_SEC_LOOKUPS, s->lookups, s->lookup_count);
	SCENE_ROWS(DCM_SEC_SUPERBLOCKS, s->superblocks, s->superblock_count);
	SCENE_ROWS(DCM_SEC_DIRECTORIES, s->directories, s->directory_count);
	SCENE_ROWS(DCM_SEC_SOURCES, s->sources, DCM_SOURCE_COUNT);
	SCENE_ROWS(DCM_SEC_TABLES, s->tables, s->table_count);
}

/* One evaluation at the present moment. */
static inline size_t scene_evaluate(struct scene *s)
{
	struct dcm_alarm_input input;

	scene_input(s, &input);
	return dcm_alarm_engine_evaluate(s->engine, &input, s->now);
}

static inline void scene_pass_time(struct scene *s, double seconds)
{
	s->now.monotonic_ns += seconds * DCM_NSEC_PER_SEC;
	s->now.realtime_ns += seconds * DCM_NSEC_PER_SEC;
}

/* An evaluation every second; returns all transitions. The first is one second from now. */
static inline size_t scene_run(struct scene *s, unsigned seconds)
{
	size_t transitions = 0;

	for (unsigned i = 0; i < seconds; i++) {
		scene_pass_time(s, 1);
		transitions += scene_evaluate(s);
	}
	return transitions;
}

/* The newest transition. */
static inline const struct dcm_alarm_transition *scene_last(const struct scene *s)
{
	const struct dcm_alarm_transition *t =
		dcm_alarm_engine_transition(s->engine, dcm_alarm_engine_sequence(s->engine));

	assert_non_null(t);
	return t;
}

static inline void scene_rule(struct scene *s, const char *section, const char *key,
			      const char *value)
{
	struct dcm_reason reason;

	assert_int_equal(dcm_alarm_config_set(&s->config, 1, section, key, value, &reason), 0);
}

/* Nothing that a shell or a trap handler would interpret. */
static inline void assert_safe(const char *text)
{
	for (; *text; text++)
		assert_true(isalnum((unsigned char)*text) || strchr(" ,.:/-_", *text));
}

#endif
