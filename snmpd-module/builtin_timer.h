/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The timer with which snmpd reloads its interface table every 3 s (IFTABLE_CACHE_TIMEOUT in
 * net-snmp's if-mib/ifTable/ifTable_data_access.h), from within snmpd: no credentials, no SET.
 */
#ifndef DCM_MODULE_BUILTIN_TIMER_H
#define DCM_MODULE_BUILTIN_TIMER_H

#include <stdbool.h>

/*
 * Stops the timer: from now on the built-in table is loaded only when somebody asks for it and it
 * is older than its timeout. False: this snmpd has no such table, as with -I -ifTable, or its timer
 * does not run.
 */
bool dcm_reload_stop(void);

/* While the table is answered by others, what still looks at the built-in one (host-resources)
 * takes rows of up to DCM_DEFAULT_MUTE_SECONDS; otherwise up to the timeout found by stop. */
void dcm_reload_spare(bool spare);

/* Timer and timeout as they were found. */
void dcm_reload_resume(void);

#endif
