// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/metrics/text.h"

#define ROOM DCM_TEXT_ROOM(1024)

/* ---- oracle: the ABNF of RFC 3629, section 4, as a table ---- */

static size_t utf8_oracle(const unsigned char *in)
{
	static const struct {
		unsigned char first, last, second_first, second_last;
		size_t len;
	} rules[] = {
		{0x01, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t r = 0; r < DCM_ARRAY_SIZE(rules); r++) {
		if (in[0] < rules[r].first || in[0] > rules[r].last)
			continue;
		if (rules[r].len > 1 &&
		    (in[1] < rules[r].second_first || in[1] > rules[r].second_last))
			return 0;
		for (size_t i = 2; i < rules[r].len; i++)
			if (in[i] < 0x80 || in[i] > 0xbf)
				return 0;
		return rules[r].len;
	}
	return 0;
}

static size_t unescape(const char *in, char *out)
{
	size_t len = 0;

	for (; *in; in++) {
		unsigned byte;

		if (*in != '\\') {
			out[len++] = *in;
		} else if (in[1] == '\\') {
			out[len++] = '\\';
			in++;
		} else {
			assert_int_equal(sscanf(in, "\\x%2x", &byte), 1);
			out[len++] = (char)byte;
			in += 3;
		}
	}
	out[len] = '\0';
	return len;
}

static bool is_ascii_text(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static bool is_valid_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t len; *at; at += len) {
		len = utf8_oracle(at);
		if (!len)
			return false;
	}
	return true;
}

static size_t run(enum dcm_text_form form, const char *in, char *out, size_t size)
{
	size_t len;

	memset(out, '#', size);
	len = dcm_text_escape(form, in, out, size);
	assert_true(len < size);
	assert_int_equal(strlen(out), len);
	return len;
}

/* What holds of any input in every form. */
static void check_forms(const char *in)
{
	char out[ROOM], back[ROOM];
	size_t len = run(DCM_TEXT_TERMINAL, in, out, sizeof(out));

	assert_true(is_valid_utf8(out));
	for (size_t i = 0; i < len; i++)
		assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	unescape(out, back);
	assert_string_equal(back, in);

	len = run(DCM_TEXT_DISPLAY, in, out, sizeof(out));
	assert_true(len <= 255 && is_ascii_text(out));
	if (strlen(in) <= 63) { /* cannot be cut */
		unescape(out, back);
		assert_string_equal(back, in);
	}

	run(DCM_TEXT_JSON, in, out, sizeof(out));
	assert_true(is_valid_utf8(out));
	if (is_valid_utf8(in) && !strchr(in, '\\'))
		assert_string_equal(out, in);
	unescape(out, back);
	assert_string_equal(back, in);

	len = run(DCM_TEXT_IDENTIFIER, in, out, sizeof(out));
	assert_true(len >= 1 && len <= 63);
	assert_int_equal(strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-"),
			 len);

	len = run(DCM_TEXT_SAFE, in, out, sizeof(out));
	assert_true(len <= 255 && is_ascii_text(out));
	assert_null(strpbrk(out, "$&;|<>(){}[]*?!#~`\"'\\%^"));
}

