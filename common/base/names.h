/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words of an enumeration. */
#ifndef DCM_BASE_NAMES_H
#define DCM_BASE_NAMES_H

#include <stddef.h>

/* Word @number of the @count in @names, which may have holes; "unknown" where there is none. */
static inline const char *dcm_name_of(const char *const *names, size_t count, unsigned number)
{
	return number < count && names[number] ? names[number] : "unknown";
}

#endif
