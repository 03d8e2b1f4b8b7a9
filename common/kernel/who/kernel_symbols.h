/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of addresses in the kernel, as far as /proc/kallsyms tells them. */
#ifndef DCM_KERNEL_SYMBOLS_H
#define DCM_KERNEL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct dcm_kernel_symbols;

/* Reads @root/proc/kallsyms. -ENODATA: it tells no addresses (kernel.kptr_restrict, or without
 * CAP_SYSLOG); -ENOENT: there is none; -ENOMEM. */
int dcm_kernel_symbols_read(const char *root, struct dcm_kernel_symbols **ret);
void dcm_kernel_symbols_destroy(struct dcm_kernel_symbols *symbols);

/* The variable with a lock at @address: at its beginning, or behind the counter of a seqlock_t, as
 * rename_lock is one. NULL: none that is known; many kernels list functions alone (without
 * KALLSYMS_ALL). */
const char *dcm_kernel_symbols_variable(const struct dcm_kernel_symbols *symbols, uint64_t address);

/* Of a stack, the innermost first: the first function that is part of neither locking nor tracing.
 * NULL: none. */
const char *dcm_kernel_symbols_caller(const struct dcm_kernel_symbols *symbols,
				      const unsigned long long *stack, size_t frames);

#endif
