// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A file of "dcachemon who --json" that a story of an alarm takes. Whatever it holds, what is
 * printed of it is text for a terminal: no control characters.
 */
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/events/events_who.h"
#include "tests/fuzz/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		require((c >= ' ' || c == '\n') && c != 0x7f);
	}
}

static void print(json_object *document)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	require(out != NULL);
	require(!events_who_print(document, out));
	require(!fclose(out));
	require(len > 0);
	check_text(text, len);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of a recording, as far as this reads it */
	json_object *document =
		json_tokener_parse("{\"samples\":[{\"time\":1700000000},{\"time\":1700000060}]}");
	struct dcm_reason reason = {""};
	char path[256];
	int err;

	require(document != NULL);
	setlocale(LC_ALL, "C.UTF-8");
	scratch_write("/who.json", data, size);
	err = events_who_load(scratch_path("/who.json", path), document, &reason);
	require(!err || (err == -EINVAL && *reason.text));
	require(!err == (json_object_object_get(document, "who") != NULL));
	if (!err)
		print(document);
	json_object_put(document);
	return 0;
}
