// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stands in for lock_watch.c in a build without BPF. */
#include <errno.h>

#include "common/kernel/who/lock_watch.h"

static int refuse(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -EOPNOTSUPP, "built without BPF (WITH_BPF=0)");
}

int dcm_locks_open(struct dcm_reason *reason, struct dcm_locks **ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_locks_close(struct dcm_locks *locks __attribute__((unused)))
{
}

int dcm_locks_watch(struct dcm_locks *locks __attribute__((unused)),
		    double seconds __attribute__((unused)),
		    const volatile sig_atomic_t *stop __attribute__((unused)),
		    struct dcm_lock_table *table __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

void dcm_locks_totals(const struct dcm_locks *locks __attribute__((unused)),
		      struct dcm_lock_totals *ret)
{
	*ret = (struct dcm_lock_totals){0};
}
