// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent_config.h"

#include <errno.h>
#include <string.h>

#include "common/base/log.h"
#include "common/kernel/files/config_file.h"
#include "common/model/metrics/text.h"

static void log_mistake(void *ctx, unsigned line, const char *section, const char *key,
			const char *message)
{
	char safe[3][128];

	dcm_text_escape(DCM_TEXT_DISPLAY, section, safe[0], sizeof(safe[0]));
	dcm_text_escape(DCM_TEXT_DISPLAY, key, safe[1], sizeof(safe[1]));
	dcm_text_escape(DCM_TEXT_DISPLAY, message, safe[2], sizeof(safe[2]));
	dcm_log(DCM_LOG_ERROR, "%s:%u: [%s] %s: %s", (const char *)ctx, line, safe[0], safe[1],
		safe[2]);
}

int dcm_agent_config_read(const char *path, struct dcm_config *ret)
{
	int err = dcm_config_load(path, log_mistake, (void *)path, ret);

	/* Mistakes in the text have been logged one by one. */
	if (err && err != -EINVAL)
		dcm_log(DCM_LOG_ERROR, "%s: %s", path, strerror(-err));
	return err;
}

void dcm_agent_config_warn(const struct dcm_config *running, const struct dcm_config *fresh,
			   enum dcm_config_holder holder)
{
	char keys[256];
	size_t count = dcm_config_restart_only(running, fresh, holder, keys, sizeof(keys));

	if (count)
		dcm_log(DCM_LOG_WARNING, "%s: %s with a restart only", keys,
			count == 1 ? "changes" : "change");
}
