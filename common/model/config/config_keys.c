// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/config_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"
#include "common/parse/number.h"
#include "common/parse/oid.h"

#define SUN_PATH_MAX 107 /* sun_path of unix(7) without its NUL */
#define OID_MIN_LEN  3

#define KEY(part, member)                                   \
	.offset = offsetof(struct dcm_config, part.member), \
	.size = sizeof(((struct dcm_config *)0)->part.member)
#define SAMPLING(key, member) .section = "sampling", .name = key, KEY(sampling, member)
#define SNMP(key, member)     .section = "snmp", .name = key, KEY(snmp, member)
#define NOTIFY(key, member)   .section = "notify", .name = key, KEY(notify, member)
#define RECLAIM(key, member)  .section = "reclaim", .name = key, KEY(reclaim, member)
#define STATE(key, member)    .section = "state", .name = key, KEY(state, member)
#define IF_MIB(key, member)   .section = "if_mib", .name = key, KEY(if_mib, member)
#define INTERVAL(key, source)                                                                 \
	SAMPLING(key "_interval", interval[source]), .type = DCM_CONFIG_INTERVAL, .min = 0.1, \
						     .max = 86400

/* Positions are enum dcm_if_takeover_mode. */
static const char *const takeover_words[] = {"off", "on", "auto", NULL};

