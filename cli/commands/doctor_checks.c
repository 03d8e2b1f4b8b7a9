// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "cli/commands/doctor.h"
#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/mounts/host_proc.h"
#include "common/sampling/chain_sample.h"
#include "common/sampling/walk_choice.h"
#include "common/transport/snapshot_memfd.h"

int doctor_read_file(const struct doctor *doctor, const char *path, char **ret_text)
{
	struct dcm_cached_file file;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, doctor->root, path);

	if (err)
		return err;
	err = dcm_cached_file_read(&file, ret_text, &size, 16u << 20, &len);
	if (!err && strncmp(path, "/proc/", 6) == 0 &&
	    dcm_cached_file_is_covered(&file, doctor->root))
		err = DOCTOR_COVERED;
	dcm_cached_file_deinit(&file);
	return err;
}

/* ---- the kernel ---- */

static void check_kernel(struct doctor *doctor __attribute__((unused)), struct doctor_result *ret)
{
	struct utsname name;

	uname(&name);
	doctor_say(ret, DOCTOR_OK, "%s %s on %s", name.sysname, name.release, name.machine);
}

static void check_btf(struct doctor *doctor, struct doctor_result *ret)
{
	char path[DCM_PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/sys/kernel/btf/vmlinux", doctor->root);
	if (access(path, R_OK) == 0) {
		doctor_say(ret, DOCTOR_OK, "the kernel describes its structures (BTF)");
		return;
	}
	if (doctor->config.sampling.vehicle == DCM_VEHICLE_BPF)
		doctor_say(ret, DOCTOR_FAIL,
			   "%s: %s: superblocks, hash chains and namespaces stay unknown", path,
			   strerror(errno));
	else
		doctor_say(ret, DOCTOR_WARN, "%s: %s: /proc/kcore is read without, and tells less",
			   path, strerror(errno));
	doctor_fix(ret, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y, and mount sysfs at /sys");
}

static void check_lockdown(struct doctor *doctor, struct doctor_result *ret)
{
	_cleanup_free_ char *text = NULL;
	int err = doctor_read_file(doctor, "/sys/kernel/security/lockdown", &text);

	if (err == -ENOENT)
		doctor_say(ret, DOCTOR_OK,
			   "no lockdown in this kernel, or securityfs is not mounted");
	else if (err)
		doctor_say(ret, DOCTOR_WARN, "/sys/kernel/security/lockdown: %s", strerror(-err));
	else if (strstr(text, "[confidentiality]"))
		doctor_say(ret, DOCTOR_FAIL, "confidentiality: BPF may not read kernel memory");
	else
		doctor_say(ret, DOCTOR_OK, "%s",
			   strstr(text, "[integrity]") ? "integrity" : "none");
	if (ret->level == DOCTOR_FAIL)
		doctor_fix(ret, "boot with lockdown=integrity, or lockdown=none, instead");
}

static void check_capabilities(struct doctor *doctor __attribute__((unused)),
			       struct doctor_result *ret)
{
	static const unsigned wanted[] = {CAP_BPF,    CAP_PERFMON,	   CAP_SYS_ADMIN,
					  CAP_SYSLOG, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE};
	bool have[DCM_ARRAY_SIZE(wanted)], enough;
	char list[120] = "";
	size_t len = 0;

	if (capng_get_caps_process()) {
		doctor_say(ret, DOCTOR_WARN, "the capabilities of this process cannot be read");
		return;
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(wanted); i++) {
		have[i] = capng_have_capability(CAPNG_EFFECTIVE, wanted[i]);
		if (have[i])
			len += (size_t)snprintf(list + len, sizeof(list) - len, " %s",
						capng_capability_to_name(wanted[i]));
	}
	enough = have[2] || (have[0] && have[1]);
	doctor_say(ret, enough ? DOCTOR_OK : DOCTOR_FAIL, "effective:%s%s", *list ? list : " none",
		   enough ? "" : "; BPF needs bpf and perfmon, or sys_admin");
	if (!enough)
		doctor_fix(ret,
			   "sudo dcachemon doctor, or: setcap "
			   "cap_bpf,cap_perfmon,cap_dac_read_search+ep $(command -v dcachemon)");
}

static void check_proc(struct doctor *doctor, struct doctor_result *ret)
{
	struct dcm_reason reason;

	if (!dcm_host_proc_is_foreign(doctor->config.sampling.proc, &reason)) {
		doctor_say(ret, DOCTOR_OK, "lookups are those of the host's /proc");
		return;
	}
	doctor_say(ret, DOCTOR_WARN, "no lookup_latency and snmpd_wedge: %s", reason.text);
	doctor_fix(ret, "mount the host's at /host/proc (docker: -v /proc:/host/proc:ro); in "
			"dcachemon.conf: [sampling] proc = /host/proc");
}

/* ---- BPF ---- */

static void say_failed(struct doctor_result *ret, const struct dcm_reason *reason, int err)
{
	doctor_say(ret, DOCTOR_FAIL, "%s", *reason->text ? reason->text : strerror(-err));
}

/* Whether a seccomp filter is on this process, as on those of containers; prctl(2). */
static bool is_filtered(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

static void check_bpf(struct doctor *doctor, struct doctor_result *ret)
{
	static const char *const flavours[] = {
		[DCM_WALK_FAST] = "fast (direct loads)",
		[DCM_WALK_COMPAT] = "compatible (probe reads, slower)",
		[DCM_WALK_BOUNDED] = "bounded (probe reads, slower, and no bpf_loop)",
	};
	struct dcm_reason reason = {""};
	int err;

	if (doctor->config.sampling.vehicle == DCM_VEHICLE_KCORE) {
		doctor_say(ret, DOCTOR_OK, "not used: [sampling] vehicle is kcore");
		return;
	}
	if (!doctor->config.sampling.bpf) {
		doctor_say(ret, DOCTOR_WARN, "switched off");
		doctor_fix(ret, "in dcachemon.conf: [sampling] bpf = yes");
		return;
	}
	err = dcm_walk_open(doctor->root, DCM_WALK_AUTO, &reason, &doctor->walk);
	if (!err) {
		doctor_say(ret, DOCTOR_OK, "programs load, flavour %s",
			   flavours[dcm_walk_flavour(doctor->walk)]);
		return;
	}
	say_failed(ret, &reason, err);
	doctor_fix(ret, err == -EPERM && is_filtered()
				? "if the lines above are ok, a seccomp filter refuses bpf(2): "
				  "--cap-add sys_admin, or a profile that allows it"
			: err == -EPERM ? "sudo dcachemon doctor"
			: err == -EOPNOTSUPP
				? "see the lines above; a build needs WITH_BPF=1"
				: "report this line together with the kernel's release");
}

/* In place of BPF. */
static void check_kcore(struct doctor *doctor, struct doctor_result *ret)
{
	struct dcm_reason reason = {""};
	int err;

	if (doctor->walk) {
		doctor_say(ret, DOCTOR_OK, "/proc/kcore is not needed: BPF works");
		return;
	}
	if (doctor->config.sampling.vehicle == DCM_VEHICLE_BPF) {
		doctor_say(ret, DOCTOR_WARN, "/proc/kcore is not read: [sampling] vehicle is bpf");
		doctor_fix(ret, "where BPF cannot be had, in dcachemon.conf: [sampling] vehicle = "
				"auto, if the process may be able to read all of the kernel's "
				"memory");
		return;
	}
	err = dcm_walk_open(doctor->root, DCM_WALK_KCORE, &reason, &doctor->walk);
	if (!err)
		doctor_say(ret, DOCTOR_OK, "/proc/kcore is read");
	else
		say_failed(ret, &reason, err);
	if (err == -EPERM)
		doctor_fix(ret, "sudo dcachemon doctor");
}

static int count_superblocks(const struct doctor *doctor, struct dcm_reason *reason,
			     struct doctor_result *ret)
{
	const struct dcm_walk_superblock *superblocks;
	size_t count;
	int err = dcm_walk_superblocks(doctor->walk, reason, &superblocks, &count);

	if (!err)
		doctor_say(ret, DOCTOR_OK, "%zu found", count);
	return err;
}

static int count_namespaces(const struct doctor *doctor, struct dcm_reason *reason,
			    struct doctor_result *ret)
{
	struct dcm_walk_namespaces namespaces;
	int err = dcm_walk_namespaces(doctor->walk, reason, &namespaces);

	if (!err)
		doctor_say(ret, DOCTOR_OK, "%llu network namespaces found",
			   (unsigned long long)namespaces.count);
	return err;
}

static int find_hash_table(const struct doctor *doctor, struct dcm_reason *reason,
			   struct doctor_result *ret)
{
	struct dcm_reason why = {""}, lack = {""};
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(doctor->walk, reason, &table);

	if (err)
		return err;
	if (dcm_walk_sample_begin(doctor->walk, &why))
		dcm_chain_sample_none(why.text, &lack);
	else
		dcm_chain_sample_lack(doctor->config.sampling.budget_percent, &lack);
	doctor_say(ret, DOCTOR_OK, "%llu buckets, proven by %u of %u dentry pairs%s%s",
		   (unsigned long long)table.buckets, table.agreeing, table.pairs,
		   *lack.text ? "; " : "", lack.text);
	return 0;
}

static void check_walk(const struct doctor *doctor, doctor_walk *walk, struct doctor_result *ret)
{
	struct dcm_reason reason = {""};
	int err;

	if (!doctor->walk) {
		enum dcm_walk_flavour flavour;
		bool wanted = dcm_walk_choose(&doctor->config.sampling, &flavour);

		doctor_say(ret, wanted ? DOCTOR_FAIL : DOCTOR_WARN,
			   "unknown without BPF or /proc/kcore");
		return;
	}
	err = walk(doctor, &reason, ret);
	if (err)
		say_failed(ret, &reason, err);
}

/* ---- files ---- */

/* /proc is not mounted, or shows processes alone (subset=pid). */
static bool proc_is_hidden(const struct doctor *doctor)
{
	char path[DCM_PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/proc/version", doctor->root);
	return access(path, F_OK) != 0;
}

static void check_readable(const struct doctor *doctor, const struct doctor_file *file,
			   struct doctor_result *ret)
{
	_cleanup_free_ char *text = NULL;
	int err = doctor_read_file(doctor, file->path, &text);

	if (!err) {
		doctor_say(ret, DOCTOR_OK, "%s can be read", file->path);
		return;
	}
	if (err == DOCTOR_COVERED) {
		doctor_say(ret, file->level, "%s is not the kernel's (lxcfs?): %s", file->path,
			   file->loss);
		doctor_fix(ret, "sudo umount %s%s", doctor->root, file->path);
		return;
	}
	doctor_say(ret, file->level, "%s: %s: %s", file->path, strerror(-err), file->loss);
	if (err == -EACCES || err == -EPERM)
		doctor_fix(ret, "sudo dcachemon doctor");
	else if (proc_is_hidden(doctor))
		doctor_fix(ret, "mount -t proc proc %s/proc", doctor->root);
	else
		doctor_fix(ret, "%s", file->advice);
}

static void check_shrinker(struct doctor *doctor, struct doctor_result *ret)
{
	char path[DCM_PATH_SIZE + 32];

	snprintf(path, sizeof(path), "%s/sys/kernel/debug/shrinker", doctor->root);
	if (access(path, R_OK | X_OK) == 0) {
		doctor_say(ret, DOCTOR_OK, "%s is there", path);
	} else if (doctor->walk) {
		doctor_say(ret, DOCTOR_OK, "missing, but not needed: BPF counts superblocks");
	} else {
		doctor_say(ret, DOCTOR_WARN, "%s: %s: no replacement for BPF", path,
			   strerror(errno));
		doctor_fix(ret, "mount -t debugfs none /sys/kernel/debug "
				"(needs CONFIG_SHRINKER_DEBUG=y and root)");
	}
}

/* ---- sockets ---- */

/* The socket keeps this user out; joining its group may help. */
static void fix_group(const char *path, struct doctor_result *ret)
{
	const struct passwd *user = getpwuid(geteuid());
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && st.st_gid != 0 && (st.st_mode & 0060) == 0060)
		group = getgrgid(st.st_gid);
	if (group && user)
		doctor_fix(ret, "sudo usermod -aG %s %s", group->gr_name, user->pw_name);
	else
		doctor_fix(ret, "sudo dcachemon doctor");
}

static void check_snapshot_socket(struct doctor *doctor, struct doctor_result *ret)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	const char *path = doctor->config.sampling.socket;
	struct dcm_reason reason = {""};
	_cleanup_close_ int fd = -1;
	int err;

	if (!*path) {
		doctor_say(ret, DOCTOR_OK, "switched off in the configuration");
		return;
	}
	err = dcm_snapshot_client_connect(path, &fd);
	if (!err)
		err = dcm_snapshot_client_wait(fd, 2000, &reason, &snapshot);
	if (!err) {
		doctor_say(ret, DOCTOR_OK, "a daemon answers at %.150s", path);
		return;
	}
	doctor_say(ret, DOCTOR_WARN, "%.120s: %.60s: no --cached", path,
		   *reason.text ? reason.text : strerror(-err));
	if (err == -EACCES)
		fix_group(path, ret);
	else
		doctor_fix(ret, "systemctl start dcachemon-snmp");
}

const struct doctor_check doctor_checks[] = {
	{.name = "kernel", .run = check_kernel},
	{.name = "btf", .run = check_btf},
	{.name = "lockdown", .run = check_lockdown},
	{.name = "capabilities", .run = check_capabilities},
	{.name = "bpf", .run = check_bpf},
	{.name = "kcore", .run = check_kcore},
	{.name = "superblocks", .walk = count_superblocks},
	{.name = "namespaces", .walk = count_namespaces},
	{.name = "hash_table", .walk = find_hash_table},
	{.name = "proc", .run = check_proc},
	{.name = "dentry_state",
	 .file = {"/proc/sys/fs/dentry-state", "nothing works without it",
		  "mount -t proc proc /proc", DOCTOR_FAIL}},
	{.name = "dentry_sysctls", .run = doctor_check_sysctls},
	{.name = "slabinfo",
	 .file = {"/proc/slabinfo", "no slab memory", "boot a kernel with CONFIG_SLUB_DEBUG=y",
		  DOCTOR_WARN}},
	{.name = "meminfo",
	 .file = {"/proc/meminfo", "no slab_share and reclaim_risk", "mount -t proc proc /proc",
		  DOCTOR_WARN}},
	{.name = "vmstat",
	 .file = {"/proc/vmstat", "no reclaim counters", "mount -t proc proc /proc", DOCTOR_WARN}},
	{.name = "psi",
	 .file = {"/proc/pressure/memory", "no memory pressure",
		  "boot with psi=1, or a kernel with CONFIG_PSI=y", DOCTOR_WARN}},
	{.name = "mountinfo",
	 .file = {"/proc/1/mountinfo", "superblocks without their mount points",
		  "share the host's PID namespace (docker: --pid=host)", DOCTOR_WARN}},
	{.name = "shrinker_debugfs", .run = check_shrinker},
	{.name = "snapshot_socket", .run = check_snapshot_socket},
	{.name = "agentx_socket", .run = doctor_check_agentx_socket},
	{.name = "agentx_user", .run = doctor_check_agentx_user},
	{.name = "snmpd_module", .run = doctor_check_module},
	{.name = "snmp_view", .run = doctor_check_view},
	{.name = "trap_sink", .run = doctor_check_trap_sink},
	{.name = "mib", .run = doctor_check_mib},
	{.name = "snmpd_load", .run = doctor_check_snmpd_load},
};
const size_t doctor_check_count = DCM_ARRAY_SIZE(doctor_checks);

void doctor_run(const struct doctor_check *check, struct doctor *doctor, struct doctor_result *ret)
{
	if (check->run)
		check->run(doctor, ret);
	else if (check->walk)
		check_walk(doctor, check->walk, ret);
	else
		check_readable(doctor, &check->file, ret);
}
