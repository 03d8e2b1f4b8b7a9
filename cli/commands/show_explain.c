// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/show_explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/containers/container_text.h"

#define OWNERS_SHOWN	 8
#define CONTAINERS_SHOWN 3 /* of one owner */

int explain_open(const struct dcm_config *config, struct explain *explain)
{
	bool named = config->sampling.interval[DCM_SOURCE_CONTAINERS] > 0;

	return dcm_netns_owners_find("", named ? &config->containers : NULL, &explain->owners);
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

static void print_name(const char *before, const char *raw, const char *after, FILE *out)
{
	_cleanup_free_ char *text = output_text(raw);

	fprintf(out, "%s%s%s", before, text ? text : "?", after);
}

/* ", which lives in them" */
static void print_hold(const struct dcm_netns_owner *owner, FILE *out)
{
	const char *runtime = dcm_runtime_name(owner->container.runtime);
	bool several = owner->members > 1;

	if (owner->hold == DCM_NETNS_INSIDE)
		fputs(several ? ", which live in them" : ", which lives in them", out);
	else if (owner->hold == DCM_NETNS_HELD)
		fputs(several ? ", which hold them open" : ", which holds them open", out);
	else
		fprintf(out, ", mounted there%s%s", *runtime && !owner->members ? " by " : "",
			owner->members ? "" : runtime);
	fputc('\n', out);
}

/* ---- processes and mounts without a container ---- */

static void print_process(const struct dcm_netns_owner *owner, FILE *out)
{
	print_name("'", owner->command, "'", out);
	if (!owner->pid)
		return;
	fprintf(out, " (PID %d%s", (int)owner->pid, owner->cgroups > 1 ? " and others" : "");
	if (*owner->cgroup)
		print_name(", cgroup ", owner->cgroup, "", out);
	if (owner->cgroups > 1)
		fprintf(out, ", %s of them", human_count(owner->cgroups).text);
	fputc(')', out);
}

/* ---- containers ---- */

/* Its name, else its ID. */
static void print_container_name(const struct dcm_container *container, FILE *out)
{
	char id[DCM_CONTAINER_ID_SIZE], name[DCM_CONTAINER_TEXT_SIZE];
	const struct dcm_container_words words = dcm_container_words_of(container, id);

	print_name("", dcm_container_name(&words, name, sizeof(name)) ? name : id, "", out);
}

/* "docker containers, image pause:3.9: web-1, web-2, web-3 and 53 more" */
static void print_containers(const struct dcm_netns_owner *owner, FILE *out)
{
	const struct dcm_container *common = &owner->container;
	size_t shown = DCM_MIN(owner->members, (size_t)CONTAINERS_SHOWN);

	fprintf(out, "%s%scontainers", dcm_runtime_name(common->runtime),
		common->runtime ? " " : "");
	if (common->namespace)
		print_name(" of namespace ", common->namespace, "", out);
	if (common->image)
		print_name(", image ", common->image, "", out);
	for (size_t i = 0; i < shown; i++) {
		fputs(i ? ", " : ": ", out);
		print_container_name(&owner->member[i].container, out);
	}
	if (owner->members > shown)
		fprintf(out, " and %s more", human_count(owner->members - shown).text);
}

/* "container web-1 (docker 3f2a9c01b77e), image nginx:1.25" */
static void print_container(const struct dcm_container *container, FILE *out)
{
	char id[DCM_CONTAINER_ID_SIZE], text[DCM_CONTAINER_TEXT_SIZE];
	const struct dcm_container_words words = dcm_container_words_of(container, id);

	dcm_container_text(&words, text, sizeof(text));
	print_name("container ", text, "", out);
	if (container->image)
		print_name(", image ", container->image, "", out);
}

static void print_contained(const struct dcm_netns_owner *owner, FILE *out)
{
	if (owner->members > 1)
		print_containers(owner, out);
	else
		print_container(&owner->container, out);
	print_name(" ('", owner->command, "'", out);
	if (owner->pid)
		fprintf(out, ", PID %d", (int)owner->pid);
	fputs(owner->members > 1 ? " and others)" : ")", out);
}

/* ---- all ---- */

static void print_owner(const struct dcm_netns_owner *owner, FILE *out)
{
	fprintf(out, "    %s of ", human_count(owner->namespaces).text);
	if (owner->members)
		print_contained(owner, out);
	else
		print_process(owner, out);
	print_hold(owner, out);
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

/* Whose directory it is in. */
static void print_container_of_chain(const struct dcm_snapshot *snapshot,
				     const struct dcm_snap_chain *chain, FILE *out)
{
	const struct dcm_container_words words = dcm_container_words(snapshot, &chain->container);
	char text[DCM_CONTAINER_TEXT_SIZE];

	if (dcm_container_text(&words, text, sizeof(text)))
		print_name("    in container ", text, "\n", out);
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
	print_container_of_chain(snapshot, chain, out);
	fprintf(out, "    %s\n", explain_shrink(chain, buf, sizeof(buf)));
	if (!explain_is_netns(snapshot, chain))
		return;
	fprintf(out, "    one per network namespace that read it; %s network namespaces are:\n",
		human_count(explain->owners.namespaces).text);
	print_owners(&explain->owners, out);
}

/* For chains of namespaces. */
static void print_to_do(FILE *out)
{
	fputs("  To do: find out what makes them ('dcachemon who') and stop it; then remove those "
	      "that are\n"
	      "  mounted and no longer needed ('umount FILE', 'ip netns delete NAME').\n"
	      "  See netns_churn in dcachemon-runbook(7).\n",
	      out);
}

void explain_print(const struct explain *explain, const struct dcm_snapshot *snapshot, FILE *out)
{
	bool netns = false;
	size_t n = 0;

	fputs("\nLong chains explained\n", out);
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, DCM_SEC_CHAINS); i++) {
		const struct dcm_snap_chain *chain = dcm_snapshot_row(snapshot, DCM_SEC_CHAINS, i);

		if (!explain_wants(chain))
			continue;
		print_chain(explain, snapshot, chain, out);
		netns |= explain_is_netns(snapshot, chain);
		n++;
	}
	if (netns)
		print_to_do(out);
	if (!n)
		fprintf(out, "  no chain has %d entries or more\n", EXPLAIN_LEAST);
}
