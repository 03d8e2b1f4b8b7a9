/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Scope-bound release of resources through the compiler's cleanup attribute. */
#ifndef DCM_BASE_CLEANUP_H
#define DCM_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

static inline void dcm_freep(void *p)
{
	free(*(void **)p);
}

static inline void dcm_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void dcm_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void dcm_closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Defines destroyp(), what _cleanup_() calls, of destroy(), which takes a @type * or NULL. */
#define DCM_DEFINE_CLEANUP(type, destroy)       \
	static inline void destroy##p(type **p) \
	{                                       \
		destroy(*p);                    \
	}

#define _cleanup_free_	   _cleanup_(dcm_freep)
#define _cleanup_close_	   _cleanup_(dcm_closep)
#define _cleanup_fclose_   _cleanup_(dcm_fclosep)
#define _cleanup_closedir_ _cleanup_(dcm_closedirp)

/* Hands a descriptor or pointer over to the caller: the variable no longer owns it. */
#define dcm_take_fd(fd)                 \
	({                              \
		int *take_p_ = &(fd);   \
		int take_v_ = *take_p_; \
		*take_p_ = -1;          \
		take_v_;                \
	})
#define dcm_take_ptr(ptr)                           \
	({                                          \
		__typeof__(ptr) *take_p_ = &(ptr);  \
		__typeof__(ptr) take_v_ = *take_p_; \
		*take_p_ = NULL;                    \
		take_v_;                            \
	})

#define DCM_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
