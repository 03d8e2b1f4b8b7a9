// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What "dcachemon show" says above its tables. */
#include <string.h>
#include <time.h>

#include "cli/commands/show_parts.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/model/who/maker_names.h"

/* From this length on a chain is reported: tables are sized for a few entries per bucket. */
#define LONG_CHAIN  100
#define MAKERS_SIZE 256

static void print_share(FILE *out, const char *name, int64_t part, int64_t whole)
{
	struct human percent = human_percent((double)part, (double)whole);

	fprintf(out, "   %s %s", name, human_signed(part).text);
	if (*percent.text)
		fprintf(out, " (%s)", percent.text);
}

static void print_totals(const struct show *p)
{
	const struct dcm_snap_totals *t = show_row(p, DCM_SEC_TOTALS, 0);

	fputs("  dentries       ", p->out);
	if (t && DCM_ROW_HAS(t, dentries)) {
		fputs(human_signed(t->dentries).text, p->out);
		if (DCM_ROW_HAS(t, unused))
			print_share(p->out, "unused", t->unused, t->dentries);
		if (DCM_ROW_HAS(t, negative))
			print_share(p->out, "unused and negative", t->negative, t->dentries);
		fputc('\n', p->out);
	} else {
		show_missing(p, DCM_SOURCE_DENTRY_STATE);
	}
	if (t && DCM_ROW_HAS(t, slab_bytes))
		fprintf(p->out, "  slab memory    %s\n", human_bytes(t->slab_bytes).text);
}

static void print_hash(const struct show *p)
{
	const struct dcm_snap_hash *h = show_row(p, DCM_SEC_HASH, 0);
	bool counted = h && DCM_ROW_HAS(h, entries);

	fputs("  hash table     ", p->out);
	if (!counted && !(h && DCM_ROW_HAS(h, entries_estimate.low))) {
		show_missing(p, DCM_SOURCE_HASH);
		return;
	}
	fputs(counted ? human_count(h->entries).text
		      : human_range(h->entries_estimate.low, h->entries_estimate.high).text,
	      p->out);
	fprintf(p->out, " dentries in %s buckets",
		DCM_ROW_HAS(h, buckets) ? human_count(h->buckets).text : "?");
	if (DCM_ROW_HAS(h, pass_seconds))
		fprintf(p->out, ", read in %s", human_seconds(h->pass_seconds).text);
	if (!counted)
		fprintf(p->out, ", estimated from %.1f %% of them", 100 * h->coverage);
	fputc('\n', p->out);
}

/* The probe of exactly the path that chain @c makes slow, NULL when there is none. */
static const struct dcm_snap_lookup *lookup_of_chain(const struct show *p,
						     const struct dcm_snap_chain *c)
{
	const char *parent = dcm_snapshot_str(p->snapshot, c->parent);
	const char *name = dcm_snapshot_str(p->snapshot, c->name);
	size_t len = strlen(parent);

	for (size_t i = 0; i < show_rows(p, DCM_SEC_LOOKUPS); i++) {
		const struct dcm_snap_lookup *l = show_row(p, DCM_SEC_LOOKUPS, i);
		const char *path = dcm_snapshot_str(p->snapshot, l->path);

		if (DCM_ROW_HAS(l, seconds) && strncmp(path, parent, len) == 0 &&
		    path[len] == '/' && strcmp(path + len + 1, name) == 0)
			return l;
	}
	return NULL;
}

/* The longest chain in words: what it holds, where, and what it costs where that was measured. */
static void print_verdict(const struct show *p)
{
	const struct dcm_snap_chain *c = show_row(p, DCM_SEC_CHAINS, 0);
	const struct dcm_snap_lookup *lookup;
	_cleanup_free_ char *name = NULL, *parent = NULL;

	if (!c || !DCM_ROW_HAS(c, length))
		return;
	fprintf(p->out, "  longest chain  %s%s", human_count(c->length).text,
		c->truncated ? " or more" : "");
	if (c->length >= LONG_CHAIN && DCM_ROW_HAS(c, same_name)) {
		name = output_text(dcm_snapshot_str(p->snapshot, c->name));
		parent = output_text(dcm_snapshot_str(p->snapshot, c->parent));
		fprintf(p->out, ": %s entries named '%s' under %s", human_count(c->same_name).text,
			name ? name : "?", parent ? parent : "?");
		lookup = lookup_of_chain(p, c);
		if (lookup)
			fprintf(p->out, ", %s per lookup", human_seconds(lookup->seconds).text);
	}
	fputc('\n', p->out);
}

