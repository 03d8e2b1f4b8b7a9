// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/units.h"
#include "common/model/interfaces/link_queue.h"

#define UP    (IFF_UP | IFF_RUNNING)
#define START (5000 * DCM_NSEC_PER_SEC)

static const struct dcm_notify_config limits = {.rate = 2, .burst = 20};

/* Interface 1 is up, 2 is down, all of it told, and the master is there. */
static int setup(void **state)
{
	struct dcm_link_queue *traps;

	assert_int_equal(dcm_link_queue_create(&limits, START, &traps), 0);
	dcm_link_queue_connection(traps, true);
	dcm_link_queue_list_begin(traps);
	assert_int_equal(dcm_link_queue_set(traps, 1, UP), 0);
	assert_int_equal(dcm_link_queue_set(traps, 2, 0), 0);
	dcm_link_queue_list_end(traps, true);
	*state = traps;
	return 0;
}

static int teardown(void **state)
{
	dcm_link_queue_destroy(*state);
	return 0;
}

/* All that goes out at once, such as "up 1,down 2,". */
static const char *sent_at(struct dcm_link_queue *traps, uint64_t now_ns)
{
	static char text[1000];
	struct dcm_link_trap trap;
	size_t len = 0;
	uint64_t due;

	text[0] = '\0';
	while (dcm_link_queue_next(traps, now_ns, &trap, &due))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %u%s,",
					trap.up ? "up" : "down", trap.index,
					trap.removed ? " removed" : "");
	return text;
}

#define assert_sent(traps, expected) assert_string_equal(sent_at(traps, START), expected)

static void tells_changes_once(void **state)
{
	struct dcm_link_queue *traps = *state;

	assert_sent(traps, "");
	dcm_link_queue_set(traps, 2, IFF_UP); /* no carrier yet */
	assert_sent(traps, "");
	dcm_link_queue_set(traps, 2, UP);
	dcm_link_queue_set(traps, 2, UP | IFF_PROMISC);
	assert_sent(traps, "up 2,");
	dcm_link_queue_set(traps, 1, IFF_UP);
	dcm_link_queue_set(traps, 1, 0);
	assert_sent(traps, "down 1,");
	dcm_link_queue_set(traps, 3, 0); /* new */
	assert_sent(traps, "");
	dcm_link_queue_set(traps, 4, UP);
	assert_sent(traps, "up 4,");
	assert_int_equal(dcm_link_queue_count(traps), 4);
}

static void first_list_is_told(void **state)
{
	struct dcm_link_queue *traps;

	assert_int_equal(dcm_link_queue_create(&limits, START, &traps), 0);
	dcm_link_queue_connection(traps, true);
	dcm_link_queue_list_begin(traps);
	dcm_link_queue_set(traps, 1, UP);
	dcm_link_queue_list_end(traps, false); /* one that was interrupted is no list */
	dcm_link_queue_list_begin(traps);
	dcm_link_queue_set(traps, 2, UP);
	dcm_link_queue_set(traps, 1, UP);
	dcm_link_queue_list_end(traps, true);
	assert_sent(traps, "");
	dcm_link_queue_destroy(traps);
}

static void flags_of_the_moment(void **state)
{
	struct dcm_link_queue *traps = *state;
	struct dcm_link_trap trap;
	uint64_t due;

	dcm_link_queue_set(traps, 1, IFF_UP | IFF_BROADCAST);
	assert_true(dcm_link_queue_next(traps, START, &trap, &due));
	assert_int_equal(trap.flags, IFF_UP | IFF_BROADCAST);
	assert_int_equal(due, START);
	assert_false(dcm_link_queue_next(traps, START, &trap, &due));
	assert_true(due == UINT64_MAX);
}

