// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "cli/lib/json_writer.h"
#include "common/base/cleanup.h"

/* What it prints; NULL after an error, which must be @err. */
static char *print(struct json_writer *w, int err)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(json_print(w, out), err);
	fclose(out);
	json_deinit(w);
	if (!err)
		return text;
	assert_int_equal(size, 0);
	free(text);
	return NULL;
}

static void test_values(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *parsed;
	struct json_writer w;

	json_init(&w);
	json_u64(&w, "u", UINT64_MAX);
	json_i64(&w, "i", INT64_MIN);
	json_boolean(&w, "b", true);
	json_null(&w, "z");
	json_text(&w, "t", "a\"\n/");
	json_text(&w, "no", NULL);
	json_number(&w, "n", 0.1 + 0.2);
	json_number(&w, "nan", NAN);
	json_double(&w, "inf", INFINITY);
	json_double(&w, "half", 0.5);
	json_text_if(&w, "empty", "");
	json_text_if(&w, "full", "x");
	json_u64_if(&w, "unknown", false, 7);
	json_u64_if(&w, "known", true, 7);
	parsed = json_tokener_parse("{\"p\":[1.50]}");
	json_value(&w, "parsed", parsed);
	json_object_put(parsed);
	json_value(&w, "nothing", NULL);
	json_time(&w, "when", 1700000000123456789);
	json_time(&w, "never", -1000000);
	json_device(&w, "d", 8, 1);
	json_open_array(&w, "a");
	json_u64(&w, NULL, 1);
	json_open_object(&w, NULL);
	json_close(&w);
	json_close(&w);
	json_open_object(&w, "o");
	json_close(&w);
	json_u64(&w, "last", 2);
	json_reopen(&w, "o");
	json_u64(&w, "late", 3);
	json_close(&w);
	text = print(&w, 0);
	assert_string_equal(text,
			    "{\"schema_version\":1,\"u\":18446744073709551615,"
			    "\"i\":-9223372036854775808,\"b\":true,\"z\":null,"
			    "\"t\":\"a\\\"\\n/\",\"no\":null,\"n\":0.3,\"nan\":null,"
			    "\"inf\":null,\"half\":0.5,\"empty\":null,\"full\":\"x\","
			    "\"unknown\":null,\"known\":7,\"parsed\":{\"p\":[1.50]},"
			    "\"nothing\":null,"
			    "\"when\":1700000000.123,\"never\":null,\"d\":\"8:1\",\"a\":[1,{}],"
			    "\"o\":{\"late\":3},\"last\":2}\n");
}

/* The first error stays, and what is written after it does no harm. */
static void test_errors(void **state)
{
	struct json_writer w;

	json_init(&w);
	json_reopen(&w, "missing");
	json_u64(&w, "u", 1);
	for (int i = 0; i < 2 * JSON_MAX_DEPTH; i++)
		json_open_object(&w, "deep");
	for (int i = 0; i < 4 * JSON_MAX_DEPTH; i++)
		json_close(&w);
	assert_null(print(&w, -EINVAL));
	json_init(&w);
	for (int i = 0; i < 2 * JSON_MAX_DEPTH; i++)
		json_open_array(&w, i ? NULL : "deep");
	json_text(&w, NULL, "x");
	assert_null(print(&w, -E2BIG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
