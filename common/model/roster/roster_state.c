// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/roster/roster_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/model/roster/roster_private.h"
#include "common/parse/number.h"

#define FAMILY	  "dcachemon superblocks "
#define VERSION	  "1"
#define HEAD_SIZE 256
#define LINE_SIZE 352 /* a name and seven numbers */

static uint64_t checksum(const char *text, size_t len)
{
	return dcm_hash64(DCM_HASH64_START, text, len);
}

/* ---- saving ---- */

static int by_number(const void *a, const void *b)
{
	const struct dcm_roster_entry *const *x = a, *const *y = b;

	return DCM_COMPARE((*x)->number, (*y)->number);
}

/* Those that are there before those that are not. */
static int by_presence(const void *a, const void *b)
{
	const struct dcm_roster_entry *const *x = a, *const *y = b;

	if ((*x)->present != (*y)->present)
		return (*x)->present ? -1 : 1;
	return by_number(a, b);
}

/* The entries to save by ascending number; *@ret is the caller's. */
static int select_entries(const struct dcm_roster *roster, const struct dcm_roster_entry ***ret,
			  size_t *ret_count)
{
	size_t count = 0;
	const struct dcm_roster_entry **list =
		calloc(HASH_COUNT(roster->by_name) + 1, sizeof(*list));
	struct dcm_roster_entry *entry, *next;

	if (!list)
		return -ENOMEM;
	HASH_ITER (hh, roster->by_name, entry, next)
		list[count++] = entry;
	if (count > DCM_ROSTER_MAX_SAVED) {
		qsort(list, count, sizeof(*list), by_presence);
		count = DCM_ROSTER_MAX_SAVED;
	}
	qsort(list, count, sizeof(*list), by_number);
	*ret = list;
	*ret_count = count;
	return 0;
}

static size_t print_entry(const struct dcm_roster_entry *entry, char *out, size_t size)
{
	const struct dcm_reclaim_identity *id = &entry->identity;

	return (size_t)snprintf(out, size, "%u %u %u %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %s\n",
				entry->number, entry->named, entry->dev_major, entry->dev_minor,
				id->fingerprint, id->oldest_mount, id->newest_mount, entry->name);
}

int dcm_roster_save(const struct dcm_roster *roster, const char *boot, bool stopping, char **ret,
		    size_t *ret_size)
{
	uint32_t reserve = stopping ? 0 : DCM_MIN(UINT32_MAX - roster->last, DCM_ROSTER_RESERVE);
	_cleanup_free_ const struct dcm_roster_entry **list = NULL;
	_cleanup_free_ char *text = NULL;
	size_t count, len, room;
	int err = select_entries(roster, &list, &count);

	if (err)
		return err;
	room = 2 * HEAD_SIZE + count * LINE_SIZE;
	text = malloc(room);
	if (!text)
		return -ENOMEM;
	len = (size_t)snprintf(text, room, FAMILY VERSION "\nboot %s\nlast %u\n",
			       *boot ? boot : "-", roster->last + reserve);
	for (size_t i = 0; i < count; i++)
		len += print_entry(list[i], text + len, room - len);
	len += (size_t)snprintf(text + len, room - len, "sum %" PRIu64 "\n", checksum(text, len));
	*ret = dcm_take_ptr(text);
	*ret_size = len;
	return 0;
}

/* ---- loading ---- */

static bool take_number(struct dcm_span *line, uint64_t max, uint64_t *ret)
{
	struct dcm_span word;

	return dcm_span_word(line, &word) && !dcm_number_u64(word, ret) && *ret <= max;
}

/* A line "KEY VALUE"; false when it is not one. */
static bool take_field(struct dcm_span *text, const char *key, struct dcm_span *ret_value)
{
	return dcm_span_line(text, ret_value) && dcm_span_skip(ret_value, key) &&
	       dcm_span_skip(ret_value, " ");
}

/* The three lines that the file begins with; false: they are not all there. */
static bool take_head(struct dcm_span *text, struct dcm_span *ret_version,
		      struct dcm_span *ret_boot, uint64_t *ret_last)
{
	struct dcm_span last;

	return dcm_span_line(text, ret_version) && dcm_span_skip(ret_version, FAMILY) &&
	       take_field(text, "boot", ret_boot) && take_field(text, "last", &last) &&
	       !dcm_number_u64(last, ret_last) && *ret_last <= UINT32_MAX;
}

