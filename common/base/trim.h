/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_BASE_TRIM_H
#define DCM_BASE_TRIM_H

/*
 * Gives back the memory that only starting needed: free heap, and the pages of program and
 * libraries that the loader has read (symbols, relocations) or that ran once. Pages of code that
 * are needed come back from the page cache, each with a minor fault. Call it once, after the start:
 * the code of a debugger's breakpoints is given back too.
 */
void dcm_trim_process(void);

#endif
