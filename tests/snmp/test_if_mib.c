// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/interfaces/if_table.h"
#include "snmp-tables/if_mib.h"

/* The master has been up for 10 s at 100 s of the monotonic clock. */
static const struct dcm_mib_uptime uptime = {100000000000ULL, 1000};

static struct dcm_snapshot_builder *builder;

#define NAME(...)                                            \
	((struct dcm_mib_name){(dcm_mib_oid[]){__VA_ARGS__}, \
			       sizeof((dcm_mib_oid[]){__VA_ARGS__}) / sizeof(dcm_mib_oid)})

static dcm_str str(const char *s)
{
	return dcm_snapshot_builder_text(builder, s);
}

static struct dcm_snap_interface *interface(uint32_t netns, uint32_t index, const char *name,
					    uint32_t arphrd, uint32_t flags)
{
	struct dcm_snap_interface *row = dcm_snapshot_builder_add(builder, DCM_SEC_INTERFACES);

	assert_non_null(row);
	DCM_SET(row, key, (uint64_t)netns << 32 | index);
	DCM_SET(row, netns, netns);
	DCM_SET(row, index, index);
	DCM_SET(row, arphrd, arphrd);
	DCM_SET(row, flags, flags);
	DCM_SET(row, name, str(name));
	return row;
}

static struct dcm_snap_if_netns *netns(uint32_t index, const char *name)
{
	struct dcm_snap_if_netns *row = dcm_snapshot_builder_add(builder, DCM_SEC_IF_NETNS);

	assert_non_null(row);
	DCM_SET(row, index, index);
	DCM_SET(row, name, str(name));
	return row;
}

static void add_ethernet(void)
{
	struct dcm_snap_interface *row =
		interface(1, 7, "eth\n0", ARPHRD_ETHER, IFF_UP | IFF_RUNNING | IFF_PROMISC);

	memcpy(row->address, "\x02\x11\x22\x33\x44\x55", 6);
	DCM_SET(row, mtu, 1500);
	DCM_SET(row, alias, str("uplink"));
	DCM_SET(row, families, DCM_IF_IPV4 | DCM_IF_IPV6);
	DCM_SET(row, in_octets, (5ULL << 32) + 6);
	DCM_SET(row, in_unicast, 70);
	DCM_SET(row, in_multicast, 8);
	DCM_SET(row, speed_bps, 10000000000ULL);
	DCM_SET(row, changed_ns, 95000000000ULL);
	DCM_SET(row, v4_retrans_ms, 1000);
	DCM_SET(row, v6_forwarding, 0);
}

