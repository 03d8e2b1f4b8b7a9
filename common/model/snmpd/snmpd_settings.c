// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/snmpd/snmpd_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"
#include "common/model/config/snmp_address.h"

/* The first @len bytes of @text, cut at @size - 1. */
static void copy(const char *text, size_t len, char *ret, size_t size)
{
	len = len < size ? len : size - 1;
	memcpy(ret, text, len);
	ret[len] = '\0';
}

/* ---- a line ---- */

static char *skip_blanks(char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* One word, by the rules of net-snmp's copy_nword(): quotes around all of it, backslashes within.
 * Returns what follows its blanks. */
static char *take_word(char *at, char *ret, size_t size)
{
	char quote = *at == '"' || *at == '\'' ? *at++ : '\0';
	size_t len = 0;

	while (*at && (quote ? *at != quote : !isspace((unsigned char)*at))) {
		if (*at == '\\' && at[1])
			at++;
		if (len + 1 < size)
			ret[len++] = *at;
		at++;
	}
	ret[len] = '\0';
	if (quote && *at)
		at++;
	return skip_blanks(at);
}

bool dcm_snmpd_line_parse(char *line, struct dcm_snmpd_line *ret)
{
	char *at = skip_blanks(line), *end = at + strlen(at);
	size_t len;

	*ret->type = '\0';
	while (end > at && isspace((unsigned char)end[-1]))
		*--end = '\0';
	if (!*at || *at == '#')
		return false;
	at = take_word(at, ret->word, sizeof(ret->word));
	len = strlen(ret->word);
	if (*ret->word == '[' && len > 2 && ret->word[len - 1] == ']') {
		copy(ret->word + 1, len - 2, ret->type, sizeof(ret->type));
		*ret->word = '\0';
		ret->rest = at;
		if (!*at || *at == '#')
			return true;
		at = take_word(at, ret->word, sizeof(ret->word));
	}
	ret->rest = at;
	return *at && *at != '#';
}

/* ---- words ---- */

static void copy_word(const char *rest, char *ret, size_t size)
{
	copy(rest, strcspn(rest, " \t"), ret, size);
}

/* agentx/agentx_config.c, agentx_parse_master(): these words by their letters, else a number. */
static void take_master(struct dcm_snmpd_settings *settings, const char *rest)
{
	static const char *const yes[] = {"agentx", "all", "yes", "on"};

	settings->master = atoi(rest) == 1;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(yes); i++)
		settings->master |= !strcmp(rest, yes[i]);
}

static void take_agentx_socket(struct dcm_snmpd_settings *settings, const char *rest)
{
	snprintf(settings->agentx_socket, sizeof(settings->agentx_socket), "%s", rest);
}

/* SOCKET-MODE [FOLDER-MODE [USER [GROUP]]] */
static void take_perms(struct dcm_snmpd_settings *settings, const char *rest)
{
	char group[sizeof(settings->group)] = "";

	settings->perms = true;
	settings->socket_mode = settings->folder_mode = 0;
	(void)sscanf(rest, "%o %o %*s %63s", &settings->socket_mode, &settings->folder_mode, group);
	memcpy(settings->group, group, sizeof(group));
}

/* NAME [PATH] */
static void take_module(struct dcm_snmpd_settings *settings, const char *rest)
{
	char name[sizeof("dcachemon") + 1];

	copy_word(rest, name, sizeof(name));
	settings->module |= !strcmp(name, "dcachemon");
}

static void take_module_socket(struct dcm_snmpd_settings *settings, const char *rest)
{
	if (settings->module && *rest == '/')
		snprintf(settings->module_socket, sizeof(settings->module_socket), "%s", rest);
}

static void take_module_mib(struct dcm_snmpd_settings *settings, const char *rest)
{
	settings->module_mib = settings->module && strcmp(rest, "off") != 0;
}

static void take_addresses(struct dcm_snmpd_settings *settings, const char *rest)
{
	size_t len = strlen(settings->addresses);

	snprintf(settings->addresses + len, sizeof(settings->addresses) - len, "%s%s",
		 len ? "," : "", rest);
}

/* The receiver only: communities and keys follow it, those of trapsess precede it. */
static void take_sink(struct dcm_snmpd_settings *settings, const char *name, const char *rest)
{
	if (settings->sinks++ > 0)
		return;
	snprintf(settings->sink, sizeof(settings->sink), "%s", name);
	if (strcmp(name, "trapsess") != 0)
		copy_word(rest, settings->sink_host, sizeof(settings->sink_host));
}

void dcm_snmpd_settings_take(struct dcm_snmpd_settings *settings, const char *word,
			     const char *rest)
{
	static const char *const sinks[] = {"trapsink", "trap2sink", "informsink", "trapsess"};
	static const struct {
		const char *word;
		void (*take)(struct dcm_snmpd_settings *settings, const char *rest);
	} words[] = {
		{"master", take_master},	   {"agentXSocket", take_agentx_socket},
		{"agentXPerms", take_perms},	   {"dlmod", take_module},
		{"agentaddress", take_addresses},  {"dcachemonSocket", take_module_socket},
		{"dcachemonMIB", take_module_mib},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(words); i++)
		if (!strcasecmp(word, words[i].word))
			words[i].take(settings, rest);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(sinks); i++)
		if (!strcasecmp(word, sinks[i]))
			take_sink(settings, sinks[i], rest);
}

const char *dcm_snmpd_settings_agentx(const struct dcm_snmpd_settings *settings, const char *wanted,
				      char *ret, size_t size)
{
	char list[sizeof(settings->agentx_socket)], *rest = list, *one;

	*ret = '\0';
	snprintf(list, sizeof(list), "%s",
		 *settings->agentx_socket ? settings->agentx_socket : DCM_AGENTX_SOCKET);
	while ((one = strsep(&rest, ","))) {
		const char *path = dcm_snmp_address_path(one);

		if (!path || *path != '/')
			continue;
		if (!strcmp(path, wanted))
			return wanted;
		if (!*ret)
			copy(path, strlen(path), ret, size);
	}
	return *ret ? ret : NULL;
}