static void test_cases(void **state)
{
	static const struct {
		const char *in, *terminal, *display, *json, *safe;
	} cases[] = {
		{"", "", "", "", ""},
		{"ipv6", "ipv6", "ipv6", "ipv6", "ipv6"},
		{"a b", "a b", "a b", "a b", "a b"},
		{"a\\b", "a\\\\b", "a\\\\b", "a\\\\b", "a__b"},
		{"a\nb", "a\\x0ab", "a\\x0ab", "a\nb", "a_x0ab"},
		{"\x1b[31m", "\\x1b[31m", "\\x1b[31m", "\x1b[31m", "_x1b_31m"},
		{"\x7f", "\\x7f", "\\x7f", "\x7f", "_x7f"},
		{"$(rm)%s", "$(rm)%s", "$(rm)%s", "$(rm)%s", "__rm__s"},
		{"\xc3\xa4", "\xc3\xa4", "\\xc3\\xa4", "\xc3\xa4", "_xc3_xa4"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80",
		 "_xf0_x9f_x98_x80"},
		/* C1: CSI as one character */
		{"\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b", "\xc2\x9b", "_xc2_x9b"},
		/* no-break space is visible enough, the soft hyphen is not */
		{"\xc2\xa0", "\xc2\xa0", "\\xc2\\xa0", "\xc2\xa0", "_xc2_xa0"},
		{"\xc2\xad", "\\xc2\\xad", "\\xc2\\xad", "\xc2\xad", "_xc2_xad"},
		/* invalid: stray continuation, cut, overlong, surrogate, beyond Unicode */
		{"\x80", "\\x80", "\\x80", "\\x80", "_x80"},
		{"\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", "\\xe2\\x82", "_xe2_x82"},
		{"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "_xc0_xaf"},
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf",
		 "_xe0_x80_xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
		 "_xed_xa0_x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80",
		 "\\xf4\\x90\\x80\\x80", "_xf4_x90_x80_x80"},
		{"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80", "\\xf8\\x88\\x80\\x80\\x80",
		 "\\xf8\\x88\\x80\\x80\\x80", "_xf8_x88_x80_x80_x80"},
		{"\xff\xfe", "\\xff\\xfe", "\\xff\\xfe", "\\xff\\xfe", "_xff_xfe"},
		/* a good character behind a broken one */
		{"\xc3\x41",
		 "\\xc3"
		 "A",
		 "\\xc3"
		 "A",
		 "\\xc3"
		 "A",
		 "_xc3A"},
	};
	char out[ROOM];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		run(DCM_TEXT_TERMINAL, cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].terminal);
		run(DCM_TEXT_DISPLAY, cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].display);
		run(DCM_TEXT_JSON, cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].json);
		run(DCM_TEXT_SAFE, cases[i].in, out, sizeof(out));
		assert_string_equal(out, cases[i].safe);
		check_forms(cases[i].in);
	}
}

static void encode(uint32_t code, char out[5])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	memset(out, 0, 5);
	for (size_t i = len; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(len == 1 ? code : (0xf00u >> len & 0xff) | code);
}

/* Characters that reorder, hide or break text: each as hexadecimal bytes. */
static void test_treacherous(void **state)
{
	static const uint32_t codes[] = {0x61c,	 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f,
					 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
					 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xfff9,
					 0xad,	 0x80,	 0x85,	 0x9b,	 0x9f,	 0xe0001};
	char in[5], out[ROOM];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(codes); i++) {
		encode(codes[i], in);
		assert_true(is_valid_utf8(in));
		run(DCM_TEXT_TERMINAL, in, out, sizeof(out));
		assert_true(is_ascii_text(out));
		assert_int_equal(strlen(out), 4 * strlen(in));
	}
}

static void test_every_character(void **state)
{
	char in[5], out[ROOM];
	unsigned kept = 0;

	for (uint32_t code = 1; code <= 0x10ffff; code++) {
		bool surrogate = code >= 0xd800 && code <= 0xdfff;

		encode(code, in);
		dcm_text_escape(DCM_TEXT_JSON, in, out, sizeof(out));
		if ((surrogate || code == '\\') != (strcmp(in, out) != 0))
			fail_msg("U+%04X", code);
		dcm_text_escape(DCM_TEXT_TERMINAL, in, out, sizeof(out));
		kept += !strcmp(in, out);
	}
	/* 1,112,063 characters without NUL; 32 + 33 controls, "\" and the invisible ones go */
	assert_int_equal(kept, 1112063 - 31 - 33 - 1 - 1 - 2 - 5 - 7 - 16 - 1 - 3 - 128);
}

static void test_every_byte_pair(void **state)
{
	char in[3] = "";

	for (unsigned a = 1; a < 256; a++) {
		in[0] = (char)a;
		in[1] = '\0';
		check_forms(in);
		for (unsigned b = 1; b < 256; b++) {
			in[1] = (char)b;
			check_forms(in);
		}
	}
}

/* Every lead byte with every second byte, and the borders behind. */
static void test_longer_sequences(void **state)
{
	static const unsigned char border[] = {0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xff};
	char in[5] = "";

	for (unsigned a = 0xe0; a < 256; a++)
		for (unsigned b = 0x7e; b < 0xc2; b++)
			for (size_t c = 0; c < sizeof(border); c++)
				for (size_t d = 0; d < sizeof(border); d++) {
					in[0] = (char)a;
					in[1] = (char)b;
					in[2] = (char)border[c];
					in[3] = (char)border[d];
					check_forms(in);
				}
}

static void test_random(void **state)
{
	uint64_t random = 88172645463325252ULL;
	char in[300];

	for (int round = 0; round < 3000; round++) {
		size_t len = (size_t)round % (sizeof(in) - 1);

		for (size_t i = 0; i < len; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			in[i] = (char)(random >> 24 ? random >> 24 : 1);
			in[i] = in[i] ? in[i] : 1;
		}
		in[len] = '\0';
		check_forms(in);
	}
}

