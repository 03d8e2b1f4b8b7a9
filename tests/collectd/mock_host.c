// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/collectd/mock_host.h"

#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct mock_host mock = {.interval = 10};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The daemon's symbols. */
char *hostname_g;
cdtime_t interval_g;
int timeout_g;
char *sstrncpy(char *dest, const char *src, size_t n);

char *sstrncpy(char *dest, const char *src, size_t n)
{
	snprintf(dest, n, "%s", src);
	return dest;
}

#ifdef __SANITIZE_THREAD__
/* libtsan of gcc 12 does not know this call; what a joined thread did would look unordered. */
int pthread_clockjoin_np(pthread_t thread, void **ret, clockid_t clock,
			 const struct timespec *until)
{
	struct timespec now, limit;
	long long left;

	clock_gettime(clock, &now);
	clock_gettime(CLOCK_REALTIME, &limit);
	left = (until->tv_sec - now.tv_sec) * 1000000000LL + until->tv_nsec - now.tv_nsec +
	       limit.tv_nsec;
	limit.tv_sec += left / 1000000000;
	limit.tv_nsec = left % 1000000000;
	return pthread_timedjoin_np(thread, ret, &limit);
}
#endif

cdtime_t cdtime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return TIMESPEC_TO_CDTIME_T(&ts);
}

cdtime_t plugin_get_interval(void)
{
	return DOUBLE_TO_CDTIME_T(mock.interval);
}

int plugin_register_complex_config(const char *type, int (*callback)(oconfig_item_t *))
{
	static char host[] = "mock";

	hostname_g = host;
	mock.config = callback;
	return 0;
}

int plugin_register_init(const char *name, plugin_init_cb callback)
{
	mock.init = callback;
	return 0;
}

int plugin_register_read(const char *name, int (*callback)(void))
{
	mock.read = callback;
	return 0;
}

int plugin_register_shutdown(const char *name, plugin_shutdown_cb callback)
{
	mock.shutdown = callback;
	return 0;
}

