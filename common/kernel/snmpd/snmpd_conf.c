// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/snmpd/snmpd_arguments.h"
#include "common/kernel/snmpd/snmpd_process.h"

#define DEPTH_MAX      16 /* CONFIG_MAX_RECURSE_DEPTH */
#define FILES_MAX      256
#define BYTES_MAX      (1 << 20)
#define BACKUPS	       10 /* NETSNMP_MAX_PERSISTENT_BACKUPS */
#define LIBRARY_FOLDER ("/usr/lib/" DCM_MULTIARCH "/snmp")
#define PERSISTENT     "/var/lib/snmp"

/* net-snmp is built with SNMPCONFPATH:SNMPSHAREPATH:SNMPLIBPATH; the last one is the library's
 * directory, which differs from one distribution to the other: those that exist are read. */
static const char *const built_in[] = {"/etc/snmp", "/usr/share/snmp", LIBRARY_FOLDER,
				       "/usr/lib64/snmp", "/usr/lib/snmp"};

/* Cut at @size - 1; nothing for NULL. */
static void set(char *ret, size_t size, const char *value)
{
	size_t len = value ? strnlen(value, size - 1) : 0;

	if (!value)
		return;
	memcpy(ret, value, len);
	ret[len] = '\0';
}

struct reader {
	const char *root;
	char prefix[DCM_PATH_SIZE]; /* root directory of the process */
	char cwd[DCM_PATH_SIZE];    /* for relative paths; "" */
	char path[4096];	    /* SNMPCONFPATH; "" */
	char home[DCM_PATH_SIZE];
	char persistent[DCM_PATH_SIZE];
	bool has_path, first;
	unsigned files, depth;
	struct dcm_snmpd_conf *ret;
};

static bool read_file(struct reader *reader, const char *path, const char *type);
static void search(struct reader *reader, const char *name, const char *type);

/* ---- one file ---- */

/* *@ret_text is the caller's. -ENOENT; -EINVAL: no regular file; -EFBIG; -errno. */
static int slurp(const struct reader *reader, const char *path, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	char full[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(full, sizeof(full), "%s%s%s%s", reader->prefix, *path == '/' ? "" : reader->cwd,
		 *path == '/' ? "" : "/", path);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > BYTES_MAX)
		return -EFBIG;
	text = malloc((size_t)st.st_size + 1);
	n = text ? read(fd, text, (size_t)st.st_size) : -1;
	if (n < 0)
		return -errno;
	text[n] = '\0';
	*ret_text = dcm_take_ptr(text);
	return 0;
}

/* readdir(3)'s order, as snmpd takes it; only what ends in .conf and does not begin with a dot. */
static void include_folder(struct reader *reader, const char *folder, const char *type)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s%s%s", reader->prefix, *folder == '/' ? "" : reader->cwd,
		 *folder == '/' ? "" : "/", folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (*entry->d_name == '.' || len <= 5 || strcmp(entry->d_name + len - 5, ".conf"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)read_file(reader, path, type);
	}
}

/* A relative file is beside the file that names it, a relative directory in snmpd's first cwd. */
static void include_file(struct reader *reader, const char *from, const char *name,
			 const char *type)
{
	const char *slash = *name == '/' ? NULL : strrchr(from, '/');
	char path[PATH_MAX];

	set(path, sizeof(path), from);
	path[slash ? slash - from + 1 : 0] = '\0';
	set(path + strlen(path), sizeof(path) - strlen(path), name);
	(void)read_file(reader, path, type);
}

/* The reader of net-snmp knows these with a small "i" only. */
static bool include(struct reader *reader, const char *from, const struct dcm_snmpd_line *line,
		    const char *type)
{
	char name[DCM_PATH_SIZE];
	size_t len;

	if (*line->word != 'i')
		return false;
	if (!strcasecmp(line->word, "includeFile")) {
		include_file(reader, from, line->rest, type);
	} else if (!strcasecmp(line->word, "includeDir")) {
		include_folder(reader, line->rest, type);
	} else if (!strcasecmp(line->word, "includeSearch")) {
		snprintf(name, sizeof(name), "%s", line->rest);
		len = strlen(name);
		if (len > 5 && !strcmp(name + len - 5, ".conf"))
			name[len - 5] = '\0';
		search(reader, name, type);
	} else {
		return false;
	}
	return true;
}

