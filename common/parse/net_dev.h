/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_NET_DEV_H
#define DCM_PARSE_NET_DEV_H

#include <stddef.h>
#include <stdint.h>

/* Counts the interfaces in the text of /proc/net/dev. -EINVAL: it does not look like that file. */
int dcm_net_dev_count(const char *text, size_t size, uint64_t *ret);

#endif
