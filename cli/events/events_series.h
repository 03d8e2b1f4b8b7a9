/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The values of a recording (events_recording.h) over its time, for charts. */
#ifndef DCM_CLI_EVENTS_SERIES_H
#define DCM_CLI_EVENTS_SERIES_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#define SERIES_TABLES 3 /* hash tables at most */

struct series_point {
	double time, value; /* seconds since 1970 */
	bool gap;	    /* a value is missing before it */
};

struct series {
	const char *what;  /* comes before the label: "longest chain of "; "" */
	const char *label; /* a key of the samples, a path or a resource: raw bytes, as long as the
			    * document */
	const char *unit;  /* of the metric table */
	const char *help;  /* "" for a path */
	bool counter;	   /* values are the increase per sample: none of the first, none over a
			    * reset */
	struct series_point *points;
	size_t count, room;
	double low, high; /* of the values */
};

struct series_list {
	struct series *series; /* each has points */
	size_t count, room;
};

/* Whether it has the same value all the time, in each of @samples samples. */
bool series_is_steady(const struct series *series, size_t samples);

/* Those that are charted and have values, in their order, then the lookups, then two of each hash
 * table that alarms are about, or of that with the longest chain. Zeroed before. -ENOMEM */
int series_load(json_object *document, struct series_list *ret);
void series_deinit(struct series_list *list);

#endif
