/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Damages a valid block the way that the fuzzer's input says, so that it gets past checksums. */
#ifndef DCM_TESTS_FUZZ_PATCH_H
#define DCM_TESTS_FUZZ_PATCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* @data: patches of 2 bytes offset, 1 byte of which the low 3 bits are length - 1, the bytes. */
static inline void fuzz_patch(uint8_t *block, size_t size, const uint8_t *data, size_t left)
{
	while (left > 3) {
		size_t at = (size_t)(data[0] | data[1] << 8), len = (data[2] & 7u) + 1;

		data += 3;
		left -= 3;
		if (len > left)
			len = left;
		at %= size;
		memcpy(block + at, data, len < size - at ? len : size - at);
		data += len;
		left -= len;
	}
}

#endif
