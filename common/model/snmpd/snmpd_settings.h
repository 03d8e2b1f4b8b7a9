/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snmpd.conf(5), as far as dcachemon cares: one line, and what the words that matter say.
 *
 *   WORD REST           words ignore case; WORD may be quoted; "#" begins a comment line; a word
 *                       without a rest says nothing
 *   [TYPE]              the lines that follow in this file are of another type, such as "snmp"
 *   [TYPE] WORD REST    this line is
 */
#ifndef DCM_MODEL_SNMPD_SETTINGS_H
#define DCM_MODEL_SNMPD_SETTINGS_H

#include <stdbool.h>

#include "common/model/config/config.h"

struct dcm_snmpd_line {
	char type[32];	  /* "": that of the file */
	char word[64];	  /* "": the line is "[TYPE]" alone; longer words are cut */
	const char *rest; /* within the line, without blanks around it; never "" with a word */
};

/* Takes @line apart in place, without its newline. False: a comment, or a word without a rest. */
bool dcm_snmpd_line_parse(char *line, struct dcm_snmpd_line *ret);

/* What the configuration says at its end: the last line counts, where lines do not add up. */
struct dcm_snmpd_settings {
	bool master;			   /* AgentX is served */
	char agentx_socket[256];	   /* "": the default of net-snmp */
	bool perms;			   /* agentXPerms is there */
	unsigned socket_mode, folder_mode; /* of it; 0: not given */
	char group[64];			   /* of it; "" */
	bool module;			   /* dlmod dcachemon */
	char module_socket[DCM_PATH_SIZE]; /* from dcachemonSocket after it; "" */
	bool module_mib;		   /* dcachemonMIB after it, and not "off" */
	unsigned sinks;			   /* receivers of notifications */
	char sink[12], sink_host[64];	   /* the first one; no community nor key */
	char addresses[256];		   /* agentaddress, with commas */
};

/* Takes over what line "@word @rest" of type "snmpd" says; other words say nothing. */
void dcm_snmpd_settings_take(struct dcm_snmpd_settings *settings, const char *word,
			     const char *rest);

/* Where AgentX is served: @wanted if that is among the sockets, else the first local one; NULL
 * where all are of other transports. @ret is room for it. */
const char *dcm_snmpd_settings_agentx(const struct dcm_snmpd_settings *settings, const char *wanted,
				      char *ret, size_t size);

#endif
