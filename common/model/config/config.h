/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dcachemon.conf: one INI file for subagent and command line (dcachemon.conf(5)).
 *
 *   [sampling]  budget_percent, bpf, <source>_interval (seconds, 0 = off), lookup and
 *               chain_directory (repeatable paths), socket, socket_group
 *   [containers] docker, containerd, storage (repeatable paths), pods, privileges
 *   [snmp]      agentx_socket, root_oid, ping_interval, user,
 *               notifications
 *   [notify]    min_interval, rate, burst, grace: see alarm_queue.h
 *   [state]     folder, recorder
 *   [reclaim]   see reclaim_config.h
 *   [if_mib]    takeover, mute_address, mute_credentials, mute_seconds, link_traps,
 *               context (repeatable)
 *   [alarm ...] see alarm_config.h
 *
 * A configuration is a value: parse into a fresh one, use it only when there was no error.
 */
#ifndef DCM_MODEL_CONFIG_H
#define DCM_MODEL_CONFIG_H

#include <stdio.h>

#include "common/model/alarms/alarm_config.h"
#include "common/model/alarms/notify_config.h"
#include "common/model/config/snmp_contexts.h"
#include "common/model/reclaim/reclaim_config.h"
#include "common/model/snapshot/snapshot.h"

#define DCM_MAX_LOOKUPS		  32
#define DCM_MAX_CHAIN_DIRECTORIES 8
#define DCM_MAX_OID_TEXT	  256
#define DCM_MAX_ROOT_ARCS	  100 /* of the 128 that SMIv2 allows; the rest is below the root */
#define DCM_PATH_SIZE		  512
/* Seconds between two reloads of snmpd's own interface table while it is spared them. */
#define DCM_DEFAULT_MUTE_SECONDS 900
/* Where snapshots are served unless the configuration says otherwise. */
#define DCM_DEFAULT_SOCKET "/run/dcachemon/snapshot.sock"
/* Where net-snmp's master agent listens by default. */
#define DCM_AGENTX_SOCKET "/var/agentx/master"

/* How superblocks and the hash table are read. */
enum dcm_vehicle { DCM_VEHICLE_BPF, DCM_VEHICLE_KCORE, DCM_VEHICLE_AUTO };

struct dcm_config_sampling {
	double budget_percent; /* of one CPU; 0: no limit */
	bool bpf;
	unsigned vehicle;		   /* enum dcm_vehicle */
	unsigned max_slice_us;		   /* see dcm_walk_set_slice() */
	double interval[DCM_SOURCE_COUNT]; /* seconds; 0: off */
	char lookup[DCM_MAX_LOOKUPS][DCM_PATH_SIZE];
	size_t lookups;
	char chain_directory[DCM_MAX_CHAIN_DIRECTORIES][DCM_PATH_SIZE];
	size_t chain_directories;
	char proc[DCM_PATH_SIZE];   /* where the host's /proc is seen; "" is "/proc" */
	char socket[DCM_PATH_SIZE]; /* snapshot socket; "" serves none */
	char socket_group[64];	    /* "" keeps the process's group */
	char root[DCM_PATH_SIZE];   /* prefix of /proc and /sys, for captured trees; "" */
};

struct dcm_config_snmp {
	char agentx_socket[DCM_PATH_SIZE];
	char root_oid[DCM_MAX_OID_TEXT]; /* dotted numbers */
	unsigned ping_interval;		 /* seconds */
	bool notifications;		 /* whether dcmAlarmRaised and dcmAlarmCleared are sent */
	char user[64];			 /* the agent process becomes this user; "" stays */
};

struct dcm_config_state {
	char folder[DCM_PATH_SIZE]; /* must exist; "" keeps nothing over a restart */
	bool recorder;		    /* whether alarms leave recordings there */
};

enum dcm_if_takeover_mode { DCM_TAKEOVER_OFF, DCM_TAKEOVER_ON, DCM_TAKEOVER_AUTO };

