// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/cache_handler.h>

#include "reload.h"

static const oid if_table[] = {1, 3, 6, 1, 2, 1, 2, 2};

static bool stopped;
static int found_seconds;

static netsnmp_cache *built_in(void)
{
	return netsnmp_cache_find_by_oid(if_table, OID_LENGTH(if_table));
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
		cache->timeout = spare && found_seconds < DCM_RELOAD_SPARED_SECONDS
					 ? DCM_RELOAD_SPARED_SECONDS
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
