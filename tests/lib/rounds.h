/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How often a test of random or many cases goes round. */
#ifndef DCM_TESTS_ROUNDS_H
#define DCM_TESTS_ROUNDS_H

/* A sanitized program takes 3 to 30 times as long: it does one case in DCM_STRIDE. The same test
 * does all of them without a sanitizer. */
#ifdef __SANITIZE_ADDRESS__
#define DCM_STRIDE 6
#else
#define DCM_STRIDE 1
#endif
#define DCM_ROUNDS(n) (((n) + DCM_STRIDE - 1) / DCM_STRIDE)

#endif
