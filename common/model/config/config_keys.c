// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/config_keys.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/config/config_print.h"
#include "common/model/config/config_values.h"

#define KEY(part, member)                                   \
	.offset = offsetof(struct dcm_config, part.member), \
	.size = sizeof(((struct dcm_config *)0)->part.member)
#define SAMPLING(key, member)	.section = "sampling", .name = key, KEY(sampling, member)
#define CONTAINERS(key, member) .section = "containers", .name = key, KEY(containers, member)
#define SNMP(key, member)	.section = "snmp", .name = key, KEY(snmp, member)
#define NOTIFY(key, member)	.section = "notify", .name = key, KEY(notify, member)
#define RECLAIM(key, member)	.section = "reclaim", .name = key, KEY(reclaim, member)
#define STATE(key, member)	.section = "state", .name = key, KEY(state, member)
#define IF_MIB(key, member)	.section = "if_mib", .name = key, KEY(if_mib, member)
#define INTERVAL(id, source, seconds, text)                                                 \
	{                                                                                   \
		SAMPLING(#source "_interval", interval[DCM_SOURCE_##id]),                   \
			.type = DCM_CONFIG_INTERVAL, .min = 0.1, .max = 86400, .help = text \
	}

/* Positions are enum dcm_if_takeover_mode. */
static const char *const takeover_words[] = {"off", "on", "auto", NULL};
static const char *const vehicle_words[] = {"bpf", "kcore", "auto", NULL}; /* enum dcm_vehicle */

const struct dcm_config_key dcm_config_keys[] = {
	{SAMPLING("budget_percent", budget_percent), .type = DCM_CONFIG_NUMBER, .max = 100,
	 .help = "CPU time for all sources together, in percent of one CPU; 0 sets no limit."},
	{SAMPLING("bpf", bpf), .type = DCM_CONFIG_BOOL,
	 .help = "Whether BPF programs may be loaded; without them superblocks, hash table and "
		 "directories are missing."},
	{SAMPLING("vehicle", vehicle), .type = DCM_CONFIG_CHOICE, .choices = vehicle_words,
	 .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "What superblocks and hash table are read by: bpf, kcore (/proc/kcore, which "
		 "whoever takes over the process can read as well), or auto: kcore where BPF does "
		 "not work."},
	{SAMPLING("max_slice_us", max_slice_us), .type = DCM_CONFIG_COUNT, .max = 1000,
	 .help = "Microseconds for which a BPF program may keep a CPU without preemption; 0: 600, "
		 "and 50 on PREEMPT_RT."},
	DCM_SOURCES(INTERVAL),
	{SAMPLING("lookup", lookup), .type = DCM_CONFIG_LOOKUP,
	 .help = "Paths whose cached lookup is timed; the first one here replaces the whole list."},
	{SAMPLING("chain_directory", chain_directory), .type = DCM_CONFIG_CHAINS,
	 .help = "Directories below /proc/sys whose long hash chains are found before the first "
		 "pass; the first one here replaces the whole list."},
	{SAMPLING("proc", proc), .type = DCM_CONFIG_FOLDER,
	 .help = "Where the host's /proc is seen, for a sampler in a container: its own has other "
		 "chains."},
	{SAMPLING("socket", socket), .type = DCM_CONFIG_SOCKET, .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "Socket on which other processes get the samples; empty for none."},
	{SAMPLING("socket_group", socket_group), .type = DCM_CONFIG_ACCOUNT,
	 .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "Group that may connect to it; empty for the group of the process."},
	{CONTAINERS("docker", docker), .type = DCM_CONFIG_FOLDERS,
	 .help = "Data folders of docker (data-root in its daemon.json); the first one here "
		 "replaces the whole list, as below."},
	{CONTAINERS("containerd", containerd), .type = DCM_CONFIG_FOLDERS,
	 .help = "State folders of containerd (state in its config.toml)."},
	{CONTAINERS("storage", storage), .type = DCM_CONFIG_FOLDERS,
	 .help = "Folders of podman and CRI-O (graphroot in storage.conf). That of a user's podman "
		 "is found where it mounts overlays."},
	{CONTAINERS("pods", pods), .type = DCM_CONFIG_FOLDER,
	 .help = "Folder for the logs of pods (podLogsDir of kubelet); empty for none."},
	{CONTAINERS("privileges", privileges), .type = DCM_CONFIG_BOOL,
	 .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "Whether the daemon keeps CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, without which "
		 "it "
		 "sees no mounts of containers and names none."},
	{SNMP("agentx_socket", agentx_socket), .type = DCM_CONFIG_AGENTX,
	 .holder = DCM_CONFIG_BY_AGENT,
	 .help = "AgentX socket of the master agent (agentXSocket in snmpd.conf)."},
	{SNMP("root_oid", root_oid), .type = DCM_CONFIG_OID,
	 .help = "OID at which DCACHEMON-MIB is registered."},
	{SNMP("ping_interval", ping_interval), .type = DCM_CONFIG_COUNT, .min = 1, .max = 3600,
	 .holder = DCM_CONFIG_BY_AGENT, .help = "Seconds between pings of the master agent."},
	{SNMP("notifications", notifications), .type = DCM_CONFIG_BOOL,
	 .help = "Whether alarms are sent as notifications; the tables show them in any case."},
	{SNMP("user", user), .type = DCM_CONFIG_ACCOUNT, .holder = DCM_CONFIG_BY_AGENT,
	 .help = "User that the agent process switches to; empty for no switch."},
	{NOTIFY("min_interval", min_interval), .type = DCM_CONFIG_NUMBER, .max = 86400,
	 .help = "Minimum seconds between two notifications about one resource."},
	{NOTIFY("rate", rate), .type = DCM_CONFIG_NUMBER, .min = 0.01, .max = 1000,
	 .help = "Notifications per second for all resources together."},
	{NOTIFY("burst", burst), .type = DCM_CONFIG_NUMBER, .min = 1, .max = 10000,
	 .help = "Number of notifications that may be sent in one burst."},
	{NOTIFY("grace", grace), .type = DCM_CONFIG_NUMBER, .max = 3600,
	 .help = "Seconds after the start during which none is sent."},
	{STATE("folder", folder), .type = DCM_CONFIG_FOLDER, .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "Existing directory for alarms and recordings; if empty, nothing is kept."},
	{STATE("recorder", recorder), .type = DCM_CONFIG_BOOL, .holder = DCM_CONFIG_BY_SAMPLER,
	 .help = "Whether an alarm leaves a recording there: ten minutes before, two after."},
	{RECLAIM("enabled", enabled), .type = DCM_CONFIG_BOOL,
	 .help = "Whether \"dcachemon reclaim --rules\", run by a timer, may shrink superblocks."},
	{RECLAIM("interval", interval), .type = DCM_CONFIG_NUMBER, .min = 60, .max = 31536000,
	 .help = "Minimum seconds between two reclaims of one superblock."},
	{RECLAIM("max_seconds", max_seconds), .type = DCM_CONFIG_NUMBER, .min = 0.001, .max = 3600,
	 .help = "Longest predicted time for which its unmount and sync may have to wait; where it "
		 "goes in steps, after which it stops."},
	{RECLAIM("max_pressure", max_pressure), .type = DCM_CONFIG_NUMBER, .max = 100,
	 .help = "Stops between two steps when they add more than this to memory pressure, in "
		 "percent of the time. Also the default by hand."},
	{RECLAIM("max_cache", max_cache), .type = DCM_CONFIG_NUMBER, .max = 1048576,
	 .help = "MiB of page cache that may go along with the entries of a control group; 0 "
		 "leaves control groups alone. Also the default by hand."},
	{RECLAIM("max_unused", cap), .type = DCM_CONFIG_CAP,
	 .help = "Shrinks a filesystem type, or a mount point, with more unused entries than "
		 "this."},
	{RECLAIM("alarm", alarm), .type = DCM_CONFIG_ALARM,
	 .help = "Shrinks the superblock of this alarm while it is raised; the largest one if the "
		 "alarm is about the whole host."},
	{IF_MIB("takeover", takeover), .type = DCM_CONFIG_CHOICE, .choices = takeover_words,
	 .help = "Whether the agent answers the interface tables in place of snmpd: off, on, or "
		 "auto (once a reload by snmpd is forecast to take 0.3 s or more)."},
	{IF_MIB("mute_address", mute_address), .type = DCM_CONFIG_TRANSPORT,
	 .holder = DCM_CONFIG_BY_AGENT,
	 .help = "Address of snmpd, for the SET that mutes its own reloads."},
	{IF_MIB("mute_credentials", mute_credentials), .type = DCM_CONFIG_FOLDER,
	 .holder = DCM_CONFIG_BY_AGENT,
	 .help = "File with the credentials for that SET, readable by its owner only; if empty, "
		 "snmpd keeps reloading."},
	{IF_MIB("mute_seconds", mute_seconds), .type = DCM_CONFIG_COUNT, .min = 60, .max = 86400,
	 .holder = DCM_CONFIG_BY_AGENT,
	 .help = "Seconds between two reloads of snmpd's own table while it is muted."},
	{IF_MIB("link_traps", link_traps), .type = DCM_CONFIG_BOOL, .holder = DCM_CONFIG_BY_AGENT,
	 .help = "Whether linkUp and linkDown are sent. Remove linkUpDownNotifications from "
		 "snmpd.conf, or each is sent twice."},
	{IF_MIB("context", contexts), .type = DCM_CONFIG_CONTEXT,
	 .help = "SNMP context in which the tables show another network namespace: a name, then "
		 "/run/netns/NAME, pid:NUMBER or self. May be repeated."},
};

const size_t dcm_config_key_count = DCM_ARRAY_SIZE(dcm_config_keys);

_Static_assert(DCM_ARRAY_SIZE(dcm_config_keys) <= 64, "one bit of struct dcm_config.given per key");

int dcm_config_key_find(const char *section, const char *name)
{
	for (size_t i = 0; i < dcm_config_key_count; i++)
		if (!strcmp(dcm_config_keys[i].section, section) &&
		    !strcmp(dcm_config_keys[i].name, name))
			return (int)i;
	return -ENOENT;
}

/* ---- values: each is checked completely before it is stored ---- */

/* Paths of which there are up to @most; the first one given replaces those of before. */
static int add_path(char (*paths)[DCM_PATH_SIZE], size_t *count, size_t most, const char *value,
		    bool repeated, struct dcm_reason *reason)
{
	size_t n = repeated ? *count : 0;

	if (*value != '/')
		return dcm_reason_set(reason, -EINVAL, "must be an absolute path");
	if (strlen(value) >= DCM_PATH_SIZE)
		return dcm_reason_set(reason, -EINVAL, "is too long");
	if (n == most)
		return dcm_reason_set(reason, -EINVAL, "more than %zu paths", most);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(paths[i], value))
			return dcm_reason_set(reason, -EINVAL, "path is given twice");
	strcpy(paths[n], value);
	*count = n + 1;
	return 0;
}

