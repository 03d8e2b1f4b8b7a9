/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The options of the plugin's block (dcachemon-collectd(5)), free of any collectd header.
 *
 * What the configuration file has as [sampling] and [alarm NAME TARGET] is called the same in
 * CamelCase ("budget_percent" is BudgetPercent, [alarm NAME TARGET] is <Alarm NAME TARGET>) and
 * takes the same values. A mistake is reported with the option's name and the default stays.
 */
#ifndef DCM_COLLECTD_PLUGIN_OPTIONS_H
#define DCM_COLLECTD_PLUGIN_OPTIONS_H

#include <regex.h>

#include "common/model/config/config.h"

enum dcm_plugin_options_source {
	DCM_PLUGIN_OPTIONS_AUTO,   /* the daemon where one answers, otherwise self */
	DCM_PLUGIN_OPTIONS_DAEMON, /* the daemon's snapshot socket only */
	DCM_PLUGIN_OPTIONS_SELF,   /* a collector of our own */
};

struct dcm_plugin_options_pattern {
	char *text; /* NULL: regex is valid */
	regex_t regex;
};

struct dcm_plugin_options {
	unsigned source; /* enum dcm_plugin_options_source */
	struct dcm_plugin_options_pattern *superblocks;
	size_t superblock_count;
	bool ignore_selected; /* the patterns name what is left out */
	unsigned max_superblocks, max_chains, max_directories;
	bool notifications;
	bool container_instances; /* a superblock goes by the name of its container */
	struct dcm_config config;
};

/* One mistake: the option as written, and what holds instead. */
typedef void dcm_plugin_options_report(void *ctx, const char *option, const char *message);

/* Everything at its default. -ENOMEM. */
int dcm_plugin_options_create(struct dcm_plugin_options **ret);
void dcm_plugin_options_destroy(struct dcm_plugin_options *options);

/* Takes one option of the block, or of a block <Alarm @alarm> with @alarm "NAME" or "NAME TARGET"
 * (otherwise NULL). -ENOMEM; a mistake is reported and no error. */
int dcm_plugin_options_set(struct dcm_plugin_options *options, const char *alarm, const char *key,
			   const char *value, dcm_plugin_options_report *report, void *ctx);

/* After the last option: judges what only shows when all are known. */
void dcm_plugin_options_finish(struct dcm_plugin_options *options,
			       dcm_plugin_options_report *report, void *ctx);

/* Whether a superblock is selected; any of @names (NULL-terminated) may match. */
bool dcm_plugin_options_selects(const struct dcm_plugin_options *options, const char *const *names);

#endif