static void take(struct reader *reader, const char *type, const char *word, const char *rest)
{
	if (!reader->first && !strcmp(type, "snmpd"))
		dcm_snmpd_settings_take(&reader->ret->settings, word, rest);
	else if (reader->first && !strcmp(type, "snmp") && !strcasecmp(word, "persistentDir"))
		set(reader->persistent, sizeof(reader->persistent), rest);
}

static void read_lines(struct reader *reader, const char *path, const char *type, char *text)
{
	char *rest = text, *line, now[32];

	snprintf(now, sizeof(now), "%s", type);
	while ((line = strsep(&rest, "\n"))) {
		struct dcm_snmpd_line parsed;

		if (!dcm_snmpd_line_parse(line, &parsed))
			continue;
		if (!*parsed.word)
			memcpy(now, parsed.type, sizeof(now));
		else if (*parsed.type || !include(reader, path, &parsed, now))
			take(reader, *parsed.type ? parsed.type : now, parsed.word, parsed.rest);
	}
}

/* False: there is no such file. */
static bool read_file(struct reader *reader, const char *path, const char *type)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_snmpd_conf *ret = reader->ret;
	int err;

	if (reader->depth > DEPTH_MAX || reader->files == FILES_MAX)
		return true;
	err = slurp(reader, path, &text);
	if (err && err != -ENOENT && err != -ENOTDIR && !ret->unreadable) {
		ret->unreadable = err;
		set(ret->unread, sizeof(ret->unread), path);
	}
	if (err)
		return err != -ENOENT && err != -ENOTDIR;
	reader->files++;
	ret->files += !strcmp(type, "snmpd");
	ret->has_main |= !strcmp(path, ret->main);
	reader->depth++;
	read_lines(reader, path, type, text);
	reader->depth--;
	return true;
}

/* ---- directories ---- */

static bool is_folder(const struct reader *reader, const char *folder)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s%s%s", reader->prefix, *folder == '/' ? "" : reader->cwd,
		 *folder == '/' ? "" : "/", folder);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What snmpd kept when it last wrote this directory and did not come to an end. */
static void read_backups(struct reader *reader, const char *folder, const char *name,
			 const char *type)
{
	char path[PATH_MAX];

	for (int i = 0; i <= BACKUPS; i++) {
		snprintf(path, sizeof(path), "%s/%s.%d.conf", folder, name, i);
		if (!read_file(reader, path, type))
			return;
	}
}

static void read_folder(struct reader *reader, const char *folder, const char *name,
			const char *type)
{
	char path[PATH_MAX];

	if (!*folder || !is_folder(reader, folder))
		return;
	if (!strncmp(folder, reader->persistent, strlen(reader->persistent)))
		read_backups(reader, folder, name, type);
	snprintf(path, sizeof(path), "%s/%s.conf", folder, name);
	/* An administrator's file, where lines can be added. */
	if (!*reader->ret->main && !strcmp(name, "snmpd"))
		set(reader->ret->main, sizeof(reader->ret->main), path);
	(void)read_file(reader, path, type);
	snprintf(path, sizeof(path), "%s/%s.local.conf", folder, name);
	(void)read_file(reader, path, type);
}

static void search(struct reader *reader, const char *name, const char *type)
{
	char list[sizeof(reader->path)], *rest = list, *folder;

	if (reader->has_path) {
		memcpy(list, reader->path, sizeof(list));
		while ((folder = strsep(&rest, ":")))
			read_folder(reader, folder, name, type);
		return;
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(built_in); i++)
		read_folder(reader, built_in[i], name, type);
	snprintf(list, sizeof(list), "%s/.snmp", reader->home);
	read_folder(reader, list, name, type);
	read_folder(reader, reader->persistent, name, type);
}

/* ---- the process ---- */

/* The value of @name in @environment (of @size bytes), NULL without. */
static const char *variable(const char *environment, size_t size, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = environment; at < environment + size; at += strlen(at) + 1)
		if (!strncmp(at, name, len) && at[len] == '=')
			return at + len + 1;
	return NULL;
}

