// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The words for a container: what is known of it, in any room. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/containers/container_text.h"

static const struct {
	struct dcm_container_words words;
	const char *text, *name;
} cases[] = {
	{{"docker", "3f2a9c01b77e", "web-1", "", ""}, "web-1 (docker 3f2a9c01b77e)", "web-1"},
	{{"containerd", "3f2a9c01b77e", "nginx", "cart-5d9", "shop"},
	 "shop/cart-5d9/nginx (containerd 3f2a9c01b77e)",
	 "shop/cart-5d9/nginx"},
	{{"containerd", "3f2a9c01b77e", "", "cart-5d9", "shop"},
	 "shop/cart-5d9 (containerd 3f2a9c01b77e)",
	 "shop/cart-5d9"},
	{{"lxc", "web1", "web1", "", ""}, "web1 (lxc)", "web1"},
	{{"docker", "3f2a9c01b77e", "", "", ""}, "docker 3f2a9c01b77e", ""},
	{{"", "3f2a9c01b77e", "", "", ""}, "3f2a9c01b77e", ""},
	{{"", "", "web-1", "", ""}, "web-1", "web-1"},
	{{"", "", "", "", ""}, "", ""},
};

static void test_cases(void **state)
{
	char text[DCM_CONTAINER_TEXT_SIZE];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		assert_int_equal(dcm_container_text(&cases[i].words, text, sizeof(text)),
				 *cases[i].text != '\0');
		assert_string_equal(text, cases[i].text);
		assert_int_equal(dcm_container_name(&cases[i].words, text, sizeof(text)),
				 *cases[i].name != '\0');
		assert_string_equal(text, cases[i].name);
	}
}

static void test_cut(void **state)
{
	const struct dcm_container_words *words = &cases[1].words;
	size_t whole = strlen(cases[1].text);

	for (size_t size = 1; size <= whole + 2; size++) {
		_cleanup_free_ char *text = malloc(size); /* a sanitizer sees one byte too far */

		assert_true(dcm_container_text(words, text, size));
		assert_int_equal(strlen(text), size <= whole ? size - 1 : whole);
		assert_memory_equal(text, cases[1].text, strlen(text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
