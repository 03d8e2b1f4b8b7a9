/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_SNMP_CLIENT_NETSNMP_START_H
#define DCM_SNMP_CLIENT_NETSNMP_START_H

/*
 * To be called before init_agent() and init_snmp(): libnetsnmp then reads no configuration of the
 * system or of the user, no MIB files, and keeps no state on disk.
 */
void dcm_library_isolate(void);

#endif
