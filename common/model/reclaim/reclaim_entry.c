// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_entry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/parse/number.h"

#define NUMBER_SIZE 32

/* ---- writing ---- */

static bool needs_escape(unsigned char byte)
{
	return byte <= ' ' || byte == '\\' || byte == 0x7f;
}

/* Octal, as in /proc/self/mountinfo; "-" for nothing. Four bytes for each of @text at most. */
static char *put_text(char *at, const char *text)
{
	if (!*text)
		return stpcpy(at, " -");
	*at++ = ' ';
	if (!strcmp(text, "-"))
		return stpcpy(at, "\\055");
	for (; *text; text++) {
		if (needs_escape((unsigned char)*text))
			at += sprintf(at, "\\%03o", (unsigned char)*text);
		else
			*at++ = *text;
	}
	return at;
}

static char *put_count(char *at, bool has, uint64_t value)
{
	return has ? at + sprintf(at, " %" PRIu64, value) : stpcpy(at, " -");
}

static bool can_write(bool has, double seconds)
{
	return has && seconds >= 0 && seconds < 1e9;
}

size_t dcm_reclaim_entry_format(const struct dcm_reclaim_entry *entry,
				char ret[DCM_RECLAIM_LINE_SIZE])
{
	const struct dcm_reclaim_counts *counts = &entry->counts;
	uint64_t ms = (uint64_t)(entry->time_ns < 0 ? 0 : entry->time_ns) / DCM_NSEC_PER_MSEC;
	char *at = ret;

	at += sprintf(at, "%" PRIu64 ".%03u %u:%u", ms / 1000, (unsigned)(ms % 1000),
		      entry->dev_major, entry->dev_minor);
	at = put_text(at, entry->fstype);
	at = put_count(at, entry->has_before, entry->before);
	at = put_count(at, entry->has_after, entry->after);
	if (can_write(entry->has_seconds, entry->seconds))
		at += sprintf(at, " %.6f", entry->seconds);
	else
		at = stpcpy(at, " -");
	at = put_text(at, dcm_reclaim_outcome_name(entry->outcome));
	at = put_text(at, entry->target);
	at = put_text(at, entry->rule);
	at = put_text(at, entry->error);
	at = put_count(at, true, counts->actions);
	at = put_count(at, true, counts->refusals);
	at = put_count(at, true, counts->failures);
	at = put_count(at, true, counts->freed);
	if (can_write(entry->has_cpu_seconds, entry->cpu_seconds))
		at += sprintf(at, " %.6f", entry->cpu_seconds);
	else
		at = stpcpy(at, " -");
	at += sprintf(at, " %" PRIu64 ":%" PRIu64 ":%" PRIu64, entry->identity.fingerprint,
		      entry->identity.oldest_mount, entry->identity.newest_mount);
	at = stpcpy(at, "\n");
	return (size_t)(at - ret);
}

/* ---- reading ---- */

static bool is_octal(const char *at, size_t len)
{
	return len >= 3 && at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' &&
	       at[2] >= '0' && at[2] <= '7';
}

static bool take_text(struct dcm_span *line, char *out, size_t size)
{
	struct dcm_span word;
	size_t n = 0;

	if (!dcm_span_word(line, &word))
		return false;
	for (size_t i = 0; i < word.len && !dcm_span_equals(word, "-") && n + 1 < size; i++) {
		char byte = word.at[i];

		if (byte == '\\' && is_octal(word.at + i + 1, word.len - i - 1)) {
			byte = (char)((word.at[i + 1] - '0') << 6 | (word.at[i + 2] - '0') << 3 |
				      (word.at[i + 3] - '0'));
			i += 3;
		}
		if (byte)
			out[n++] = byte;
	}
	out[n] = '\0';
	return true;
}

static bool take_count(struct dcm_span *line, bool *ret_has, uint64_t *ret)
{
	struct dcm_span word;

	if (!dcm_span_word(line, &word))
		return false;
	*ret_has = !dcm_span_equals(word, "-");
	return !*ret_has || dcm_number_u64(word, ret) == 0;
}

static bool take_sum(struct dcm_span *line, uint64_t *ret)
{
	bool has;

	return take_count(line, &has, ret) && has;
}

static bool take_seconds(struct dcm_span *line, bool *ret_has, double *ret)
{
	struct dcm_span word;

	if (!dcm_span_word(line, &word))
		return false;
	*ret_has = !dcm_span_equals(word, "-");
	return !*ret_has || dcm_number_decimal(word, ret) == 0;
}

/* Lines of older versions end before it. */
static bool take_cpu(struct dcm_span *line, struct dcm_reclaim_entry *e)
{
	struct dcm_span ahead = *line, word;

	return !dcm_span_word(&ahead, &word) ||
	       take_seconds(line, &e->has_cpu_seconds, &e->cpu_seconds);
}

