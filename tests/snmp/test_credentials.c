// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "snmp-client/credentials.h"

static const struct {
	const char *text;
	int err;
	const char *reason; /* part of it */
} cases[] = {
	{"community = secret\n", 0, ""},
	{"# SET\n\n  community=secret  \r\n", 0, ""},
	{"user = u\nauth_protocol = SHA\nauth_password = 12345678\n", 0, ""},
	{"user = u\nauth_protocol = SHA\nauth_password = 12345678\npriv_protocol = AES\n"
	 "priv_password = a b = c d\n",
	 0, ""},
	{"", -EINVAL, "either"},
	{"community = a\nuser = b\n", -EINVAL, "either"},
	{"community = a\ncommunity = b\n", -EINVAL, "twice"},
	{"community =\n", -EINVAL, "empty"},
	{"community = a\nauth_protocol = SHA\n", -EINVAL, "nothing else"},
	{"user = u\n", -EINVAL, "auth_protocol"},
	{"user = u\nauth_protocol = SHA\nauth_password = 1234567\n", -EINVAL, "8 bytes"},
	{"user = u\nauth_protocol = SHA\nauth_password = 12345678\npriv_protocol = AES\n", -EINVAL,
	 "priv_password"},
	{"user = u\nauth_protocol = SHA\nauth_password = 12345678\npriv_password = 12345678\n",
	 -EINVAL, "priv_protocol"},
	{"secret\n", -EINVAL, "line 1"},
	{"\nfuture = 1\n", -EINVAL, "line 2"},
};

static void test_parse(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_credentials c;
		struct dcm_reason reason = {""};
		int err = dcm_credentials_parse(cases[i].text, &reason, &c);

		if (err != cases[i].err || !strstr(reason.text, cases[i].reason))
			fail_msg("case %zu: %d, \"%s\"", i, err, reason.text);
		assert_null(strstr(reason.text, "secret"));
	}
}

static void test_values(void **state)
{
	struct dcm_credentials c;
	struct dcm_reason reason;

	assert_int_equal(dcm_credentials_parse(cases[3].text, &reason, &c), 0);
	assert_string_equal(c.community, "");
	assert_string_equal(c.user, "u");
	assert_string_equal(c.priv_password, "a b = c d");
}

static void test_long_value(void **state)
{
	char text[DCM_CREDENTIAL_MAX + 32] = "community = ";
	struct dcm_credentials c;
	struct dcm_reason reason;
	size_t len = strlen(text);

	memset(text + len, 'x', DCM_CREDENTIAL_MAX);
	assert_int_equal(dcm_credentials_parse(text, &reason, &c), -EINVAL);
	text[len + DCM_CREDENTIAL_MAX - 1] = '\0';
	assert_int_equal(dcm_credentials_parse(text, &reason, &c), 0);
}

static void test_file(void **state)
{
	char path[] = "/tmp/dcm-credentials.XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	struct dcm_credentials c;
	struct dcm_reason reason;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "community = x\n", 14), 14);
	assert_int_equal(dcm_credentials_read(path, &reason, &c), 0);
	assert_string_equal(c.community, "x");
	for (mode_t bit = 1; bit <= 040; bit <<= 1) {
		assert_int_equal(fchmod(fd, 0600 | bit), 0);
		assert_int_equal(dcm_credentials_read(path, &reason, &c), -EPERM);
	}
	if (!geteuid()) {
		assert_int_equal(fchmod(fd, 0600), 0);
		assert_int_equal(fchown(fd, 12345, (gid_t)-1), 0);
		assert_int_equal(dcm_credentials_read(path, &reason, &c), -EPERM);
	}
	unlink(path);
	assert_int_equal(dcm_credentials_read(path, &reason, &c), -ENOENT);
	assert_int_equal(dcm_credentials_read("/tmp", &reason, &c), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_long_value),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
