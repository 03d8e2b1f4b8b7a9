/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Answers libnetsnmp's requests from the objects of one registration. */
#ifndef DCM_SNMP_TABLES_MIB_ANSWER_H
#define DCM_SNMP_TABLES_MIB_ANSWER_H

#include "snmp-tables/mib_objects.h"

struct netsnmp_agent_request_info_s;
struct netsnmp_request_info_s;
struct variable_list;

/*
 * Answers the Get or GetNext @requests that are not processed yet. A GetNext without a next
 * instance is left as it is: the library continues after this registration. genErr: no memory.
 */
void dcm_mib_answer(const struct dcm_mib_objects *objects,
		    struct netsnmp_agent_request_info_s *info,
		    struct netsnmp_request_info_s *requests);

/* Gives @error (SNMP_ERR_*) to all @requests that are not processed yet. */
void dcm_mib_refuse(struct netsnmp_agent_request_info_s *info,
		    struct netsnmp_request_info_s *requests, int error);

/*
 * Answers one variable of a Get, or of a @next whose value is the end of its search range (RFC
 * 2741, 5.2), in place. False, with @variable possibly changed: the library has to do it.
 */
bool dcm_mib_answer_directly(const struct dcm_mib_objects *objects, struct variable_list *variable,
			     bool next);

#endif