/* No other filesystem is sure not to be waited for. */
static int add_chain_directory(struct dcm_config_sampling *sampling, const char *value,
			       bool repeated, struct dcm_reason *reason)
{
	if (strncmp(value, "/proc/sys/", 10) != 0 || strstr(value, "/.."))
		return dcm_reason_set(reason, -EINVAL, "must be below /proc/sys");
	return add_path(sampling->chain_directory, &sampling->chain_directories,
			DCM_MAX_CHAIN_DIRECTORIES, value, repeated, reason);
}

static int check_text(const struct dcm_config_key *key, const char *value,
		      struct dcm_reason *reason)
{
	if (strlen(value) >= key->size)
		return dcm_reason_set(reason, -EINVAL, "is too long");
	switch (key->type) {
	case DCM_CONFIG_ACCOUNT:
		return dcm_config_value_check_account(value, reason);
	case DCM_CONFIG_SOCKET:
		return *value ? dcm_config_value_check_socket(value, reason) : 0;
	case DCM_CONFIG_AGENTX:
		return dcm_config_value_check_agentx(value, reason);
	case DCM_CONFIG_FOLDER:
		return dcm_config_value_check_folder(value, reason);
	case DCM_CONFIG_TRANSPORT:
		return dcm_config_value_check_transport(value, reason);
	default:
		return dcm_config_value_check_oid(value, DCM_MAX_ROOT_ARCS, reason);
	}
}