static void back_before_its_turn(void **state)
{
	struct dcm_link_queue *traps = *state;

	dcm_link_queue_set(traps, 1, 0);
	dcm_link_queue_set(traps, 1, UP);
	dcm_link_queue_set(traps, 2, UP);
	dcm_link_queue_remove(traps, 2);
	dcm_link_queue_set(traps, 3, UP);
	dcm_link_queue_remove(traps, 3);
	assert_sent(traps, "");
	assert_int_equal(dcm_link_queue_count(traps), 1);
}

static void removed_interfaces(void **state)
{
	struct dcm_link_queue *traps = *state;

	dcm_link_queue_remove(traps, 1);
	dcm_link_queue_remove(traps, 1);
	dcm_link_queue_remove(traps, 77); /* never seen */
	assert_int_equal(dcm_link_queue_count(traps), 1);
	assert_sent(traps, "down 1 removed,");
	dcm_link_queue_remove(traps, 2); /* was down */
	assert_sent(traps, "");
	assert_int_equal(dcm_link_queue_count(traps), 0);
	dcm_link_queue_set(traps, 1, UP); /* the number is used again */
	dcm_link_queue_remove(traps, 1);
	dcm_link_queue_set(traps, 1, UP);
	assert_int_equal(dcm_link_queue_count(traps), 1);
	assert_sent(traps, "up 1,");
}

/* After messages were lost. */
static void later_list(void **state)
{
	struct dcm_link_queue *traps = *state;

	dcm_link_queue_list_begin(traps);
	dcm_link_queue_set(traps, 3, UP);
	dcm_link_queue_list_end(traps, false);
	assert_sent(traps, "up 3,");
	dcm_link_queue_list_begin(traps);
	dcm_link_queue_set(traps, 2, UP);
	dcm_link_queue_list_end(traps, true);
	assert_sent(traps, "up 2,down 1 removed,down 3 removed,");
}

static void without_connection(void **state)
{
	struct dcm_link_queue *traps = *state;
	struct dcm_link_trap trap;
	uint64_t due;

	dcm_link_queue_connection(traps, false);
	dcm_link_queue_set(traps, 1, 0);
	dcm_link_queue_set(traps, 2, UP);
	assert_false(dcm_link_queue_next(traps, START, &trap, &due));
	assert_true(due == UINT64_MAX);
	dcm_link_queue_set(traps, 1, UP);
	dcm_link_queue_connection(traps, true);
	assert_sent(traps, "up 2,");
}

/* One that flaps all the time takes its turn behind the others. */
static void limits_and_turns(void **state)
{
	struct dcm_link_queue *traps = *state;
	struct dcm_notify_config strict = {.rate = 1, .burst = 1};
	struct dcm_link_trap trap;
	uint64_t due;

	dcm_link_queue_configure(traps, &strict);
	dcm_link_queue_set(traps, 1, 0);
	dcm_link_queue_set(traps, 2, UP);
	dcm_link_queue_set(traps, 3, UP);
	assert_sent(traps, "down 1,");
	dcm_link_queue_set(traps, 1, UP);
	assert_false(dcm_link_queue_next(traps, START, &trap, &due));
	assert_in_range(due, START + DCM_NSEC_PER_SEC, START + DCM_NSEC_PER_SEC + 10);
	assert_string_equal(sent_at(traps, due), "up 2,");
	assert_string_equal(sent_at(traps, START + 3 * DCM_NSEC_PER_SEC), "up 3,");
	assert_string_equal(sent_at(traps, START + 9 * DCM_NSEC_PER_SEC), "up 1,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_changes_once, setup, teardown),
		cmocka_unit_test(first_list_is_told),
		cmocka_unit_test_setup_teardown(flags_of_the_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(back_before_its_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(removed_interfaces, setup, teardown),
		cmocka_unit_test_setup_teardown(later_list, setup, teardown),
		cmocka_unit_test_setup_teardown(without_connection, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_and_turns, setup, teardown),
	};

	return cmocka_run_group_tests_name("link_traps", tests, NULL, NULL);
}
