/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The whole of a test program whose subject is built with BPF only: it says so. */
#ifndef TESTS_UNIT_WITHOUT_BPF_H
#define TESTS_UNIT_WITHOUT_BPF_H

static void test_nothing(void **state)
{
	print_message("built without BPF\n");
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