int dcm_config_key_set(const struct dcm_config_key *key, const char *value, bool repeated,
		       struct dcm_config *config, struct dcm_reason *reason)
{
	struct dcm_config_sampling *sampling = &config->sampling;
	void *at = (char *)config + key->offset;
	int err;

	if (key->type == DCM_CONFIG_LOOKUP)
		return add_path(sampling->lookup, &sampling->lookups, DCM_MAX_LOOKUPS, value,
				repeated, reason);
	if (key->type == DCM_CONFIG_CHAINS)
		return add_chain_directory(sampling, value, repeated, reason);
	if (key->type == DCM_CONFIG_FOLDERS)
		return add_path(((struct dcm_config_folders *)at)->path,
				&((struct dcm_config_folders *)at)->count, DCM_MAX_FOLDERS, value,
				repeated, reason);
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
		return dcm_config_value_number(value, key->min, key->max, reason, at);
	case DCM_CONFIG_INTERVAL:
		return dcm_config_value_interval(value, key->min, key->max, reason, at);
	case DCM_CONFIG_COUNT:
		return dcm_config_value_count(value, (unsigned)key->min, (unsigned)key->max, reason,
					      at);
	case DCM_CONFIG_BOOL:
		return dcm_config_value_bool(value, reason, at);
	case DCM_CONFIG_CHOICE:
		return dcm_config_value_choice(value, key->choices, reason, at);
	default:
		err = check_text(key, value, reason);
		if (!err)
			strcpy(at, value);
		return err;
	}
}