static bool take_time(struct dcm_span *line, int64_t *ret_ns)
{
	bool has = false;
	double seconds;

	if (!take_seconds(line, &has, &seconds) || !has || seconds > 1e9 * 9)
		return false;
	*ret_ns = (int64_t)(seconds * 1e3 + 0.5) * (int64_t)DCM_NSEC_PER_MSEC;
	return true;
}

static bool take_device(struct dcm_span *line, uint32_t *ret_major, uint32_t *ret_minor)
{
	struct dcm_span word;

	return dcm_span_word(line, &word) && !dcm_number_device(word, ret_major, ret_minor);
}

/* Missing in older lines. */
static bool take_identity(struct dcm_span *line, struct dcm_reclaim_identity *ret)
{
	uint64_t *const numbers[] = {&ret->fingerprint, &ret->oldest_mount, &ret->newest_mount};
	struct dcm_span word, part;

	if (!dcm_span_word(line, &word))
		return true;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(numbers); i++) {
		const char *colon = memchr(word.at, ':', word.len);

		part = (struct dcm_span){word.at, colon ? (size_t)(colon - word.at) : word.len};
		if (!colon != (i + 1 == DCM_ARRAY_SIZE(numbers)) ||
		    dcm_number_u64(part, numbers[i]))
			return false;
		word.at += part.len + !!colon;
		word.len -= part.len + !!colon;
	}
	return true;
}

static bool take_outcome(struct dcm_span *line, enum dcm_reclaim_outcome *ret)
{
	struct dcm_span word;

	if (!dcm_span_word(line, &word))
		return false;
	for (*ret = DCM_RECLAIM_DONE; *ret <= DCM_RECLAIM_GONE; ++*ret)
		if (dcm_span_equals(word, dcm_reclaim_outcome_name(*ret)))
			return true;
	return false;
}

int dcm_reclaim_entry_parse(struct dcm_span line, struct dcm_reclaim_entry *ret)
{
	struct dcm_reclaim_entry e = {0};
	struct dcm_span more;

	if (!take_time(&line, &e.time_ns) || !take_device(&line, &e.dev_major, &e.dev_minor) ||
	    !take_text(&line, e.fstype, sizeof(e.fstype)) ||
	    !take_count(&line, &e.has_before, &e.before) ||
	    !take_count(&line, &e.has_after, &e.after) ||
	    !take_seconds(&line, &e.has_seconds, &e.seconds) || !take_outcome(&line, &e.outcome) ||
	    !take_text(&line, e.target, sizeof(e.target)) ||
	    !take_text(&line, e.rule, sizeof(e.rule)) ||
	    !take_text(&line, e.error, sizeof(e.error)) || !take_sum(&line, &e.counts.actions) ||
	    !take_sum(&line, &e.counts.refusals) || !take_sum(&line, &e.counts.failures) ||
	    !take_sum(&line, &e.counts.freed) || !take_cpu(&line, &e) ||
	    !take_identity(&line, &e.identity) || dcm_span_word(&line, &more))
		return -EINVAL;
	*ret = e;
	return 0;
}

/* ---- sums and words ---- */

void dcm_reclaim_counts_add(struct dcm_reclaim_counts *counts,
			    const struct dcm_reclaim_entry *entry)
{
	counts->actions += dcm_reclaim_has_acted(entry->outcome);
	counts->refusals += entry->outcome == DCM_RECLAIM_REFUSED;
	counts->failures += entry->outcome == DCM_RECLAIM_FAILED;
	if (entry->has_before && entry->has_after && entry->before > entry->after)
		counts->freed += entry->before - entry->after;
}

void dcm_reclaim_entry_text(const struct dcm_reclaim_entry *entry, char *out, size_t size)
{
	char before[NUMBER_SIZE] = "?", after[NUMBER_SIZE] = "?", what[128];
	const char *name = dcm_reclaim_outcome_name(entry->outcome);
	bool is_done = entry->outcome == DCM_RECLAIM_DONE;

	if (entry->has_before)
		snprintf(before, sizeof(before), "%" PRIu64, entry->before);
	if (entry->has_after)
		snprintf(after, sizeof(after), "%" PRIu64, entry->after);
	if (dcm_reclaim_has_acted(entry->outcome))
		snprintf(what, sizeof(what), "%s%s%s -> %s unused dentries in %.3g s",
			 is_done ? "" : name, is_done ? "" : ", ", before, after,
			 entry->has_seconds ? entry->seconds : 0.0);
	else
		snprintf(what, sizeof(what), "%s, %s unused dentries", name, before);
	snprintf(out, size, "%s on %s (device %u:%u): %s%s%s (%s)", entry->fstype,
		 *entry->target ? entry->target : "?", entry->dev_major, entry->dev_minor, what,
		 *entry->error ? ": " : "", entry->error, *entry->rule ? entry->rule : "by hand");
}
