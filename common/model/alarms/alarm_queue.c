// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/alarms/token_bucket.h"

#define MAX_ENTRIES 4096
#define MAX_TESTS   16
#define MAX_RECENT  256

/* A clear that was sent so shortly before the connection broke may be lost. */
#define DOUBT_NS (60 * DCM_NSEC_PER_SEC)

/* What the manager knows and what is true of one alarm. */
struct entry {
	uint64_t key; /* epoch << 32 | index of the alarm */
	UT_hash_handle hh;
	struct dcm_alarm_transition want; /* the newest state */
	bool told;			  /* something was sent */
	enum dcm_severity sent;		  /* that severity last, on this or an earlier connection */
	bool inherited;	  /* raised before this queue began: a predecessor may have sent it */
	bool again;	  /* sent on an earlier connection: to be repeated */
	uint64_t sent_ns; /* when */
	uint64_t resource;
	uint64_t seen; /* update that had it active */
};

struct recent {
	uint64_t resource, at_ns;
};

struct dcm_alarm_queue {
	struct dcm_notify_config config;
	struct entry *entries;
	uint64_t epoch;	   /* grows when alarm indexes start afresh */
	uint64_t sequence; /* newest transition seen */
	uint64_t updates;
	uint64_t started_ns;
	bool up;
	uint64_t down_ns; /* when the connection broke last */
	struct dcm_token_bucket bucket;
	struct recent recent[MAX_RECENT];
	struct dcm_alarm_transition tests[MAX_TESTS];
	size_t test_count;
	uint64_t test_sequence; /* newest test transition taken */
	uint64_t sent, suppressed;
	uint64_t handled; /* see struct dcm_notify_counts; never falls */
};

int dcm_alarm_queue_create(const struct dcm_notify_config *config, uint64_t now_ns,
			   struct dcm_alarm_queue **ret)
{
	struct dcm_alarm_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	queue->config = *config;
	dcm_token_bucket_init(&queue->bucket, config->burst, now_ns);
	queue->started_ns = now_ns;
	*ret = queue;
	return 0;
}

void dcm_alarm_queue_destroy(struct dcm_alarm_queue *queue)
{
	if (!queue)
		return;
	DCM_HASH_FREE(queue->entries);
	free(queue);
}

void dcm_alarm_queue_configure(struct dcm_alarm_queue *queue,
			       const struct dcm_notify_config *config)
{
	queue->config = *config;
	dcm_token_bucket_limit(&queue->bucket, config->burst);
}

/* ---- snapshots ---- */

static void copy_str(const struct dcm_snapshot *snapshot, dcm_str str,
		     char ret[DCM_ALARM_TEXT_SIZE])
{
	const char *text = dcm_snapshot_str(snapshot, str);
	size_t len = strnlen(text, DCM_ALARM_TEXT_SIZE - 1);

	memcpy(ret, text, len);
	ret[len] = '\0';
}

static void read_row(const struct dcm_snapshot *snapshot, const struct dcm_snap_alarm *row,
		     struct dcm_alarm_transition *ret)
{
	*ret = (struct dcm_alarm_transition){
		.sequence = row->sequence,
		.index = row->index,
		.type = row->type,
		.severity = row->severity,
		.section = row->resource_section,
		.resource_index = row->resource_index,
		.test = DCM_ROW_HAS(row, test) && row->test,
		.time_ns = row->time_ns,
		.value = row->value,
		.threshold = row->threshold,
	};
	copy_str(snapshot, row->resource, ret->resource);
	copy_str(snapshot, row->text, ret->text);
}

static uint64_t resource_hash(const struct dcm_alarm_transition *t)
{
	uint64_t hash = dcm_hash64_text(DCM_HASH64_START ^ t->type, t->resource);

	return hash ? hash : 1;
}

static struct entry *find(struct dcm_alarm_queue *queue, uint32_t index)
{
	uint64_t key = queue->epoch << 32 | index;

