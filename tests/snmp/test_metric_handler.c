// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The handler inside libnetsnmp, without snmpd: requests are built and called as the library does.
 * Expected values are read from the rows of tests/lib/synthetic.h, not through the metric table.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "common/base/cleanup.h"
#include "common/model/metrics/metrics.h"
#include "snmp-tables/if_mib_handler.h"
#include "snmp-tables/metric_handler.h"
#include "tests/lib/synthetic.h"

#define ROOT	       "1.3.6.1.4.1.8072.9999.9999.1806"
#define OTHER_ROOT     "1.3.6.1.4.1.8072.9999.9999.1807"
#define SUPERBLOCK     3, 1
#define SUPERBLOCKS    20
#define CHANGED_NS     (100ULL * 1000000000)
#define SNAPSHOT_TICKS 12345

static struct dcm_metric_handler *handler;
static const char *root = ROOT; /* that the next requests are for */

struct probe {
	oid below[8];
	size_t len;
};

/* Builds OBJECTS.below */
static void make_name(const oid *below, size_t len, oid name[MAX_OID_LEN], size_t *ret_len)
{
	size_t root_len;

	assert_int_equal(dcm_mib_root_parse(root, name, &root_len), 0);
	name[root_len++] = 1;
	if (len)
		memcpy(name + root_len, below, len * sizeof(oid));
	*ret_len = root_len + len;
}

/* One call with all of @variables, as for one PDU. */
static int call(int mode, netsnmp_variable_list *variables, netsnmp_request_info *requests)
{
	oid name[MAX_OID_LEN];
	size_t len, count = 0;
	netsnmp_agent_request_info info = {.mode = mode};
	netsnmp_subtree *tree;

	make_name(NULL, 0, name, &len);
	tree = netsnmp_subtree_find(name, len, NULL, "");
	assert_non_null(tree);
	for (; variables; variables = variables->next_variable, count++) {
		requests[count] =
			(netsnmp_request_info){.requestvb = variables, .agent_req_info = &info};
		if (count)
			requests[count - 1].next = &requests[count];
	}
	return netsnmp_call_handlers(tree->reginfo, &info, requests);
}

static netsnmp_variable_list *add(netsnmp_variable_list **list, struct probe probe)
{
	oid name[MAX_OID_LEN];
	size_t len;

	make_name(probe.below, probe.len, name, &len);
	return snmp_varlist_add_variable(list, name, len, ASN_NULL, NULL, 0);
}

static netsnmp_variable_list *ask(int mode, struct probe probe)
{
	netsnmp_variable_list *list = NULL;
	netsnmp_request_info request;

	add(&list, probe);
	assert_int_equal(call(mode, list, &request), SNMP_ERR_NOERROR);
	return list;
}

#define PROBE(...) ((struct probe){{__VA_ARGS__}, sizeof((oid[]){__VA_ARGS__}) / sizeof(oid)})

static void expect_number(struct probe probe, int type, uint64_t value)
{
	netsnmp_variable_list *got = ask(MODE_GET, probe);

	assert_int_equal(got->type, type);
	if (type == ASN_COUNTER64)
		assert_int_equal((uint64_t)got->val.counter64->high << 32 | got->val.counter64->low,
				 value);
	else
		assert_int_equal((uint32_t)*got->val.integer, value);
	snmp_free_varbind(got);
}

static void expect_text(struct probe probe, const char *text)
{
	netsnmp_variable_list *got = ask(MODE_GET, probe);

	assert_int_equal(got->type, ASN_OCTET_STR);
	assert_int_equal(got->val_len, strlen(text));
	assert_memory_equal(got->val.string, text, strlen(text));
	snmp_free_varbind(got);
}

static void expect_exception(struct probe probe, int type)
{
	netsnmp_variable_list *got = ask(MODE_GET, probe);

	assert_int_equal(got->type, type);
	snmp_free_varbind(got);
}

static void test_values(void **state)
{
	expect_number(PROBE(1, 1, 0), ASN_GAUGE, 123456);
	expect_number(PROBE(1, 2, 0), ASN_GAUGE, 0);	      /* -5 */
	expect_number(PROBE(1, 4, 0), ASN_GAUGE, 192 * 1024); /* bytes as KiB */
	expect_number(PROBE(SUPERBLOCK, 7, 9), ASN_GAUGE, 3000);
	expect_number(PROBE(SUPERBLOCK, 7, 3 * SUPERBLOCKS), ASN_GAUGE, UINT32_MAX);
	expect_number(PROBE(SUPERBLOCK, 11, 3 * SUPERBLOCKS), ASN_COUNTER64,
		      SYNTHETIC_UNUSED_ABOVE_32);
	expect_number(PROBE(SUPERBLOCK, 10, 9), ASN_GAUGE, 3); /* 0.003 s in ms */
	expect_number(PROBE(6, 1, 9, 1), ASN_INTEGER, 2);      /* TruthValue */
	expect_number(PROBE(6, 1, 9, 2), ASN_INTEGER, 1);
	expect_number(PROBE(13, 1, 3, DCM_SOURCE_HASH + 1), ASN_INTEGER, DCM_STATE_UNSUPPORTED);
	expect_number(PROBE(13, 1, 8, 1), ASN_COUNTER, 7); /* 2^32 + 7 wraps */
	expect_text(PROBE(SUPERBLOCK, 4, 9), "0:3");
	expect_text(PROBE(SUPERBLOCK, 5, 9), "/mnt/3");
	expect_text(PROBE(6, 1, 5, 2), "a\\x0ab\\x1b[2J\\xff\\\\");
}

