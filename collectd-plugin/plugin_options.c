// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/plugin_options.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"

#define MAX_SERIES  100000
#define OPTION_SIZE 640 /* "Alarm NAME TARGET: ClearRatio" */

/* One "key = value" of the file, written as its section and the key below. */
struct dcm_plugin_options_line {
	char *option; /* as it stands in the block */
	char *text;   /* "[sampling]\nbudget_percent = 1\n" */
	bool refused;
};

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

static void drop_lines(struct dcm_plugin_options *options)
{
	for (size_t i = 0; i < options->line_count; i++) {
		free(options->lines[i].option);
		free(options->lines[i].text);
	}
	free(options->lines);
	options->lines = NULL;
	options->line_count = 0;
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
	drop_lines(options);
	free(options);
}

/* ---- the plugin's own options ---- */

static const char *set_source(struct dcm_plugin_options *options, const char *value)
{
	static const char *const names[] = {"auto", "daemon", "self"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(names); i++)
		if (!strcasecmp(value, names[i])) {
			options->source = (enum dcm_plugin_options_source)i;
			return NULL;
		}
	return "must be auto, daemon or self; auto is used";
}

static const char *set_bool(bool *ret, const char *value)
{
	static const char *const words[][2] = {{"false", "true"}, {"no", "yes"}, {"off", "on"}};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(words); i++)
		for (int truth = 0; truth < 2; truth++)
			if (!strcasecmp(value, words[i][truth])) {
				*ret = truth;
				return NULL;
			}
	return "must be true or false; the default is used";
}

static const char *set_count(unsigned *ret, const char *value)
{
	unsigned long number = strtoul(value, NULL, 10);

	if (!*value || strspn(value, "0123456789") != strlen(value) || strlen(value) > 9 ||
	    number > MAX_SERIES)
		return "must be a whole number up to 100000; the default is used";
	*ret = (unsigned)number;
	return NULL;
}

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
			  const char **ret_mistake)
{
	struct dcm_plugin_options_pattern pattern = {NULL}, *grown;
	int err = *value ? parse_pattern(value, &pattern) : -EINVAL;

	if (err == -EINVAL) {
		*ret_mistake = "is empty or not a regular expression; it is left out";
		return 0;
	}
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

/* Returns whether @key is one of ours. */
static bool set_own(struct dcm_plugin_options *options, const char *key, const char *value,
		    const char **ret_mistake, int *ret_err)
{
	if (!strcasecmp(key, "Source"))
		*ret_mistake = set_source(options, value);
	else if (!strcasecmp(key, "Superblock"))
		*ret_err = add_superblock(options, value, ret_mistake);
	else if (!strcasecmp(key, "IgnoreSelected"))
		*ret_mistake = set_bool(&options->ignore_selected, value);
	else if (!strcasecmp(key, "Notifications"))
		*ret_mistake = set_bool(&options->notifications, value);
	else if (!strcasecmp(key, "MaxSuperblocks"))
		*ret_mistake = set_count(&options->max_superblocks, value);
	else if (!strcasecmp(key, "MaxChains"))
		*ret_mistake = set_count(&options->max_chains, value);
	else if (!strcasecmp(key, "MaxDirectories"))
		*ret_mistake = set_count(&options->max_directories, value);
	else
		return false;
	return true;
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

/* Whether the text would begin another line of the file. */
static bool breaks_line(const char *text)
{
	return strpbrk(text, "\r\n") != NULL;
}

static int add_line(struct dcm_plugin_options *options, const char *option, const char *alarm,
		    const char *key, const char *value)
{
	struct dcm_plugin_options_line *grown, line = {NULL};
	char snake[128];

	snake_case(key, snake, sizeof(snake));
	if (asprintf(&line.text, "[%s%s]\n%s = %s\n", alarm ? "alarm " : "sampling",
		     alarm ? alarm : "", snake, value) < 0)
		return -ENOMEM;
	line.option = strdup(option);
	grown = line.option ? reallocarray(options->lines, options->line_count + 1, sizeof(*grown))
			    : NULL;
	if (!grown) {
		free(line.text);
		free(line.option);
		return -ENOMEM;
	}
	grown[options->line_count++] = line;
	options->lines = grown;
	return 0;
}

int dcm_plugin_options_set(struct dcm_plugin_options *options, const char *alarm, const char *key,
			   const char *value, dcm_plugin_options_report *report, void *ctx)
{
	const char *mistake = NULL;
	char option[OPTION_SIZE];
	int err = 0;

	snprintf(option, sizeof(option), "%s%s%s%s", alarm ? "Alarm " : "", alarm ? alarm : "",
		 alarm ? ": " : "", key);
	if (!alarm && set_own(options, key, value, &mistake, &err))
		;
	else if ((alarm && breaks_line(alarm)) || breaks_line(key) || breaks_line(value))
		mistake = "contains a line break; it is left out";
	else
		err = add_line(options, option, alarm, key, value);
	if (mistake)
		report(ctx, option, mistake);
	return err;
}

struct judge {
	struct dcm_plugin_options *options;
	struct dcm_plugin_options_line **given; /* line 2n+1 and 2n+2 of the text are given[n] */
	size_t count;
	dcm_plugin_options_report *report;
	void *ctx;
	bool refused; /* in this round */
};

static void refuse(void *ctx, unsigned line, const char *section, const char *key,
		   const char *message)
{
	struct judge *judge = ctx;
	size_t i = line ? (line - 1) / 2 : judge->count;
	char text[300];

	(void)section;
	(void)key;
	if (i >= judge->count || judge->given[i]->refused)
		return;
	snprintf(text, sizeof(text), "%s; the default is used", message);
	judge->report(judge->ctx, judge->given[i]->option, text);
	judge->given[i]->refused = true;
	judge->refused = true;
}

static int parse_given(struct judge *judge)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	judge->count = 0;
	for (size_t i = 0; i < judge->options->line_count; i++) {
		struct dcm_plugin_options_line *line = &judge->options->lines[i];

		if (line->refused)
			continue;
		fputs(line->text, out);
		judge->given[judge->count++] = line;
	}
	err = ferror(out);
	if (fclose(out) || err)
		return -ENOMEM;
	return dcm_config_parse(text, size, refuse, judge, &judge->options->config);
}

int dcm_plugin_options_finish(struct dcm_plugin_options *options, dcm_plugin_options_report *report,
			      void *ctx)
{
	_cleanup_free_ struct dcm_plugin_options_line **given =
		calloc(options->line_count + 1, sizeof(*given));
	struct judge judge = {.options = options, .given = given, .report = report, .ctx = ctx};
	int err;

	if (!given)
		return -ENOMEM;
	/* A file with a mistake is refused as a whole: again without the mistakes. */
	do {
		judge.refused = false;
		err = parse_given(&judge);
	} while (err == -EINVAL && judge.refused);
	if (err == -EINVAL) {
		report(ctx, "dcachemon", "the options contradict each other; defaults are used");
		dcm_config_defaults(&options->config);
		err = 0;
	}
	drop_lines(options);
	return err;
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
