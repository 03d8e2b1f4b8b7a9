// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The configuration, alarm rules included: the input is the file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *ctx, unsigned line, const char *section, const char *key,
		  const char *message)
{
	if (!section || !key || !message || !*message || strchr(message, '\n'))
		abort();
	++*(size_t *)ctx;
}

/* Every refusal is told, and a refused file leaves the result alone. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dcm_config config, before;
	size_t mistakes = 0;
	int err;

	memset(&config, 0x5a, sizeof(config));
	memset(&before, 0x5a, sizeof(before));
	err = dcm_config_parse((const char *)data, size, count, &mistakes, &config);
	if (err != 0 && err != -EINVAL && err != -ENOMEM)
		abort();
	if ((err == -EINVAL) != (mistakes > 0))
		abort();
	if (err && memcmp(&config, &before, sizeof(config)) != 0)
		abort();
	if (!err &&
	    (!(config.sampling.budget_percent >= 0) || config.sampling.lookups > DCM_MAX_LOOKUPS ||
	     config.alarms.override_count > DCM_ALARM_MAX_OVERRIDES))
		abort();
	return 0;
}