static void print_reclaim(const struct show *p)
{
	const struct dcm_snap_reclaim *r = show_row(p, DCM_SEC_RECLAIM, 0);
	_cleanup_free_ char *target = NULL, *error = NULL;
	char stamp[64] = "";
	struct tm tm;
	time_t when;

	if (!r || !DCM_ROW_HAS(r, time_ns))
		return;
	when = (time_t)(r->time_ns / 1000000000);
	if (localtime_r(&when, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	target = output_text(dcm_snapshot_str(p->snapshot, r->target));
	error = output_text(dcm_snapshot_str(p->snapshot, r->error));
	fprintf(p->out, "  last reclaim   %s %s: %s", stamp, target ? target : "?",
		dcm_reclaim_outcome_name(r->result));
	if (DCM_ROW_HAS(r, before))
		fprintf(p->out, ", %s unused", human_count(r->before).text);
	if (DCM_ROW_HAS(r, after))
		fprintf(p->out, " -> %s", human_count(r->after).text);
	fprintf(p->out, "%s%s\n", error && *error ? ": " : "", error ? error : "");
}

/* A sampler that has just been started knows no rate. */
static void print_churn(const struct show *p, const struct dcm_snap_namespaces *n)
{
	_cleanup_free_ char *makers = NULL, *last = NULL;
	char text[DCM_CONTAINER_TEXT_SIZE];
	char programs[MAKERS_SIZE];

	if (!DCM_ROW_HAS(n, created_per_second) || !DCM_ROW_HAS(n, ended_per_second))
		return;
	fprintf(p->out, "; %s%.1f created and %.1f ended per second",
		DCM_ROW_HAS(n, created_exact) && n->created_exact ? "" : "at least ",
		n->created_per_second, n->ended_per_second);
	if (DCM_ROW_HAS(n, makers)) {
		dcm_maker_programs(dcm_snapshot_str(p->snapshot, n->makers), programs,
				   sizeof(programs));
		makers = output_text(programs);
	}
	if (makers)
		fprintf(p->out, ", most by %s", makers);
	if (DCM_ROW_HAS(n, containers))
		last = output_text(dcm_snapshot_str(p->snapshot, n->containers));
	else if (show_is_container(&n->container))
		last = output_text(show_container(p, &n->container, text));
	if (last)
		fprintf(p->out, ", last for %s", last);
}

static void print_namespaces(const struct show *p)
{
	const struct dcm_snap_namespaces *n = show_row(p, DCM_SEC_NAMESPACES, 0);

	if (!n || !DCM_ROW_HAS(n, network))
		return;
	fprintf(p->out, "  namespaces     %s network", human_count(n->network).text);
	print_churn(p, n);
	fputc('\n', p->out);
}

static void print_waiting_pods(const struct show *p)
{
	const struct dcm_snap_namespaces *n = show_row(p, DCM_SEC_NAMESPACES, 0);
	_cleanup_free_ char *names = NULL;

	if (!n || !DCM_ROW_HAS(n, waiting_pod_names))
		return;
	names = output_text(dcm_snapshot_str(p->snapshot, n->waiting_pod_names));
	fprintf(p->out, "  pods           %s without a container yet: %s\n",
		human_count(n->waiting_pods).text, names ? names : "?");
}

void show_summary(const struct show *p)
{
	time_t when = (time_t)(p->snapshot->header->realtime_ns / 1000000000);
	char stamp[64] = "";
	struct tm tm;

	if (localtime_r(&when, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S %z", &tm);
	fprintf(p->out, "Dentry cache at %s\n", stamp);
	print_totals(p);
	print_hash(p);
	print_verdict(p);
	print_namespaces(p);
	print_waiting_pods(p);
	print_reclaim(p);
}
