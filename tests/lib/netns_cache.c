/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drives the interface sampler by commands on standard input, for tests/lib/netns_cache.sh.
 * Usage: netns_cache DIRECTORY [MAX_OPEN]. Every answer ends with a line ".". NAME: that of an
 * entry of DIRECTORY, pid:N of a process named before, "" the own namespace.
 *
 *   process PID        look for the namespace of a process, too
 *   refresh            choose all entries and processes and look for them
 *   list               INDEX NAME per namespace
 *   refused            NAME: REASON per entry or process without a namespace
 *   want NAME          sample it from now on
 *   wantall            sample all that is listed, from now on
 *   run [N]            N rounds, each until nothing is pending
 *   rows NAME          one line per interface: index name flags mtu families v4retrans v6retrans
 *                      v6reachable v6forwarding missing
 *   error NAME         why the last round failed
 *   fds                open descriptors of this process, of nsfs, and sockets
 *   sysctls            NUMBER PATH of each open file below /proc/sys
 *   limit SOFT         sets RLIMIT_NOFILE
 *   mark TEXT          a system call that a trace shows: access("/mark-TEXT")
 *   netns              inode of /proc/thread-self/ns/net
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/interfaces/if_sampler.h"

#define MAX_NAMESPACES 4096

static struct dcm_if_sampler *sampler;
static const char *directory;
static char *processes[MAX_NAMESPACES]; /* "pid:N" */
static size_t process_count;

/* What dcm_netns_set_choose() takes for a name, until the next call. */
static const char *spec_of(const char *name)
{
	static char spec[PATH_MAX];

	if (!*name || !strncmp(name, "pid:", 4))
		return name;
	snprintf(spec, sizeof(spec), "%s/%s", directory, name);
	return spec;
}

static const char *name_of(const char *spec)
{
	const char *slash = strrchr(spec, '/');

	return slash ? slash + 1 : spec;
}

static bool find_view(const char *name, struct dcm_if_view *ret)
{
	const char *spec = spec_of(name);

	for (size_t i = 0; i < dcm_if_sampler_count(sampler); i++)
		if (dcm_if_sampler_view(sampler, i, ret) && !strcmp(ret->netns->name, spec))
			return true;
	return false;
}

static void process(const char *arg)
{
	char spec[32];

	snprintf(spec, sizeof(spec), "pid:%d", atoi(arg));
	for (size_t i = 0; i < process_count; i++)
		if (!strcmp(processes[i], spec))
			return;
	if (process_count < MAX_NAMESPACES)
		processes[process_count++] = strdup(spec);
}

/* The entries of the directory, each to be freed. */
static size_t read_entries(char **ret)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	const struct dirent *entry;
	size_t count = 0;

	while (dir && count < MAX_NAMESPACES && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			ret[count++] = strdup(spec_of(entry->d_name));
	return count;
}

static void refresh(const char *arg)
{
	static char *specs[2 * MAX_NAMESPACES];
	size_t entries = read_entries(specs);

	memcpy(specs + entries, processes, process_count * sizeof(*processes));
	if (dcm_netns_set_choose(dcm_if_sampler_namespaces(sampler), (const char *const *)specs,
				 entries + process_count))
		printf("error\n");
	while (entries > 0)
		free(specs[--entries]);
	dcm_if_sampler_refresh(sampler);
}

static void list(const char *arg)
{
	const struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);

	for (size_t i = 0; i < dcm_netns_set_count(set); i++)
		printf("%u %s\n", dcm_netns_set_get(set, i)->index,
		       name_of(dcm_netns_set_get(set, i)->name));
}

static void refused(const char *arg)
{
	const struct dcm_netns_chosen *chosen;

	for (size_t i = 0; (chosen = dcm_netns_set_chosen(dcm_if_sampler_namespaces(sampler), i));
	     i++)
		if (chosen->err)
			printf("%s: %s\n", name_of(chosen->spec), chosen->reason.text);
}

static void want_spec(const char *spec)
{
	int err = dcm_if_sampler_want(sampler, spec, UINT64_MAX);

	if (err)
		printf("error %d\n", err);
}

static void want(const char *arg)
{
	want_spec(spec_of(arg));
}

static void wantall(const char *arg)
{
	const struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);

	for (size_t i = 0; i < dcm_netns_set_count(set); i++)
		want_spec(dcm_netns_set_get(set, i)->name);
}

static void run(const char *arg)
{
	int rounds = *arg ? atoi(arg) : 1;
	bool pending;

	while (rounds-- > 0)
		do
			dcm_if_sampler_run(sampler, dcm_now_ns(), &pending);
		while (pending);
}

