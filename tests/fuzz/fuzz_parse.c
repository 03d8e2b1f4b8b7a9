// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer entry for every parser: the first byte chooses it, the rest is the text.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse/cpu_stat.h"
#include "common/parse/dentry_state.h"
#include "common/parse/meminfo.h"
#include "common/parse/memory_stat.h"
#include "common/parse/psi.h"
#include "common/parse/slabinfo.h"
#include "common/parse/vmstat.h"
#include "common/parse/zoneinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

union result {
	struct dcm_dentry_state dentry_state;
	struct dcm_slabinfo slabinfo;
	struct dcm_vmstat vmstat;
	struct dcm_psi psi;
	struct dcm_meminfo meminfo;
	struct dcm_memory_stat memory_stat;
	struct dcm_zoneinfo zoneinfo;
	struct dcm_cpu_stat cpu_stat;
	unsigned char bytes[256];
};

static int parse(uint8_t which, const char *text, size_t len, union result *ret)
{
	switch (which % 9) {
	case 0:
		return dcm_dentry_state_parse(text, len, false, &ret->dentry_state);
	case 1:
		return dcm_dentry_state_parse(text, len, true, &ret->dentry_state);
	case 2:
		return dcm_slabinfo_parse(text, len, 4096, &ret->slabinfo);
	case 3:
		return dcm_vmstat_parse(text, len, &ret->vmstat);
	case 4:
		return dcm_psi_parse(text, len, &ret->psi);
	case 5:
		return dcm_meminfo_parse(text, len, &ret->meminfo);
	case 6:
		return dcm_zoneinfo_parse(text, len, &ret->zoneinfo);
	case 7:
		return dcm_cpu_stat_parse(text, len, &ret->cpu_stat);
	default:
		return dcm_memory_stat_parse(text, len, &ret->memory_stat);
	}
}

/* A parser answers with one of its four codes and leaves the result alone when it fails. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union result before, result;
	int err;

	if (size == 0)
		return 0;
	memset(&before, 0x5a, sizeof(before));
	result = before;
	err = parse(data[0], (const char *)data + 1, size - 1, &result);
	if (err != 0 && err != -EINVAL && err != -ERANGE && err != -ENOENT)
		abort();
	if (err && memcmp(&before, &result, sizeof(before)) != 0)
		abort();
	return 0;
}
