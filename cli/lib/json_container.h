/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_CLI_JSON_CONTAINER_H
#define DCM_CLI_JSON_CONTAINER_H

#include "cli/lib/json_writer.h"
#include "common/model/containers/container.h"

/* Member "container" with the keys that rows of "show --json" have; null for NULL, and for one of
 * which neither runtime nor ID is known. */
void json_container(struct json_writer *w, const struct dcm_container *container);

#endif
