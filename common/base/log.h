/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One logger for all front ends. Library code below the collector returns errors and a struct
 * dcm_reason instead of logging; the caller that decides what continues logs once.
 */
#ifndef DCM_BASE_LOG_H
#define DCM_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>

enum dcm_log_level {
	DCM_LOG_ERROR,
	DCM_LOG_WARNING,
	DCM_LOG_NOTICE,
	DCM_LOG_INFO,
	DCM_LOG_DEBUG,
};

/* Receives one finished line without a newline. Must be safe to call from any thread. */
typedef void dcm_log_sink(void *ctx, enum dcm_log_level level, const char *line);

/* Replaces the sink (default: stderr, "dcachemon: LEVEL: line"). NULL restores the default. */
void dcm_log_set_sink(dcm_log_sink *sink, void *ctx);

/* Messages above this level are dropped before formatting (default DCM_LOG_NOTICE). */
void dcm_log_set_level(enum dcm_log_level level);

/* What syslog(3) calls the level. */
int dcm_log_priority(enum dcm_log_level level);

/* The default sink's prefix, such as "dcachemon-snmp"; the string is kept, not copied. */
void dcm_log_set_name(const char *name);

void dcm_log(enum dcm_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void dcm_logv(enum dcm_log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

#endif
