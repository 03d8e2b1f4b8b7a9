// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Times passes of the walker that reads /proc/kcore over a memory image (kernel_image.py) beside
 * the floor under it: reads of 256 bytes of the same file at random places, as many as there are
 * entries, and of /dev/zero, which take the call and the copy alone. All alternate; medians of CPU
 * time are printed, with the kernel's part of it. How much is read is told by the kernel
 * (/proc/self/io). What the image cannot show is kcore's own way to the memory (fs/proc/kcore.c,
 * read_kcore): a search for the segment and a check of the page in place of tmpfs's search for it,
 * and, since df04abfd181a, mostly a copy more.
 * Usage: kcore_bench IMAGE [ROUNDS]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#if DCM_WITH_BPF

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/timed_passes.h"
#include "tests/lib/walk_of_image.h"

#define MOST_ROUNDS 50
#define FLOOR_BYTES 256
#define BUDGET	    0.005 /* of one CPU: [sampling] budget_percent as it comes */

struct round {
	double pass, random, zero; /* ns of CPU per entry, and per read */
	double reads, bytes;	   /* per entry */
};

/* What this process has read so far: calls and bytes. */
static void count_reads(double *calls, double *bytes)
{
	FILE *io = fopen("/proc/self/io", "re");
	char line[128];

	while (io && fgets(line, sizeof(line), io)) {
		sscanf(line, "rchar: %lf", bytes);
		sscanf(line, "syscr: %lf", calls);
	}
	if (io)
		fclose(io);
}

static double random_reads(int fd, uint64_t size, uint64_t count)
{
	uint64_t state = RANDOM_SEED, start = thread_ns();
	char to[FLOOR_BYTES];

	for (uint64_t i = 0; i < count; i++) {
		uint64_t place = next_random(&state) % (size / FLOOR_BYTES);

		if (pread(fd, to, sizeof(to), (off_t)(place * FLOOR_BYTES)) < 0)
			return 0;
	}
	return (double)(thread_ns() - start) / (double)count;
}

struct files {
	int image, zero;
	uint64_t size; /* of the image */
};

static int one_round(struct dcm_walk *walk, const struct files *files, struct dcm_walk_pass *pass,
		     struct round *ret)
{
	double calls[2] = {0}, bytes[2] = {0}, entries;
	uint64_t start;

	count_reads(&calls[0], &bytes[0]);
	start = thread_ns();
	if (one_pass(walk, pass))
		return -1;
	entries = (double)pass->entries;
	ret->pass = (double)(thread_ns() - start) / entries;
	count_reads(&calls[1], &bytes[1]);
	ret->reads = (calls[1] - calls[0]) / entries;
	ret->bytes = (bytes[1] - bytes[0]) / entries;
	ret->random = random_reads(files->image, files->size, pass->entries);
	ret->zero = random_reads(files->zero, files->size, pass->entries);
	return 0;
}

static void print_rounds(const struct round *rounds, size_t n, const struct dcm_walk_pass *pass)
{
	double ns[MOST_ROUNDS], floor_ns[MOST_ROUNDS], zero[MOST_ROUNDS], ratio[MOST_ROUNDS];
	const struct round *last = &rounds[n - 1];

	for (size_t i = 0; i < n; i++) {
		ns[i] = rounds[i].pass;
		floor_ns[i] = rounds[i].random;
		zero[i] = rounds[i].zero;
		ratio[i] = rounds[i].pass / rounds[i].random;
	}
	qsort(ns, n, sizeof(ns[0]), compare_double);
	qsort(floor_ns, n, sizeof(floor_ns[0]), compare_double);
	qsort(zero, n, sizeof(zero[0]), compare_double);
	qsort(ratio, n, sizeof(ratio[0]), compare_double);
	printf("entries %" PRIu64 ", buckets %" PRIu64 ", medians of %zu passes\n", pass->entries,
	       pass->buckets, n);
	printf("pass                %8.0f ns of CPU per entry (%.0f to %.0f)\n", ns[n / 2], ns[0],
	       ns[n - 1]);
	printf("random reads        %8.0f ns each, of %d bytes: ratio %.2f (%.2f to %.2f)\n",
	       floor_ns[n / 2], FLOOR_BYTES, ratio[n / 2], ratio[0], ratio[n - 1]);
	printf("reads of /dev/zero  %8.0f ns each, likewise\n", zero[n / 2]);
	printf("read per entry      %8.0f bytes, in %.2f calls\n", last->bytes, last->reads);
	printf("at the default budget %6.1f MB/s (%.1f %% of one CPU)\n",
	       last->bytes / ns[n / 2] * 1000 * BUDGET, BUDGET * 100);
}

int main(int argc, char **argv)
{
	struct round rounds[MOST_ROUNDS];
	struct dcm_reason reason = {0};
	struct dcm_walk_pass pass;
	struct dcm_walk *walk;
	char core[512];
	struct stat st;
	size_t n = argc > 2 ? (size_t)atoi(argv[2]) : 7, i;
	struct files files;
	int failed;

	if (argc < 2 || n < 1 || n > MOST_ROUNDS) {
		fprintf(stderr, "usage: kcore_bench IMAGE [ROUNDS]\n");
		return 2;
	}
	snprintf(core, sizeof(core), "%s/core", argv[1]);
	files.image = open(core, O_RDONLY | O_CLOEXEC);
	files.zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (files.image < 0 || files.zero < 0 || fstat(files.image, &st) ||
	    walk_of_image(argv[1], &reason, &walk)) {
		fprintf(stderr, "%s: %s\n", core, *reason.text ? reason.text : "cannot be read");
		return 1;
	}
	files.size = (uint64_t)st.st_size;
	failed = one_pass(walk, &pass); /* to be warm */
	for (i = 0; !failed && i < n; i++)
		failed = one_round(walk, &files, &pass, &rounds[i]);
	if (!failed)
		print_rounds(rounds, n, &pass);
	dcm_walk_close(walk);
	close(files.image);
	close(files.zero);
	return !!failed;
}

#else

int main(void)
{
	fprintf(stderr, "built without BPF\n");
	return 77;
}

#endif
