// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/commands/show_tables.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/text.h"

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

static json_object *new_text(const char *raw)
{
	size_t room = DCM_TEXT_ROOM(strlen(raw));
	_cleanup_free_ char *text = malloc(room);

	if (!text)
		return NULL;
	dcm_text_escape(DCM_TEXT_JSON, raw, text, room);
	return json_object_new_string(text);
}

static json_object *new_device(const struct dcm_reclaim_target *target)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", target->dev_major, target->dev_minor);
	return json_object_new_string(text);
}

static json_object *new_item(const struct reclaim_item *item)
{
	const struct dcm_reclaim_target *target = item->target;
	json_object *object = json_object_new_object();
	const char *why = *item->reason.text ? item->reason.text : strerror(-item->err);

	if (!object)
		return NULL;
	json_object_object_add(object, "fstype", new_text(target->fstype));
	json_object_object_add(object, "mountpoint", new_text(target->mountpoint));
	json_object_object_add(object, "process",
			       target->process ? json_object_new_int(target->process) : NULL);
	json_object_object_add(object, "device", new_device(target));
	json_object_object_add(object, "mounts", json_object_new_int64(target->mounts));
	json_object_object_add(
		object, "method",
		json_object_new_string(item->shrinker[0] ? "shrinker" : "reconfigure"));
	json_object_object_add(object, "predicted_seconds",
			       json_object_new_double(item->predicted_seconds));
	json_object_object_add(object, "unused_before",
			       item->has_before ? json_object_new_uint64(item->before) : NULL);
	json_object_object_add(object, "unused_after",
			       item->has_after ? json_object_new_uint64(item->after) : NULL);
	json_object_object_add(object, "seconds",
			       item->done ? json_object_new_double(item->result.seconds) : NULL);
	json_object_object_add(
		object, "longest_step_seconds",
		item->done ? json_object_new_double(item->result.longest_step_seconds) : NULL);
	json_object_object_add(object, "mountinfo_unchanged",
			       item->done ? json_object_new_boolean(item->result.mountinfo_same)
					  : NULL);
	json_object_object_add(object, "error", item->err ? new_text(why) : NULL);
	return object;
}

void reclaim_print_json(const struct reclaim_item *items, size_t count, bool dry_run)
{
	json_object *document = json_object_new_object(), *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, new_item(&items[i]));
	json_object_object_add(document, "schema_version",
			       json_object_new_int(JSON_SCHEMA_VERSION));
	json_object_object_add(document, "dry_run", json_object_new_boolean(dry_run));
	json_object_object_add(document, "reclaims", array);
	puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
}
