/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as people read them. */
#ifndef DCM_CLI_HUMAN_NUMBERS_H
#define DCM_CLI_HUMAN_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct human {
	char text[32];
};

struct human_range {
	char text[64];
};

/* 18446744073709551615 -> "18,446,744,073,709,551,615" */
struct human human_count(uint64_t value);
struct human human_signed(int64_t value);

/* 12340, 12360 -> "12,340 to 12,360"; the same twice -> once */
struct human_range human_range(uint64_t low, uint64_t high);

/* The same in less room, rounded outwards: 15987210, 16011954 -> "15.98M-16.02M" */
struct human_range human_short_range(uint64_t low, uint64_t high);

/* Per second, with its sign: "+1,204", "-3.2", "0" */
struct human human_change(double per_second);

/* 65011712 -> "62.0 MiB" */
struct human human_bytes(uint64_t bytes);

/* 0.000184 -> "184 µs" (us where the locale has no UTF-8); 90 -> "90.0 s"; 5400 -> "1.5 h" */
struct human human_seconds(double seconds);

/* 2.13 -> "2.1 a second", 0.01 -> "<0.1 a second" */
struct human human_rate(double per_second);

/* A value in a unit of the metric table: "62.0 MiB" of bytes, "184 µs" of seconds, "3.5 %" of
 * percent, otherwise the number alone. */
struct human human_value(const char *unit, double value);

/* Share of @whole in percent: "97 %", "<1 %"; "" when @whole is 0. */
struct human human_percent(double part, double whole);

#endif
