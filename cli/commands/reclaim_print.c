// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/commands/reclaim_forecast.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/json_writer.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"

/* "overlay on /mnt/x (device 0:45)" */
static void print_name(const struct dcm_reclaim_target *target, FILE *out)
{
	_cleanup_free_ char *mountpoint = output_text(target->mountpoint);
	_cleanup_free_ char *fstype = output_text(target->fstype);

	fprintf(out, "%s on %s", fstype ? fstype : "?", mountpoint ? mountpoint : "?");
	if (target->process)
		fprintf(out, " of process %d", (int)target->process);
	fprintf(out, " (device %u:%u)", target->dev_major, target->dev_minor);
}

static void print_error(const struct reclaim_item *item)
{
	_cleanup_free_ char *text =
		output_text(*item->reason.text ? item->reason.text : strerror(-item->err));

	fflush(stdout);
	fputs("dcachemon: ", stderr);
	print_name(item->target, stderr);
	fprintf(stderr, ": %s", text ? text : "?");
	/* The kernel shrinks before it asks the filesystem. */
	if (item->tried && item->has_before && item->has_after && item->after < item->before)
		fprintf(stderr, "; %s -> %s unused dentries all the same",
			human_count(item->before).text, human_count(item->after).text);
	fputc('\n', stderr);
}

/* "; 12 MiB of modified data are written out first" */
static void print_dirty(const struct reclaim_item *item)
{
	if (item->dirty.bytes)
		printf("; writes out %s%s of modified data first",
		       item->dirty.own ? "" : "at most ", human_bytes(item->dirty.bytes).text);
}

static void print_options(const struct reclaim_item *item)
{
	static const char *const words[] = {
		[DCM_RECLAIM_UNKNOWN] = "not known: it is no longer mounted",
		[DCM_RECLAIM_SAME] = "unchanged",
		[DCM_RECLAIM_CHANGED] = "CHANGED",
	};
	_cleanup_free_ char *change = output_text(item->result.change.text);

	printf(", mount options %s", words[item->result.options]);
	if (item->result.options == DCM_RECLAIM_CHANGED)
		printf(" (%s), %s", change ? change : "?",
		       item->result.put_back ? "and put back"
					     : "and not put back: compare /proc/self/mountinfo");
	putchar('\n');
}

/* ", s_umount held for about 18 s": what is done, and what it costs */
static void print_way(const struct reclaim_item *item)
{
	const struct dcm_cgroup *cgroup = &item->choice.cgroup;
	_cleanup_free_ char *folder = output_text(cgroup->folder);

	if (item->err && !item->choice.way)
		return; /* it goes no way */
	if (!reclaim_goes_in_steps(item)) {
		printf(", s_umount held for %s", reclaim_range_text(&item->foreseen.clock).text);
		return;
	}
	printf(", in steps by %s", item->choice.way->what);
	if (*cgroup->folder)
		printf(", %s: charged for %s of kernel memory, at most %s of page cache go along",
		       folder ? folder : "?", human_bytes(cgroup->slab_bytes).text,
		       human_bytes(cgroup->cache_bytes).text);
}

static void print_meanwhile(const struct reclaim_item *items, size_t count)
{
	bool steps = false, call = false;

	for (size_t i = 0; i < count; i++) {
		steps = steps || reclaim_goes_in_steps(&items[i]);
		call = call || !reclaim_goes_in_steps(&items[i]);
	}
	if (steps)
		puts("In steps nothing waits for long; Ctrl-C ends it after the step that runs.");
	if (call)
		puts("Times are beside what the CPUs do now. Meanwhile unmount, remount, sync and "
		     "writeback of "
		     "it wait, and so may programs that write much to it; nothing can stop it.");
	puts("Dentries in use stay.");
}

void reclaim_print_plan(const struct reclaim_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reclaim_item *item = &items[i];

		print_name(item->target, stdout);
		printf(": %s%s unused dentries", item->has_before ? "" : "at most ",
		       human_count(item->before).text);
		print_way(item);
		if (item->has_growth && item->growth >= 1)
			printf("; %s are made per second",
			       human_count((uint64_t)item->growth).text);
		if (item->pinned)
			printf("; dentries of this type stay while their files do: nothing to "
			       "free");
		print_dirty(item);
		if (item->target->mounts > 1)
			printf("; mounted %u times, all share them", item->target->mounts);
		putchar('\n');
		if (*item->why.text)
			printf("  (%s)\n", item->why.text);
		if (item->err)
			print_error(item);
	}
	print_meanwhile(items, count);
}

