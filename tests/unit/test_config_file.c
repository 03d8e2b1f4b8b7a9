// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/config_file.h"

static char folder[] = "/tmp/dcm-config-XXXXXX";
static char path[PATH_MAX];
static struct dcm_config config;
static unsigned mistakes;

static void count(void *ctx, unsigned line, const char *section, const char *key,
		  const char *message)
{
	mistakes++;
}

static int setup(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/dcachemon.conf", folder);
	return 0;
}

static int remove_file(void **state)
{
	mistakes = 0;
	unlink(path);
	return 0;
}

static int teardown(void **state)
{
	return rmdir(folder);
}

/* @text and then comment lines up to @size bytes */
static int load(const char *text, size_t size)
{
	FILE *file = fopen(path, "we");
	size_t len = strlen(text);

	assert_non_null(file);
	fputs(text, file);
	for (; len < size; len++)
		fputc(len % 64 ? '#' : '\n', file);
	assert_int_equal(fclose(file), 0);
	return dcm_config_load(path, count, NULL, &config);
}

static void test_good(void **state)
{
	assert_int_equal(load("[snmp]\nuser = somebody\n", 0), 0);
	assert_string_equal(config.snmp.user, "somebody");
	assert_int_equal(load("", 0), 0);
	assert_string_equal(config.snmp.user, "");
}

static void test_mistakes(void **state)
{
	config.snmp.ping_interval = 77;
	assert_int_equal(load("[snmp]\nuser\n", 0), -EINVAL);
	assert_int_equal(mistakes, 1);
	assert_int_equal(config.snmp.ping_interval, 77);
}

static void test_size(void **state)
{
	assert_int_equal(load("[snmp]\nuser = big\n", DCM_CONFIG_FILE_MAX), 0);
	assert_string_equal(config.snmp.user, "big");
	assert_int_equal(load("[snmp]\nuser = big\n", DCM_CONFIG_FILE_MAX + 1), -EFBIG);
	assert_int_equal(mistakes, 0);
}

static void test_missing(void **state)
{
	assert_int_equal(dcm_config_load(path, count, NULL, &config), -ENOENT);
	assert_int_equal(mistakes, 0);
}

static void test_not_regular(void **state)
{
	assert_int_equal(dcm_config_load(folder, count, NULL, &config), -ENOTSUP);
	assert_int_equal(dcm_config_load("/dev/zero", count, NULL, &config), -ENOTSUP);
	/* a FIFO without a writer: no waiting */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(dcm_config_load(path, count, NULL, &config), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_good, remove_file),
		cmocka_unit_test_teardown(test_mistakes, remove_file),
		cmocka_unit_test_teardown(test_size, remove_file),
		cmocka_unit_test_teardown(test_missing, remove_file),
		cmocka_unit_test_teardown(test_not_regular, remove_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
