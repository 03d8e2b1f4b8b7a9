// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What this kernel lets an administrator set about the dentry cache. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/doctor.h"
#include "common/base/cleanup.h"

#define PRESSURE "vfs_cache_pressure"

/* Told of those whose value alone says little (Documentation/admin-guide/sysctl/fs.rst); the second
 * is Red Hat's own. */
static const struct {
	const char *name, *means;
} meanings[] = {
	{"dentry-negative", " (1: removed files leave no entry)"},
	{"negative-dentry-limit", " (thousandths of memory)"},
};

/* dentry-state is a count. What later kernels and distributions add has "dentry" in its name. */
static int is_setting(const struct dirent *entry)
{
	return (strstr(entry->d_name, "dentry") && strcmp(entry->d_name, "dentry-state") != 0) ||
	       strncmp(entry->d_name, PRESSURE, strlen(PRESSURE)) == 0;
}

static const char *meaning(const char *name)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(meanings); i++)
		if (!strcmp(name, meanings[i].name))
			return meanings[i].means;
	return "";
}

/* Appends "vm.NAME=VALUE"; *@never becomes true where it forbids the kernel to free entries. */
static void add_setting(const struct doctor *doctor, const char *folder, const char *name,
			struct dcm_reason *text, bool *never)
{
	_cleanup_free_ char *value = NULL;
	size_t len = strlen(text->text);
	char path[300];

	snprintf(path, sizeof(path), "/proc/sys/%s/%s", folder, name);
	if (doctor_read_file(doctor, path, &value))
		return;
	value[strcspn(value, "\n")] = '\0';
	if (!strcmp(name, PRESSURE) && !strcmp(value, "0"))
		*never = true;
	snprintf(text->text + len, sizeof(text->text) - len, "%s%s.%s=%s%s", len ? ", " : "",
		 folder, name, value, meaning(name));
}

static void add_settings(const struct doctor *doctor, const char *folder, struct dcm_reason *text,
			 bool *never)
{
	char path[DCM_PATH_SIZE + 32];
	struct dirent **entries;
	int count;

	snprintf(path, sizeof(path), "%s/proc/sys/%s", doctor->root, folder);
	count = scandir(path, &entries, is_setting, alphasort);
	if (count < 0)
		return;
	for (int i = 0; i < count; i++) {
		add_setting(doctor, folder, entries[i]->d_name, text, never);
		free(entries[i]);
	}
	free(entries);
}

void doctor_check_sysctls(struct doctor *doctor, struct doctor_result *ret)
{
	struct dcm_reason text = {""};
	bool never = false;

	add_settings(doctor, "vm", &text, &never);
	add_settings(doctor, "fs", &text, &never);
	if (!*text.text) {
		doctor_say(ret, DOCTOR_WARN, "/proc/sys has no setting of the dentry cache");
	} else if (never) {
		doctor_say(ret, DOCTOR_WARN, "no entry is freed when memory is short: %s",
			   text.text);
		doctor_fix(ret, "sudo sysctl vm.vfs_cache_pressure=100");
	} else {
		doctor_say(ret, DOCTOR_OK, "%s", text.text);
	}
}
