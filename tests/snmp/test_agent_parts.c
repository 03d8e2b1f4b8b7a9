// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parts of the agent: the library's log, the filter of repeated messages, the time histogram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stdio.h>
#include <stdlib.h>

#include "snmp-subagent/agent/netsnmp_log.h"
#include "snmp-tables/latency_histogram.h"

#define SECOND 1000000000ULL

static char heard[64];

static bool keep(const char *message)
{
	snprintf(heard, sizeof(heard), "%s", message);
	return true;
}

/* Which priorities reach a handler differs between versions of the library. */
static void test_library_messages(void **state)
{
	char text[32];

	dcm_netsnmp_log_start(keep);
	assert_string_equal(heard, "");
	for (int priority = LOG_EMERG; priority <= LOG_DEBUG; priority++) {
		snprintf(text, sizeof(text), "priority %d\n", priority);
		snmp_log(priority, "priority %d\n", priority);
		assert_string_equal(heard, text);
	}
}

static void test_repeated_message(void **state)
{
	struct dcm_message_filter filter = {0};
	uint64_t suppressed = 99;

	assert_true(dcm_message_filter_pass(&filter, "refused", SECOND, &suppressed));
	assert_int_equal(suppressed, 0);
	for (int i = 0; i < 5; i++)
		assert_false(dcm_message_filter_pass(&filter, "refused", 2 * SECOND, &suppressed));
	assert_true(dcm_message_filter_pass(&filter, "other", 2 * SECOND, &suppressed));
	assert_true(dcm_message_filter_pass(&filter, "refused", SECOND + DCM_MESSAGE_REPEAT_NS,
					    &suppressed));
	assert_int_equal(suppressed, 5);
	assert_false(dcm_message_filter_pass(&filter, "refused", SECOND + DCM_MESSAGE_REPEAT_NS,
					     &suppressed));
}

/* More different messages than slots: the oldest is forgotten, the others stay known. */
static void test_many_messages(void **state)
{
	struct dcm_message_filter filter = {0};
	uint64_t suppressed;
	char text[32];

	for (int i = 0; i <= DCM_MESSAGE_SLOTS; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		assert_true(
			dcm_message_filter_pass(&filter, text, SECOND + (uint64_t)i, &suppressed));
		assert_int_equal(suppressed, 0);
	}
	for (int i = 1; i <= DCM_MESSAGE_SLOTS; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		assert_false(dcm_message_filter_pass(&filter, text, 2 * SECOND, &suppressed));
	}
	assert_true(dcm_message_filter_pass(&filter, "message 0", 2 * SECOND, &suppressed));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Against the sorted list: never below the exact quantile, at most an eighth above. */
static void test_quantiles(void **state)
{
	enum { COUNT = 5000 };
	static const double shares[] = {0.01, 0.5, 0.9, 0.99, 1.0};
	static uint64_t values[COUNT];
	struct dcm_latency time = {0};
	unsigned seed = 1;

	assert_int_equal(dcm_latency_quantile(&time, 0.99), 0);
	for (int i = 0; i < COUNT; i++) {
		values[i] = (uint64_t)rand_r(&seed) >> (rand_r(&seed) % 31);
		dcm_latency_add(&time, 2, values[i]);
	}
	qsort(values, COUNT, sizeof(values[0]), compare);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		uint64_t exact = values[(int)(shares[i] * COUNT) - 1];
		uint64_t got = dcm_latency_quantile(&time, shares[i]);

		assert_true(got >= exact);
		assert_true(got <= exact + exact / 8);
	}
	assert_int_equal(time.calls, COUNT);
	assert_int_equal(time.requests, 2 * COUNT);
	assert_int_equal(time.max_ns, values[COUNT - 1]);
	dcm_latency_add(&time, 1, UINT64_MAX);
	assert_true(dcm_latency_quantile(&time, 1.0) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_library_messages),
		cmocka_unit_test(test_repeated_message),
		cmocka_unit_test(test_many_messages),
		cmocka_unit_test(test_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
