// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/who/maker_names.h"

static void test_program(void **state)
{
	static const char *const cases[][2] = {
		{"runc:[1:CHILD]", "runc"},
		{"runc:[2:INIT]", "runc"},
		{"ip", "ip"},
		{":[1:CHILD]", ":[1:CHILD]"},
		{"", ""},
	};
	char out[16];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		dcm_maker_program(cases[i][0], out, sizeof(out));
		assert_string_equal(out, cases[i][1]);
	}
	dcm_maker_program("containerd-shim", out, 5);
	assert_string_equal(out, "cont");
}

static void test_programs(void **state)
{
	static const char *const cases[][2] = {
		{"runc:[1:CHILD] of runc for docker", "runc for docker"},
		{"runc:[1:CHILD] of runc:[0:PARENT]", "runc"},
		{"runc:[1:CHILD] of containerd-shim", "runc of containerd-shim"},
		{"runc:[1:CHILD] of runc for podman, runc:[1:CHILD] of runc for docker",
		 "runc for podman, runc for docker"},
		/* each once, and not a part of another one */
		{"runc:[1:CHILD] of runc, runc:[2:INIT] of runc, ip of bash", "runc, ip of bash"},
		{"arunc of a, runc of a, runc of ab", "arunc of a, runc of a, runc of ab"},
		{"ip of bash", "ip of bash"},
		{"ip of ", "ip"},
		{"no such form", "no such form"},
		{"", ""},
		{", ", ""},
	};
	char out[128];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		dcm_maker_programs(cases[i][0], out, sizeof(out));
		assert_string_equal(out, cases[i][1]);
	}
}

/* Whatever it is, it fits. */
static void test_cut(void **state)
{
	char makers[512], out[512];

	memset(makers, 'a', sizeof(makers) - 1);
	makers[sizeof(makers) - 1] = '\0';
	memcpy(makers, "ab, cd, ", 8);
	memcpy(makers + 300, " of ", 4);
	for (size_t size = 1; size < sizeof(out); size++) {
		memset(out, 'x', sizeof(out));
		dcm_maker_programs(makers, out, size);
		assert_true(strlen(out) < size && strlen(out) <= strlen(makers));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