struct dcm_config_if_mib {
	unsigned takeover;		      /* enum dcm_if_takeover_mode */
	char mute_address[128];		      /* of snmpd, where the SET goes */
	char mute_credentials[DCM_PATH_SIZE]; /* file for the SET; "" sends none */
	unsigned mute_seconds;		      /* between two reloads of the built-in table */
	bool link_traps;		      /* whether linkUp and linkDown are sent */
	struct dcm_contexts_config contexts;
};

/* Which process of dcachemon-snmp takes a key at its start only. */
enum dcm_config_holder { DCM_CONFIG_BY_NONE, DCM_CONFIG_BY_SAMPLER, DCM_CONFIG_BY_AGENT };

#define DCM_MAX_FOLDERS 4

/* Folders of one kind; the first one given replaces the defaults. */
struct dcm_config_folders {
	size_t count;
	char path[DCM_MAX_FOLDERS][DCM_PATH_SIZE];
};

/* Where runtimes keep what they know about their containers. */
struct dcm_config_containers {
	struct dcm_config_folders docker, containerd, storage;
	char pods[DCM_PATH_SIZE]; /* of kubelet; "": none */
	bool privileges;	  /* the daemon keeps what it takes to see them */
};

struct dcm_config {
	uint64_t given; /* keys that were set, as bits; private to config*.c */
	struct dcm_config_sampling sampling;
	struct dcm_config_containers containers;
	struct dcm_config_snmp snmp;
	struct dcm_notify_config notify; /* "enabled" is snmp.notifications */
	struct dcm_config_state state;
	struct dcm_reclaim_config reclaim;
	struct dcm_config_if_mib if_mib;
	struct dcm_alarm_config alarms;
};

/* Called once per mistake: @line 1.., @section and @key may be "" and are raw bytes of the file.
 * Message without newline. */
typedef void dcm_config_error(void *ctx, unsigned line, const char *section, const char *key,
			      const char *message);

void dcm_config_defaults(struct dcm_config *ret);

/*
 * Parses @size bytes of INI text over the defaults. Reports every mistake (unknown section or
 * key, value out of range, malformed or over-long line, NUL byte, key repeated where it must not
 * be), then returns 0, -EINVAL or -ENOMEM; @ret is written only on success. Lines have at most
 * ini_max_line - 2 bytes (198); indented lines are ordinary lines, not continuations. The first
 * "lookup" replaces the default list.
 */
int dcm_config_parse(const char *text, size_t size, dcm_config_error *error, void *ctx,
		     struct dcm_config *ret);

/*
 * Sets one key of a section ("sampling", "alarm growth /srv"), as a line of the file would; for
 * configurations that come from somewhere else. The first "lookup" replaces the default list.
 * -EINVAL with a reason, and @config as it was: unknown section or key, value out of range, control
 * character, key repeated where it must not be; -ENOMEM.
 */
int dcm_config_set(struct dcm_config *config, const char *section, const char *key,
		   const char *value, struct dcm_reason *reason);

/* After the last dcm_config_set(): what only shows when all keys are known. Reports every mistake
 * with line 0; returns 0 or -EINVAL. */
int dcm_config_check(const struct dcm_config *config, dcm_config_error *error, void *ctx);

/*
 * Names the keys that @holder takes at its start only and whose values differ, as
 * "[snmp] user; [if_mib] link_traps" ("" for none; 1 <= @size). Returns their number.
 */
size_t dcm_config_restart_only(const struct dcm_config *running, const struct dcm_config *fresh,
			       enum dcm_config_holder holder, char *buf, size_t size);

/* Whether both name the same folders. */
bool dcm_config_same_folders(const struct dcm_config_containers *a,
			     const struct dcm_config_containers *b);

/* Writes the defaults as a commented file that parses to the defaults. */
int dcm_config_print_defaults(FILE *out);

#endif
