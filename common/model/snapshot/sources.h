/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sources of values, one record each: its number, its name, how often it runs by default and
 * the help of that configuration key. How each works is in common/sampling/sources/source_NAME.c
 * (sysctls in source_interfaces.c).
 *
 * A new source is a line at the end of the list: numbers are part of the snapshot and of the MIB
 * (index of dcmSourceTable), names are part of the configuration ("NAME_interval") and of JSON.
 */
#ifndef DCM_MODEL_SOURCES_H
#define DCM_MODEL_SOURCES_H

/* clang-format off */
/* SOURCE(ID, name, default interval in seconds, help); what it makes of that is joined by commas. */
#define DCM_SOURCES(SOURCE)                                                                        \
	SOURCE(DENTRY_STATE, dentry_state, 1, "Counters of /proc/sys/fs/dentry-state."),           \
	SOURCE(MEMORY,       memory,      10, "Slab, reclaim and pressure figures."),              \
	SOURCE(SUPERBLOCKS,  superblocks, 10, "Unused entries of each superblock."),               \
	SOURCE(HASH,         hash,        60,                                                      \
	       "A pass over the hash table; less often if the budget is too small."),               \
	SOURCE(LOOKUPS,      lookups,     10, "Timed lookups of the paths below."),                \
	SOURCE(NAMESPACES,   namespaces,  10, "Count of network namespaces."),                     \
	SOURCE(SYSCTLS,      sysctls,     30, "Settings inside network namespaces."),              \
	SOURCE(SNMPD,        snmpd,       10,                                                      \
	       "Forecast of what the interface table of snmpd costs."),                            \
	SOURCE(RECLAIM,      reclaim,     10,                                                      \
	       "What \"dcachemon reclaim\" has done, from its log in [state] folder."),           \
	SOURCE(CONTAINERS,   containers,  10, "Which container a superblock belongs to."),         \
	SOURCE(TABLES,       tables,      60, "Other hash tables of the kernel.")
/* clang-format on */

#define DCM_SOURCE_NUMBER(id, name, seconds, help) DCM_SOURCE_##id
enum dcm_source { DCM_SOURCES(DCM_SOURCE_NUMBER), DCM_SOURCE_COUNT };

/* Values are those of DcmSourceState in the MIB. */
enum dcm_source_state {
	DCM_STATE_OFF = 1,	/* switched off in the configuration */
	DCM_STATE_STARTING = 2, /* no complete sample yet */
	DCM_STATE_OK = 3,
	DCM_STATE_FAILED = 4,	   /* worked or should work; retried with back-off */
	DCM_STATE_UNSUPPORTED = 5, /* cannot work here; the reason says what is missing */
	DCM_STATE_STUCK = 6,	   /* a read has not returned for longer than its interval */
};

/* "dentry_state" and so on: configuration keys, JSON and SNMP use the same names. */
const char *dcm_source_name(enum dcm_source source);
const char *dcm_source_state_name(enum dcm_source_state state);

/* Seconds between two samples unless the configuration says otherwise. */
double dcm_source_default_interval(enum dcm_source source);

#endif
