/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory at many places that are known in advance, read through a kcore in few large reads: what
 * lies between two of them is read as well where that costs less than another call. It is kept
 * until the next places are read.
 */
#ifndef DCM_KERNEL_KCORE_WINDOW_H
#define DCM_KERNEL_KCORE_WINDOW_H

#include "common/kernel/kcore/kcore_map.h"

struct dcm_kcore_window;

/* Takes 270 KiB. @kcore stays the caller's. NULL: no memory. */
struct dcm_kcore_window *dcm_kcore_window_create(const struct dcm_kcore *kcore);
void dcm_kcore_window_destroy(struct dcm_kcore_window *window);

/*
 * Reads @size bytes, at most 128 KiB, at each of the addresses, which ascend, in place of what the
 * window had. Returns for how many of them, from the first on, there was room: at least 1. What
 * cannot be read is not in the window.
 */
size_t dcm_kcore_window_read(struct dcm_kcore_window *window, const uint64_t *addresses,
			     size_t count, size_t size);

/* The @size bytes at @address; NULL: not all of them are in the window. */
const void *dcm_kcore_window_find(struct dcm_kcore_window *window, uint64_t address, size_t size);

/* Reads what surrounds @address again, if it is in the window. */
void dcm_kcore_window_renew(struct dcm_kcore_window *window, uint64_t address);

/* Forgets all. */
void dcm_kcore_window_drop(struct dcm_kcore_window *window);

#endif
