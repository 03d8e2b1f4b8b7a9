// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The file with the numbers of superblocks. The first byte chooses: the input as it is, as rows
 * between a good head and a good sum, or as damage to the rows of a good file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/roster/roster_state.h"
#include "tests/fuzz/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BOOT	 "6b1f5f0e-93f4-4c6c-9d5e-0d7f3f6a1c11"
#define HEAD	 "dcachemon superblocks 1\nboot " BOOT "\nlast 9000\n"
#define SUM_ROOM 32

static struct dcm_roster *roster_new(void)
{
	struct dcm_roster *roster;

	if (dcm_roster_create(&roster))
		abort();
	return roster;
}

/* What loads is saved, and loads to the same; a refused file leaves no entry, and a number that is
 * given then is new. */
static void load(const char *text, size_t size)
{
	const struct dcm_roster_guest newcomer = {
		.fstype = "ext4", .dev_major = 8, .dev_minor = 77, .identity = {7, 1, 1}};
	struct dcm_roster *first = roster_new(), *second = roster_new();
	struct dcm_reason reason = {""};
	size_t a_size, b_size;
	char *a, *b;
	int err = dcm_roster_load(first, text, size, BOOT, &reason);
	uint32_t last = dcm_roster_begin_above(first, 0);
	struct dcm_roster_entry *entry;

	if (err && !reason.text[0])
		abort();
	if (dcm_roster_save(first, BOOT, true, &a, &a_size) ||
	    dcm_roster_load(second, a, a_size, BOOT, &reason) ||
	    dcm_roster_save(second, BOOT, true, &b, &b_size) || a_size != b_size ||
	    memcmp(a, b, a_size))
		abort();
	entry = dcm_roster_enter(first, &newcomer);
	if (entry ? dcm_roster_number(entry) != last + 1 : last != UINT32_MAX)
		if (!strstr(a, " ext4:8:77\n")) /* or it is known from another boot */
			abort();
	dcm_roster_settle(first);
	dcm_roster_settle(first);
	free(a);
	free(b);
	dcm_roster_destroy(first);
	dcm_roster_destroy(second);
}

/* Rows between the head and the sum that they have. */
static void load_rows(const uint8_t *rows, size_t len, const uint8_t *patches, size_t patches_len)
{
	const size_t head = strlen(HEAD);
	char *file = malloc(head + len + SUM_ROOM);
	uint64_t sum = 0xcbf29ce484222325ULL;
	size_t size = head + len;

	if (!file)
		return;
	memcpy(file, HEAD, head);
	memcpy(file + head, rows, len);
	if (len)
		fuzz_patch((uint8_t *)file + head, len, patches, patches_len);
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (uint8_t)file[i]) * 0x100000001b3ULL;
	size += (size_t)snprintf(file + size, SUM_ROOM, "sum %llu\n", (unsigned long long)sum);
	load(file, size);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char rows[] = "1 1 254 0 8540894123152765737 21 22 ext4:/\n"
				   "7 2 0 54 77 0 0 proc:0:54\n"
				   "8 3 0 24 0 0 0 devpts:/dev/pts:0:24\n"
				   "8999 1 0 40 99 1 2 overlay:4f5bbf8e7c11\n";

	if (!size || size > 1 << 16)
		return 0;
	if (data[0] % 3 == 0)
		load((const char *)data + 1, size - 1);
	else if (data[0] % 3 == 1)
		load_rows(data + 1, size - 1, NULL, 0);
	else
		load_rows((const uint8_t *)rows, strlen(rows), data + 1, size - 1);
	return 0;
}
