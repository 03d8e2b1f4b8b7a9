/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of CPUs as sysfs prints them: "0-3,8", with a newline
 * (Documentation/admin-guide/cputopology). */
#ifndef DCM_PARSE_CPU_LIST_H
#define DCM_PARSE_CPU_LIST_H

#include <sched.h>

/* Adds the CPUs of @text to @set; those beyond its size are left out. -EINVAL: not such a list,
 * @set is as it was. An empty list adds none. */
int dcm_cpu_list_add(const char *text, cpu_set_t *set);

#endif
