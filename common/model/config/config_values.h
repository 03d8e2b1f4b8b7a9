/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values of configuration keys, no matter who writes them: the file, collectd's block, a test. All
 * functions return 0, or -EINVAL with a reason that follows the name of the key ("must be yes or
 * no"); @ret is written only on success. Numbers are read in the locale of the caller.
 */
#ifndef DCM_MODEL_CONFIG_VALUES_H
#define DCM_MODEL_CONFIG_VALUES_H

#include <stdbool.h>

#include "common/base/reason.h"

/* yes, true, on, 1, or their opposites; in any case of letters. */
int dcm_config_value_bool(const char *value, struct dcm_reason *reason, bool *ret);

/* A decimal number within @min..@max. */
int dcm_config_value_number(const char *value, double min, double max, struct dcm_reason *reason,
			    double *ret);

/* Seconds within @min..@max, or 0 for off. */
int dcm_config_value_interval(const char *value, double min, double max, struct dcm_reason *reason,
			      double *ret);

/* Digits alone, within @min..@max. */
int dcm_config_value_count(const char *value, unsigned min, unsigned max, struct dcm_reason *reason,
			   unsigned *ret);

/* The position of one of @words (NULL at the end, at least one), in any case of letters. */
int dcm_config_value_choice(const char *value, const char *const *words, struct dcm_reason *reason,
			    unsigned *ret);

/* ---- texts ---- */

/* The address of an agent as SNMP clients write it, such as "udp:127.0.0.1:161". */
int dcm_config_value_check_transport(const char *value, struct dcm_reason *reason);

/* Name of a user or group; "" is one. */
int dcm_config_value_check_account(const char *value, struct dcm_reason *reason);

/* An absolute path that fits into the address of a local socket. */
int dcm_config_value_check_socket(const char *value, struct dcm_reason *reason);

/* The same, also with "unix:" before it. */
int dcm_config_value_check_agentx(const char *value, struct dcm_reason *reason);

/* An absolute path, or "". */
int dcm_config_value_check_folder(const char *value, struct dcm_reason *reason);

/* An OID as dotted numbers, of at most @max_arcs. */
int dcm_config_value_check_oid(const char *value, unsigned max_arcs, struct dcm_reason *reason);

#endif
