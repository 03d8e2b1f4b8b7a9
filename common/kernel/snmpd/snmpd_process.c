// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"

ssize_t dcm_snmpd_process_read(const char *root, pid_t pid, const char *name, char *ret,
			       size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	size_t len = 0;
	ssize_t n = 1;

	*ret = '\0';
	snprintf(path, sizeof(path), "%s/proc/%d/%s", root, (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n > 0 && len < size - 1) {
		n = read(fd, ret + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || n < 0)
		return -errno;
	ret[len] = '\0';
	return (ssize_t)len;
}

/* False when it is known to be in another network namespace. */
static bool may_be_here(const char *root, pid_t pid)
{
	char path[PATH_MAX], ours[64], theirs[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "%s/proc/%d/ns/net", root, (int)pid);
	n = readlink(path, theirs, sizeof(theirs));
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root);
	m = readlink(path, ours, sizeof(ours));
	return n < 0 || m < 0 || (n == m && !memcmp(ours, theirs, (size_t)n));
}

/* Calls @see for each socket that @pid has open, until it returns true. 1: it did; 0: it did not;
 * -errno: the descriptors cannot be read. */
static int each_socket(const char *root, pid_t pid, bool (*see)(void *ctx, uint64_t inode),
		       void *ctx)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/%d/fd", root, (int)pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		char link[64];
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		uint64_t inode;

		link[n < 0 ? 0 : n] = '\0';
		if (sscanf(link, "socket:[%" SCNu64 "]", &inode) == 1 && see(ctx, inode))
			return 1;
	}
	return 0;
}

static bool is_one_of(void *ctx, uint64_t inode)
{
	const struct dcm_snmpd_inodes *inodes = ctx;

	for (size_t i = 0; i < inodes->count; i++)
		if (inodes->inode[i] == inode)
			return true;
	return false;
}

struct search {
	const char *root;
	struct dcm_snmpd_inodes inodes;
	bool by_name;	 /* only those named snmpd */
	bool no_tables;	 /* the kernel's tables could not be read */
	unsigned named;	 /* in this network namespace */
	unsigned closed; /* of them: descriptors cannot be read */
	pid_t first, first_closed;
	struct dcm_snmpd_process *ret;
};

/* True: found, the search is over. */
static bool look_at(struct search *s, pid_t pid)
{
	char name[sizeof(s->ret->program)];
	bool snmpd;
	int holds;

	if (dcm_snmpd_process_read(s->root, pid, "comm", name, sizeof(name)) < 0)
		return false;
	name[strcspn(name, "\n")] = '\0';
	snmpd = !strcmp(name, "snmpd");
	if (snmpd != s->by_name)
		return false;
	holds = each_socket(s->root, pid, is_one_of, &s->inodes);
	if (holds == 1) {
		s->ret->seen = DCM_SNMPD_HOLDER;
		s->ret->pid = pid;
		memcpy(s->ret->program, name, sizeof(name));
		return true;
	}
	if (!snmpd || !may_be_here(s->root, pid))
		return false;
	s->first = s->named++ ? s->first : pid;
	if (holds < 0 || s->no_tables)
		s->first_closed = s->closed++ ? s->first_closed : pid;
	return false;
}

static bool look_at_all(struct search *s)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc", s->root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    look_at(s, (pid_t)strtol(entry->d_name, NULL, 10)))
			return true;
	return false;
}

struct lowest {
	const char *root;
	unsigned port;
	char *ret;
	size_t size;
};

/* An agent's port is lower than those it sends notifications from. */
static bool see_bound(void *ctx, uint64_t inode)
{
	struct lowest *lowest = ctx;
	char name[96];
	unsigned port;

	if (dcm_snmpd_socket_name(lowest->root, inode, name, sizeof(name), &port) &&
	    (!lowest->port || port < lowest->port)) {
		lowest->port = port;
		snprintf(lowest->ret, lowest->size, "%s", name);
	}
	return false;
}

/* No process that can be examined holds a socket of the address. */
static void conclude(struct search *s, struct dcm_snmpd_process *ret)
{
	struct lowest lowest = {.root = s->root, .ret = ret->listens, .size = sizeof(ret->listens)};

	if (s->closed && (s->inodes.count || s->no_tables)) {
		ret->seen = DCM_SNMPD_ONE_OF;
		ret->count = s->closed;
		ret->pid = s->closed == 1 ? s->first_closed : 0;
		if (ret->pid)
			snprintf(ret->program, sizeof(ret->program), "snmpd");
	} else if (s->inodes.count || s->no_tables) {
		ret->seen = DCM_SNMPD_HIDDEN;
	} else if (s->named) {
		ret->seen = DCM_SNMPD_APART;
		ret->count = s->named;
		(void)each_socket(s->root, s->first, see_bound, &lowest);
	}
}

void dcm_snmpd_process_find(const char *root, const struct dcm_snmpd_endpoint *at,
			    struct dcm_snmpd_process *ret)
{
	struct search s = {.root = root, .by_name = true, .ret = ret};

	*ret = (struct dcm_snmpd_process){.seen = DCM_SNMPD_NONE};
	if (!dcm_snmpd_is_local(at)) {
		ret->seen = DCM_SNMPD_REMOTE;
		return;
	}
	s.no_tables = dcm_snmpd_sockets(root, at, &s.inodes) != 0;
	if (look_at_all(&s))
		return;
	s.by_name = false;
	if (!s.inodes.count || !look_at_all(&s))
		conclude(&s, ret);
}
