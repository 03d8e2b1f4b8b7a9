/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interface tables of the configured SNMP contexts. They shadow nothing of snmpd's, which has
 * them in the default context only, so they are registered from the start and whatever the
 * take-over does, and stay registered while a namespace is gone.
 */
#ifndef DCM_SNMP_CONTEXT_TABLES_H
#define DCM_SNMP_CONTEXT_TABLES_H

#include "snmp-subagent/agent/part.h"

/* Created after libnetsnmp has started. Reloads register what is new in the configuration and
 * unregister what is no longer there; what fails is logged. */
extern const struct dcm_part dcm_context_tables_part;

#endif
