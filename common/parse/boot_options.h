/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /proc/cmdline: the options that the kernel was booted with, words of NAME or NAME=VALUE,VALUE. */
#ifndef DCM_PARSE_BOOT_OPTIONS_H
#define DCM_PARSE_BOOT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether an option @name lists @value. What follows "--" is not the kernel's (kernel/params.c). */
bool dcm_boot_options_have(const char *text, size_t len, const char *name, const char *value);

#endif
