/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* read(2) and write(2) that continue after a signal or a partial transfer. */
#ifndef DCM_KERNEL_FD_IO_H
#define DCM_KERNEL_FD_IO_H

#include <stddef.h>

/* Reads until the end of the file or @size bytes. Returns 0 or -errno. */
int dcm_fd_read_all(int fd, void *buf, size_t size, size_t *ret_len);

/* One pread(2). Returns 0, with 0 bytes at the end of the file, or -errno. */
int dcm_fd_read_at(int fd, void *buf, size_t size, size_t at, size_t *ret_len);

/* Writes all of it. Returns 0 or -errno; what was written before an error stays. */
int dcm_fd_write_all(int fd, const void *data, size_t size);

#endif
