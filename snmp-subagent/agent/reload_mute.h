/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The process that slows down snmpd's own reloads while its interface tables are taken over. Of its
 * own because an SNMP request blocks, and because nobody else needs the credentials.
 *
 * It ends with the agent. Only an agent that says so has the old value put back: after a crash the
 * mute must stay, since an snmpd that reloads through long hash chains may never answer again.
 */
#ifndef DCM_SNMP_RELOAD_MUTE_H
#define DCM_SNMP_RELOAD_MUTE_H

#include "common/model/config/config.h"

struct dcm_reload_mute;

/*
 * Starts it with @config, which names the file of credentials; it becomes @user. To be called
 * before libnetsnmp starts and before privileges are dropped. Failures inside are logged by it.
 */
int dcm_reload_mute_create(const struct dcm_config_if_mib *config, const char *user,
			   bool no_seccomp, struct dcm_reload_mute **ret);

/* Mutes snmpd now, and again whenever it was restarted. Does not wait. */
void dcm_reload_mute_on(struct dcm_reload_mute *muter);

/* Puts back what was there before. Does not wait. */
void dcm_reload_mute_off(struct dcm_reload_mute *muter);

/* Seconds between two reloads of snmpd as the process knows them; DCM_RELOAD_UNKNOWN (see
 * snapshot_memfd.h): it does not, or has ended. Does not wait. */
uint32_t dcm_reload_mute_every(struct dcm_reload_mute *muter);

/* Lets the process end by itself after its last order. NULL is allowed. */
void dcm_reload_mute_destroy(struct dcm_reload_mute *muter);

#endif
