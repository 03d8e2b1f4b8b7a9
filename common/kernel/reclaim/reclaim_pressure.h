/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_KERNEL_RECLAIM_PRESSURE_H
#define DCM_KERNEL_RECLAIM_PRESSURE_H

#include <stdbool.h>

/* Whether a shrinker frees dentries at all: with vm.vfs_cache_pressure 0 each counts none
 * (fs/super.c, super_cache_count). A reconfigure frees them all the same. @root is "" for the live
 * system; true where it cannot be read. */
bool dcm_reclaim_shrinkers_work(const char *root);

#endif
