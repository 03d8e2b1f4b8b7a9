/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Descriptors that a process has from its caller. A daemon that keeps them holds locks, pipes and
 * terminals of others for as long as it lives.
 */
#ifndef DCM_KERNEL_FILES_INHERITED_H
#define DCM_KERNEL_FILES_INHERITED_H

#include <stddef.h>

/*
 * Fills in the standard descriptors that the caller has closed: the next files to be opened would
 * get their numbers, and messages would go into them. Reading and writing them fails as before.
 */
void dcm_inherited_complete(void);

/* Closes all but the standard ones and the @count of @keep. For a process without threads. */
void dcm_inherited_close(const int *keep, size_t count);

#endif