const struct dcm_config_key dcm_config_keys[] = {
	{SAMPLING("budget_percent", budget_percent), .type = DCM_CONFIG_NUMBER, .max = 100,
	 .help = "CPU time for all sources together, in percent of one CPU; 0 sets no limit."},
	{SAMPLING("bpf", bpf), .type = DCM_CONFIG_BOOL,
	 .help = "Whether BPF programs may be loaded; without them superblocks, hash table and\n"
		 "# directories are missing."},
	{INTERVAL("dentry_state", DCM_SOURCE_DENTRY_STATE),
	 .help = "Seconds between two samples of each source; 0 switches it off.\n"
		 "# Counters of /proc/sys/fs/dentry-state."},
	{INTERVAL("memory", DCM_SOURCE_MEMORY), .help = "Slab, reclaim and pressure figures."},
	{INTERVAL("superblocks", DCM_SOURCE_SUPERBLOCKS),
	 .help = "Unused entries of each superblock."},
	{INTERVAL("hash", DCM_SOURCE_HASH),
	 .help = "A pass over the hash table; less often where the budget is short."},
	{INTERVAL("lookups", DCM_SOURCE_LOOKUPS), .help = "Timed lookups of the paths below."},
	{INTERVAL("namespaces", DCM_SOURCE_NAMESPACES), .help = "Count of network namespaces."},
	{INTERVAL("sysctls", DCM_SOURCE_SYSCTLS), .help = "Settings inside network namespaces."},
	{INTERVAL("snmpd", DCM_SOURCE_SNMPD),
	 .help = "Forecast of what the interface table of snmpd costs."},
	{INTERVAL("reclaim", DCM_SOURCE_RECLAIM),
	 .help = "What \"dcachemon reclaim\" has done, out of its log in [state] folder."},
	{SAMPLING("lookup", lookup), .type = DCM_CONFIG_LOOKUP,
	 .help = "Paths whose cached lookup is timed; the first one here replaces the whole list."},
	{SAMPLING("socket", socket), .type = DCM_CONFIG_SOCKET,
	 .help = "Where other processes get the samples; empty serves nobody."},
	{SAMPLING("socket_group", socket_group), .type = DCM_CONFIG_ACCOUNT,
	 .help = "Group that may connect to it; empty keeps the group of the process."},
	{SNMP("agentx_socket", agentx_socket), .type = DCM_CONFIG_AGENTX,
	 .help = "AgentX socket of the master agent (agentXSocket in snmpd.conf)."},
	{SNMP("root_oid", root_oid), .type = DCM_CONFIG_OID,
	 .help = "Where the tree of DCACHEMON-MIB is registered."},
	{SNMP("ping_interval", ping_interval), .type = DCM_CONFIG_COUNT, .min = 1, .max = 3600,
	 .help = "Seconds between checks that the master agent is there."},
	{SNMP("notifications", notifications), .type = DCM_CONFIG_BOOL,
	 .help = "Whether alarms are sent as notifications; the tables show them in any case."},
	{SNMP("user", user), .type = DCM_CONFIG_ACCOUNT,
	 .help = "User that the AgentX process becomes; empty keeps the one that started it."},
	{NOTIFY("min_interval", min_interval), .type = DCM_CONFIG_NUMBER, .max = 86400,
	 .help = "Seconds between two notifications about one resource."},
	{NOTIFY("rate", rate), .type = DCM_CONFIG_NUMBER, .min = 0.01, .max = 1000,
	 .help = "Notifications per second over all resources."},
	{NOTIFY("burst", burst), .type = DCM_CONFIG_NUMBER, .min = 1, .max = 10000,
	 .help = "As many may go out at once."},
	{NOTIFY("grace", grace), .type = DCM_CONFIG_NUMBER, .max = 3600,
	 .help = "Seconds after the start in which none is sent."},
	{STATE("folder", folder), .type = DCM_CONFIG_FOLDER,
	 .help = "Existing folder for alarms and recordings; empty keeps nothing over a restart."},
	{STATE("recorder", recorder), .type = DCM_CONFIG_BOOL,
	 .help = "Whether an alarm leaves the ten minutes before it there, second by second."},
	{RECLAIM("enabled", enabled), .type = DCM_CONFIG_BOOL,
	 .help = "Whether \"dcachemon reclaim --rules\", run by a timer, may shrink superblocks."},
	{RECLAIM("interval", interval), .type = DCM_CONFIG_NUMBER, .min = 60, .max = 31536000,
	 .help = "Seconds between two reclaims of one superblock."},
	{RECLAIM("max_seconds", max_seconds), .type = DCM_CONFIG_NUMBER, .min = 0.001, .max = 3600,
	 .help = "Longest time, as predicted, for which unmount and sync of it may have to wait."},
	{RECLAIM("max_unused", cap), .type = DCM_CONFIG_CAP,
	 .help = "Shrinks a filesystem type, or a mount point, with more unused entries than "
		 "this."},
	{RECLAIM("alarm", alarm), .type = DCM_CONFIG_ALARM,
	 .help = "Shrinks the superblock of this alarm while it is raised, the largest one where\n"
		 "# the alarm is about the whole host."},
	{IF_MIB("takeover", takeover), .type = DCM_CONFIG_CHOICE, .choices = takeover_words,
	 .help = "Whether the interface tables are answered in place of snmpd's own: off, on, or "
		 "auto\n"
		 "# (once its reload is forecast to take a tenth of the 3 s between two)."},
	{IF_MIB("mute_address", mute_address), .type = DCM_CONFIG_TRANSPORT,
	 .help = "Where snmpd listens; its own reloads are slowed down there while taken over."},
	{IF_MIB("mute_credentials", mute_credentials), .type = DCM_CONFIG_FOLDER,
	 .help = "File with what that takes, for its owner alone; empty leaves the reloads as they "
		 "are."},
	{IF_MIB("mute_seconds", mute_seconds), .type = DCM_CONFIG_COUNT, .min = 60, .max = 86400,
	 .help = "Seconds between two reloads of snmpd's own table meanwhile."},
	{IF_MIB("link_traps", link_traps), .type = DCM_CONFIG_BOOL,
	 .help = "Whether linkUp and linkDown are sent: for a host whose snmpd did "
		 "(linkUpDownNotifications),\n"
		 "# which is to be off there, or each comes twice."},
	{IF_MIB("context", contexts), .type = DCM_CONFIG_CONTEXT,
	 .help = "SNMP context in which the tables show another network namespace: a name, and "
		 "/run/netns/NAME,\n"
		 "# pid:NUMBER or self; may be repeated."},
};

const size_t dcm_config_key_count = DCM_ARRAY_SIZE(dcm_config_keys);

int dcm_config_key_find(const char *section, const char *name)
{
	for (size_t i = 0; i < dcm_config_key_count; i++)
		if (!strcmp(dcm_config_keys[i].section, section) &&
		    !strcmp(dcm_config_keys[i].name, name))
			return (int)i;
	return -ENOENT;
}

/* ---- values: each parser checks completely before it stores ---- */

static int parse_number(const struct dcm_config_key *key, const char *value,
			struct dcm_reason *reason, double *ret)
{
	bool off = key->type == DCM_CONFIG_INTERVAL;
	double number = 0;
	int err = dcm_number_real(value, &number);

