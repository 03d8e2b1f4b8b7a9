// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text in an HTML page: names of strangers stay text, and no longer than they may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lib/html_writer.h"
#include "common/base/cleanup.h"

/* What html_text() makes of @raw; @ret_cut: whether that was counted as cut. */
static char *text_of(const char *raw, unsigned *ret_cut)
{
	struct html page;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(html_init(&page), 0);
	html_text(&page, raw);
	assert_int_equal(html_print(&page, out), 0);
	fclose(out);
	assert_int_equal(html_size(&page), size);
	*ret_cut = page.cut;
	html_deinit(&page);
	return text;
}

static void assert_text(const char *raw, const char *want)
{
	unsigned cut;
	_cleanup_free_ char *text = text_of(raw, &cut);

	assert_string_equal(text, want);
	assert_int_equal(cut, 0);
}

static void test_names(void **state)
{
	assert_text("", "");
	assert_text("<script>&lt;</td>-->", "&lt;script&gt;&amp;lt;&lt;/td&gt;--&gt;");
	assert_text("\"'`=", "\"'`="); /* never within a tag */
	assert_text("a\nb\033[2J\x9b\x7f", "a\\x0ab\\x1b[2J\\x9b\\x7f");
	assert_text("\xe2\x80\xaegpj.exe", "\\xe2\\x80\\xaegpj.exe"); /* right to left */
	assert_text("\xc3\xa4\xe2\x82\xac\\", "\xc3\xa4\xe2\x82\xac\\\\");
	/* "<" as it must not be coded in UTF-8 */
	assert_text("\xc0\xbc\xe0\x80\xbc\xf0\x80\x80\xbc",
		    "\\xc0\\xbc\\xe0\\x80\\xbc\\xf0\\x80\\x80\\xbc");
}

/* Every length around the bound, of characters that take 1 to 16 bytes: one that is cut is counted
 * and marked, one that is not is whole. */
static void test_bound(void **state)
{
	static const struct {
		const char *raw, *escaped;
	} characters[] = {{"x", "x"},
			  {"&", "&amp;"},
			  {"\xff", "\\xff"},
			  {"\\", "\\\\"},
			  {"\xe2\x82\xac", "\xe2\x82\xac"},
			  {"\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81"}};
	char raw[HTML_TEXT_BYTES + 64];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(characters); i++)
		for (size_t before = 0; before < HTML_TEXT_BYTES + 2; before++) {
			const char *escaped = characters[i].escaped;
			/* bytes that count: "&amp;" is one character of the text */
			size_t len = before + (*escaped == '&' ? 1 : strlen(escaped));
			_cleanup_free_ char *text = NULL;
			unsigned cut;

			memset(raw, 'y', before);
			strcpy(raw + before, characters[i].raw);
			text = text_of(raw, &cut);
			assert_int_equal(cut, len > HTML_TEXT_BYTES);
			assert_int_equal(cut, text[strlen(text) - 1] == '~');
			assert_true(strlen(text) <= HTML_TEXT_ROOM);
			if (!cut)
				assert_string_equal(text + before, escaped);
		}
}

static void test_longest(void **state)
{
	char raw[5000];
	unsigned cut;
	_cleanup_free_ char *text = NULL;

	memset(raw, '&', sizeof(raw) - 1);
	raw[sizeof(raw) - 1] = '\0';
	text = text_of(raw, &cut);
	assert_int_equal(cut, 1);
	assert_int_equal(strlen(text), 5 * (HTML_TEXT_BYTES - 1) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