/* Two namespaces: three interfaces and one. */
static struct dcm_snapshot *build(void)
{
	struct dcm_snapshot *snapshot;
	struct dcm_snap_if_netns *own;
	struct dcm_snap_interface *row;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	own = netns(1, "");
	DCM_SET(own, changed_ns, 91000000000ULL);
	row = interface(1, 1, "lo", ARPHRD_LOOPBACK, IFF_UP | IFF_RUNNING | IFF_LOOPBACK);
	DCM_SET(row, families, DCM_IF_IPV4);
	DCM_SET(row, v4_retrans_ms, 500);
	add_ethernet();
	row = interface(1, UINT32_MAX, "gone", ARPHRD_SIT, IFF_UP | IFF_RUNNING);
	DCM_SET(row, missing, 1);
	netns(3, "red");
	interface(3, 1, "lo", ARPHRD_LOOPBACK, IFF_LOOPBACK);
	netns(4, "empty");
	assert_int_equal(dcm_snapshot_builder_finish(builder, 0, 1, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, NULL), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

/* Context "red" has a namespace, "lost" has had one; "new" is not looked for yet. */
static struct dcm_snapshot *build_contexts(void)
{
	static const struct {
		const char *name;
		enum dcm_context_state state;
		uint32_t netns_index;
	} rows[] = {{"red", DCM_CONTEXT_PRESENT, 3},
		    {"lost", DCM_CONTEXT_ABSENT, 0},
		    {"new", DCM_CONTEXT_STARTING, 0}};
	struct dcm_snapshot *snapshot;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	netns(1, "");
	netns(3, "/run/netns/r");
	interface(1, 1, "lo", ARPHRD_LOOPBACK, IFF_LOOPBACK);
	interface(3, 1, "lo", ARPHRD_LOOPBACK, IFF_LOOPBACK);
	interface(3, 9, "red-a", ARPHRD_ETHER, IFF_UP);
	for (uint32_t i = 0; i < 3; i++) {
		struct dcm_snap_context *row = dcm_snapshot_builder_add(builder, DCM_SEC_CONTEXTS);

		DCM_SET(row, index, i + 1);
		DCM_SET(row, state, rows[i].state);
		DCM_SET(row, name, str(rows[i].name));
		DCM_SET(row, changed_ns, 92000000000ULL);
		if (rows[i].netns_index)
			DCM_SET(row, netns_index, rows[i].netns_index);
	}
	assert_int_equal(dcm_snapshot_builder_finish(builder, 0, 1, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, NULL), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

struct expected {
	enum dcm_if_mib_object object;
	unsigned column, index;
	enum dcm_mib_type type;
	uint64_t number;
	const char *octets;
};

/* Out of RFC 2863, RFC 4293 and what snmpd 5.9.3 answers for such interfaces. */
static const struct expected cases[] = {
	{DCM_IF_MIB_TABLE, 1, 7, DCM_MIB_INTEGER, 7, NULL},
	{DCM_IF_MIB_TABLE, 2, 7, DCM_MIB_OCTETS, 0, "eth\\x0a0"},
	{DCM_IF_MIB_TABLE, 3, 1, DCM_MIB_INTEGER, 24, NULL},
	{DCM_IF_MIB_TABLE, 3, 7, DCM_MIB_INTEGER, 6, NULL},
	{DCM_IF_MIB_TABLE, 3, UINT32_MAX, DCM_MIB_INTEGER, 131, NULL},
	{DCM_IF_MIB_TABLE, 4, 7, DCM_MIB_INTEGER, 1500, NULL},
	{DCM_IF_MIB_TABLE, 5, 1, DCM_MIB_GAUGE32, 10000000, NULL},
	{DCM_IF_MIB_TABLE, 5, 7, DCM_MIB_GAUGE32, UINT32_MAX, NULL},
	{DCM_IF_MIB_TABLE, 6, 1, DCM_MIB_OCTETS, 0, ""},
	{DCM_IF_MIB_TABLE, 6, 7, DCM_MIB_OCTETS, 0, "\x02\x11\x22\x33\x44\x55"},
	{DCM_IF_MIB_TABLE, 7, 7, DCM_MIB_INTEGER, 1, NULL},
	{DCM_IF_MIB_TABLE, 7, UINT32_MAX, DCM_MIB_INTEGER, 2, NULL},
	{DCM_IF_MIB_TABLE, 8, UINT32_MAX, DCM_MIB_INTEGER, 2, NULL},
	{DCM_IF_MIB_TABLE, 9, 1, DCM_MIB_TIMETICKS, 0, NULL},
	{DCM_IF_MIB_TABLE, 9, 7, DCM_MIB_TIMETICKS, 500, NULL},
	{DCM_IF_MIB_TABLE, 10, 7, DCM_MIB_COUNTER32, 6, NULL},
	{DCM_IF_MIB_TABLE, 12, 7, DCM_MIB_COUNTER32, 8, NULL},
	{DCM_IF_MIB_TABLE, 22, 7, DCM_MIB_OBJECT_ID, 0, NULL},
	{DCM_IF_MIB_XTABLE, 6, 7, DCM_MIB_COUNTER64, (5ULL << 32) + 6, NULL},
	{DCM_IF_MIB_XTABLE, 7, 7, DCM_MIB_COUNTER64, 70, NULL},
	{DCM_IF_MIB_XTABLE, 15, 7, DCM_MIB_GAUGE32, 10000, NULL},
	{DCM_IF_MIB_XTABLE, 16, 7, DCM_MIB_INTEGER, 1, NULL},
	{DCM_IF_MIB_XTABLE, 16, 1, DCM_MIB_INTEGER, 2, NULL},
	{DCM_IF_MIB_XTABLE, 17, 1, DCM_MIB_INTEGER, 2, NULL},
	{DCM_IF_MIB_XTABLE, 18, 7, DCM_MIB_OCTETS, 0, "uplink"},
	{DCM_IF_MIB_IPV4_TABLE, 4, 1, DCM_MIB_GAUGE32, 500, NULL},
	{DCM_IF_MIB_IPV6_TABLE, 3, 7, DCM_MIB_OCTETS, 0, "\0\x11\x22\xff\xfe\x33\x44\x55"},
	{DCM_IF_MIB_IPV6_TABLE, 8, 7, DCM_MIB_INTEGER, 2, NULL},
};

static void values(void **state)
{
	struct dcm_snapshot *snapshot = build();
	struct dcm_if_mib_view view;

	assert_int_equal(dcm_if_mib_view_init(snapshot, "", uptime, &view), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct expected *c = &cases[i];
		struct dcm_mib_value value;

		assert_int_equal(
			dcm_if_mib_get(&view, c->object, NAME(1, c->column, c->index), &value), 0);
		assert_int_equal(value.type, c->type);
		assert_true(value.number == c->number);
		if (c->octets) {
			size_t len = c->column == 3 ? 8 : strlen(c->octets);

			assert_int_equal(value.len, len);
			assert_memory_equal(value.octets, c->octets, len);
		}
	}
	dcm_snapshot_destroy(snapshot);
}

static void scalars(void **state)
{
	static const struct {
		enum dcm_if_mib_object object;
		uint64_t number;
	} expected[] = {{DCM_IF_MIB_NUMBER, 3},
			{DCM_IF_MIB_TABLE_CHANGE, 100},
			{DCM_IF_MIB_IPV4_CHANGE, 0},
			{DCM_IF_MIB_IPV6_CHANGE, 0}};
	struct dcm_snapshot *snapshot = build();
	struct dcm_mib_instance instance;
	struct dcm_if_mib_view view;
	struct dcm_mib_value value;

	assert_int_equal(dcm_if_mib_view_init(snapshot, "", uptime, &view), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(expected); i++) {
		enum dcm_if_mib_object o = expected[i].object;

		assert_int_equal(dcm_if_mib_get(&view, o, NAME(0), &value), 0);
		assert_int_equal(value.number, expected[i].number);
		assert_int_equal(dcm_if_mib_get(&view, o, NAME(1), &value), -ENXIO);
		assert_int_equal(dcm_if_mib_next(&view, o, NAME(), false, &instance), 0);
		assert_int_equal(instance.name_len, 1);
		assert_int_equal(dcm_if_mib_next(&view, o, NAME(0), false, &instance), -ENOENT);
		assert_int_equal(dcm_if_mib_next(&view, o, NAME(0), true, &instance), 0);
	}
	dcm_snapshot_destroy(snapshot);
}

static void absent(void **state)
{
	static const struct {
		enum dcm_if_mib_object object;
		size_t len;
		dcm_mib_oid name[4];
		int err;
	} wrong[] = {
		{DCM_IF_MIB_TABLE, 3, {1, 1, 2}, -ENXIO},
		{DCM_IF_MIB_TABLE, 3, {1, 0, 1}, -ENOENT},
		{DCM_IF_MIB_TABLE, 3, {1, 23, 1}, -ENOENT},
		{DCM_IF_MIB_TABLE, 3, {2, 1, 1}, -ENOENT},
		{DCM_IF_MIB_TABLE, 2, {1, 1}, -ENXIO},
		{DCM_IF_MIB_TABLE, 1, {1}, -ENOENT},
		{DCM_IF_MIB_TABLE, 4, {1, 1, 1, 1}, -ENXIO},
		{DCM_IF_MIB_TABLE, 3, {1, 1, (dcm_mib_oid)1 << 32 | 1}, -ENXIO},
		{DCM_IF_MIB_XTABLE, 3, {1, 14, 1}, -ENOENT},		/* as in snmpd */
		{DCM_IF_MIB_IPV4_TABLE, 3, {1, 2, UINT32_MAX}, -ENXIO}, /* no IPv4 address */
		{DCM_IF_MIB_IPV6_TABLE, 3, {1, 7, 7}, -ENXIO},		/* no such sysctl file */
		{DCM_IF_MIB_IPV6_TABLE, 3, {1, 4, 7}, -ENOENT},
	};
	struct dcm_snapshot *snapshot = build();
	struct dcm_if_mib_view view;
	struct dcm_mib_value value;

	assert_int_equal(dcm_if_mib_view_init(snapshot, "", uptime, &view), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(wrong); i++) {
		struct dcm_mib_name name = {wrong[i].name, wrong[i].len};

		assert_int_equal(dcm_if_mib_get(&view, wrong[i].object, name, &value),
				 wrong[i].err);
	}
	dcm_snapshot_destroy(snapshot);
}

/* Walks must meet exactly the instances that GET finds, in ascending order. */
static void walks(void **state)
{
	static const struct {
		const char *netns;
		size_t instances[DCM_IF_MIB_COUNT];
	} views[] = {
		{"", {1, 3 * 22, 3 * 18, 1, 1, 6, 1, 4}},
		{"red", {1, 22, 18, 1, 1, 0, 1, 0}},
		{"empty", {1, 0, 0, 1, 1, 0, 1, 0}},
		{"unknown", {0}},
	};
	struct dcm_snapshot *snapshot = build();

	for (size_t s = 0; s < DCM_ARRAY_SIZE(views); s++)
		for (unsigned o = 0; o < DCM_IF_MIB_COUNT; o++) {
			struct dcm_mib_instance at = {.name_len = 0};
			dcm_mib_oid last[DCM_MIB_NAME_MAX];
			struct dcm_if_mib_view view;
			struct dcm_mib_value got;
			size_t count = 0;

			dcm_if_mib_view_init(snapshot, views[s].netns, uptime, &view);
			for (;; count++) {
				struct dcm_mib_name name = {at.name, at.name_len};

				memcpy(last, at.name, sizeof(last));
				if (dcm_if_mib_next(&view, o, name, false, &at))
					break;
				assert_true(!count || last[1] < at.name[1] ||
					    (last[1] == at.name[1] && last[2] < at.name[2]));
				name.len = at.name_len;
				assert_int_equal(dcm_if_mib_get(&view, o, name, &got), 0);
				assert_int_equal(got.type, at.value.type);
				assert_true(got.number == at.value.number);
			}
			assert_int_equal(count, views[s].instances[o]);
		}
	dcm_snapshot_destroy(snapshot);
}

static void odd_starts(void **state)
{
	static const struct {
		size_t len;
		dcm_mib_oid name[5];
		bool inclusive;
		dcm_mib_oid column, index; /* 0: the end */
	} starts[] = {
		{0, {0}, false, 1, 1},
		{1, {0}, false, 1, 1},
		{1, {1}, false, 1, 1},
		{1, {2}, false, 0, 0},
		{2, {1, 5}, false, 5, 1},
		{2, {1, 22}, false, 22, 1},
		{2, {1, 23}, false, 0, 0},
		{3, {1, 5, 0}, false, 5, 1},
		{3, {1, 5, 1}, true, 5, 1},
		{3, {1, 5, 2}, true, 5, 7},
		{4, {1, 5, 1, 0}, true, 5, 7},
		{5, {1, 5, 1, 0, 9}, false, 5, 7},
		{3, {1, 5, UINT32_MAX}, false, 6, 1},
		{3, {1, 22, UINT32_MAX}, false, 0, 0},
		{3, {1, 22, UINT32_MAX}, true, 22, UINT32_MAX},
	};
	struct dcm_snapshot *snapshot = build();
	struct dcm_if_mib_view view;

	assert_int_equal(dcm_if_mib_view_init(snapshot, "", uptime, &view), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(starts); i++) {
		struct dcm_mib_name start = {starts[i].name, starts[i].len};
		struct dcm_mib_instance instance;
		int err = dcm_if_mib_next(&view, DCM_IF_MIB_TABLE, start, starts[i].inclusive,
					  &instance);

		assert_int_equal(err, starts[i].column ? 0 : -ENOENT);
		if (!err) {
			assert_int_equal(instance.name[1], starts[i].column);
			assert_int_equal(instance.name[2], starts[i].index);
		}
	}
	dcm_snapshot_destroy(snapshot);
}

/* Scalars stand without a namespace, tables are empty then. */
static void contexts(void **state)
{
	static const struct {
		const char *name;
		int err;
		uint64_t interfaces;
	} expected[] = {{"red", 0, 2}, {"lost", 0, 0}, {"new", 0, 0}, {"unknown", -ENOENT, 0}};
	struct dcm_snapshot *snapshot = build_contexts();

	for (size_t i = 0; i < DCM_ARRAY_SIZE(expected); i++) {
		int scalar = expected[i].err ? -ENXIO : 0;
		struct dcm_if_mib_view view;
		struct dcm_mib_value value;

		assert_int_equal(dcm_if_mib_view_context(snapshot, expected[i].name, uptime, &view),
				 expected[i].err);
		assert_int_equal(dcm_if_mib_get(&view, DCM_IF_MIB_NUMBER, NAME(0), &value), scalar);
		if (!scalar)
			assert_int_equal(value.number, expected[i].interfaces);
		assert_int_equal(dcm_if_mib_get(&view, DCM_IF_MIB_IPV6_CHANGE, NAME(0), &value),
				 scalar);
		if (!scalar)
			assert_int_equal(value.number, 200);
		assert_int_equal(dcm_if_mib_get(&view, DCM_IF_MIB_TABLE, NAME(1, 1, 1), &value),
				 expected[i].interfaces ? 0 : -ENXIO);
	}
	dcm_snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values), cmocka_unit_test(scalars),	cmocka_unit_test(absent),
		cmocka_unit_test(walks),  cmocka_unit_test(odd_starts), cmocka_unit_test(contexts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
