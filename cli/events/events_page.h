/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole story of a recording as one HTML page: no script, nothing from elsewhere. */
#ifndef DCM_CLI_EVENTS_PAGE_H
#define DCM_CLI_EVENTS_PAGE_H

#include <json-c/json.h>
#include <stdio.h>

#include "cli/events/events_series.h"
#include "cli/events/events_timeline.h"

/* Whatever the recording and reclaim.log hold: rows beyond that are counted, not shown. */
#define PAGE_BYTES (1u << 20)

/* @title: of the alarm, raw bytes. 0 or -ENOMEM; prints nothing then. */
int page_print(json_object *document, const char *title, const struct timeline *timeline,
	       const struct series_list *series, FILE *out);

#endif
