// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/log.h"

#include <stdio.h>
#include <syslog.h>

static const char *const level_names[] = {"error", "warning", "notice", "info", "debug"};

static const char *log_name = "dcachemon";
static enum dcm_log_level log_level = DCM_LOG_NOTICE;
static dcm_log_sink *log_sink;
static void *log_ctx;

void dcm_log_set_sink(dcm_log_sink *sink, void *ctx)
{
	log_sink = sink;
	log_ctx = ctx;
}

void dcm_log_set_level(enum dcm_log_level level)
{
	log_level = level;
}

int dcm_log_priority(enum dcm_log_level level)
{
	static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

	return priorities[level];
}

void dcm_log_set_name(const char *name)
{
	log_name = name;
}

void dcm_logv(enum dcm_log_level level, const char *fmt, va_list ap)
{
	char line[1024];

	if (level > log_level)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	if (log_sink)
		log_sink(log_ctx, level, line);
	else
		fprintf(stderr, "%s: %s: %s\n", log_name, level_names[level], line);
}

void dcm_log(enum dcm_log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	dcm_logv(level, fmt, ap);
	va_end(ap);
}
