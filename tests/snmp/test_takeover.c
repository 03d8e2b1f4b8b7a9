// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* When the interface tables are asked for in order to take them over; without an agent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "snmp-subagent/agent/if_takeover.h"

static int ours, theirs;
static const struct dcm_part *const part = &dcm_if_takeover_part;
static void *takeover;

static struct dcm_snapshot *forecast(double ratio, uint64_t seconds)
{
	struct dcm_snapshot_builder *builder;
	struct dcm_snapshot *snapshot;
	struct dcm_snap_snmpd *row;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	row = dcm_snapshot_builder_add(builder, DCM_SEC_SNMPD);
	assert_non_null(row);
	if (ratio >= 0)
		DCM_SET(row, wedge_ratio, ratio);
	assert_int_equal(
		dcm_snapshot_builder_finish(builder, 0, seconds * DCM_NSEC_PER_SEC, &snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	return snapshot;
}

/* Whether a snapshot of that second with that forecast makes it ask for rows. */
static bool asks(double ratio, uint64_t seconds)
{
	struct dcm_snapshot *snapshot = forecast(ratio, seconds);
	char byte;
	bool asked;

	part->swap(takeover, snapshot);
	part->run(takeover, dcm_now_ns());
	asked = recv(theirs, &byte, 1, MSG_DONTWAIT) == 1;
	if (asked)
		assert_int_equal(byte, 'i');
	part->swap(takeover, NULL);
	dcm_snapshot_destroy(snapshot);
	return asked;
}

static void begin(enum dcm_if_takeover_mode mode)
{
	struct dcm_config config;
	struct dcm_part_context context = {.config = &config, .no_seccomp = true};
	struct dcm_reason reason;
	int fds[2];

	dcm_config_defaults(&config);
	config.if_mib.takeover = mode;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	ours = fds[0];
	theirs = fds[1];
	context.snapshot_fd = ours;
	assert_int_equal(part->create(&context, &reason, &takeover), 0);
}

static void end(void)
{
	part->destroy(takeover);
	close(ours);
	close(theirs);
}

static void test_auto(void **state)
{
	begin(DCM_TAKEOVER_AUTO);
	assert_false(asks(-1, 100)); /* no forecast */
	assert_false(asks(0, 110));
	assert_false(asks(0.099, 120));
	assert_false(asks(5, 130)); /* not yet for long enough */
	assert_false(asks(0.099, 140));
	assert_false(asks(0.1, 150));
	assert_false(asks(5, 179));
	assert_false(asks(-1, 180)); /* not known: nothing changes */
	assert_true(asks(0.1, 181));
	assert_false(asks(5, 182)); /* asked a moment ago */
	end();
}

static void test_on_and_off(void **state)
{
	begin(DCM_TAKEOVER_ON);
	assert_true(asks(-1, 1));
	end();
	begin(DCM_TAKEOVER_OFF);
	assert_false(asks(5, 100));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_on_and_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
