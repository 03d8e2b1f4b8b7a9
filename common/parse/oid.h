/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Object identifiers as dotted numbers, "1.3.6.1": without a name, a leading dot or blanks. */
#ifndef DCM_PARSE_OID_H
#define DCM_PARSE_OID_H

#include <stddef.h>

/*
 * Up to @room arcs, each of 32 bits and without a leading zero, in libnetsnmp's type of them.
 * -EINVAL for anything else; -E2BIG, with @ret_len set, for a well-formed one of more arcs.
 */
int dcm_oid_parse(const char *text, size_t room, unsigned long *ret, size_t *ret_len);

#endif