static void test_exceptions(void **state)
{
	expect_exception(PROBE(1, 3, 0), SNMP_NOSUCHINSTANCE); /* absent value */
	expect_exception(PROBE(1, 1, 1), SNMP_NOSUCHINSTANCE);
	expect_exception(PROBE(1, 1), SNMP_NOSUCHINSTANCE);
	expect_exception(PROBE(SUPERBLOCK, 6, 9), SNMP_NOSUCHINSTANCE); /* absent in odd rows */
	expect_exception(PROBE(SUPERBLOCK, 7, 10), SNMP_NOSUCHINSTANCE);
	expect_exception(PROBE(SUPERBLOCK, 7, 9, 1), SNMP_NOSUCHINSTANCE);
	expect_exception(PROBE(SUPERBLOCK, 1, 9), SNMP_NOSUCHOBJECT); /* the index itself */
	expect_exception(PROBE(SUPERBLOCK, 99, 9), SNMP_NOSUCHOBJECT);
	expect_exception(PROBE(3, 2, 7, 9), SNMP_NOSUCHOBJECT);
	expect_exception(PROBE(4000000000, 1, 0), SNMP_NOSUCHOBJECT);
}

/* A walk through libnetsnmp's own structures: ascending, and each GET gives the same octets. */
static void test_walk(void **state)
{
	netsnmp_variable_list *at = ask(MODE_GETNEXT, PROBE(0));
	size_t count = 0;

	while (at->type != ASN_NULL) {
		netsnmp_variable_list *next = NULL, *get = NULL;
		netsnmp_request_info request;

		snmp_varlist_add_variable(&get, at->name, at->name_length, ASN_NULL, NULL, 0);
		assert_int_equal(call(MODE_GET, get, &request), SNMP_ERR_NOERROR);
		assert_int_equal(get->type, at->type);
		assert_int_equal(get->val_len, at->val_len);
		assert_memory_equal(get->val.string, at->val.string, at->val_len);
		snmp_varlist_add_variable(&next, at->name, at->name_length, ASN_NULL, NULL, 0);
		assert_int_equal(call(MODE_GETNEXT, next, &request), SNMP_ERR_NOERROR);
		if (next->type != ASN_NULL)
			assert_true(snmp_oid_compare(at->name, at->name_length, next->name,
						     next->name_length) < 0);
		snmp_free_varbind(get);
		snmp_free_varbind(at);
		at = next;
		count++;
	}
	snmp_free_varbind(at);
	/* 5 totals, 11 full and one half column of superblocks, 9 of 3 chains, the rest */
	assert_true(count > 5 + 11 * SUPERBLOCKS + SUPERBLOCKS / 2 + 9 * 3);
}

static void test_many_requests_in_one_call(void **state)
{
	const struct dcm_latency *time = dcm_metric_handler_time(handler);
	uint64_t calls = time->calls, requests = time->requests;
	netsnmp_variable_list *list = NULL, *variable;
	netsnmp_request_info infos[SUPERBLOCKS];
	uint64_t i = 1;

	for (oid row = 1; row <= SUPERBLOCKS; row++)
		add(&list, PROBE(SUPERBLOCK, 8, 3 * row));
	assert_int_equal(call(MODE_GET, list, infos), SNMP_ERR_NOERROR);
	for (variable = list; variable; variable = variable->next_variable, i++)
		assert_int_equal(*variable->val.integer, 10 * i);
	assert_int_equal(time->calls, calls + 1);
	assert_int_equal(time->requests, requests + SUPERBLOCKS);
	snmp_free_varbind(list);
}

static void test_set(void **state)
{
	netsnmp_variable_list *list = NULL;
	netsnmp_request_info request;

	add(&list, PROBE(1, 1, 0));
	call(MODE_SET_RESERVE1, list, &request);
	assert_int_equal(request.status, SNMP_ERR_NOTWRITABLE);
	snmp_free_varbind(list);
}

