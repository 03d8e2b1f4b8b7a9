// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/alarms/recorder.h"
#include "common/model/metrics/metrics.h"

/* What is charted, in this order, by its key in the recording. */
static const char *const charted[] = {
	"dentries",	    "unused",	      "negative",	"slab_bytes",
	"free_bytes",	    "max_chain",      "namespaces",	"namespaces_created",
	"snmpd_interfaces", "psi_some_avg10", "psi_full_avg10", "pgscan_direct",
	"allocstall",	    "slabs_scanned",  "drop_slab",
};

void series_deinit(struct series_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->series[i].points);
	free(list->series);
	*list = (struct series_list){.count = 0};
}

static int add_point(struct series *s, double time, double value, bool gap)
{
	const struct series_point point = {time, value, gap};

	s->low = s->count ? DCM_MIN(s->low, value) : value;
	s->high = s->count ? DCM_MAX(s->high, value) : value;
	return DCM_APPEND(s, points, &point);
}

/* Reads the value of one sample; false: it has none. */
typedef bool read_value(json_object *sample, const void *what, double *ret);

static bool read_key(json_object *sample, const void *what, double *ret)
{
	return recording_number(sample, what, ret);
}

static bool read_lookup(json_object *sample, const void *what, double *ret)
{
	json_object *lookups, *value;

	if (!json_object_object_get_ex(sample, "lookups", &lookups) ||
	    !json_object_is_type(lookups, json_type_array))
		return false;
	value = json_object_array_get_idx(lookups, *(const size_t *)what);
	*ret = value ? json_object_get_double(value) : NAN;
	return isfinite(*ret);
}

static int fill(struct series *s, json_object *document, read_value *read, const void *what)
{
	json_object *samples = recording_array(document, "samples");
	double time, value, last = NAN;
	bool gap = false;
	int err = 0;

	for (size_t i = 0; i < json_object_array_length(samples) && !err; i++) {
		json_object *sample = json_object_array_get_idx(samples, i);

		if (!recording_number(sample, "time", &time) || !read(sample, what, &value)) {
			gap = true;
			continue;
		}
		if (!s->counter)
			err = add_point(s, time, value, gap);
		else if (value >= last) /* not of the first, not over a reset */
			err = add_point(s, time, value - last, gap);
		gap = false;
		last = value;
	}
	return err;
}

static int load(struct series_list *list, struct series *s, json_object *document, read_value *read,
		const void *what)
{
	int err = fill(s, document, read, what);

	if (!err && s->count)
		err = DCM_APPEND(list, series, s);
	if (err || !s->count)
		free(s->points);
	return err;
}

static const struct dcm_metric *metric_of(const char *key)
{
	const struct dcm_metric *metric;
	enum dcm_section section;

	for (size_t i = 0; (metric = dcm_metric_recorded(i, &section)); i++)
		if (!strcmp(metric->recorded, key))
			return metric;
	return NULL;
}

int series_load(json_object *document, struct series_list *ret)
{
	json_object *lookups = recording_array(document, "lookups");
	size_t paths = DCM_MIN(json_object_array_length(lookups), (size_t)DCM_RECORDER_LOOKUPS);
	int err = 0;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(charted) && !err; i++) {
		const struct dcm_metric *m = metric_of(charted[i]);
		struct series s = {.label = m->recorded,
				   .unit = m->unit,
				   .help = m->help,
				   .counter = m->kind == DCM_KIND_COUNTER};

		err = load(ret, &s, document, read_key, m->recorded);
	}
	for (size_t i = 0; i < paths && !err; i++) {
		json_object *path = json_object_array_get_idx(lookups, i);
		struct series s = {
			.label = json_object_get_string(path) ?: "", .unit = "seconds", .help = ""};

		err = load(ret, &s, document, read_lookup, &i);
	}
	return err;
}