	return DCM_HASH_FIND(queue->entries, &key, sizeof(key));
}

static struct entry *add(struct dcm_alarm_queue *queue, uint32_t index)
{
	struct entry *entry;

	if (HASH_COUNT(queue->entries) >= MAX_ENTRIES)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = queue->epoch << 32 | index;
	return DCM_HASH_ADD(queue->entries, key, sizeof(entry->key), entry);
}

static bool active(const struct dcm_alarm_queue *queue, const struct entry *entry)
{
	return entry->seen == queue->updates;
}

/* Whether the newest state still has to be sent to the manager. */
static bool waits(const struct dcm_alarm_queue *queue, const struct entry *entry)
{
	if (entry->again)
		return true;
	if (active(queue, entry))
		return !entry->told || entry->sent != entry->want.severity;
	return entry->told ? entry->sent != DCM_SEVERITY_CLEARED : entry->inherited;
}

static void take_active(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot,
			const struct dcm_snap_alarm *row)
{
	struct entry *entry = find(queue, row->index);

	if (!entry) {
		entry = add(queue, row->index);
		if (!entry)
			return; /* it is still active at the next update */
		entry->inherited = queue->updates == 1;
	} else if (entry->want.sequence != row->sequence &&
		   (!entry->told || entry->sent != entry->want.severity)) {
		queue->suppressed++;
	}
	if (entry->want.sequence != row->sequence) {
		read_row(snapshot, row, &entry->want);
		entry->resource = resource_hash(&entry->want);
	}
	entry->seen = queue->updates;
}

/* The transition that ended @entry; made up when it has left the ring. */
static void take_clear(const struct dcm_snapshot *snapshot, struct entry *entry, bool same_epoch)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_EVENTS);

	for (size_t i = count; same_epoch && i-- > 0;) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, i);

		if (row->index == entry->want.index && row->severity == DCM_SEVERITY_CLEARED) {
			read_row(snapshot, row, &entry->want);
			return;
		}
	}
	entry->want.severity = DCM_SEVERITY_CLEARED;
	entry->want.time_ns = snapshot->header->realtime_ns;
	entry->want.resource_index = 0;
	strcpy(entry->want.text, "cleared");
}

static void take_ended(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot,
		       uint64_t now_ns)
{
	struct entry *entry, *next;

	HASH_ITER (hh, queue->entries, entry, next) {
		bool fresh = entry->want.severity != DCM_SEVERITY_CLEARED;

		if (active(queue, entry))
			continue;
		if (fresh)
			take_clear(snapshot, entry, entry->key >> 32 == queue->epoch);
		if (waits(queue, entry))
			continue;
		if (fresh && !entry->told) {
			queue->suppressed += 2; /* the raise and its clear */
			DCM_HASH_DROP(queue->entries, entry);
		} else if (queue->up && now_ns - entry->sent_ns > DOUBT_NS) {
			DCM_HASH_DROP(queue->entries, entry);
		}
	}
}

static void take_tests(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_EVENTS);

	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, i);

		if (row->sequence <= queue->test_sequence)
			continue;
		queue->test_sequence = row->sequence;
		if (!DCM_ROW_HAS(row, test) || !row->test || queue->updates == 1)
			continue;
		if (queue->test_count == MAX_TESTS)
			queue->suppressed++;
		else
			read_row(snapshot, row, &queue->tests[queue->test_count++]);
	}
}

/* ---- what a predecessor left ---- */

static uint64_t handled_before(const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_alarm_status *row =
		dcm_snapshot_row(snapshot, DCM_SEC_ALARM_STATUS, 0);

	if (!row || !DCM_ROW_HAS(row, handled))
		return UINT64_MAX;
	return row->handled;
}