static void print_steps(const struct reclaim_item *item)
{
	const struct dcm_reclaim_progress *progress = &item->progress;

	printf(", %s steps, the longest %s", human_count(progress->steps).text,
	       human_seconds(progress->longest_step_seconds).text);
	if (progress->cache_bytes)
		printf("; %s of page cache went along", human_bytes(progress->cache_bytes).text);
	if (progress->others > 0)
		printf("; other filesystems lost at most %.1f %% of theirs", progress->others);
	putchar('\n');
	fflush(stdout);
	if (reclaim_was_stopped(item))
		cli_error("stopped: %s", item->reason.text);
}

void reclaim_print_result(const struct reclaim_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reclaim_item *item = &items[i];

		if (!item->tried)
			continue; /* the plan has said why */
		if (!item->done) {
			print_error(item);
			if (item->result.options != DCM_RECLAIM_CHANGED)
				continue;
		}
		print_name(item->target, stdout);
		printf(": %s -> %s unused dentries in %s",
		       item->has_before ? human_count(item->before).text : "unknown",
		       item->has_after ? human_count(item->after).text : "unknown",
		       human_seconds(item->result.seconds).text);
		if (reclaim_goes_in_steps(item))
			print_steps(item);
		else
			print_options(item);
	}
}

static void add_boolean(struct json_writer *w, const char *key, bool known, bool value)
{
	if (known)
		json_boolean(w, key, value);
	else
		json_null(w, key);
}

static void add_steps(struct json_writer *w, const struct reclaim_item *item)
{
	const struct dcm_reclaim_progress *progress = &item->progress;
	bool has = item->done && reclaim_goes_in_steps(item);
	double longest = has ? progress->longest_step_seconds : item->result.seconds;

	json_double(w, "longest_step_seconds", item->done ? longest : NAN);
	json_u64_if(w, "steps", has, progress->steps);
	json_u64_if(w, "page_cache_lost_bytes", has, progress->cache_bytes);
	json_double(w, "others_lost_percent", has ? progress->others : NAN);
	json_text(w, "stopped", reclaim_was_stopped(item) ? item->reason.text : NULL);
}

static void add_item(struct json_writer *w, const struct reclaim_item *item)
{
	const struct dcm_reclaim_target *target = item->target;
	const char *why = *item->reason.text ? item->reason.text : strerror(-item->err);
	bool changed = item->result.options == DCM_RECLAIM_CHANGED;

	json_open_object(w, NULL);
	json_text(w, "fstype", target->fstype);
	json_text(w, "mountpoint", target->mountpoint);
	json_u64_if(w, "process", target->process != 0, (uint64_t)target->process);
	json_device(w, "device", target->dev_major, target->dev_minor);
	json_u64(w, "mounts", target->mounts);
	json_text(w, "method", item->choice.way ? item->choice.way->name : NULL);
	json_text(w, "why_not_gentler", *item->why.text ? item->why.text : NULL);
	json_text(w, "cgroup", *item->choice.cgroup.folder ? item->choice.cgroup.folder : NULL);
	json_double(w, "growth_per_second", item->has_growth ? item->growth : NAN);
	json_double(w, "predicted_seconds", item->predicted_seconds);
	json_double(w, "predicted_low_seconds", item->foreseen.clock.low);
	json_double(w, "predicted_high_seconds", item->foreseen.clock.high);
	json_double(w, "predicted_cpu_seconds", item->foreseen.cpu.likely);
	json_double(w, "predicted_cpu_low_seconds", item->foreseen.cpu.low);
	json_double(w, "predicted_cpu_high_seconds", item->foreseen.cpu.high);
	json_u64_if(w, "unused_before", item->has_before, item->before);
	json_u64_if(w, "unused_after", item->has_after, item->after);
	json_double(w, "seconds", item->done ? item->result.seconds : NAN);
	json_double(w, "cpu_seconds",
		    item->done && !reclaim_goes_in_steps(item) ? item->cpu_seconds : NAN);
	add_steps(w, item);
	add_boolean(w, "mountinfo_unchanged",
		    item->tried && item->result.options != DCM_RECLAIM_UNKNOWN,
		    item->result.options == DCM_RECLAIM_SAME);
	json_text(w, "changed", changed ? item->result.change.text : NULL);
	add_boolean(w, "put_back", changed, item->result.put_back);
	json_text(w, "error", item->err ? why : NULL);
	json_text(w, "result",
		  item->tried || item->err ? dcm_reclaim_outcome_name(reclaim_outcome(item))
					   : NULL);
	json_close(w);
}

int reclaim_print_json(const struct reclaim_item *items, size_t count, bool dry_run)
{
	struct json_writer w;
	int err;

	json_init(&w);
	json_boolean(&w, "dry_run", dry_run);
	json_open_array(&w, "reclaims");
	for (size_t i = 0; i < count; i++)
		add_item(&w, &items[i]);
	json_close(&w);
	err = json_print(&w, stdout);
	json_deinit(&w);
	return err;
}