void plugin_log(int level, const char *format, ...)
{
	va_list ap;

	pthread_mutex_lock(&lock);
	if (mock.log_count < 256) {
		struct mock_log *log = &mock.logs[mock.log_count++];

		log->level = level;
		va_start(ap, format);
		vsnprintf(log->text, sizeof(log->text), format, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&lock);
}

/* A list of a few texts. */
struct meta_data_s {
	size_t count;
	struct {
		char key[32], value[512];
	} item[8];
};

meta_data_t *meta_data_create(void)
{
	return calloc(1, sizeof(struct meta_data_s));
}

void meta_data_destroy(meta_data_t *meta)
{
	free(meta);
}

int meta_data_add_string(meta_data_t *meta, const char *key, const char *value)
{
	if (meta->count == 8)
		abort();
	snprintf(meta->item[meta->count].key, sizeof(meta->item[0].key), "%s", key);
	snprintf(meta->item[meta->count].value, sizeof(meta->item[0].value), "%s", value);
	meta->count++;
	return 0;
}

static const char *meta_text(const meta_data_t *meta, const char *key)
{
	for (size_t i = 0; meta && i < meta->count; i++)
		if (!strcmp(meta->item[i].key, key))
			return meta->item[i].value;
	return "";
}

int plugin_dispatch_values(const value_list_t *vl)
{
	struct mock_value *kept;

	if (!mock.values)
		mock.values = calloc(MOCK_MAX, sizeof(*mock.values));
	if (mock.value_count == MOCK_MAX || vl->values_len != 1)
		abort();
	kept = &mock.values[mock.value_count++];
	*kept = (struct mock_value){.list = *vl, .value = vl->values[0]};
	kept->list.meta = NULL;
	snprintf(kept->container_name, sizeof(kept->container_name), "%.63s",
		 meta_text(vl->meta, "container_name"));
	snprintf(kept->container_id, sizeof(kept->container_id), "%.15s",
		 meta_text(vl->meta, "container_id"));
	return 0;
}

/* ---- notifications ---- */

static notification_meta_t *add_meta(notification_t *n, const char *name,
				     enum notification_meta_type_e type)
{
	notification_meta_t *meta = calloc(1, sizeof(*meta)), **end = &n->meta;

	snprintf(meta->name, sizeof(meta->name), "%s", name);
	meta->type = type;
	while (*end)
		end = &(*end)->next;
	*end = meta;
	return meta;
}

int plugin_notification_meta_add_string(notification_t *n, const char *name, const char *value)
{
	add_meta(n, name, NM_TYPE_STRING)->nm_value.nm_string = strdup(value);
	return 0;
}

int plugin_notification_meta_add_double(notification_t *n, const char *name, double value)
{
	add_meta(n, name, NM_TYPE_DOUBLE)->nm_value.nm_double = value;
	return 0;
}

int plugin_notification_meta_add_boolean(notification_t *n, const char *name, bool value)
{
	add_meta(n, name, NM_TYPE_BOOLEAN)->nm_value.nm_boolean = value;
	return 0;
}

int plugin_notification_meta_free(notification_meta_t *meta)
{
	while (meta) {
		notification_meta_t *next = meta->next;

		if (meta->type == NM_TYPE_STRING)
			free((void *)(uintptr_t)meta->nm_value.nm_string);
		free(meta);
		meta = next;
	}
	return 0;
}

static void take_meta(struct mock_notification *to, const notification_meta_t *meta)
{
	if (!strcmp(meta->name, "CurrentValue"))
		to->current = meta->nm_value.nm_double;
	if (!strcmp(meta->name, "WarningMax")) {
		to->warning_max = meta->nm_value.nm_double;
		to->has_warning_max = true;
	}
	if (!strcmp(meta->name, "FailureMax")) {
		to->failure_max = meta->nm_value.nm_double;
		to->has_failure_max = true;
	}
	if (!strcmp(meta->name, "DataSource"))
		snprintf(to->data_source, sizeof(to->data_source), "%.60s",
			 meta->nm_value.nm_string);
	if (!strcmp(meta->name, "Alarm"))
		snprintf(to->alarm, sizeof(to->alarm), "%.60s", meta->nm_value.nm_string);
}

int plugin_dispatch_notification(const notification_t *n)
{
	struct mock_notification *to = &mock.notifications[mock.notification_count++ % 64];

	*to = (struct mock_notification){.n = *n};
	for (const notification_meta_t *meta = n->meta; meta; meta = meta->next)
		take_meta(to, meta);
	to->n.meta = NULL;
	return 0;
}

/* ---- for the tests ---- */

void mock_forget(void)
{
	free(mock.values);
	mock.values = NULL;
	mock.value_count = '\0';
	mock.notification_count = '\0';
	pthread_mutex_lock(&lock);
	mock.log_count = '\0';
	pthread_mutex_unlock(&lock);
}

static void set_value(oconfig_value_t *value, const char *text)
{
	if (isdigit((unsigned char)*text)) {
		value->type = OCONFIG_TYPE_NUMBER;
		value->value.number = strtod(text, NULL);
	} else if (!strcmp(text, "true") || !strcmp(text, "false")) {
		value->type = OCONFIG_TYPE_BOOLEAN;
		value->value.boolean = *text == 't';
	} else {
		value->type = OCONFIG_TYPE_STRING;
		value->value.string = (char *)(uintptr_t)text;
	}
}

/* An item with one value; its key is "KEY" or what stands behind "/". */
static void set_item(oconfig_item_t *item, oconfig_value_t *value, const char *key,
		     const char *text)
{
	*item = (oconfig_item_t){.key = (char *)(uintptr_t)key, .values = value, .values_num = 1};
	set_value(value, text);
}

int mock_configure(const char *const *pairs)
{
	struct {
		oconfig_item_t item, inner;
		oconfig_value_t value[2], inner_value;
		char name[64];
	} parts[64];
	oconfig_item_t items[64], block = {.children = items};
	int n = '\0';

	for (; pairs[0]; pairs += 2, n++) {
		const char *slash = strchr(pairs[0], '/');

		if (!slash) {
			set_item(&items[n], parts[n].value, pairs[0], pairs[1]);
			continue;
		}
		memcpy(parts[n].name, pairs[0], (size_t)(slash - pairs[0]));
		parts[n].name[slash - pairs[0]] = '\0';
		set_item(&parts[n].inner, &parts[n].inner_value, slash + 1, pairs[1]);
		set_item(&items[n], parts[n].value, "Alarm", parts[n].name);
		items[n].children = &parts[n].inner;
		items[n].children_num = 1;
		if (strchr(parts[n].name, ' ')) {
			char *target = strchr(parts[n].name, ' ');

			*target = '\0';
			set_value(&parts[n].value[1], target + 1);
			items[n].values_num = 2;
		}
	}
	block.children_num = n;
	return mock.config(&block);
}

const struct mock_value *mock_find(const char *identifier)
{
	char text[600];

	for (size_t i = mock.value_count; i-- > 0;) {
		const value_list_t *list = &mock.values[i].list;

		snprintf(text, sizeof(text), "%s/%s-%s", list->plugin_instance, list->type,
			 list->type_instance);
		if (!strcmp(text, identifier))
			return &mock.values[i];
	}
	return NULL;
}

size_t mock_logged(const char *text)
{
	size_t count = '\0';

	pthread_mutex_lock(&lock);
	for (size_t i = '\0'; i < mock.log_count; i++)
		count += strstr(mock.logs[i].text, text) != NULL;
	pthread_mutex_unlock(&lock);
	return count;
}