/* Clears that nobody has sent, or whose raise nobody knows whether it was sent. */
static void take_predecessor(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_EVENTS);
	uint64_t handled = handled_before(snapshot);

	queue->handled = DCM_MIN(handled, queue->sequence);
	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, i);
		struct entry *entry;

		if (row->sequence <= queue->handled || row->severity != DCM_SEVERITY_CLEARED ||
		    (DCM_ROW_HAS(row, test) && row->test))
			continue;
		entry = find(queue, row->index) ? NULL : add(queue, row->index);
		if (!entry)
			continue;
		read_row(snapshot, row, &entry->want);
		entry->resource = resource_hash(&entry->want);
		entry->inherited = true;
	}
}

/* An active alarm is sent by a successor in any case; a clear that was sent just now may be lost
 * together with the master. */
static void count_handled(struct dcm_alarm_queue *queue, uint64_t now_ns)
{
	struct entry *entry, *next;
	uint64_t handled = queue->sequence;

	HASH_ITER (hh, queue->entries, entry, next) {
		bool doubt = entry->told && now_ns - entry->sent_ns <= DOUBT_NS;

		if (!active(queue, entry) && (waits(queue, entry) || doubt) &&
		    entry->want.sequence <= handled)
			handled = entry->want.sequence - 1;
	}
	if (handled > queue->handled)
		queue->handled = handled;
}

static uint64_t newest_sequence(const struct dcm_snapshot *snapshot)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_EVENTS);
	const struct dcm_snap_alarm *row;

	if (!count)
		return 0;
	row = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, count - 1);
	return row->sequence;
}

void dcm_alarm_queue_update(struct dcm_alarm_queue *queue, const struct dcm_snapshot *snapshot,
			    uint64_t now_ns)
{
	uint64_t sequence = newest_sequence(snapshot);

	/* the sampler lost its state: its indexes mean other alarms now */
	if (sequence < queue->sequence) {
		queue->epoch++;
		queue->test_sequence = queue->handled = 0;
	}
	queue->sequence = sequence;
	queue->updates++;
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, DCM_SEC_ALARMS); i++)
		take_active(queue, snapshot, dcm_snapshot_row(snapshot, DCM_SEC_ALARMS, i));
	if (queue->updates == 1)
		take_predecessor(queue, snapshot);
	take_ended(queue, snapshot, now_ns);
	take_tests(queue, snapshot);
	count_handled(queue, now_ns);
}

/* ---- connection ---- */

void dcm_alarm_queue_connection(struct dcm_alarm_queue *queue, bool up, uint64_t now_ns)
{
	struct entry *entry, *next;

	if (up == queue->up)
		return;
	queue->up = up;
	if (!up) {
		queue->down_ns = now_ns;
		return;
	}
	HASH_ITER (hh, queue->entries, entry, next) {
		bool doubt = queue->down_ns - entry->sent_ns <= DOUBT_NS;

		entry->again = entry->told && (active(queue, entry) || doubt);
	}
}

/* ---- sending ---- */

static uint64_t seconds_ns(double seconds)
{
	return (uint64_t)(seconds * DCM_NSEC_PER_SEC);
}

static struct recent *find_recent(struct dcm_alarm_queue *queue, uint64_t resource)
{
	for (size_t i = 0; i < MAX_RECENT; i++)
		if (queue->recent[i].resource == resource)
			return &queue->recent[i];
	return NULL;
}

/* When the minimum interval of the entry's resource is over, also for what is repeated: a master
 * that comes and goes would get it each time. */
static uint64_t ready_ns(struct dcm_alarm_queue *queue, const struct entry *entry, uint64_t now_ns)
{
	struct recent *recent = find_recent(queue, entry->resource);

	if (!recent || recent->at_ns > now_ns)
		return 0;
	return recent->at_ns + seconds_ns(queue->config.min_interval);
}

static void remember(struct dcm_alarm_queue *queue, uint64_t resource, uint64_t now_ns)
{
	struct recent *recent = find_recent(queue, resource);

	if (!recent) {
		recent = &queue->recent[0];
		for (size_t i = 1; i < MAX_RECENT; i++)
			if (queue->recent[i].at_ns < recent->at_ns)
				recent = &queue->recent[i];
	}
	*recent = (struct recent){resource, now_ns};
}

