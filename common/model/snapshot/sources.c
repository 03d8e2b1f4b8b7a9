// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/snapshot/sources.h"

#include "common/base/cleanup.h"
#include "common/base/names.h"

#define NAME(id, name, seconds, help)	  [DCM_SOURCE_##id] = #name
#define INTERVAL(id, name, seconds, help) [DCM_SOURCE_##id] = seconds

const char *dcm_source_name(enum dcm_source source)
{
	static const char *const names[] = {DCM_SOURCES(NAME)};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), source);
}

double dcm_source_default_interval(enum dcm_source source)
{
	static const double intervals[] = {DCM_SOURCES(INTERVAL)};

	return (unsigned)source < DCM_SOURCE_COUNT ? intervals[source] : 0;
}

const char *dcm_source_state_name(enum dcm_source_state state)
{
	static const char *const names[] = {
		[DCM_STATE_OFF] = "off",
		[DCM_STATE_STARTING] = "starting",
		[DCM_STATE_OK] = "ok",
		[DCM_STATE_FAILED] = "failed",
		[DCM_STATE_UNSUPPORTED] = "unsupported",
		[DCM_STATE_STUCK] = "stuck",
	};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), state);
}
