/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the walk says of a made-up kernel, held against the truth. */
#ifndef WORLD_CHECK_H
#define WORLD_CHECK_H

#include <linux/types.h>
#include <stdbool.h>

/* How far the world stands still while it is walked. */
enum world_pace {
	WORLD_STILL,   /* all that is said must be true */
	WORLD_BETWEEN, /* it changes between runs: what stayed must be found */
	WORLD_WITHIN,  /* and within them: numbers agree with each other */
	WORLD_BROKEN,  /* some memory is: every walk ends, nothing is out of range */
};

extern enum world_pace world_pace;

/* Fails the test with the world's seed if @holds is false. */
#define WORLD_CHECK(holds, ...)                                              \
	do {                                                                 \
		if (!(holds))                                                \
			world_fail(__FILE__, __LINE__, #holds, __VA_ARGS__); \
	} while (0)

void world_fail(const char *file, int line, const char *what, const char *format, ...)
	__attribute__((format(printf, 4, 5), noreturn));

/* No run has exceeded its bound. */
void world_check_bounds(void);

/* ---- world_check_lists.c ---- */
void world_check_superblocks(void);
void world_check_namespaces(void);
void world_check_makers(void);

/* ---- world_check_table.c ---- */
void world_check_discovery(void);
void world_check_pass(void);

/* ---- world_check_names.c ---- */
void world_check_chain(__u64 bucket);
void world_check_parents(void);
void world_check_children(void);

#endif
