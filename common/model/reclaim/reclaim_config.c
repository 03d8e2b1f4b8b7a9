// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/parse/number.h"

#define MAX_UNUSED 999999999999999999ULL

void dcm_reclaim_config_defaults(struct dcm_reclaim_config *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->interval = 3600;
	ret->max_seconds = 10;
	ret->max_pressure = 20;
	ret->max_cache = 64;
}

int dcm_reclaim_config_add_cap(struct dcm_reclaim_config *config, const char *value, bool repeated,
			       struct dcm_reason *reason)
{
	const char *number = strrchr(value, ' ');
	size_t count = repeated ? config->caps : 0, len;
	struct dcm_reclaim_cap cap = {.max_unused = 0};

	if (!number || dcm_number_up_to(number + 1, MAX_UNUSED, &cap.max_unused))
		return dcm_reason_set(reason, -EINVAL,
				      "must be a filesystem type or mount point and a number");
	for (len = (size_t)(number - value); len && value[len - 1] == ' '; len--)
		;
	if (!len || len >= sizeof(cap.what))
		return dcm_reason_set(reason, -EINVAL, "has no filesystem type or mount point");
	memcpy(cap.what, value, len);
	if (cap.max_unused < 1000)
		return dcm_reason_set(reason, -EINVAL, "must be at least 1000");
	for (size_t i = 0; i < count; i++)
		if (!strcmp(config->cap[i].what, cap.what))
			return dcm_reason_set(reason, -EINVAL, "is given twice");
	if (count == DCM_RECLAIM_CAPS)
		return dcm_reason_set(reason, -EINVAL, "more than %d of them", DCM_RECLAIM_CAPS);
	config->cap[count] = cap;
	config->caps = count + 1;
	return 0;
}

int dcm_reclaim_config_add_alarm(struct dcm_reclaim_config *config, const char *value,
				 bool repeated, struct dcm_reason *reason)
{
	enum dcm_alarm_type type = dcm_alarm_type_find(value, strlen(value));

	if (type == DCM_ALARM_TYPE_END)
		return dcm_reason_set(reason, -EINVAL, "is not the name of an alarm");
	if (!repeated)
		memset(config->alarm, 0, sizeof(config->alarm));
	config->alarm[type] = true;
	return 0;
}

void dcm_reclaim_config_print_caps(const struct dcm_reclaim_config *config, FILE *out)
{
	for (size_t i = 0; i < config->caps; i++)
		fprintf(out, "max_unused = %s %" PRIu64 "\n", config->cap[i].what,
			config->cap[i].max_unused);
	if (!config->caps)
		fputs("# max_unused = overlay 20000000\n", out);
}

void dcm_reclaim_config_print_alarms(const struct dcm_reclaim_config *config, FILE *out)
{
	bool any = false;

	for (int type = 1; type < DCM_ALARM_TYPE_END; type++) {
		if (config->alarm[type])
			fprintf(out, "alarm = %s\n", dcm_alarm_type_name(type));
		any = any || config->alarm[type];
	}
	if (!any)
		fputs("# alarm = superblock_unused\n", out);
}
