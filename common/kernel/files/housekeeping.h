/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * CPUs that were set apart at boot (isolcpus=, nohz_full=) are for work that nothing may hold up. A
 * walk runs without preemption for up to a slice, so it stays away from them.
 */
#ifndef DCM_KERNEL_FILES_HOUSEKEEPING_H
#define DCM_KERNEL_FILES_HOUSEKEEPING_H

/*
 * Takes the isolated CPUs of @root/sys from the calling thread's, and so from those of threads and
 * processes that it starts. Without any others everything stays as it is: somebody wants it so. 0,
 * or -errno of sched_setaffinity(2).
 */
int dcm_housekeeping_enter(const char *root);

#endif
