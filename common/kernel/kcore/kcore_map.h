/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's memory by its addresses, through /proc/kcore (fs/proc/kcore.c) or any other ELF core
 * file. Opening /proc/kcore takes CAP_SYS_RAWIO and no lockdown in confidentiality mode; reading
 * takes nothing any more.
 */
#ifndef DCM_KERNEL_KCORE_MAP_H
#define DCM_KERNEL_KCORE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"

struct dcm_kcore;

/*
 * Opens the core file at @path: ELF64, of this machine's byte order, whose PT_LOAD headers say
 * where p_filesz bytes from p_vaddr on lie. Fails with a reason: -ENOENT there is none, -EPERM not
 * allowed, -EOPNOTSUPP it is something else, -ENOMEM.
 */
int dcm_kcore_open(const char *path, struct dcm_reason *reason, struct dcm_kcore **ret);
void dcm_kcore_close(struct dcm_kcore *kcore);

/* @kcore becomes the core file at @path: the same memory at another time. On errors, which are
 * those of dcm_kcore_open(), it stays what it was. */
int dcm_kcore_reopen(struct dcm_kcore *kcore, const char *path, struct dcm_reason *reason);

/*
 * Copies @size bytes at @address. -EFAULT when not all of them are in one segment or can be read:
 * what is at @to is then undefined. No lock is held: memory may change while it is copied.
 */
int dcm_kcore_read(const struct dcm_kcore *kcore, uint64_t address, void *to, size_t size);

/* How many of the @size bytes at @address are mapped without a gap. */
size_t dcm_kcore_mapped(const struct dcm_kcore *kcore, uint64_t address, size_t size);

#endif
