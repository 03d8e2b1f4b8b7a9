// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/show_explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define OWNERS_SHOWN 8

int explain_open(struct explain *explain)
{
	return dcm_netns_owners_find("", &explain->owners);
}

void explain_close(struct explain *explain)
{
	dcm_netns_owners_deinit(&explain->owners);
}

bool explain_wants(const struct dcm_snap_chain *chain)
{
	return DCM_ROW_HAS(chain, length) && chain->length >= EXPLAIN_LEAST;
}

bool explain_is_netns(const struct dcm_snapshot *snapshot, const struct dcm_snap_chain *chain)
{
	return !strcmp(dcm_snapshot_str(snapshot, chain->fstype), "proc") &&
	       strstr(dcm_snapshot_str(snapshot, chain->parent), "/sys/net");
}

const char *explain_shrink(const struct dcm_snap_chain *chain, char *buf, size_t size)
{
	if (!chain->unused)
		snprintf(buf, size,
			 "none is unused: shrinking the superblock would not shorten the chain");
	else
		snprintf(buf, size,
			 "%" PRIu64 " of %" PRIu64
			 " are unused: shrinking the superblock would leave %" PRIu64,
			 chain->unused, chain->length, DCM_EXCESS(chain->length, chain->unused));
	return buf;
}

const char *explain_hold_name(enum dcm_netns_hold hold)
{
	static const char *const names[] = {"inside", "held", "mounted"};

	return names[hold];
}

static void print_owner(const struct dcm_netns_owner *owner, FILE *out)
{
	_cleanup_free_ char *command = output_text(owner->command);
	_cleanup_free_ char *cgroup = output_text(owner->cgroup);

	fprintf(out, "    %s of '%s'", human_count(owner->namespaces).text,
		command ? command : "?");
	if (owner->pid)
		fprintf(out, " (PID %d%s%s%s", (int)owner->pid,
			owner->cgroups > 1 ? " and others" : "",
			cgroup && *cgroup ? ", cgroup " : "", cgroup ? cgroup : "");
	if (owner->cgroups > 1)
		fprintf(out, ", %s of them", human_count(owner->cgroups).text);
	if (owner->pid)
		fputc(')', out);
	fprintf(out, ", %s\n",
		owner->hold == DCM_NETNS_INSIDE ? "which lives in them"
		: owner->hold == DCM_NETNS_HELD ? "which holds them open"
						: "mounted there");
}

/* Those with the most, and how many the others have. */
static void print_owners(const struct dcm_netns_owners *owners, FILE *out)
{
	size_t shown = DCM_MIN(owners->count, (size_t)OWNERS_SHOWN);
	uint64_t left = owners->namespaces;

	for (size_t i = 0; i < shown; i++) {
		print_owner(&owners->item[i], out);
		left -= owners->item[i].namespaces;
	}
	if (left)
		fprintf(out, "    and %s more, of %s others\n", human_count(left).text,
			human_count(owners->count - shown).text);
}

static void print_chain(const struct explain *explain, const struct dcm_snapshot *snapshot,
			const struct dcm_snap_chain *chain, FILE *out)
{
	_cleanup_free_ char *name = output_text(dcm_snapshot_str(snapshot, chain->name));
	_cleanup_free_ char *parent = output_text(dcm_snapshot_str(snapshot, chain->parent));
	char buf[200];

	fprintf(out, "  %s entries, %s of them '%s' under %s; %s negative\n",
		human_count(chain->length).text, human_count(chain->same_name).text,
		name ? name : "?", parent ? parent : "?", human_count(chain->negative).text);
	fprintf(out, "    %s\n", explain_shrink(chain, buf, sizeof(buf)));
	if (!explain_is_netns(snapshot, chain))
		return;
	fprintf(out, "    one per network namespace that read it; %s network namespaces are:\n",
		human_count(explain->owners.namespaces).text);
	print_owners(&explain->owners, out);
}

void explain_print(const struct explain *explain, const struct dcm_snapshot *snapshot, FILE *out)
{
	size_t n = 0;

	fputs("\nLong chains explained\n", out);
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, DCM_SEC_CHAINS); i++) {
		const struct dcm_snap_chain *chain = dcm_snapshot_row(snapshot, DCM_SEC_CHAINS, i);

		if (!explain_wants(chain))
			continue;
		print_chain(explain, snapshot, chain, out);
		n++;
	}
	if (!n)
		fprintf(out, "  no chain has %d entries or more\n", EXPLAIN_LEAST);
}
