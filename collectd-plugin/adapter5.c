// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The adapter to collectd 5: the only file that includes its headers. It turns the options block
 * into dcm_plugin_options, and values and notices into collectd's.
 *
 * The host's rules: a configuration callback that fails ends the daemon, a read callback that
 * fails is suspended for longer and longer, and one that hangs is lost for ever. So none fails
 * over a mistake or a missing source, and none waits.
 */
#include <collectd/core/daemon/collectd.h>

#include <collectd/core/daemon/plugin.h>
#include <collectd/core/utils/common/common.h>

#include "collectd-plugin/feed.h"
#include "collectd-plugin/notices.h"
#include "common/base/cleanup.h"
#include "common/base/log.h"

#define NAME		"dcachemon"
#define STOP_TIMEOUT_MS 1500
#define DEGRADED	"degraded"
#define DEGRADED_LABEL	"agent"

__attribute__((visibility("default"))) void module_register(void);

static struct {
	struct dcm_plugin_options *options;
	struct dcm_feed *feed;
	struct dcm_notices *notices;
} plugin;

/* ---- messages ---- */

static void log_line(void *ctx, enum dcm_log_level level, const char *line)
{
	static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};

	plugin_log(levels[level], NAME " plugin: %s", line);
}

/* ---- options ---- */

static void report_option(void *ctx, const char *option, const char *message)
{
	dcm_log(DCM_LOG_WARNING, "option %s: %s", option, message);
}

/* A value as it would be in the configuration file; NULL: out of memory. */
static char *value_text(const oconfig_value_t *value)
{
	char *text = NULL;

	if (value->type == OCONFIG_TYPE_STRING)
		return strdup(value->value.string);
	if (value->type == OCONFIG_TYPE_BOOLEAN)
		return strdup(value->value.boolean ? "on" : "off"); /* a level may be off */
	return asprintf(&text, "%.15g", value->value.number) < 0 ? NULL : text;
}

static int take_option(const char *alarm, const oconfig_item_t *item)
{
	_cleanup_free_ char *text = NULL;

	if (item->values_num != 1 || item->children_num) {
		report_option(NULL, item->key, "takes one value; it is ignored");
		return 0;
	}
	text = value_text(&item->values[0]);
	return text ? dcm_plugin_options_set(plugin.options, alarm, item->key, text, report_option,
					     NULL)
		    : -ENOMEM;
}

/* "NAME" or "NAME TARGET" of <Alarm NAME TARGET>. */
static char *alarm_name(const oconfig_item_t *block)
{
	_cleanup_free_ char *name = NULL, *target = NULL;
	char *both = NULL;

	name = value_text(&block->values[0]);
	target = block->values_num > 1 ? value_text(&block->values[1]) : strdup("");
	if (!name || !target || asprintf(&both, "%s%s%s", name, *target ? " " : "", target) < 0)
		return NULL;
	return both;
}

static int take_alarm(const oconfig_item_t *block)
{
	_cleanup_free_ char *name = NULL;
	int err = 0;

	if (block->values_num < 1 || block->values_num > 2) {
		report_option(NULL, "Alarm", "must be <Alarm NAME> or <Alarm NAME TARGET>");
		return 0;
	}
	name = alarm_name(block);
	if (!name)
		return -ENOMEM;
	for (int i = 0; i < block->children_num && !err; i++)
		err = take_option(name, &block->children[i]);
	return err;
}

/* Returns 0 whatever the block says: another value would end the daemon. */
static int dcachemon_config(oconfig_item_t *block)
{
	int err = plugin.options ? 0 : dcm_plugin_options_create(&plugin.options);

	for (int i = 0; i < block->children_num && !err; i++) {
		const oconfig_item_t *item = &block->children[i];

		err = strcasecmp(item->key, "Alarm") ? take_option(NULL, item) : take_alarm(item);
	}
	if (err)
		dcm_log(DCM_LOG_ERROR, "options: %s; some are not in force", strerror(-err));
	return 0;
}

/* ---- values ---- */

/* What is known of the container of a row; NULL: nothing, or no memory. */
static meta_data_t *container_meta(const struct dcm_snapshot *snapshot,
				   const struct dcm_snap_container *container)
{
	const struct {
		const char *key;
		dcm_str text;
	} texts[] = {
		{"container_runtime", container->runtime},
		{"container_id", container->id},
		{"container_name", container->name},
		{"container_image", container->image},
		{"container_pod", container->pod},
		{"container_namespace", container->namespace},
	};
	meta_data_t *meta = container->id || container->pod ? meta_data_create() : NULL;

	for (size_t i = 0; meta && i < DCM_ARRAY_SIZE(texts); i++) {
		char text[512];

		if (!texts[i].text)
			continue;
		dcm_text_escape(DCM_TEXT_DISPLAY, dcm_snapshot_str(snapshot, texts[i].text), text,
				sizeof(text));
		meta_data_add_string(meta, texts[i].key, text);
	}
	return meta;
}