static void look_at_process(struct reader *reader, pid_t pid)
{
	char environment[32768], path[PATH_MAX], link[DCM_PATH_SIZE];
	ssize_t n = dcm_snmpd_process_read(reader->root, pid, "environ", environment,
					   sizeof(environment));
	size_t size = n > 0 ? (size_t)n : 0;
	const char *value = variable(environment, size, "SNMPCONFPATH");

	reader->has_path = value != NULL;
	set(reader->path, sizeof(reader->path), value);
	set(reader->home, sizeof(reader->home), variable(environment, size, "HOME"));
	set(reader->persistent, sizeof(reader->persistent),
	    variable(environment, size, "SNMP_PERSISTENT_DIR"));
	snprintf(path, sizeof(path), "%s/proc/%d/root/", reader->root, (int)pid);
	if (access(path, X_OK) == 0)
		snprintf(reader->prefix, sizeof(reader->prefix), "%s/proc/%d/root", reader->root,
			 (int)pid);
	snprintf(path, sizeof(path), "%s/proc/%d/cwd", reader->root, (int)pid);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	if (n > 1)
		memcpy(reader->cwd, link, sizeof(link));
}

static void take_before(struct reader *reader, const struct dcm_snmpd_option *option, bool *skip)
{
	if (option->letter == 'C')
		*skip = true;
	if (option->letter == 'x') {
		take(reader, "snmpd", "agentXSocket", option->value);
		take(reader, "snmpd", "master", "agentx");
	}
	if (!option->letter)
		take(reader, "snmpd", "agentaddress", option->value);
}

/* --WORD=REST, -Y "WORD REST" */
static void take_after(struct reader *reader, const struct dcm_snmpd_option *option)
{
	struct dcm_snmpd_line line;
	char text[512];

	if (option->letter != '-' && option->letter != 'Y')
		return;
	snprintf(text, sizeof(text), "%s", option->value);
	if (option->letter == '-' && strchr(text, '='))
		*strchr(text, '=') = ' ';
	if (dcm_snmpd_line_parse(text, &line) && *line.word)
		take(reader, *line.type ? line.type : "snmpd", line.word, line.rest);
}

static void read_named(struct reader *reader, const char *list)
{
	char copy[DCM_PATH_SIZE], *rest = copy, *path;

	list += *list == '-';
	snprintf(copy, sizeof(copy), "%s", list);
	/* The only one, or the last. */
	path = strrchr(copy, ',');
	set(reader->ret->main, sizeof(reader->ret->main), path ? path + 1 : copy);
	while ((path = strsep(&rest, ",")))
		if (*path)
			(void)read_file(reader, path, "snmpd");
}

static void read_once(struct reader *reader, const char *named, bool skip)
{
	reader->files = reader->ret->files = 0;
	if (named && *named == '-')
		read_named(reader, named);
	if (!skip) {
		search(reader, "snmpd", "snmpd");
		search(reader, "snmp", "snmp");
	}
	if (named && *named != '-')
		read_named(reader, named);
}

/* All is read twice, as snmpd does: persistentDir counts in the first round, the rest in the
 * second. */
static void read_all(struct reader *reader, const struct dcm_snmpd_arguments *arguments)
{
	struct dcm_snmpd_cursor cursor = {0}, again = {0};
	struct dcm_snmpd_option option;
	const char *named = NULL;
	bool skip = false;

	while (dcm_snmpd_arguments_next(arguments, &cursor, &option)) {
		take_before(reader, &option, &skip);
		named = option.letter == 'c' ? option.value : named;
	}
	reader->first = true;
	read_once(reader, named, skip);
	reader->first = false;
	read_once(reader, named, skip);
	while (dcm_snmpd_arguments_next(arguments, &again, &option))
		take_after(reader, &option);
}

void dcm_snmpd_conf_read(const char *root, pid_t pid, struct dcm_snmpd_conf *ret)
{
	struct reader reader = {
		.root = root, .home = "/root", .persistent = PERSISTENT, .ret = ret};
	struct dcm_snmpd_arguments arguments = {.count = 0};

	*ret = (struct dcm_snmpd_conf){.files = 0};
	snprintf(reader.prefix, sizeof(reader.prefix), "%s", root);
	if (pid) {
		look_at_process(&reader, pid);
		(void)dcm_snmpd_arguments_read(root, pid, &arguments);
	}
	read_all(&reader, &arguments);
	if (!*ret->main)
		snprintf(ret->main, sizeof(ret->main), DCM_SNMPD_CONF_DEFAULT);
}
