/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What wants the host's CPUs, from /proc/stat and /proc/pressure/cpu. */
#ifndef DCM_KERNEL_CPU_LOAD_H
#define DCM_KERNEL_CPU_LOAD_H

#include "common/model/reclaim/forecast.h"

struct dcm_cpu_load;

/* Files below @root ("" for the live system) are opened when they are read first. -ENOMEM. */
int dcm_cpu_load_create(const char *root, struct dcm_cpu_load **ret);
void dcm_cpu_load_destroy(struct dcm_cpu_load *load);

/*
 * Averages since the previous call; the first one judges by the tasks that want to run at the
 * moment. What cannot be read is 0: without /proc/stat all of it.
 */
void dcm_cpu_load_read(struct dcm_cpu_load *load, struct dcm_forecast_cpus *ret);

#endif