static void print_row(const struct dcm_if_row *row)
{
	printf("%u %s %#x %u %u", row->link.index, row->link.name, row->link.flags, row->link.mtu,
	       row->families);
	for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++)
		if (row->sysctls.has & (1u << i))
			printf(" %d", row->sysctls.value[i]);
		else
			printf(" -");
	printf(" %d\n", row->missing_ns != 0);
}

static void rows(const char *arg)
{
	struct dcm_if_view view;

	if (!find_view(arg, &view)) {
		printf("none\n");
		return;
	}
	for (size_t i = 0; i < view.table->count; i++)
		print_row(&view.table->rows[i]);
}

static void error(const char *arg)
{
	struct dcm_if_view view;

	if (find_view(arg, &view))
		printf("%s\n", view.error);
}

/* Calls @fn with each open descriptor and what it is of, though the limit may leave no room. */
static void each_fd(void (*fn)(const char *fd, const char *target, void *ctx), void *ctx)
{
	struct rlimit old, high;
	const struct dirent *entry;
	char target[PATH_MAX];
	DIR *dir;

	getrlimit(RLIMIT_NOFILE, &old);
	high = old;
	high.rlim_cur = old.rlim_max;
	setrlimit(RLIMIT_NOFILE, &high);
	dir = opendir("/proc/self/fd");
	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (len < 0 || atoi(entry->d_name) == dirfd(dir))
			continue;
		target[len] = '\0';
		fn(entry->d_name, target, ctx);
	}
	if (dir)
		closedir(dir);
	setrlimit(RLIMIT_NOFILE, &old);
}

struct fd_counts {
	unsigned all, netns, sockets;
};

static void count_fd(const char *fd, const char *target, void *ctx)
{
	struct fd_counts *counts = ctx;

	counts->all++;
	counts->netns += !strncmp(target, "net:", 4) || strstr(target, "/netns") != NULL;
	counts->sockets += !strncmp(target, "socket:", 7);
}

static void fds(const char *arg)
{
	struct fd_counts counts = {0};

	each_fd(count_fd, &counts);
	printf("fds %u nsfs %u sockets %u\n", counts.all, counts.netns, counts.sockets);
}

static void print_sysctl(const char *fd, const char *target, void *ctx)
{
	if (!strncmp(target, "/proc/sys/", 10))
		printf("%s %s\n", fd, target);
}

static void sysctls(const char *arg)
{
	each_fd(print_sysctl, NULL);
}

static void limit(const char *arg)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = strtoul(arg, NULL, 10);
	if (setrlimit(RLIMIT_NOFILE, &r))
		printf("error\n");
}

static void mark(const char *arg)
{
	char path[64];

	snprintf(path, sizeof(path), "/mark-%.40s", arg);
	if (!access(path, F_OK))
		printf("%s exists\n", path);
}

static void netns(const char *arg)
{
	struct stat st = {0};

	stat("/proc/thread-self/ns/net", &st);
	printf("%llu\n", (unsigned long long)st.st_ino);
}

static const struct {
	const char *name;
	void (*run)(const char *arg);
} commands[] = {
	{"refresh", refresh}, {"process", process}, {"list", list},   {"refused", refused},
	{"want", want},	      {"run", run},	    {"rows", rows},   {"error", error},
	{"sysctls", sysctls}, {"fds", fds},	    {"limit", limit}, {"mark", mark},
	{"netns", netns},     {"wantall", wantall},
};

static void execute(char *line)
{
	char *arg = line + strcspn(line, " \n");

	line[strcspn(line, "\n")] = '\0';
	if (*arg)
		*arg++ = '\0';
	for (size_t i = 0; i < DCM_ARRAY_SIZE(commands); i++)
		if (!strcmp(line, commands[i].name))
			commands[i].run(arg);
	printf(".\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct dcm_if_sampler_options options;
	struct dcm_reason reason;
	char line[512];

	if (argc < 2)
		return 2;
	dcm_if_sampler_defaults(&options);
	options.max_namespaces = MAX_NAMESPACES;
	options.fadeout_ns = 0;
	directory = argv[1];
	if (argc > 2)
		options.max_open = strtoul(argv[2], NULL, 10);
	if (dcm_if_sampler_create(&options, &reason, &sampler)) {
		fprintf(stderr, "%s\n", reason.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin))
		execute(line);
	dcm_if_sampler_destroy(sampler);
	while (process_count > 0)
		free(processes[--process_count]);
	return 0;
}