static void test_change_stamp(void **state)
{
	/* 5 s after the moment at which sysUpTime was 12345: and before the master's start. */
	dcm_metric_handler_set_uptime(handler,
				      (struct dcm_mib_uptime){CHANGED_NS - 5000000000ULL, 12345});
	expect_number(PROBE(DCM_TABLE_CHANGES_ARC, 3, 0), ASN_TIMETICKS, 12345 + 500);
	dcm_metric_handler_set_uptime(handler,
				      (struct dcm_mib_uptime){CHANGED_NS + 5000000000ULL, 12345});
	expect_number(PROBE(DCM_TABLE_CHANGES_ARC, 3, 0), ASN_TIMETICKS, 12345 - 500);
	dcm_metric_handler_set_uptime(handler,
				      (struct dcm_mib_uptime){CHANGED_NS + 5000000000ULL, 100});
	expect_number(PROBE(DCM_TABLE_CHANGES_ARC, 3, 0), ASN_TIMETICKS, 0);
}

static struct dcm_snapshot *synthetic(uint32_t rows)
{
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	synthetic_fill(builder, rows);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, CHANGED_NS, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

static void want_nothing(void *ctx)
{
}

/* A second tree and the interface tables in the same process: each with its own snapshot, and none
 * takes the root of another. */
static void test_several_handlers(void **state)
{
	static const struct dcm_if_mib_options options = {
		.context = "", .priority = DCM_IF_MIB_PRIORITY, .want = want_nothing};
	const struct dcm_latency *time = dcm_metric_handler_time(handler);
	struct dcm_metric_handler *other;
	struct dcm_if_mib_handler *interfaces;
	uint64_t calls;

	assert_int_equal(dcm_metric_handler_create(DCM_METRIC_PRIORITY, &other), 0);
	assert_int_equal(dcm_metric_handler_register(other, ROOT), -EBUSY);
	assert_int_equal(dcm_metric_handler_register(other, OTHER_ROOT), 0);
	assert_int_equal(dcm_metric_handler_swap(other, synthetic(2)), 0);
	assert_int_equal(dcm_if_mib_handler_create(&options, &interfaces), 0);
	assert_int_equal(dcm_if_mib_handler_register(interfaces), 0);
	calls = time->calls;
	root = OTHER_ROOT;
	expect_number(PROBE(SUPERBLOCK, 7, 3), ASN_GAUGE, 1000);
	expect_exception(PROBE(SUPERBLOCK, 7, 9), SNMP_NOSUCHINSTANCE);
	root = ROOT;
	assert_int_equal(time->calls, calls);
	assert_int_equal(dcm_metric_handler_time(other)->calls, 2);
	expect_number(PROBE(SUPERBLOCK, 7, 9), ASN_GAUGE, 3000);
	dcm_if_mib_handler_unregister(interfaces);
	dcm_if_mib_handler_destroy(interfaces);
	assert_int_equal(dcm_metric_handler_register(other, "gone"), -EINVAL);
	dcm_metric_handler_unregister(other);
	dcm_metric_handler_destroy(other);
	expect_number(PROBE(SUPERBLOCK, 7, 9), ASN_GAUGE, 3000);
}

static void test_root_parse(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: refused */
	} cases[] = {
		{"1.3.6.1", 4},
		{".1.3.6.1", 4},
		{"1.4294967295", 2},
		{"", 0},
		{".", 0},
		{"1", 0},
		{"1.", 0},
		{"1..3", 0},
		{"1.3 ", 0},
		{"iso.3", 0},
		{"-1.3", 0},
		{"1.+3", 0},
		{"1.4294967296", 0},
		{"1.0x3", 0},
		{"1.99999999999999999999999", 0},
	};
	char big[3 * DCM_MAX_ROOT_ARCS] = "1";
	dcm_mib_oid name[DCM_MAX_ROOT_ARCS];
	size_t len;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		int err = dcm_mib_root_parse(cases[i].text, name, &len);

		assert_int_equal(err, cases[i].len ? 0 : -EINVAL);
		if (!err)
			assert_int_equal(len, cases[i].len);
	}
	for (int i = 1; i < DCM_MAX_ROOT_ARCS; i++)
		strcat(big, ".1");
	assert_int_equal(dcm_mib_root_parse(big, name, &len), 0);
	assert_int_equal(len, DCM_MAX_ROOT_ARCS);
	strcat(big, ".1");
	assert_int_equal(dcm_mib_root_parse(big, name, &len), -EINVAL);
}

static int set_up(void **state)
{
	setenv("MIBS", "", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	if (init_agent("test_metric_handler"))
		return -1;
	assert_int_equal(dcm_metric_handler_create(DCM_METRIC_PRIORITY, &handler), 0);
	assert_int_equal(dcm_metric_handler_register(handler, "bad root"), -EINVAL);
	assert_int_equal(dcm_metric_handler_register(handler, "1.3.6.1.4.1.8072.9999.9999.5"), 0);
	assert_int_equal(dcm_metric_handler_register(handler, ROOT), 0); /* moves */
	return dcm_metric_handler_swap(handler, synthetic(SUPERBLOCKS));
}

static int tear_down(void **state)
{
	snmp_shutdown("test_metric_handler");
	shutdown_agent();
	dcm_metric_handler_destroy(handler);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_many_requests_in_one_call),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_change_stamp),
		cmocka_unit_test(test_several_handlers),
		cmocka_unit_test(test_root_parse),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
