// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands/snmpd.h"
#include "common/base/cleanup.h"

#define HOLDER	  .process = {.seen = DCM_SNMPD_HOLDER, .pid = 7, .program = "snmpd"}
#define SEEN(how) .process = {.seen = DCM_SNMPD_##how, .count = 2}

static const struct {
	struct dcm_snmpd_watch watch;
	enum snmpd_verdict verdict;
	const char *unknown, *fix; /* within what is said; NULL: nothing is */
} cases[] = {
	{{SEEN(NONE), .seconds = 6, .sent = 1, .refused = true},
	 SNMPD_ABSENT,
	 "no process",
	 "start"},
	{{SEEN(NONE), .seconds = 6, .sent = 60, .silence_seconds = 6},
	 SNMPD_ABSENT,
	 "no process",
	 "start"},
	{{HOLDER, .seconds = 6, .sent = 60, .answered = 60, .silence_seconds = 0.8},
	 SNMPD_WELL,
	 NULL,
	 NULL},
	{{HOLDER, .seconds = 6, .sent = 60, .answered = 60, .silence_seconds = 0.1},
	 SNMPD_WELL,
	 NULL,
	 NULL},
	{{HOLDER, .seconds = 6, .sent = 60, .answered = 40, .silence_seconds = 2.5},
	 SNMPD_SLOW,
	 NULL,
	 "mute"},
	{{HOLDER, .seconds = 6, .has_cpu = true, .cpu_seconds = 0.1, .sent = 60},
	 SNMPD_SILENT,
	 NULL,
	 "kill -CONT 7"},
	{{HOLDER, .seconds = 6, .sent = 60}, SNMPD_SILENT, NULL, "kill -CONT 7"},
	{{HOLDER, .seconds = 6, .has_cpu = true, .cpu_seconds = 5.9, .sent = 60},
	 SNMPD_WEDGED,
	 NULL,
	 "KILL"},
	/* busy on a host that has more to do */
	{{HOLDER, .seconds = 6, .has_cpu = true, .cpu_seconds = 1.9, .queued_seconds = 4.1,
	  .sent = 60},
	 SNMPD_WEDGED,
	 NULL,
	 "KILL"},
	/* busy, but it answers */
	{{HOLDER, .seconds = 6, .has_cpu = true, .cpu_seconds = 5.9, .sent = 60, .answered = 1},
	 SNMPD_WELL,
	 NULL,
	 NULL},
	/* not seeing a process is not its absence */
	{{SEEN(HIDDEN), .seconds = 6, .sent = 60},
	 SNMPD_SILENT,
	 "not visible from here",
	 "--pid=host"},
	{{SEEN(HIDDEN), .seconds = 6, .sent = 1, .refused = true},
	 SNMPD_ABSENT,
	 "not visible",
	 "start"},
	{{SEEN(HIDDEN), .seconds = 6, .sent = 60, .answered = 60}, SNMPD_WELL, "not visible", NULL},
	{{SEEN(ONE_OF), .seconds = 6, .sent = 60}, SNMPD_SILENT, "one of 2", "as root"},
	{{SEEN(APART), .seconds = 6, .sent = 1, .refused = true},
	 SNMPD_SILENT,
	 "2 named snmpd here",
	 "agentaddress"},
	{{.process = {.seen = DCM_SNMPD_APART, .count = 1, .listens = "udp:127.0.0.1:1161"},
	  .seconds = 6,
	  .sent = 1,
	  .refused = true},
	 SNMPD_SILENT,
	 "at udp:127.0.0.1:1161",
	 "mute_address = udp:127.0.0.1:1161"},
	{{SEEN(REMOTE), .seconds = 6, .sent = 60},
	 SNMPD_SILENT,
	 "not one of this host",
	 "on that host"},
	{{SEEN(REMOTE), .seconds = 6, .sent = 1, .refused = true},
	 SNMPD_ABSENT,
	 "not one of",
	 "start"},
	{{.process = {.seen = DCM_SNMPD_HOLDER, .pid = 8, .program = "other"},
	  .seconds = 6,
	  .answered = 1,
	  .sent = 1},
	 SNMPD_WELL,
	 "other answers there, not snmpd",
	 NULL},
};

static bool said(const char *part, const struct dcm_reason *got)
{
	return part ? strstr(got->text, part) != NULL : !*got->text;
}

static void test_judge(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		enum snmpd_verdict verdict = snmpd_judge(&cases[i].watch);
		struct dcm_reason unknown, fix;

		snmpd_process_unknown(&cases[i].watch, &unknown);
		snmpd_verdict_fix(verdict, &cases[i].watch, &fix);
		if (verdict != cases[i].verdict || !said(cases[i].unknown, &unknown) ||
		    !said(cases[i].fix, &fix))
			fail_msg("case %zu: %s, \"%s\", fix \"%s\"", i, snmpd_verdict_name(verdict),
				 unknown.text, fix.text);
	}
}

static void test_no_transport(void **state)
{
	struct dcm_snmpd_watch watch;
	struct dcm_reason reason;

	assert_int_equal(dcm_snmpd_watch("", "tls:127.0.0.1:161", 1, &reason, &watch), -EOPNOTSUPP);
	assert_int_equal(dcm_snmpd_watch("", "udp:127.0.0.1:snmp", 1, &reason, &watch), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_no_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
