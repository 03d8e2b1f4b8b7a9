// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The alarm state file. The first byte chooses: the input as it is, as the payload under a good
 * header, or as damage to the payload of a good file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/alarms/alarm_config.h"
#include "common/model/alarms/alarm_state.h"
#include "tests/fuzz/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADER_SIZE 24

static struct dcm_alarm_engine *engine_new(void)
{
	static struct dcm_alarm_config config;
	struct dcm_alarm_engine *engine;

	dcm_alarm_config_defaults(&config);
	if (dcm_alarm_engine_create(&config, &engine))
		abort();
	return engine;
}

/* A file with a few transitions in its ring. */
static uint8_t *good_file(size_t *ret_size)
{
	struct dcm_alarm_engine *engine = engine_new();
	void *file;

	for (uint64_t i = 1; i <= 3; i++)
		dcm_alarm_engine_test(engine, (struct dcm_alarm_clock){i, (int64_t)i});
	if (dcm_alarm_state_save(engine, &file, ret_size))
		abort();
	dcm_alarm_engine_destroy(engine);
	return file;
}

/* Length and checksum as the payload has them: see alarm_state.h. */
static void seal(uint8_t *file, size_t size)
{
	uint32_t len = (uint32_t)(size - HEADER_SIZE);
	uint64_t sum = 0xcbf29ce484222325ULL;

	for (size_t i = HEADER_SIZE; i < size; i++)
		sum = (sum ^ file[i]) * 0x100000001b3ULL;
	memcpy(file + 12, &len, sizeof(len));
	memcpy(file + 16, &sum, sizeof(sum));
}

/* What loads can be saved, and what was saved loads again to the same. */
static void load(const uint8_t *file, size_t size)
{
	struct dcm_alarm_engine *first = engine_new(), *second = engine_new();
	struct dcm_reason reason = {""};
	void *a = NULL, *b = NULL;
	size_t a_size, b_size;
	int err = dcm_alarm_state_load(first, file, size, &reason);

	if (err && !reason.text[0])
		abort();
	if (err && dcm_alarm_engine_sequence(first))
		abort();
	if (dcm_alarm_state_save(first, &a, &a_size) ||
	    dcm_alarm_state_load(second, a, a_size, &reason) ||
	    dcm_alarm_state_save(second, &b, &b_size) || a_size != b_size)
		abort();
	dcm_alarm_engine_test(second, (struct dcm_alarm_clock){1, 1});
	free(a);
	free(b);
	dcm_alarm_engine_destroy(first);
	dcm_alarm_engine_destroy(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *good;
	static size_t good_size;
	uint8_t *file;
	size_t len;

	if (!good)
		good = good_file(&good_size);
	if (!size || size > 1 << 16)
		return 0;
	if (data[0] % 3 == 0) {
		load(data + 1, size - 1);
		return 0;
	}
	len = data[0] % 3 == 1 ? HEADER_SIZE + size - 1 : good_size;
	file = malloc(len);
	if (!file)
		return 0;
	memcpy(file, good, HEADER_SIZE);
	if (data[0] % 3 == 1) {
		memcpy(file + HEADER_SIZE, data + 1, size - 1);
	} else {
		memcpy(file, good, len);
		fuzz_patch(file + HEADER_SIZE, len - HEADER_SIZE, data + 1, size - 1);
	}
	seal(file, len);
	load(file, len);
	free(file);
	return 0;
}
