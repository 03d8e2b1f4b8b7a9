// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Asks for names that do not exist, and says how often it did: what a test of "who" knows.
 *
 *   lookups new FOLDER COUNT SECONDS    COUNT names, each once, at an even pace
 *   lookups burst FOLDER COUNT SECONDS  COUNT names once a second, as fast as it goes
 *   lookups loop FOLDER COUNT SECONDS   COUNT names again and again, as fast as it goes
 *
 * loop asks for each name once before it begins. All print "ready", wait for a byte on the standard
 * input, and print the number of lookups at the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

#define CHUNKS 300 /* of an even pace */

static void look_up(unsigned long name)
{
	char text[32];
	struct stat st;

	snprintf(text, sizeof(text), "missing-%lu", name);
	if (stat(text, &st) == 0 || errno != ENOENT)
		exit(1);
}

static void sleep_until(uint64_t ns)
{
	const struct timespec when = {.tv_sec = (time_t)(ns / DCM_NSEC_PER_SEC),
				      .tv_nsec = (long)(ns % DCM_NSEC_PER_SEC)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* @parts times @count / @parts names, one part each @ns. */
static unsigned long new_names(unsigned long count, unsigned long parts, uint64_t ns)
{
	uint64_t begin = dcm_now_ns();
	unsigned long name = 0;

	for (unsigned long part = 1; part <= parts; part++) {
		for (; name < count * part / parts; name++)
			look_up(name);
		sleep_until(begin + part * ns);
	}
	return name;
}

static unsigned long loop(unsigned long count, uint64_t ns)
{
	uint64_t end = dcm_now_ns() + ns;
	unsigned long asked = 0;

	while (dcm_now_ns() < end) {
		for (unsigned int i = 0; i < 100; i++)
			look_up(asked++ % count);
	}
	return asked;
}

static void wait_for_start(void)
{
	char byte;

	puts("ready");
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) < 0)
		exit(1);
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0, asked;
	double seconds = argc == 5 ? atof(argv[4]) : 0;
	uint64_t ns = (uint64_t)(seconds * 1e9);

	if (!count || seconds <= 0 || chdir(argv[2])) {
		fputs("usage: lookups new|burst|loop FOLDER COUNT SECONDS\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "loop") == 0)
		for (unsigned long i = 0; i < count; i++)
			look_up(i);
	wait_for_start();
	if (strcmp(argv[1], "loop") == 0)
		asked = loop(count, ns);
	else if (strcmp(argv[1], "burst") == 0)
		asked = new_names(count * (unsigned long)(seconds + 0.5),
				  (unsigned long)(seconds + 0.5), DCM_NSEC_PER_SEC);
	else
		asked = new_names(count, CHUNKS, ns / CHUNKS);
	printf("%lu\n", asked);
	return 0;
}