/* Cuts the last line, which is "sum HASH" of all above, off @text. */
static bool take_sum(struct dcm_span *text)
{
	struct dcm_span whole = *text, word;
	uint64_t sum;

	if (!whole.len || whole.at[--whole.len] != '\n')
		return false;
	while (whole.len && whole.at[whole.len - 1] != '\n')
		whole.len--;
	word = (struct dcm_span){whole.at + whole.len, text->len - whole.len - 1};
	if (!dcm_span_skip(&word, "sum ") || dcm_number_u64(word, &sum))
		return false;
	*text = whole;
	return sum == checksum(text->at, text->len);
}

static bool take_name(struct dcm_span line, char ret[DCM_SUPERBLOCK_NAME_SIZE])
{
	if (!dcm_span_skip(&line, " ") || !line.len || line.len >= DCM_SUPERBLOCK_NAME_SIZE)
		return false;
	memcpy(ret, line.at, line.len);
	ret[line.len] = '\0';
	return strlen(ret) == line.len && dcm_superblock_name_is_valid(ret);
}

/* One entry, of this boot or an earlier one. -EINVAL, -ENOMEM. */
static int load_entry(struct dcm_roster *roster, struct dcm_span line, uint64_t above,
		      bool this_boot, uint64_t *ret_number)
{
	uint64_t named, major, minor, fingerprint, oldest, newest;
	char name[DCM_SUPERBLOCK_NAME_SIZE];
	struct dcm_roster_entry *entry;

	if (!take_number(&line, roster->last, ret_number) || *ret_number <= above ||
	    !take_number(&line, DCM_NAMED_APART, &named) || named < DCM_NAMED_BY_MOUNT ||
	    !take_number(&line, UINT32_MAX, &major) || !take_number(&line, UINT32_MAX, &minor) ||
	    !take_number(&line, UINT64_MAX, &fingerprint) ||
	    !take_number(&line, UINT64_MAX, &oldest) || !take_number(&line, UINT64_MAX, &newest) ||
	    !take_name(line, name) || dcm_roster_find(roster, name))
		return -EINVAL;
	entry = dcm_roster_add(roster, (uint32_t)*ret_number, named, name);
	if (!entry)
		return -ENOMEM;
	entry->dev_major = (uint32_t)major;
	entry->dev_minor = (uint32_t)minor;
	entry->this_boot = this_boot;
	if (!this_boot && !dcm_roster_lasts(entry))
		dcm_roster_drop(roster, entry);
	if (!this_boot || !fingerprint)
		return 0;
	entry->identity = (struct dcm_reclaim_identity){fingerprint, oldest, newest};
	return dcm_roster_wait(roster, entry);
}

static int load_entries(struct dcm_roster *roster, struct dcm_span text, bool this_boot)
{
	uint64_t number = 0;
	struct dcm_span line;
	size_t count = 0;
	int err = 0;

	while (!err && dcm_span_line(&text, &line)) {
		err = load_entry(roster, line, number, this_boot, &number);
		if (++count > DCM_ROSTER_MAX_SAVED)
			err = -EINVAL;
	}
	return err;
}

int dcm_roster_load(struct dcm_roster *roster, const char *data, size_t size, const char *boot,
		    struct dcm_reason *reason)
{
	struct dcm_span text = {data, size}, version, its_boot;
	bool whole = take_sum(&text);
	uint64_t last;
	int err;

	if (!take_head(&text, &version, &its_boot, &last))
		return dcm_reason_set(reason, -EINVAL, "no numbers of superblocks are in it");
	dcm_roster_begin_above(roster, (uint32_t)last);
	if (!dcm_span_equals(version, VERSION))
		return dcm_reason_set(reason, -EINVAL, "it is of another version");
	if (!whole)
		return dcm_reason_set(reason, -EINVAL, "it is damaged");
	err = load_entries(roster, text, *boot && dcm_span_equals(its_boot, boot));
	if (err)
		dcm_roster_clear(roster);
	if (err == -EINVAL)
		return dcm_reason_set(reason, err, "it makes no sense");
	return err ? dcm_reason_no_memory(reason) : 0;
}

uint32_t dcm_roster_begin_above(struct dcm_roster *roster, uint32_t number)
{
	roster->last = DCM_MAX(roster->last, number);
	return roster->last;
}
