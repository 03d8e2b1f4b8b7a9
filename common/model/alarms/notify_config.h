/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* [notify]: how notifications are held back; see alarm_queue.h. */
#ifndef DCM_MODEL_NOTIFY_CONFIG_H
#define DCM_MODEL_NOTIFY_CONFIG_H

#include <stdbool.h>

struct dcm_notify_config {
	bool enabled;
	double min_interval; /* seconds between two notifications about one resource */
	double rate;	     /* notifications per second over all */
	double burst;	     /* as many at once, 1.. */
	double grace;	     /* seconds after the start in which nothing is sent */
};

void dcm_notify_config_defaults(struct dcm_notify_config *ret);

#endif
