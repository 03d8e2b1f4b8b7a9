// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/plugin_options.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"
#include "common/model/config/config_values.h"

#define MAX_SERIES  100000
#define OPTION_SIZE 640 /* "Alarm NAME TARGET: ClearRatio" */
#define KEY_SIZE    128
#define ALARM	    "alarm " /* begins a section of the file */

int dcm_plugin_options_create(struct dcm_plugin_options **ret)
{
	struct dcm_plugin_options *options = calloc(1, sizeof(*options));

	if (!options)
		return -ENOMEM;
	options->max_superblocks = 20;
	options->max_chains = 10;
	options->max_directories = 10;
	options->notifications = true;
	dcm_config_defaults(&options->config);
	*ret = options;
	return 0;
}

void dcm_plugin_options_destroy(struct dcm_plugin_options *options)
{
	if (!options)
		return;
	for (size_t i = 0; i < options->superblock_count; i++) {
		if (!options->superblocks[i].text)
			regfree(&options->superblocks[i].regex);
		free(options->superblocks[i].text);
	}
	free(options->superblocks);
	free(options);
}

/* ---- the plugin's own options ---- */

/* "/REGEX/" as in collectd's own ignore lists; everything else is compared as it is. */
static int parse_pattern(const char *value, struct dcm_plugin_options_pattern *ret)
{
	_cleanup_free_ char *copy = strdup(value);
	size_t len = strlen(value);

	if (!copy)
		return -ENOMEM;
	if (len <= 2 || value[0] != '/' || value[len - 1] != '/') {
		ret->text = dcm_take_ptr(copy);
		return 0;
	}
	copy[len - 1] = '\0';
	return regcomp(&ret->regex, copy + 1, REG_EXTENDED | REG_NOSUB) ? -EINVAL : 0;
}

static int add_superblock(struct dcm_plugin_options *options, const char *value,
			  struct dcm_reason *reason)
{
	struct dcm_plugin_options_pattern pattern = {NULL}, *grown;
	int err = *value ? parse_pattern(value, &pattern) : -EINVAL;

	if (err == -EINVAL)
		return dcm_reason_set(reason, err, "is empty or not a regular expression");
	if (err)
		return err;
	grown = reallocarray(options->superblocks, options->superblock_count + 1, sizeof(*grown));
	if (!grown) {
		if (!pattern.text)
			regfree(&pattern.regex);
		free(pattern.text);
		return -ENOMEM;
	}
	grown[options->superblock_count++] = pattern;
	options->superblocks = grown;
	return 0;
}

/* -ENOENT: not one of ours. */
static int set_own(struct dcm_plugin_options *options, const char *key, const char *value,
		   struct dcm_reason *reason)
{
	/* positions are enum dcm_plugin_options_source */
	static const char *const sources[] = {"auto", "daemon", "self", NULL};
	const struct {
		const char *key;
		unsigned *at;
	} counts[] = {{"MaxSuperblocks", &options->max_superblocks},
		      {"MaxChains", &options->max_chains},
		      {"MaxDirectories", &options->max_directories}};

	if (!strcasecmp(key, "Source"))
		return dcm_config_value_choice(value, sources, reason, &options->source);
	if (!strcasecmp(key, "Superblock"))
		return add_superblock(options, value, reason);
	if (!strcasecmp(key, "IgnoreSelected"))
		return dcm_config_value_bool(value, reason, &options->ignore_selected);
	if (!strcasecmp(key, "Notifications"))
		return dcm_config_value_bool(value, reason, &options->notifications);
	if (!strcasecmp(key, "ContainerInstances"))
		return dcm_config_value_bool(value, reason, &options->container_instances);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(counts); i++)
		if (!strcasecmp(key, counts[i].key))
			return dcm_config_value_count(value, 0, MAX_SERIES, reason, counts[i].at);
	return -ENOENT;
}

/* ---- the file's options ---- */

