/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Units of time. Apart from clock.h, so that pure code can use them without a clock. */
#ifndef DCM_BASE_UNITS_H
#define DCM_BASE_UNITS_H

#define DCM_NSEC_PER_SEC  1000000000ULL
#define DCM_NSEC_PER_MSEC 1000000ULL
#define DCM_NSEC_PER_USEC 1000ULL

#endif
