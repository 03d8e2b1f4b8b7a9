/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon reclaim" knows of this host to foresee how long it will take. */
#ifndef DCM_CLI_RECLAIM_FORECAST_H
#define DCM_CLI_RECLAIM_FORECAST_H

#include "cli/commands/reclaim.h"
#include "common/model/reclaim/forecast.h"

/*
 * Watches the CPUs for a moment, begins a pass over the hash table with @walk, unless that is NULL,
 * and reads the log of earlier reclaims. What cannot be had makes ranges wider.
 */
void reclaim_forecast_host(const struct dcm_config *config, struct dcm_walk *walk,
			   struct dcm_forecast *ret);

/* Fills in what @item, whose dentries are counted, will take. */
void reclaim_foresee(const struct dcm_forecast *forecast, struct reclaim_item *item);

/* "18.0 to 45.0 s" */
struct reclaim_range {
	char text[72];
};
struct reclaim_range reclaim_range_text(const struct dcm_range *range);

#endif
