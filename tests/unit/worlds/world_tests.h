/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef WORLD_TESTS_H
#define WORLD_TESTS_H

/* All tests of the walkers in world_walkers, as a cmocka program. Environment: WORLDS=N worlds of a
 * kind instead of the usual number, SEED=N: the first one. */
int world_tests(void);

#endif
