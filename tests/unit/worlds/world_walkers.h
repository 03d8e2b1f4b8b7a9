/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Included behind bpf/walk_*.bpf.c: hands its programs over to world_run.c. */
#ifndef WORLD_WALKERS_H
#define WORLD_WALKERS_H

#if DCM_WITH_BPF

#include "tests/unit/worlds/world_run.h"
#include "tests/unit/worlds/world_tests.h"

#ifdef __TARGET_ARCH_x86
#define HIGH_ADDRESSES true
#else
#define HIGH_ADDRESSES false
#endif

#define WORLD_WALKERS(NAME, FLAVOUR)                                    \
	const struct world_walkers world_walkers = {                    \
		.name = NAME,                                           \
		.flavour = FLAVOUR,                                     \
		.high_addresses = HIGH_ADDRESSES,                       \
		.program = {[DCM_PROG_SETUP] = setup,                   \
			    [DCM_PROG_SUPERBLOCKS] = superblocks,       \
			    [DCM_PROG_NETNS] = netns,                   \
			    [DCM_PROG_PAIRS] = pairs,                   \
			    [DCM_PROG_PROVE] = prove,                   \
			    [DCM_PROG_PASS] = pass,                     \
			    [DCM_PROG_CHAIN] = chain,                   \
			    [DCM_PROG_DIRECTORY] = directory,           \
			    [DCM_PROG_CHILDREN] = children,             \
			    [DCM_PROG_MADE] = made},                    \
		.handle_of = handle_of,                                 \
		.address_of = address_of,                               \
		.map = {[WORLD_AREA] = &area, [WORLD_PRIVATE] = &priv}, \
		.map_size = {sizeof(area), sizeof(priv)},               \
	};                                                              \
                                                                        \
	int main(void)                                                  \
	{                                                               \
		return world_tests();                                   \
	}

#else

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/without_bpf.h"

#define WORLD_WALKERS(NAME, FLAVOUR)

#endif

#endif
