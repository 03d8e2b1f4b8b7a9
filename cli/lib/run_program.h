/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_CLI_RUN_PROGRAM_H
#define DCM_CLI_RUN_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Runs @argv (found through PATH, ends with NULL) without input and gives what it wrote to both
 * outputs, cut at @size, always terminated. Returns its exit status (128 + signal when it was
 * killed), -ENOENT when there is no such program, -ETIMEDOUT when it was killed after @timeout_ms,
 * or another -errno.
 */
int program_run(const char *const argv[], int timeout_ms, char *out, size_t size);

/* Only starts it: *@ret_fd, close-on-exec, has what it writes until both outputs are closed. The
 * caller closes that and reaps the process. -ENOENT or another -errno. */
int program_start(const char *const argv[], pid_t *ret_pid, int *ret_fd);

#endif
