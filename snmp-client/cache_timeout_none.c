// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* In place of cache_timeout.c in a build without libnetsnmp (WITH_SNMP=0). */
#include "snmp-client/cache_timeout.h"

#include <errno.h>

static int refuse(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -EOPNOTSUPP, "this dcachemon was built without SNMP");
}

int dcm_cache_timeout_open(const char *address __attribute__((unused)),
			   const struct dcm_credentials *credentials __attribute__((unused)),
			   struct dcm_reason *reason,
			   struct dcm_cache_timeout **ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_cache_timeout_close(struct dcm_cache_timeout *client __attribute__((unused)))
{
}

int dcm_cache_timeout_get(struct dcm_cache_timeout *client __attribute__((unused)),
			  struct dcm_reason *reason, unsigned *ret_seconds __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_cache_timeout_set(struct dcm_cache_timeout *client __attribute__((unused)),
			  unsigned seconds __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}
