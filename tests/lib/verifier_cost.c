// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the walkers' programs take of the verifier: verifier_cost --FLAVOUR prints "NAME
 * INSTRUCTIONS" of each that the kernel loads (those that the verifier went through, from
 * Linux 5.16 on, of a million that it allows), "NUMBER missing WHY" of each that the walk has to do
 * without. Exits 77 with the reason where BPF or that flavour is not to be had.
 */
#include <stdio.h>

#if DCM_WITH_BPF

#include <bpf/bpf.h>

#include "common/kernel/walk/walk_internal.h"
#include "tests/lib/walk_flavour.h"

int main(int argc, char **argv)
{
	enum dcm_walk_flavour flavour = argc > 1 ? walk_flavour_named(argv[1] + 2) : DCM_WALK_AUTO;
	struct dcm_reason reason = {""};
	struct dcm_walk *walk;

	if (dcm_walk_open("", flavour, &reason, &walk)) {
		printf("%s\n", reason.text);
		return 77;
	}
	for (size_t i = 0; i < DCM_PROG_COUNT; i++) {
		__u32 len = sizeof(struct bpf_prog_info);
		struct bpf_prog_info info = {0};

		if (walk->program[i] < 0)
			printf("%zu missing %s\n", i, walk->why[i].text);
		else if (bpf_obj_get_info_by_fd(walk->program[i], &info, &len) < 0)
			printf("%zu unknown\n", i);
		else
			printf("%s %u\n", info.name, info.verified_insns);
	}
	dcm_walk_close(walk);
	return 0;
}

#else

int main(void)
{
	puts("built without BPF (WITH_BPF=0)");
	return 77;
}

#endif
