/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_BASE_THREAD_H
#define DCM_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>

/* pthread_create(3) with all signals blocked, so that they stay with the threads that expect them.
 * @stack_size 0: the default. Returns 0 or -errno. */
int dcm_thread_start(void *(*run)(void *arg), void *arg, size_t stack_size, pthread_t *ret);

#endif
