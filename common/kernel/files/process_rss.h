/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_KERNEL_PROCESS_RSS_H
#define DCM_KERNEL_PROCESS_RSS_H

#include <stdint.h>

/* Resident memory of this process in bytes. -errno if /proc is not available. */
int dcm_process_rss(uint64_t *ret);

#endif
