/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drives the interface sampler by commands on standard input, for tests/system/test_netns_cache.sh.
 * Usage: netns_cache [DIRECTORY [MAX_OPEN]]. Every answer ends with a line ".".
 *
 *   refresh            look for namespaces
 *   process PID        list the namespace of a process
 *   list               INDEX NAME per namespace
 *   refused            NAME: REASON per refused entry, then "skipped N"
 *   want NAME          sample it from now on ("" is the own)
 *   wantall            sample all that is listed, from now on
 *   run [N]            N rounds, each until nothing is pending
 *   rows NAME          one line per interface: index name flags mtu families v4retrans v6retrans
 *                      v6reachable v6forwarding missing
 *   error NAME         why the last round failed
 *   stats              counters of the cache
 *   fds                open descriptors of this process, of nsfs, and sockets
 *   limit SOFT         sets RLIMIT_NOFILE
 *   mark TEXT          a system call that a trace shows: access("/mark-TEXT")
 *   netns              inode of /proc/thread-self/ns/net
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/interfaces/if_sampler.h"

static struct dcm_if_sampler *sampler;

static bool find_view(const char *name, struct dcm_if_view *ret)
{
	for (size_t i = 0; i < dcm_if_sampler_count(sampler); i++)
		if (dcm_if_sampler_view(sampler, i, ret) && !strcmp(ret->netns->name, name))
			return true;
	return false;
}

static void refresh(const char *arg)
{
	struct dcm_reason reason;
	int err = dcm_if_sampler_refresh(sampler, &reason);

	(void)arg;
	if (err)
		printf("error %d %s\n", err, reason.text);
}

static void process(const char *arg)
{
	struct dcm_reason reason;
	int err = dcm_netns_set_add_process(dcm_if_sampler_namespaces(sampler), atoi(arg), &reason);

	if (err)
		printf("error %d %s\n", err, reason.text);
}

static void list(const char *arg)
{
	struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);

	(void)arg;
	for (size_t i = 0; i < dcm_netns_set_count(set); i++)
		printf("%u %s\n", dcm_netns_set_get(set, i)->index,
		       dcm_netns_set_get(set, i)->name);
}

static void refused(const char *arg)
{
	struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);
	const struct dcm_netns_refused *list_;
	size_t count = dcm_netns_set_refused(set, &list_);

	(void)arg;
	for (size_t i = 0; i < count; i++)
		printf("%s: %s\n", list_[i].name, list_[i].reason.text);
	printf("skipped %zu\n", dcm_netns_set_skipped(set));
}

static void want(const char *arg)
{
	int err = dcm_if_sampler_want(sampler, arg, UINT64_MAX);

	if (err)
		printf("error %d\n", err);
}

static void wantall(const char *arg)
{
	struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);

	(void)arg;
	for (size_t i = 0; i < dcm_netns_set_count(set); i++)
		want(dcm_netns_set_get(set, i)->name);
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

static void stats(const char *arg)
{
	struct dcm_sysctl_cache_stats s;

	(void)arg;
	dcm_if_sampler_stats(sampler, &s);
	printf("open %zu limit %zu interfaces %zu opens %" PRIu64 " reads %" PRIu64
	       " failed_reads %" PRIu64 " evictions %" PRIu64 " uncached %" PRIu64
	       " emfile %" PRIu64 "\n",
	       s.open, s.limit, s.interfaces, s.opens, s.reads, s.failed_reads, s.evictions,
	       s.uncached, s.emfile);
}

static void fds(const char *arg)
{
	struct rlimit old, high = {0};
	unsigned all = 0, ns = 0, sockets = 0;
	const struct dirent *entry;
	char target[256];
	DIR *dir;

	(void)arg;
	getrlimit(RLIMIT_NOFILE, &old);
	high = old;
	high.rlim_cur = old.rlim_max;
	setrlimit(RLIMIT_NOFILE, &high);
	dir = opendir("/proc/self/fd");
	while (dir && (entry = readdir(dir))) {
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		all++;
		ns += !strncmp(target, "net:", 4) || strstr(target, "/netns") != NULL;
		sockets += !strncmp(target, "socket:", 7);
	}
	if (dir)
		closedir(dir);
	setrlimit(RLIMIT_NOFILE, &old);
	printf("fds %u nsfs %u sockets %u\n", all - 1, ns, sockets);
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

	(void)arg;
	stat("/proc/thread-self/ns/net", &st);
	printf("%llu\n", (unsigned long long)st.st_ino);
}

static const struct {
	const char *name;
	void (*run)(const char *arg);
} commands[] = {
	{"refresh", refresh}, {"process", process}, {"list", list},   {"refused", refused},
	{"want", want},	      {"run", run},	    {"rows", rows},   {"error", error},
	{"stats", stats},     {"fds", fds},	    {"limit", limit}, {"mark", mark},
	{"netns", netns},     {"wantall", wantall},
};

static void execute(char *line)
{
	char *arg = line + strcspn(line, " \n");

	line[strcspn(line, "\n")] = '\0';
	if (*arg)
		*arg++ = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
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

	dcm_if_sampler_defaults(&options);
	options.max_namespaces = 4096;
	options.fadeout_ns = 0;
	if (argc > 1)
		options.directory = argv[1];
	if (argc > 2)
		options.max_open = strtoul(argv[2], NULL, 10);
	if (dcm_if_sampler_create(&options, &reason, &sampler)) {
		fprintf(stderr, "%s\n", reason.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin))
		execute(line);
	dcm_if_sampler_destroy(sampler);
	return 0;
}
