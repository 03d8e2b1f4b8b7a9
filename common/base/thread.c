// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/thread.h"

#include <signal.h>

int dcm_thread_start(void *(*run)(void *arg), void *arg, size_t stack_size, pthread_t *ret)
{
	sigset_t all, before;
	pthread_attr_t attr;
	int err = pthread_attr_init(&attr);

	if (err)
		return -err;
	if (stack_size)
		pthread_attr_setstacksize(&attr, stack_size);
	/* the new thread inherits the mask */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(ret, &attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -err;
}