/* Critical first, then the oldest transition. */
static bool before(const struct entry *a, const struct entry *b)
{
	bool a_critical = a->want.severity == DCM_SEVERITY_CRITICAL;
	bool b_critical = b->want.severity == DCM_SEVERITY_CRITICAL;

	if (a_critical != b_critical)
		return a_critical;
	return a->want.sequence < b->want.sequence;
}

static struct entry *pick(struct dcm_alarm_queue *queue, uint64_t now_ns, uint64_t *ret_due_ns)
{
	struct entry *entry, *next, *best = NULL;

	*ret_due_ns = UINT64_MAX;
	HASH_ITER (hh, queue->entries, entry, next) {
		uint64_t ready;

		if (!waits(queue, entry))
			continue;
		ready = ready_ns(queue, entry, now_ns);
		if (ready > now_ns)
			*ret_due_ns = DCM_MIN(ready, *ret_due_ns);
		else if (!best || before(entry, best))
			best = entry;
	}
	return best;
}

static void send_entry(struct dcm_alarm_queue *queue, struct entry *entry, uint64_t now_ns,
		       struct dcm_alarm_sender *ret)
{
	ret->transition = entry->want;
	ret->again = entry->again;
	entry->told = true;
	entry->sent = entry->want.severity;
	entry->again = entry->inherited = false;
	entry->sent_ns = now_ns;
	remember(queue, entry->resource, now_ns);
}

static void send_test(struct dcm_alarm_queue *queue, struct dcm_alarm_sender *ret)
{
	*ret = (struct dcm_alarm_sender){.transition = queue->tests[0]};
	memmove(&queue->tests[0], &queue->tests[1], --queue->test_count * sizeof(*queue->tests));
}

/* The earliest time at which the configuration lets anything go; 0: now. */
static uint64_t gate_ns(struct dcm_alarm_queue *queue, uint64_t now_ns)
{
	uint64_t grace = queue->started_ns + seconds_ns(queue->config.grace);

	if (!queue->up || !queue->config.enabled)
		return UINT64_MAX;
	if (now_ns >= queue->started_ns && now_ns < grace)
		return grace;
	return dcm_token_bucket_wait(&queue->bucket, queue->config.rate, queue->config.burst,
				     now_ns);
}

static bool anything_waits(const struct dcm_alarm_queue *queue)
{
	const struct entry *entry, *next;

	if (queue->test_count)
		return true;
	HASH_ITER (hh, queue->entries, entry, next)
		if (waits(queue, entry))
			return true;
	return false;
}

bool dcm_alarm_queue_next(struct dcm_alarm_queue *queue, uint64_t now_ns,
			  struct dcm_alarm_sender *ret, uint64_t *ret_due_ns)
{
	struct entry *entry = NULL;
	uint64_t due;

	*ret_due_ns = UINT64_MAX;
	if (!anything_waits(queue))
		return false;
	due = gate_ns(queue, now_ns);
	if (due) {
		*ret_due_ns = due;
		return false;
	}
	if (!queue->test_count) {
		entry = pick(queue, now_ns, ret_due_ns);
		if (!entry)
			return false;
		send_entry(queue, entry, now_ns, ret);
	} else {
		send_test(queue, ret);
	}
	queue->bucket.tokens--;
	queue->sent++;
	*ret_due_ns = now_ns;
	return true;
}

void dcm_alarm_queue_counts(const struct dcm_alarm_queue *queue, struct dcm_notify_counts *ret)
{
	const struct entry *entry, *next;

	*ret = (struct dcm_notify_counts){.handled = queue->handled,
					  .sent = queue->sent,
					  .suppressed = queue->suppressed,
					  .queued = queue->test_count};
	HASH_ITER (hh, queue->entries, entry, next)
		ret->queued += waits(queue, entry);
}
