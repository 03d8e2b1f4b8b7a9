// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/snmp_contexts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse/number.h"

#define PID_MAX (1 << 22)

int dcm_context_pid(const char *netns)
{
	uint64_t pid;

	if (strncmp(netns, "pid:", 4) || dcm_number_up_to(netns + 4, PID_MAX, &pid))
		return 0;
	return (int)pid;
}

/* Nothing that a shell, snmpd.conf or -n of the clients would read as more than one word. */
static int check_name(const char *name, size_t len, struct dcm_reason *reason)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (len >= DCM_CONTEXT_NAME_SIZE)
		return dcm_reason_set(reason, -EINVAL, "name is longer than %d octets",
				      DCM_CONTEXT_NAME_SIZE - 1);
	if (!len || *name == '-' || strspn(name, letters) < len)
		return dcm_reason_set(reason, -EINVAL,
				      "name may have letters, digits, dot, dash and underscore");
	return 0;
}

static int check_netns(const char *netns, struct dcm_reason *reason)
{
	const char *entry = strrchr(netns, '/');

	if (!strcmp(netns, "self") || dcm_context_pid(netns))
		return 0;
	if (*netns != '/')
		return dcm_reason_set(
			reason, -EINVAL,
			"namespace must be a path such as /run/netns/NAME, pid:NUMBER "
			"or self");
	if (strlen(netns) >= DCM_CONTEXT_NAMESPACE_SIZE)
		return dcm_reason_set(reason, -EINVAL, "namespace is too long");
	if (!entry[1] || !strcmp(entry, "/.") || !strcmp(entry, "/.."))
		return dcm_reason_set(reason, -EINVAL, "namespace is a directory");
	return 0;
}

const struct dcm_context_config *dcm_contexts_config_find(const struct dcm_contexts_config *config,
							  const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (!strcmp(config->list[i].name, name))
			return &config->list[i];
	return NULL;
}

int dcm_contexts_config_add(struct dcm_contexts_config *config, const char *value, bool repeated,
			    struct dcm_reason *reason)
{
	struct dcm_context_config context = {.name = ""};
	size_t len = strcspn(value, " \t");
	const char *netns = value + len + strspn(value + len, " \t");
	int err;

	if (!*netns)
		return dcm_reason_set(reason, -EINVAL, "must be a name and a namespace");
	err = check_name(value, len, reason);
	if (!err)
		err = check_netns(netns, reason);
	if (err)
		return err;
	memcpy(context.name, value, len);
	strcpy(context.netns, netns);
	if (!repeated)
		memset(config, 0, sizeof(*config));
	if (dcm_contexts_config_find(config, context.name))
		return dcm_reason_set(reason, -EINVAL, "name is given twice");
	if (config->count == DCM_MAX_CONTEXTS)
		return dcm_reason_set(reason, -EINVAL, "more than %d contexts", DCM_MAX_CONTEXTS);
	config->list[config->count++] = context;
	return 0;
}

void dcm_contexts_config_print(const struct dcm_contexts_config *config, FILE *out)
{
	for (size_t i = 0; i < config->count; i++)
		fprintf(out, "context = %s %s\n", config->list[i].name, config->list[i].netns);
	if (!config->count)
		fputs("# context = blue /run/netns/blue\n", out);
}

unsigned dcm_contexts_config_needs(const struct dcm_contexts_config *config)
{
	unsigned needs = 0;

	for (size_t i = 0; i < config->count; i++) {
		if (strcmp(config->list[i].netns, "self") != 0)
			needs |= DCM_CONTEXT_SETNS;
		if (dcm_context_pid(config->list[i].netns))
			needs |= DCM_CONTEXT_PTRACE;
	}
	return needs;
}
