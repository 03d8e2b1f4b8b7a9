/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SAMPLING_WALK_CHOICE_H
#define DCM_SAMPLING_WALK_CHOICE_H

#include "common/kernel/walk/walk.h"
#include "common/model/config/config.h"

/* Whether the configuration allows a walk, and by what: in @ret, also when it does not. */
bool dcm_walk_choose(const struct dcm_config_sampling *sampling, enum dcm_walk_flavour *ret);

#endif