static void dispatch(const char *instance, const char *type, const char *type_instance,
		     value_t value, cdtime_t now, meta_data_t *meta)
{
	value_list_t list = VALUE_LIST_INIT;

	list.values = &value;
	list.values_len = 1;
	list.time = now;
	list.meta = meta;
	sstrncpy(list.plugin, NAME, sizeof(list.plugin));
	sstrncpy(list.plugin_instance, instance, sizeof(list.plugin_instance));
	sstrncpy(list.type, type, sizeof(list.type));
	sstrncpy(list.type_instance, type_instance, sizeof(list.type_instance));
	plugin_dispatch_values(&list);
}

static void dispatch_values(const struct dcm_view *view, cdtime_t now)
{
	for (size_t i = 0; i < view->values.count; i++) {
		const struct dcm_value *value = &view->values.items[i];
		meta_data_t *meta = NULL;

		if (value->container)
			meta = container_meta(view->snapshot, value->container);
		dispatch(value->instance, value->metric->collectd_type,
			 value->metric->collectd_type_instance,
			 value->counter ? (value_t){.derive = value->integer}
					: (value_t){.gauge = value->number},
			 now, meta);
		if (meta)
			meta_data_destroy(meta);
	}
}

/* ---- notifications ---- */

static int severity_of(enum dcm_severity severity)
{
	switch (severity) {
	case DCM_SEVERITY_CRITICAL:
		return NOTIF_FAILURE;
	case DCM_SEVERITY_WARNING:
		return NOTIF_WARNING;
	default:
		return NOTIF_OKAY;
	}
}

/* Names and meaning as the threshold plugin has them; ours follow. */
static void add_meta(notification_t *n, const struct dcm_notice *notice)
{
	const char *level = notice->severity == DCM_SEVERITY_CRITICAL ? "FailureMax" : "WarningMax";

	plugin_notification_meta_add_string(n, "DataSource", "value");
	plugin_notification_meta_add_double(n, "CurrentValue", notice->value);
	plugin_notification_meta_add_double(n, level, notice->threshold);
	plugin_notification_meta_add_string(n, "Alarm", dcm_alarm_type_name(notice->alarm));
	plugin_notification_meta_add_string(n, "Resource", notice->resource);
	if (notice->test)
		plugin_notification_meta_add_boolean(n, "Test", true);
}

static void notify(void *ctx, const struct dcm_notice *notice)
{
	notification_t n = {.severity = severity_of(notice->severity),
			    .time = notice->time_ns > 0 ? NS_TO_CDTIME_T((uint64_t)notice->time_ns)
							: cdtime()};

	sstrncpy(n.message, notice->text, sizeof(n.message));
	sstrncpy(n.host, hostname_g, sizeof(n.host));
	sstrncpy(n.plugin, NAME, sizeof(n.plugin));
	sstrncpy(n.plugin_instance, notice->instance, sizeof(n.plugin_instance));
	sstrncpy(n.type, notice->type, sizeof(n.type));
	sstrncpy(n.type_instance, notice->type_instance, sizeof(n.type_instance));
	add_meta(&n, notice);
	plugin_dispatch_notification(&n);
	if (n.meta)
		plugin_notification_meta_free(n.meta);
}

/* ---- the callbacks ---- */

static int dcachemon_read(void)
{
	struct dcm_view *view;
	enum dcm_feed_state state;
	cdtime_t now = cdtime();

	if (!plugin.feed)
		return 0;
	state = dcm_feed_read(plugin.feed, &view);
	if (view) {
		dispatch_values(view, now);
		if (plugin.options->notifications)
			dcm_notices_update(plugin.notices, view->snapshot, &view->values, notify,
					   NULL);
		dcm_feed_release(plugin.feed, view);
	}
	if (state != DCM_FEED_STARTING)
		dispatch(DEGRADED_LABEL, "bool", DEGRADED,
			 (value_t){.gauge = state == DCM_FEED_OK ? 0 : 1}, now, NULL);
	return 0;
}

static int dcachemon_init(void)
{
	double interval = CDTIME_T_TO_DOUBLE(plugin_get_interval());
	int err = 0;

	if (plugin.feed)
		return 0;
	if (!plugin.options)
		err = dcm_plugin_options_create(&plugin.options);
	if (!err)
		dcm_plugin_options_finish(plugin.options, report_option, NULL);
	if (!err)
		err = dcm_notices_create(plugin.options, &plugin.notices);
	if (!err)
		err = dcm_feed_start(plugin.options, interval, &plugin.feed);
	if (err)
		dcm_log(DCM_LOG_ERROR, "cannot start: %s", strerror(-err));
	return err ? -1 : 0;
}

static int dcachemon_shutdown(void)
{
	if (plugin.feed && dcm_feed_stop(plugin.feed, STOP_TIMEOUT_MS) < 0) {
		/* The thread may yet come back: its options must stay. */
		dcm_log(DCM_LOG_WARNING, "a sample is held up in the kernel; ending without it");
		plugin.options = NULL;
	}
	plugin.feed = NULL;
	dcm_notices_destroy(plugin.notices);
	plugin.notices = NULL;
	dcm_plugin_options_destroy(plugin.options);
	plugin.options = NULL;
	return 0;
}

void module_register(void)
{
	dcm_log_set_sink(log_line, NULL);
	plugin_register_complex_config(NAME, dcachemon_config);
	plugin_register_init(NAME, dcachemon_init);
	plugin_register_read(NAME, dcachemon_read);
	plugin_register_shutdown(NAME, dcachemon_shutdown);
}
