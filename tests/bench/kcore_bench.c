// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Times passes of the walker that reads /proc/kcore over a memory image (kernel_image.py) beside
 * the floor under it: reads of 256 bytes of the same file at random places, as many as there are
 * entries, and of /dev/zero, which take the call and the copy alone. All alternate; medians of CPU
 * time are printed, with the kernel's part of it. How much is read is told by the kernel
 * (/proc/self/io). What the image cannot show is kcore's own way to the memory (fs/proc/kcore.c,
 * read_kcore): a search for the segment and a check of the page in place of tmpfs's search for it,
 * and, since df04abfd181a, mostly a copy more, page by page. That copy is made here, for a second
 * figure of each.
 * Usage: kcore_bench IMAGE [ROUNDS]
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#if DCM_WITH_BPF

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/timed_passes.h"
#include "tests/lib/walk_of_image.h"

#define MOST_ROUNDS 50
#define FLOOR_BYTES 256
#define BUDGET	    0.005 /* of one CPU: [sampling] budget_percent as it comes */

#define PAGE 4096u

struct round {
	double pass, random, zero;	   /* ns of CPU per entry, and per read */
	double copied_pass, copied_random; /* the same with a copy more */
	double reads, bytes;		   /* per entry */
};

static bool copies; /* each page of a read once more */

/* In place of the library's, also for what it is linked with. */
ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
	static char page[PAGE];
	ssize_t n = syscall(SYS_pread64, fd, to, size, offset);

	for (size_t at = 0; copies && n > 0 && at < (size_t)n;) {
		size_t part = DCM_MIN(PAGE - ((size_t)offset + at) % PAGE, (size_t)n - at);

		memcpy(page, (char *)to + at, part);
		__asm__ volatile("" ::"r"(page) : "memory");
		at += part;
	}
	return n;
}

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

static int time_pass(struct dcm_walk *walk, struct dcm_walk_pass *pass, double *ret)
{
	uint64_t start = thread_ns();

	if (one_pass(walk, pass))
		return -1;
	*ret = (double)(thread_ns() - start) / (double)pass->entries;
	return 0;
}

static int copied_round(struct dcm_walk *walk, const struct files *files,
			struct dcm_walk_pass *pass, struct round *ret)
{
	int err;

	copies = true;
	err = time_pass(walk, pass, &ret->copied_pass);
	ret->copied_random = random_reads(files->image, files->size, pass->entries);
	copies = false;
	return err;
}

static int one_round(struct dcm_walk *walk, const struct files *files, struct dcm_walk_pass *pass,
		     struct round *ret)
{
	double calls[2] = {0}, bytes[2] = {0}, entries;

	count_reads(&calls[0], &bytes[0]);
	if (time_pass(walk, pass, &ret->pass))
		return -1;
	entries = (double)pass->entries;
	count_reads(&calls[1], &bytes[1]);
	ret->reads = (calls[1] - calls[0]) / entries;
	ret->bytes = (bytes[1] - bytes[0]) / entries;
	ret->random = random_reads(files->image, files->size, pass->entries);
	ret->zero = random_reads(files->zero, files->size, pass->entries);
	return copied_round(walk, files, pass, ret);
}

/* Of @n rounds, the figure at @offset in each, divided by the one at @by, if that is another one.
 */
static double figure(const struct round *rounds, size_t n, size_t offset, size_t by,
		     double *ret_low, double *ret_high)
{
	double values[MOST_ROUNDS], middle;

	for (size_t i = 0; i < n; i++) {
		const char *round = (const char *)&rounds[i];

		values[i] = *(const double *)(round + offset);
		if (by != offset)
			values[i] /= *(const double *)(round + by);
	}
	middle = median(values, n);
	*ret_low = values[0];
	*ret_high = values[n - 1];
	return middle;
}

#define FIGURE(member, by) \
	figure(rounds, n, offsetof(struct round, member), offsetof(struct round, by), &low, &high)

static void print_rounds(const struct round *rounds, size_t n, const struct dcm_walk_pass *pass)
{
	const struct round *last = &rounds[n - 1];
	double low, high, ns = FIGURE(pass, pass), random = FIGURE(random, random),
			  zero = FIGURE(zero, zero), copied = FIGURE(copied_pass, copied_pass), of;

	printf("entries %" PRIu64 ", buckets %" PRIu64 ", medians of %zu passes\n", pass->entries,
	       pass->buckets, n);
	ns = FIGURE(pass, pass);
	printf("pass                %8.0f ns of CPU per entry (%.0f to %.0f)\n", ns, low, high);
	of = FIGURE(pass, random);
	printf("random reads        %8.0f ns each, of %d bytes: ratio %.2f (%.2f to %.2f)\n",
	       random, FLOOR_BYTES, of, low, high);
	printf("reads of /dev/zero  %8.0f ns each, likewise\n", zero);
	of = FIGURE(copied_pass, copied_random);
	printf("with a copy more    %8.0f ns of CPU per entry, ratio %.2f (%.2f to %.2f)\n", copied,
	       of, low, high);
	printf("read per entry      %8.0f bytes, in %.3f calls\n", last->bytes, last->reads);
	printf("at the default budget %6.1f MB/s (%.1f %% of one CPU)\n",
	       last->bytes / ns * 1000 * BUDGET, BUDGET * 100);
}

/* ns of CPU that the longest step of a pass takes. */
static uint64_t longest_step(struct dcm_walk *walk)
{
	uint64_t longest = 0, start;
	struct dcm_reason reason;
	double fraction;
	int err = dcm_walk_pass_begin(walk, &reason);

	while (!err) {
		start = thread_ns();
		err = dcm_walk_pass_step(walk, &reason, &fraction);
		longest = DCM_MAX(longest, thread_ns() - start);
	}
	return longest;
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
	    walk_of_image(argv[1], NULL, IMAGE_NODES, &reason, &walk)) {
		fprintf(stderr, "%s: %s\n", core, *reason.text ? reason.text : "cannot be read");
		return 1;
	}
	files.size = (uint64_t)st.st_size;
	failed = one_pass(walk, &pass); /* to be warm */
	for (i = 0; !failed && i < n; i++)
		failed = one_round(walk, &files, &pass, &rounds[i]);
	if (!failed)
		print_rounds(rounds, n, &pass);
	if (!failed)
		printf("longest step        %8.1f ms\n", (double)longest_step(walk) / 1e6);
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
