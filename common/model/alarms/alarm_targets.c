// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which [alarm NAME TARGET] follows a superblock by its identity. A mount can leave the host's
 * table while a namespace still holds the superblock: it has no name then, but its rule stays.
 */
#include "common/base/hash.h"
#include "common/model/alarms/alarm_engine.h"

static bool is_superblock_type(enum dcm_alarm_type type)
{
	return dcm_alarm_type_record(type)->resource == dcm_alarm_name_superblock;
}

uint64_t dcm_alarm_target_hash(const char *target)
{
	uint64_t hash = dcm_hash64_text(DCM_HASH64_START, target);

	return hash ? hash : 1;
}

static struct dcm_alarm_target *find(const struct dcm_alarm_engine *engine, uint64_t key)
{
	return DCM_HASH_FIND(engine->targets, &key, sizeof(key));
}

uint64_t dcm_alarm_target_of(const struct dcm_alarm_engine *engine, uint64_t key)
{
	const struct dcm_alarm_target *target = engine->targets ? find(engine, key) : NULL;

	return target ? target->hash : 0;
}

void dcm_alarm_target_set(struct dcm_alarm_engine *engine, uint64_t key, uint64_t hash)
{
	struct dcm_alarm_target *target = hash ? find(engine, key) : NULL;

	if (!hash)
		return;
	if (!target) {
		target = calloc(1, sizeof(*target));
		if (!target)
			return; /* the next evaluation tries again */
		target->key = key;
		HASH_ADD(hh, engine->targets, key, sizeof(target->key), target);
		if (!DCM_HASH_TAKEN(target)) {
			free(target);
			return;
		}
	}
	target->hash = hash;
	target->seen = engine->evaluation;
}

void dcm_alarm_targets_clear(struct dcm_alarm_engine *engine)
{
	DCM_HASH_FREE(engine->targets);
}

/* 0: no target that is @name, or matches it. */
static uint64_t hash_of_match(const struct dcm_alarm_config *config, const char *name, bool pattern)
{
	const char *const names[] = {name, NULL};

	for (size_t i = 0; i < config->override_count; i++)
		if (is_superblock_type(config->overrides[i].type) &&
		    dcm_alarm_target_matches(config->overrides[i].target, names, pattern))
			return dcm_alarm_target_hash(config->overrides[i].target);
	return 0;
}

static uint64_t hash_of_name(const struct dcm_alarm_config *config, const char *name)
{
	uint64_t hash = hash_of_match(config, name, false);

	return hash ? hash : hash_of_match(config, name, true);
}

static void forget_unseen(struct dcm_alarm_engine *engine)
{
	struct dcm_alarm_target *target, *next;

	HASH_ITER (hh, engine->targets, target, next)
		if (target->seen != engine->evaluation)
			DCM_HASH_DROP(engine->targets, target);
}

void dcm_alarm_targets_update(struct dcm_alarm_engine *engine, const struct dcm_alarm_view *view)
{
	const struct dcm_snap_superblock *rows = view->input->rows[DCM_SEC_SUPERBLOCKS];
	size_t count = view->input->count[DCM_SEC_SUPERBLOCKS];

	if (!engine->config.override_count || !count ||
	    view->state[DCM_SOURCE_SUPERBLOCKS] != DCM_STATE_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *name = dcm_alarm_input_str(view->input, rows[i].mountpoint);
		uint64_t hash = *name ? hash_of_name(&engine->config, name) : 0;

		dcm_alarm_target_set(engine, rows[i].index,
				     hash ? hash : dcm_alarm_target_of(engine, rows[i].index));
	}
	forget_unseen(engine);
}
