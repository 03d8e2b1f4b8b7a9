// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Walks the kernel's other hash tables as often as it reads a line, for a test that makes entries
 * meanwhile: tables_walk --FLAVOUR [N]. The first N runs of a walk take a microsecond. A table per
 * line, "NAME self|host|INODE buckets N entries N longest N p99 N ns N", "NAME unproven" or "NAME
 * missing WHY"; then "walk ns N runs N longest_ns N", the first of a processor. Exits 77 with the
 * reason where BPF is not to be had.
 */
#include <inttypes.h>
#include <stdio.h>

#if DCM_WITH_BPF

#include <errno.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "tests/lib/walk_flavour.h"

#define MOST_RESTARTS 100

static void print_table(const struct dcm_walk_hash_table *t)
{
	const char *name = dcm_hash_table_name(t->table);
	char place[16];

	snprintf(place, sizeof(place), "%" PRIu32, t->inode);
	if (t->missing)
		printf("%s missing %s\n", name, t->missing);
	else if (t->unproven)
		printf("%s unproven\n", name);
	else
		printf("%s %s buckets %" PRIu64 " entries %" PRIu64 " longest %" PRIu64
		       " p99 %" PRIu64 " ns %" PRIu64 "\n",
		       name,
		       t->shared ? "host"
		       : t->own	 ? "self"
				 : place,
		       t->buckets, t->entries, t->longest, t->p99, t->ns);
}

/* -errno */
static int walk_all(struct dcm_walk *walk, unsigned short_runs, struct dcm_reason *reason)
{
	const struct dcm_walk_hash_table *tables;
	uint64_t start = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	unsigned runs = 0, restarts = 0;
	size_t count;
	int err = dcm_walk_tables_begin(walk, reason);

	while (!err) {
		dcm_walk_set_slice(walk, runs < short_runs ? 1 : 0);
		err = dcm_walk_tables_step(walk, reason, &tables, &count);
		runs++;
		for (size_t i = 0; (err >= 0 || err == -EAGAIN) && i < count; i++)
			print_table(&tables[i]);
		if (err == -EAGAIN && restarts++ < MOST_RESTARTS)
			err = dcm_walk_tables_begin(walk, reason);
	}
	if (err == 1)
		printf("walk ns %" PRIu64 " runs %u longest_ns %" PRIu64 "\n",
		       dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start, runs,
		       dcm_walk_longest_run_ns(walk));
	fflush(stdout);
	return err < 0 ? err : 0;
}

int main(int argc, char **argv)
{
	enum dcm_walk_flavour flavour = argc > 1 ? walk_flavour_named(argv[1] + 2) : DCM_WALK_AUTO;
	struct dcm_reason reason = {""};
	struct dcm_walk *walk;
	char line[16];
	int err = dcm_walk_open("", flavour, &reason, &walk);

	if (err) {
		printf("%s\n", reason.text);
		return 77;
	}
	while (!err && fgets(line, sizeof(line), stdin))
		err = walk_all(walk, argc > 2 ? (unsigned)atoi(argv[2]) : 0, &reason);
	if (err)
		fprintf(stderr, "tables_walk: %s\n", reason.text);
	dcm_walk_close(walk);
	return err == -EOPNOTSUPP ? 77 : err != 0;
}

#else

int main(void)
{
	puts("built without BPF (WITH_BPF=0)");
	return 77;
}

#endif
