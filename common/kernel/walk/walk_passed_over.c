// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/walk/walk_passed_over.h"

#include <bpf/bpf.h>

uint64_t dcm_walk_passed_over(int program)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.recursion_misses;
}
