// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/kernel/who/kernel_symbols.h"
#include "common/parse/kallsyms.h"

static char root[] = "/tmp/dcachemon-symbols.XXXXXX", file[64];

static int setup(void **state)
{
	char folder[48];

	if (!mkdtemp(root))
		return -1;
	snprintf(folder, sizeof(folder), "%s/proc", root);
	snprintf(file, sizeof(file), "%s/kallsyms", folder);
	return mkdir(folder, 0700);
}

static int teardown(void **state)
{
	unlink(file);
	*strrchr(file, '/') = '\0';
	return rmdir(file) || rmdir(root);
}

static struct dcm_kernel_symbols *read_text(const char *text)
{
	struct dcm_kernel_symbols *symbols;
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(dcm_kernel_symbols_read(root, &symbols), 0);
	return symbols;
}

/* In no order; the last line without its end. */
static void test_names(void **state)
{
	struct dcm_kernel_symbols *symbols =
		read_text("ffffffff81002000 t proc_sys_compare\n"
			  "ffffffff81000000 T _raw_spin_lock\n"
			  "ffffffff81001000 T native_queued_spin_lock_slowpath\n"
			  "junk\n"
			  "ffffffff82000000 b sysctl_lock\n"
			  "ffffffff81003000 T last\n"
			  "ffffffffc0000000 t ext4_x\t[ext4]");
	const unsigned long long stack[] = {0x10, 0xffffffff81001010, 0xffffffff81000020,
					    0xffffffff81002fff, 0xffffffff81003000};
	const unsigned long long module[] = {0xffffffffc0000001}, far[] = {0xffffffffd0000001};

	assert_string_equal(dcm_kernel_symbols_variable(symbols, 0xffffffff82000000),
			    "sysctl_lock");
	assert_string_equal(
		dcm_kernel_symbols_variable(symbols, 0xffffffff82000004),
		dcm_kernel_symbols_variable(symbols, 0xffffffff82000000)); /* seqlock_t */
	assert_null(dcm_kernel_symbols_variable(symbols, 0xffffffff82000008));
	assert_null(dcm_kernel_symbols_variable(symbols, 0xffffffff81000000)); /* code */
	assert_null(dcm_kernel_symbols_variable(symbols, 0xffffffff81000004));
	assert_null(dcm_kernel_symbols_variable(symbols, 0));
	assert_string_equal(dcm_kernel_symbols_caller(symbols, stack, 5), "proc_sys_compare");
	assert_null(dcm_kernel_symbols_caller(symbols, stack, 3));
	assert_null(dcm_kernel_symbols_caller(symbols, stack, 0));
	assert_string_equal(dcm_kernel_symbols_caller(symbols, module, 1), "ext4_x");
	assert_null(dcm_kernel_symbols_caller(symbols, far, 1));
	dcm_kernel_symbols_destroy(symbols);
}

static void test_hidden(void **state)
{
	struct dcm_kernel_symbols *symbols;
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs("0000000000000000 T _stext\n0000000000000000 T start\n", f);
	fclose(f);
	assert_int_equal(dcm_kernel_symbols_read(root, &symbols), -ENODATA);
	unlink(file);
	assert_int_equal(dcm_kernel_symbols_read(root, &symbols), -ENOENT);
}

static void test_lines(void **state)
{
	static const char *const bad[] = {
		"", "1", "1 T", "1 TT x", "g T x", "-1 T x", "11111111111111111 T x", "0x1 T x"};
	static const char good[] = "ffFF0000 t a.b\t[m]";
	struct dcm_kallsyms_symbol symbol;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			dcm_kallsyms_line((struct dcm_span){bad[i], strlen(bad[i])}, &symbol),
			-EINVAL);
	assert_int_equal(dcm_kallsyms_line((struct dcm_span){good, strlen(good)}, &symbol), 0);
	assert_int_equal(symbol.address, 0xffff0000);
	assert_int_equal(symbol.type, 't');
	assert_true(dcm_span_equals(symbol.name, "a.b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