/* "DentryStateInterval" to "dentry_state_interval", "BPF" to "bpf". */
static void snake_case(const char *camel, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; camel[i] && len + 2 < size; i++) {
		if (i && isupper((unsigned char)camel[i]) && islower((unsigned char)camel[i - 1]))
			out[len++] = '_';
		out[len++] = (char)tolower((unsigned char)camel[i]);
	}
	out[len] = '\0';
}

/* The other way round: "clear_ratio" to "ClearRatio". */
static void camel_case(const char *snake, char *out, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; snake[i] && len + 1 < size; i++)
		if (snake[i] != '_')
			out[len++] = i && snake[i - 1] != '_'
					     ? snake[i]
					     : (char)toupper((unsigned char)snake[i]);
	out[len] = '\0';
}

static int set_of_file(struct dcm_plugin_options *options, const char *alarm, const char *key,
		       const char *value, struct dcm_reason *reason)
{
	_cleanup_free_ char *section = NULL;
	char snake[KEY_SIZE];

	snake_case(key, snake, sizeof(snake));
	if (!alarm)
		return dcm_config_set(&options->config, "sampling", snake, value, reason);
	if (asprintf(&section, ALARM "%s", alarm) < 0)
		return -ENOMEM;
	return dcm_config_set(&options->config, section, snake, value, reason);
}

/* @alarm NULL: an option outside of <Alarm>. @instead: what holds in place of the mistake. */
static void report_mistake(const char *alarm, const char *key, const char *message,
			   const char *instead, dcm_plugin_options_report *report, void *ctx)
{
	char option[OPTION_SIZE], text[300];

	snprintf(option, sizeof(option), "%s%s%s%s", alarm ? "Alarm " : "", alarm ? alarm : "",
		 alarm ? ": " : "", key);
	snprintf(text, sizeof(text), "%s; %s", message, instead);
	report(ctx, option, text);
}

int dcm_plugin_options_set(struct dcm_plugin_options *options, const char *alarm, const char *key,
			   const char *value, dcm_plugin_options_report *report, void *ctx)
{
	struct dcm_reason reason = {""};
	int err = alarm ? -ENOENT : set_own(options, key, value, &reason);

	if (err == -ENOENT)
		err = set_of_file(options, alarm, key, value, &reason);
	if (err != -EINVAL)
		return err;
	/* The default holds, or what was given before. */
	report_mistake(alarm, key, reason.text, "it is ignored", report, ctx);
	return 0;
}

struct judge {
	struct dcm_plugin_options *options;
	dcm_plugin_options_report *report;
	void *ctx;
	bool refused; /* in this round */
};

static void refuse(void *ctx, unsigned line __attribute__((unused)), const char *section,
		   const char *key, const char *message)
{
	struct judge *judge = ctx;
	char camel[KEY_SIZE];

	if (dcm_alarm_config_unset(&judge->options->config.alarms, section, key) < 0)
		return; /* not set here: the levels of the type are to blame */
	camel_case(key, camel, sizeof(camel));
	report_mistake(section + strlen(ALARM), camel, message, "the default is used",
		       judge->report, judge->ctx);
	judge->refused = true;
}

void dcm_plugin_options_finish(struct dcm_plugin_options *options,
			       dcm_plugin_options_report *report, void *ctx)
{
	struct judge judge = {.options = options, .report = report, .ctx = ctx};
	int err;

	/* what is back at its default may contradict another key: each round unsets one or more */
	do {
		judge.refused = false;
		err = dcm_config_check(&options->config, refuse, &judge);
	} while (err && judge.refused);
}

/* ---- selection ---- */

static bool matches(const struct dcm_plugin_options_pattern *pattern, const char *name)
{
	if (!*name)
		return false;
	if (pattern->text)
		return !strcmp(pattern->text, name);
	return regexec(&pattern->regex, name, 0, NULL, 0) == 0;
}

bool dcm_plugin_options_selects(const struct dcm_plugin_options *options, const char *const *names)
{
	if (!options->superblock_count)
		return true;
	for (size_t i = 0; i < options->superblock_count; i++)
		for (const char *const *name = names; *name; name++)
			if (matches(&options->superblocks[i], *name))
				return !options->ignore_selected;
	return options->ignore_selected;
}
