// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/commands/snmpd.h"
#include "common/base/cleanup.h"

static const struct {
	struct dcm_snmpd_watch watch;
	enum snmpd_verdict verdict;
} cases[] = {
	{{.seconds = 6, .sent = 1, .refused = true}, SNMPD_ABSENT},
	{{.seconds = 6, .sent = 60, .silence_seconds = 6}, SNMPD_ABSENT},
	{{.pid = 7, .seconds = 6, .sent = 60, .answered = 60, .silence_seconds = 0.8}, SNMPD_WELL},
	{{.seconds = 6, .sent = 60, .answered = 60, .silence_seconds = 0.1}, SNMPD_WELL},
	{{.pid = 7, .seconds = 6, .sent = 60, .answered = 40, .silence_seconds = 2.5}, SNMPD_SLOW},
	{{.pid = 7, .seconds = 6, .has_cpu = true, .cpu_seconds = 0.1, .sent = 60}, SNMPD_SILENT},
	{{.pid = 7, .seconds = 6, .sent = 60}, SNMPD_SILENT},
	{{.pid = 7, .seconds = 6, .has_cpu = true, .cpu_seconds = 5.9, .sent = 60}, SNMPD_WEDGED},
	/* busy, but it answers */
	{{.pid = 7, .seconds = 6, .has_cpu = true, .cpu_seconds = 5.9, .sent = 60, .answered = 1},
	 SNMPD_WELL},
};

static void test_judge(void **state __attribute__((unused)))
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		enum snmpd_verdict verdict = snmpd_judge(&cases[i].watch);

		if (verdict != cases[i].verdict)
			fail_msg("case %zu: %s", i, snmpd_verdict_name(verdict));
		assert_int_equal(verdict == SNMPD_WELL, !*snmpd_verdict_fix(verdict));
	}
}

static void test_no_udp(void **state __attribute__((unused)))
{
	struct dcm_snmpd_watch watch;
	struct dcm_reason reason;

	assert_int_equal(dcm_snmpd_watch("", "tcp:127.0.0.1:161", 1, &reason, &watch), -EOPNOTSUPP);
	assert_int_equal(dcm_snmpd_watch("", "unix:/run/x:y", 1, &reason, &watch), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_no_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
