// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stands in for who_watch.c in a build without BPF. */
#include <errno.h>

#include "common/kernel/who/who_watch.h"

static int refuse(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -EOPNOTSUPP, "built without BPF (WITH_BPF=0)");
}

int dcm_who_open(bool dentries __attribute__((unused)), struct dcm_reason *reason,
		 struct dcm_who **ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_who_close(struct dcm_who *who __attribute__((unused)))
{
}

int dcm_who_watch(struct dcm_who *who __attribute__((unused)),
		  double seconds __attribute__((unused)),
		  const volatile sig_atomic_t *stop __attribute__((unused)),
		  const struct dcm_who_sink *sink __attribute__((unused)),
		  struct dcm_reason *reason)
{
	return refuse(reason);
}

void dcm_who_totals(const struct dcm_who *who __attribute__((unused)), struct dcm_who_totals *ret)
{
	*ret = (struct dcm_who_totals){0};
}
