// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/interfaces/link_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "common/base/hash_table.h"
#include "common/model/alarms/token_bucket.h"
#include "common/model/interfaces/if_table.h"

struct entry {
	uint32_t index;
	uint32_t flags;
	UT_hash_handle hh;
	bool removed;
	bool told;	 /* up, as the manager knows it */
	bool waits;	 /* in the list of those that differ from it */
	uint64_t listed; /* newest list that had it */
	struct entry *prev, *next;
};

struct dcm_link_queue {
	struct dcm_notify_config limits;
	struct dcm_token_bucket bucket;
	struct entry *entries;
	struct entry *waiting; /* the oldest first */
	size_t removed;	       /* entries of interfaces that are gone */
	uint64_t lists;
	bool complete; /* one list was */
	bool connected;
};

int dcm_link_queue_create(const struct dcm_notify_config *limits, uint64_t now_ns,
			  struct dcm_link_queue **ret)
{
	struct dcm_link_queue *traps = calloc(1, sizeof(*traps));

	if (!traps)
		return -ENOMEM;
	traps->limits = *limits;
	dcm_token_bucket_init(&traps->bucket, limits->burst, now_ns);
	*ret = traps;
	return 0;
}

static void drop(struct dcm_link_queue *traps, struct entry *entry)
{
	traps->removed -= entry->removed;
	DCM_HASH_DROP(traps->entries, entry);
}

void dcm_link_queue_destroy(struct dcm_link_queue *traps)
{
	if (!traps)
		return;
	DCM_HASH_FREE(traps->entries);
	free(traps);
}

void dcm_link_queue_configure(struct dcm_link_queue *traps, const struct dcm_notify_config *limits)
{
	traps->limits = *limits;
	dcm_token_bucket_limit(&traps->bucket, limits->burst);
}

/* ---- states ---- */

static bool is_up(const struct entry *entry)
{
	return !entry->removed && dcm_if_flags_oper_up(entry->flags);
}

static struct entry *find(struct dcm_link_queue *traps, uint32_t index)
{
	return DCM_HASH_FIND(traps->entries, &index, sizeof(index));
}

static struct entry *add(struct dcm_link_queue *traps, uint32_t index)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->index = index;
	return DCM_HASH_ADD(traps->entries, index, sizeof(entry->index), entry);
}

/* Puts the entry where its state belongs; it may end. */
static void settle(struct dcm_link_queue *traps, struct entry *entry)
{
	bool waits = is_up(entry) != entry->told;

	if (waits && !entry->waits)
		DL_APPEND(traps->waiting, entry);
	else if (!waits && entry->waits)
		DL_DELETE(traps->waiting, entry);
	entry->waits = waits;
	if (!waits && entry->removed)
		drop(traps, entry);
}

int dcm_link_queue_set(struct dcm_link_queue *traps, uint32_t index, uint32_t flags)
{
	struct entry *entry = find(traps, index);

	if (!entry) {
		entry = add(traps, index);
		if (!entry)
			return -ENOMEM;
		entry->told = !traps->complete && dcm_if_flags_oper_up(flags);
	}
	traps->removed -= entry->removed;
	entry->removed = false;
	entry->flags = flags;
	entry->listed = traps->lists;
	settle(traps, entry);
	return 0;
}

static void mark_removed(struct dcm_link_queue *traps, struct entry *entry)
{
	if (entry->removed)
		return;
	entry->removed = true;
	traps->removed++;
	settle(traps, entry);
}

void dcm_link_queue_remove(struct dcm_link_queue *traps, uint32_t index)
{
	struct entry *entry = find(traps, index);

	if (entry)
		mark_removed(traps, entry);
}

void dcm_link_queue_list_begin(struct dcm_link_queue *traps)
{
	traps->lists++;
}

void dcm_link_queue_list_end(struct dcm_link_queue *traps, bool complete)
{
	struct entry *entry, *next;

	if (!complete)
		return;
	traps->complete = true;
	HASH_ITER (hh, traps->entries, entry, next)
		if (entry->listed != traps->lists)
			mark_removed(traps, entry);
}

size_t dcm_link_queue_count(const struct dcm_link_queue *traps)
{
	return HASH_COUNT(traps->entries) - traps->removed;
}

/* ---- sending ---- */

void dcm_link_queue_connection(struct dcm_link_queue *traps, bool connected)
{
	traps->connected = connected;
}

bool dcm_link_queue_next(struct dcm_link_queue *traps, uint64_t now_ns, struct dcm_link_trap *ret,
			 uint64_t *ret_due_ns)
{
	struct entry *entry = traps->waiting;

	*ret_due_ns = UINT64_MAX;
	if (!traps->connected || !entry)
		return false;
	*ret_due_ns = dcm_token_bucket_wait(&traps->bucket, traps->limits.rate, traps->limits.burst,
					    now_ns);
	if (*ret_due_ns)
		return false;
	*ret_due_ns = now_ns;
	traps->bucket.tokens--;
	entry->told = is_up(entry);
	*ret = (struct dcm_link_trap){.up = entry->told,
				      .index = entry->index,
				      .flags = entry->flags,
				      .removed = entry->removed};
	settle(traps, entry);
	return true;
}
