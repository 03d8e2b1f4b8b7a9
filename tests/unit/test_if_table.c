/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "common/model/interfaces/if_table.h"

#define FADEOUT 300

static void put(struct dcm_if_table *t, uint32_t index, const char *name, uint32_t flags,
		uint64_t packets, uint64_t multicast, uint64_t now)
{
	struct dcm_link link = {.index = index, .flags = flags, .has_stats = true};

	snprintf(link.name, sizeof(link.name), "%s", name);
	link.stats.rx_packets = packets;
	link.stats.rx_multicast = multicast;
	assert_int_equal(dcm_if_table_link(t, &link, now), 0);
}

static void end(struct dcm_if_table *t, uint64_t now)
{
	dcm_if_table_sort(t);
	dcm_if_table_end(t, now, FADEOUT, true);
}

/* Indexes out of order and repeated, as an interrupted dump may give them. */
static void first_dump(void **state)
{
	struct dcm_if_table t = {0};

	dcm_if_table_begin(&t);
	for (uint32_t i = 100; i > 0; i--)
		put(&t, i, "x", IFF_UP, 0, 0, 10);
	put(&t, 50, "x", IFF_UP, 0, 0, 10);
	end(&t, 10);
	assert_int_equal(t.count, 100);
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(t.rows[i].link.index, i + 1);
		assert_int_equal(t.rows[i].changed_ns, 0); /* as after a start of snmpd */
	}
	assert_int_equal(t.changed_ns, 0);
	assert_null(dcm_if_table_find(&t, 0));
	assert_null(dcm_if_table_find(&t, 101));
	assert_int_equal(dcm_if_table_find(&t, 77)->link.index, 77);
	dcm_if_table_deinit(&t);
}

static void changes(void **state)
{
	struct dcm_if_table t = {0};

	dcm_if_table_begin(&t);
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 10);
	put(&t, 2, "a", IFF_UP, 0, 0, 10);
	end(&t, 10);

	dcm_if_table_begin(&t);
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 20);
	put(&t, 2, "a", IFF_UP | IFF_RUNNING, 0, 0, 20); /* carrier */
	put(&t, 3, "b", IFF_UP, 0, 0, 20);		 /* new */
	end(&t, 20);
	assert_int_equal(t.rows[0].changed_ns, 0);
	assert_int_equal(t.rows[1].changed_ns, 20);
	assert_int_equal(t.rows[2].changed_ns, 20);
	assert_int_equal(t.changed_ns, 20);

	dcm_if_table_begin(&t); /* 2 is gone */
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 30);
	put(&t, 3, "b", IFF_UP, 0, 0, 30);
	end(&t, 30);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.rows[1].missing_ns, 30);
	assert_int_equal(t.rows[1].changed_ns, 30);
	assert_int_equal(t.changed_ns, 20);

	dcm_if_table_begin(&t); /* 2 is back */
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 40);
	put(&t, 2, "renamed", IFF_UP | IFF_RUNNING, 0, 0, 40);
	end(&t, 40);
	assert_int_equal(t.rows[1].missing_ns, 0);
	assert_int_equal(t.rows[1].discontinuity_ns, 40);
	assert_int_equal(t.rows[1].changed_ns, 40);
	assert_string_equal(t.rows[1].link.name, "renamed");

	dcm_if_table_begin(&t); /* 3 stays away until it has faded */
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 339);
	put(&t, 2, "renamed", IFF_UP | IFF_RUNNING, 0, 0, 339);
	end(&t, 339);
	assert_int_equal(t.count, 3);
	dcm_if_table_begin(&t);
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 340);
	put(&t, 2, "renamed", IFF_UP | IFF_RUNNING, 0, 0, 340);
	end(&t, 340);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.changed_ns, 340);
	assert_null(dcm_if_table_find(&t, 3));
	dcm_if_table_deinit(&t);
}

static void interrupted_dump_removes_nothing(void **state)
{
	struct dcm_if_table t = {0};

	dcm_if_table_begin(&t);
	put(&t, 1, "lo", IFF_UP | IFF_RUNNING, 0, 0, 10);
	dcm_if_table_sort(&t);
	dcm_if_table_address(&t, 1, AF_INET);
	dcm_if_table_end(&t, 10, FADEOUT, true);
	dcm_if_table_begin(&t);
	dcm_if_table_sort(&t);
	dcm_if_table_end(&t, 20, FADEOUT, false);
	assert_int_equal(t.rows[0].missing_ns, 0);
	assert_int_equal(t.rows[0].families, DCM_IF_IPV4);
	assert_int_equal(t.ipv4_changed_ns, 0);
	assert_true(dcm_if_row_oper_up(&t.rows[0]));
	dcm_if_table_deinit(&t);
}

static void families_and_sysctls(void **state)
{
	struct dcm_if_table t = {0};

	for (uint64_t now = 10; now <= 40; now += 10) {
		dcm_if_table_begin(&t);
		put(&t, 1, "lo", IFF_UP, 0, 0, now);
		dcm_if_table_sort(&t);
		dcm_if_table_address(&t, 9, AF_INET); /* of no interface */
		dcm_if_table_address(&t, 1, AF_UNIX);
		if (now >= 20)
			dcm_if_table_address(&t, 1, AF_INET);
		if (now >= 30)
			dcm_if_table_address(&t, 1, AF_INET6);
		t.rows[0].sysctls.has = 1u << DCM_IF_V6_FORWARDING;
		t.rows[0].sysctls.value[DCM_IF_V6_FORWARDING] = now >= 40;
		dcm_if_table_end(&t, now, FADEOUT, true);
		assert_int_equal(t.ipv4_changed_ns, now >= 20 ? 20 : 0);
		assert_int_equal(t.ipv6_changed_ns, now >= 30 ? now : 0);
	}
	dcm_if_table_deinit(&t);
}

static void unicast_never_falls(void **state)
{
	static const struct {
		uint64_t packets, multicast, unicast;
	} steps[] = {{100, 10, 90}, {100, 12, 90}, {110, 120, 90}, {130, 30, 100}, {5, 1, 4}};
	struct dcm_if_table t = {0};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		dcm_if_table_begin(&t);
		put(&t, 1, "a", 0, steps[i].packets, steps[i].multicast, 10 + i);
		end(&t, 10 + i);
		assert_int_equal(t.rows[0].in_unicast, steps[i].unicast);
	}
	dcm_if_table_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_dump),
		cmocka_unit_test(changes),
		cmocka_unit_test(interrupted_dump_removes_nothing),
		cmocka_unit_test(families_and_sysctls),
		cmocka_unit_test(unicast_never_falls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
