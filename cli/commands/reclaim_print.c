// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
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
	fprintf(stderr, ": %s\n", text ? text : "?");
}

void reclaim_print_plan(const struct reclaim_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reclaim_item *item = &items[i];

		print_name(item->target, stdout);
		printf(": %s%s unused dentries, s_umount held for about %s%s",
		       item->has_before ? "" : "at most ", human_count(item->before).text,
		       human_seconds(item->predicted_seconds).text,
		       item->shrinker[0] ? " in many short steps" : "");
		if (item->target->mounts > 1)
			printf("; mounted %u times, all share them", item->target->mounts);
		putchar('\n');
		if (item->err)
			print_error(item);
	}
	puts("Times are of an idle host. Meanwhile unmount, remount and sync wait; files stay "
	     "usable. "
	     "Dentries in use stay.");
}

void reclaim_print_result(const struct reclaim_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct reclaim_item *item = &items[i];

		if (!item->tried)
			continue; /* the plan has said why */
		if (!item->done) {
			print_error(item);
			continue;
		}
		print_name(item->target, stdout);
		printf(": %s -> %s unused dentries in %s, mount options %s\n",
		       item->has_before ? human_count(item->before).text : "unknown",
		       item->has_after ? human_count(item->after).text : "unknown",
		       human_seconds(item->result.seconds).text,
		       item->result.mountinfo_same ? "unchanged"
						   : "CHANGED: compare "
						     "/proc/self/mountinfo");
	}
}

static void add_item(struct json_writer *w, const struct reclaim_item *item)
{
	const struct dcm_reclaim_target *target = item->target;
	const char *why = *item->reason.text ? item->reason.text : strerror(-item->err);

	json_open_object(w, NULL);
	json_text(w, "fstype", target->fstype);
	json_text(w, "mountpoint", target->mountpoint);
	json_u64_if(w, "process", target->process != 0, (uint64_t)target->process);
	json_device(w, "device", target->dev_major, target->dev_minor);
	json_u64(w, "mounts", target->mounts);
	json_text(w, "method", item->shrinker[0] ? "shrinker" : "reconfigure");
	json_double(w, "predicted_seconds", item->predicted_seconds);
	json_u64_if(w, "unused_before", item->has_before, item->before);
	json_u64_if(w, "unused_after", item->has_after, item->after);
	json_double(w, "seconds", item->done ? item->result.seconds : NAN);
	json_double(w, "longest_step_seconds",
		    item->done ? item->result.longest_step_seconds : NAN);
	if (item->done)
		json_boolean(w, "mountinfo_unchanged", item->result.mountinfo_same);
	else
		json_null(w, "mountinfo_unchanged");
	json_text(w, "error", item->err ? why : NULL);
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
