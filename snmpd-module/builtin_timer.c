// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/cache_handler.h>

#include "common/model/config/config.h"
#include "snmp-tables/if_mib.h"
#include "snmpd-module/builtin_timer.h"

static bool stopped;
static int found_seconds;

static netsnmp_cache *built_in(void)
{
	const struct dcm_if_mib_definition *table = &dcm_if_mib_definitions[DCM_IF_MIB_TABLE];

	return netsnmp_cache_find_by_oid(table->root, (int)table->root_len);
}

bool dcm_reload_stop(void)
{
	netsnmp_cache *cache = built_in();

	if (!cache || !cache->timer_id || stopped)
		return false;
	netsnmp_cache_timer_stop(cache);
	/* 5.9.3 leaves the number of the alarm that is gone, and then starts no other. */
	cache->timer_id = 0;
	found_seconds = cache->timeout;
	stopped = true;
	return true;
}

void dcm_reload_spare(bool spare)
{
	netsnmp_cache *cache = stopped ? built_in() : NULL;

	if (cache)
		cache->timeout = spare && found_seconds < DCM_DEFAULT_MUTE_SECONDS
					 ? DCM_DEFAULT_MUTE_SECONDS
					 : found_seconds;
}

void dcm_reload_resume(void)
{
	netsnmp_cache *cache = stopped ? built_in() : NULL;

	dcm_reload_spare(false);
	stopped = false;
	if (cache && !cache->timer_id)
		netsnmp_cache_timer_start(cache);
}