	if (err == -EINVAL)
		return dcm_reason_set(reason, err, "must be a number");
	if (!err && off && number == 0) {
		*ret = 0;
		return 0;
	}
	if (err || number < key->min || number > key->max)
		return dcm_reason_set(reason, -EINVAL, "must be %sbetween %.15g and %.15g",
				      off ? "0 or " : "", key->min, key->max);
	*ret = number + 0.0; /* not -0 */
	return 0;
}

static int parse_count(const struct dcm_config_key *key, const char *value,
		       struct dcm_reason *reason, unsigned *ret)
{
	uint64_t number;

	if (dcm_number_up_to(value, (uint64_t)key->max, &number) || (double)number < key->min)
		return dcm_reason_set(reason, -EINVAL,
				      "must be a whole number between %.15g and %.15g", key->min,
				      key->max);
	*ret = (unsigned)number;
	return 0;
}

static int parse_bool(const char *value, struct dcm_reason *reason, bool *ret)
{
	static const char *const words[][2] = {
		{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(words); i++)
		for (int truth = 0; truth < 2; truth++)
			if (!strcasecmp(value, words[i][truth])) {
				*ret = truth;
				return 0;
			}
	return dcm_reason_set(reason, -EINVAL, "must be yes or no");
}

static int parse_choice(const struct dcm_config_key *key, const char *value,
			struct dcm_reason *reason, unsigned *ret)
{
	for (unsigned i = 0; key->choices[i]; i++)
		if (!strcasecmp(value, key->choices[i])) {
			*ret = i;
			return 0;
		}
	return dcm_reason_set(reason, -EINVAL, "must be %s, %s or %s", key->choices[0],
			      key->choices[1], key->choices[2]);
}

/* "udp:127.0.0.1:161", "udp6:[::1]:161": no blanks, no leading dash, nothing of a shell. */
static int check_transport(const char *value, struct dcm_reason *reason)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:[]%/-";

	if (!*value || *value == '-' || strspn(value, letters) != strlen(value))
		return dcm_reason_set(reason, -EINVAL,
				      "is not an address such as udp:127.0.0.1:161");
	return 0;
}

static int check_account(const char *value, struct dcm_reason *reason)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (*value == '-' || strspn(value, letters) != strlen(value))
		return dcm_reason_set(reason, -EINVAL, "is not the name of an account");
	return 0;
}

static int check_socket(const char *value, struct dcm_reason *reason)
{
	if (*value != '/')
		return dcm_reason_set(reason, -EINVAL, "must be an absolute path");
	if (strlen(value) > SUN_PATH_MAX)
		return dcm_reason_set(reason, -EINVAL,
				      "is longer than the %d bytes of a socket address",
				      SUN_PATH_MAX);
	return 0;
}

/* Over TCP anybody who reaches the port may answer for, or crash, the master agent. */
static int check_agentx(const char *value, struct dcm_reason *reason)
{
	if (!strncmp(value, "tcp", 3) || !strncmp(value, "udp", 3))
		return dcm_reason_set(reason, -EINVAL,
				      "must be a local socket: nothing guards AgentX on a network");
	return check_socket(strncmp(value, "unix:", 5) ? value : value + 5, reason);
}

/* Dotted numbers: the first is 0 to 2, the second below 40 when the first is not 2 (X.660). */
static int check_oid(const char *value, struct dcm_reason *reason)
{
	unsigned long arcs[DCM_MAX_ROOT_ARCS];
	size_t len;
	int err = dcm_oid_parse(value, DCM_ARRAY_SIZE(arcs), arcs, &len);

	if (err == -EINVAL)
		return dcm_reason_set(reason, err,
				      "must be numbers of 32 bits with dots between them");
	if (err || len < OID_MIN_LEN)
		return dcm_reason_set(reason, -EINVAL, "must have %d to %d numbers", OID_MIN_LEN,
				      DCM_MAX_ROOT_ARCS);
	if (arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39))
		return dcm_reason_set(reason, -EINVAL, "begins with impossible numbers");
	return 0;
}

static int add_lookup(struct dcm_config_sampling *sampling, const char *value, bool repeated,
		      struct dcm_reason *reason)
{
	size_t count = repeated ? sampling->lookups : 0;

