// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/notify_config.h"

void dcm_notify_config_defaults(struct dcm_notify_config *ret)
{
	*ret = (struct dcm_notify_config){
		.enabled = true, .min_interval = 10, .rate = 2, .burst = 20, .grace = 10};
}
