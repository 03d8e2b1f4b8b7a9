/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stands in for the collectd daemon: keeps what the plugin registers, dispatches and logs. */
#ifndef DCM_TESTS_MOCK_HOST_H
#define DCM_TESTS_MOCK_HOST_H

#include <collectd/core/daemon/collectd.h>

#include <collectd/core/daemon/plugin.h>

struct mock_value {
	value_list_t list; /* without its meta data */
	value_t value;
	char container_name[64], container_id[16]; /* of those */
};

struct mock_notification {
	notification_t n; /* without its meta list */
	double current, warning_max, failure_max;
	bool has_warning_max, has_failure_max;
	char data_source[64], alarm[64];
};

struct mock_log {
	int level;
	char text[512];
};

#define MOCK_MAX 40000
extern struct mock_host {
	int (*config)(oconfig_item_t *);
	plugin_init_cb init;
	int (*read)(void);
	plugin_shutdown_cb shutdown;
	double interval; /* seconds, of LoadPlugin */

	struct mock_value *values;
	size_t value_count;
	struct mock_notification notifications[64];
	size_t notification_count;
	struct mock_log logs[256];
	size_t log_count;
} mock;

/* Forgets what was dispatched and logged, not what was registered. */
void mock_forget(void);

/* One block: options as "KEY", "VALUE" pairs, NULL at the end; alarm options as "chain_length/KEY"
 * or "chain_length TARGET/KEY". Values are strings; "1" to "9..." are numbers, true and false
 * booleans. Returns what the callback did. */
int mock_configure(const char *const *pairs);

/* The last value of an identifier such as "totals/objects-dentries"; NULL: none. */
const struct mock_value *mock_find(const char *identifier);

/* Log lines that contain @text. */
size_t mock_logged(const char *text);

#endif