	if (*value != '/')
		return dcm_reason_set(reason, -EINVAL, "must be an absolute path");
	if (strlen(value) >= sizeof(sampling->lookup[0]))
		return dcm_reason_set(reason, -EINVAL, "is too long");
	if (count == DCM_MAX_LOOKUPS)
		return dcm_reason_set(reason, -EINVAL, "more than %d paths", DCM_MAX_LOOKUPS);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(sampling->lookup[i], value))
			return dcm_reason_set(reason, -EINVAL, "path is given twice");
	strcpy(sampling->lookup[count], value);
	sampling->lookups = count + 1;
	return 0;
}

static int check_text(const struct dcm_config_key *key, const char *value,
		      struct dcm_reason *reason)
{
	if (strlen(value) >= key->size)
		return dcm_reason_set(reason, -EINVAL, "is too long");
	switch (key->type) {
	case DCM_CONFIG_ACCOUNT:
		return check_account(value, reason);
	case DCM_CONFIG_SOCKET:
		return *value ? check_socket(value, reason) : 0;
	case DCM_CONFIG_AGENTX:
		return check_agentx(value, reason);
	case DCM_CONFIG_FOLDER:
		return *value && *value != '/'
			       ? dcm_reason_set(reason, -EINVAL, "must be an absolute path")
			       : 0;
	case DCM_CONFIG_TRANSPORT:
		return check_transport(value, reason);
	default:
		return check_oid(value, reason);
	}
}

int dcm_config_key_set(const struct dcm_config_key *key, const char *value, bool repeated,
		       struct dcm_config *config, struct dcm_reason *reason)
{
	void *at = (char *)config + key->offset;
	int err;

	if (key->type == DCM_CONFIG_LOOKUP)
		return add_lookup(&config->sampling, value, repeated, reason);
	if (key->type == DCM_CONFIG_CAP)
		return dcm_reclaim_config_add_cap(&config->reclaim, value, repeated, reason);
	if (key->type == DCM_CONFIG_ALARM)
		return dcm_reclaim_config_add_alarm(&config->reclaim, value, repeated, reason);
	if (key->type == DCM_CONFIG_CONTEXT)
		return dcm_contexts_config_add(&config->if_mib.contexts, value, repeated, reason);
	if (repeated)
		return dcm_reason_set(reason, -EINVAL, "is given twice");
	switch (key->type) {
	case DCM_CONFIG_NUMBER:
	case DCM_CONFIG_INTERVAL:
		return parse_number(key, value, reason, at);
	case DCM_CONFIG_COUNT:
		return parse_count(key, value, reason, at);
	case DCM_CONFIG_BOOL:
		return parse_bool(value, reason, at);
	case DCM_CONFIG_CHOICE:
		return parse_choice(key, value, reason, at);
	default:
		err = check_text(key, value, reason);
		if (!err)
			strcpy(at, value);
		return err;
	}
}

void dcm_config_key_print(const struct dcm_config_key *key, const struct dcm_config *config,
			  FILE *out)
{
	const void *at = (const char *)config + key->offset;

	switch (key->type) {
	case DCM_CONFIG_NUMBER:
	case DCM_CONFIG_INTERVAL:
		fprintf(out, "%s = %.15g\n", key->name, *(const double *)at);
		break;
	case DCM_CONFIG_COUNT:
		fprintf(out, "%s = %u\n", key->name, *(const unsigned *)at);
		break;
	case DCM_CONFIG_BOOL:
		fprintf(out, "%s = %s\n", key->name, *(const bool *)at ? "yes" : "no");
		break;
	case DCM_CONFIG_CAP:
		dcm_reclaim_config_print_caps(&config->reclaim, out);
		break;
	case DCM_CONFIG_ALARM:
		dcm_reclaim_config_print_alarms(&config->reclaim, out);
		break;
	case DCM_CONFIG_CONTEXT:
		dcm_contexts_config_print(&config->if_mib.contexts, out);
		break;
	case DCM_CONFIG_CHOICE:
		fprintf(out, "%s = %s\n", key->name, key->choices[*(const unsigned *)at]);
		break;
	case DCM_CONFIG_LOOKUP:
		for (size_t i = 0; i < config->sampling.lookups; i++)
			fprintf(out, "%s = %s\n", key->name, config->sampling.lookup[i]);
		break;
	default:
		fprintf(out, "%s = %s\n", key->name, (const char *)at);
	}
}