/* Cut at every size: still whole escapes and whole characters, and the mark at the end. */
static void test_cuts(void **state)
{
	static const char in[] = "a\xc3\xa4\n\xf0\x9f\x98\x80\\\xff"
				 "bc\xe2\x80\xae"
				 "d0123456789abcdefghi";
	char whole[ROOM], out[ROOM];

	for (int form = DCM_TEXT_TERMINAL; form <= DCM_TEXT_JSON; form++) {
		size_t full = run(form, in, whole, sizeof(whole));

		for (size_t size = 16; size < full + 4; size++) {
			size_t len = run(form, in, out, size), text;

			if (size > full) {
				assert_string_equal(out, whole);
				continue;
			}
			text = form == DCM_TEXT_JSON ? len : len - 1;
			if (form != DCM_TEXT_JSON)
				assert_int_equal(out[len - 1], '~');
			assert_memory_equal(out, whole, text);
			assert_true(is_valid_utf8(out));
			/* the longest piece is four escaped bytes */
			assert_true(len + 16 >= size);
			/* what is left out begins at a border between two pieces */
			assert_true(text == full || ((unsigned char)whole[text] & 0xc0) != 0x80);
		}
	}
}

static void test_display_limit(void **state)
{
	char in[1025], out[ROOM];

	memset(in, 'x', sizeof(in));
	in[255] = '\0'; /* NAME_MAX */
	assert_int_equal(run(DCM_TEXT_DISPLAY, in, out, sizeof(out)), 255);
	assert_string_equal(out, in);
	in[255] = 'x';
	in[256] = '\0';
	assert_int_equal(run(DCM_TEXT_DISPLAY, in, out, sizeof(out)), 255);
	assert_int_equal(out[254], '~');
	assert_int_equal(run(DCM_TEXT_SAFE, in, out, sizeof(out)), 255);
	assert_int_equal(out[254], '+');
	/* 63 escapes are 252 octets: the 64th is not begun */
	memset(in, '\x01', 255);
	in[255] = '\0';
	assert_int_equal(run(DCM_TEXT_DISPLAY, in, out, sizeof(out)), 253);
	assert_string_equal(out + 244, "\\x01\\x01~");
	memset(in, '\x01', 1024);
	in[1024] = '\0';
	assert_int_equal(run(DCM_TEXT_TERMINAL, in, out, sizeof(out)), 4096);
}

static void test_identifiers(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"eth0", "eth0"},
		{"a_b-C9", "a_b-C9"},
		{"/", "_-2a0c975e"},
		{"", "_-811c9dc5"},
		{"_-811c9dc5", "_-811c9dc5-"},
		{"/var/lib", "_var_lib-"},
		{"a.b", "a_b-"},
		{"a{b}", "a_b_-"},
		{"\n", "_-"},
	};
	char out[ROOM];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		run(DCM_TEXT_IDENTIFIER, cases[i].in, out, sizeof(out));
		assert_int_equal(strncmp(out, cases[i].out, strlen(cases[i].out)), 0);
	}
}

static void assert_different(const char *a, const char *b, size_t size)
{
	char one[ROOM], two[ROOM];

	run(DCM_TEXT_IDENTIFIER, a, one, size);
	run(DCM_TEXT_IDENTIFIER, b, two, size);
	assert_string_not_equal(one, two);
}

static void test_identifiers_stay_different(void **state)
{
	char a[256], b[256];

	memset(a, 'x', sizeof(a));
	a[255] = '\0';
	memcpy(b, a, sizeof(b));
	b[254] = 'y';
	assert_different(a, b, ROOM);
	assert_different(a, b, 16);
	assert_different("a/b", "a_b", ROOM);
	assert_different("a/b", "a.b", ROOM);
	assert_different("a/b", "a b", ROOM);
	/* a name chosen to look like another one's replacement */
	run(DCM_TEXT_IDENTIFIER, "a/b", a, sizeof(a));
	assert_different("a/b", a, ROOM);
	/* exactly at the limit nothing is cut */
	memset(a, 'x', 63);
	a[63] = '\0';
	assert_int_equal(run(DCM_TEXT_IDENTIFIER, a, b, sizeof(b)), 63);
	assert_string_equal(a, b);
	assert_int_equal(run(DCM_TEXT_IDENTIFIER, "0123456789abcdef", b, 16), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_treacherous),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_every_byte_pair),
		cmocka_unit_test(test_longer_sequences),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_display_limit),
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_identifiers_stay_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