/* Texts end at their NUL; bytes after it do not count. */
bool dcm_config_key_equal(const struct dcm_config_key *key, const struct dcm_config *a,
			  const struct dcm_config *b)
{
	const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;

	switch (key->type) {
	case DCM_CONFIG_ACCOUNT:
	case DCM_CONFIG_SOCKET:
	case DCM_CONFIG_AGENTX:
	case DCM_CONFIG_FOLDER:
	case DCM_CONFIG_OID:
	case DCM_CONFIG_TRANSPORT:
		return !strcmp(x, y);
	default:
		return !memcmp(x, y, key->size);
	}
}

static void print_folders(const struct dcm_config_key *key,
			  const struct dcm_config_folders *folders, FILE *out)
{
	for (size_t i = 0; i < folders->count; i++)
		fprintf(out, "%s = %s\n", key->name, folders->path[i]);
}

void dcm_config_key_print(const struct dcm_config_key *key, const struct dcm_config *config,
			  FILE *out)
{
	const void *at = (const char *)config + key->offset;

	dcm_config_print_comment(out, key->help);
	if (key->holder)
		dcm_config_print_comment(out, "Changes with a restart only.");
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
	case DCM_CONFIG_FOLDERS:
		print_folders(key, at, out);
		break;
	case DCM_CONFIG_LOOKUP:
		for (size_t i = 0; i < config->sampling.lookups; i++)
			fprintf(out, "%s = %s\n", key->name, config->sampling.lookup[i]);
		break;
	case DCM_CONFIG_CHAINS:
		for (size_t i = 0; i < config->sampling.chain_directories; i++)
			fprintf(out, "%s = %s\n", key->name, config->sampling.chain_directory[i]);
		break;
	default:
		fprintf(out, "%s = %s\n", key->name, (const char *)at);
	}
}
