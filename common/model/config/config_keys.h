/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of all sections but [alarm ...] as one table. Private to config*.c. */
#ifndef DCM_MODEL_CONFIG_KEYS_H
#define DCM_MODEL_CONFIG_KEYS_H

#include "common/model/config/config.h"

enum dcm_config_type {
	DCM_CONFIG_NUMBER,   /* double, min..max */
	DCM_CONFIG_INTERVAL, /* double, 0 or min..max */
	DCM_CONFIG_COUNT,    /* unsigned, min..max */
	DCM_CONFIG_BOOL,
	DCM_CONFIG_ACCOUNT,   /* name of a user or group, "" allowed */
	DCM_CONFIG_SOCKET,    /* absolute path that a socket address can hold, "" allowed */
	DCM_CONFIG_AGENTX,    /* the same, not empty, with or without "unix:" before it */
	DCM_CONFIG_FOLDER,    /* absolute path, "" allowed */
	DCM_CONFIG_OID,	      /* dotted numbers */
	DCM_CONFIG_CAP,	      /* [reclaim] max_unused, may be repeated */
	DCM_CONFIG_ALARM,     /* [reclaim] alarm, may be repeated */
	DCM_CONFIG_TRANSPORT, /* address of an agent as SNMP clients write it */
	DCM_CONFIG_CHOICE,    /* unsigned, position in choices */
	DCM_CONFIG_LOOKUP,    /* absolute path, may be repeated */
	DCM_CONFIG_CHAINS,    /* the same, below /proc/sys */
	DCM_CONFIG_FOLDERS,   /* struct dcm_config_folders, may be repeated */
	DCM_CONFIG_CONTEXT,   /* [if_mib] context, may be repeated */
};

struct dcm_config_key {
	const char *section, *name;
	enum dcm_config_type type;
	size_t offset, size; /* in struct dcm_config */
	double min, max;
	const char *help;	       /* sentences, without line breaks */
	enum dcm_config_holder holder; /* takes the key at its start only */
	const char *const *choices;    /* NULL at the end */
};

extern const struct dcm_config_key dcm_config_keys[];
extern const size_t dcm_config_key_count;

/* Position in the table; -ENOENT. */
int dcm_config_key_find(const char *section, const char *name);

/* Stores @value; @repeated when the key was stored before. -EINVAL with a reason. */
int dcm_config_key_set(const struct dcm_config_key *key, const char *value, bool repeated,
		       struct dcm_config *config, struct dcm_reason *reason);

bool dcm_config_key_equal(const struct dcm_config_key *key, const struct dcm_config *a,
			  const struct dcm_config *b);

/* The help as a comment, then "name = value", one line per value. */
void dcm_config_key_print(const struct dcm_config_key *key, const struct dcm_config *config,
			  FILE *out);

#endif
