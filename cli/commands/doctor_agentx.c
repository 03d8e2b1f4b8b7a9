// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The AgentX socket: does snmpd serve it where dcachemon looks, and may the daemon open it? */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/commands/doctor.h"
#include "common/base/cleanup.h"
#include "common/model/config/snmp_address.h"

#define DAEMON_USER  "dcachemon"
#define AGENTX_GROUP "agentx"

static const char *socket_path(const struct doctor *doctor)
{
	const char *path = dcm_snmp_address_path(doctor->config.snmp.agentx_socket);

	return path ? path : DCM_AGENTX_SOCKET;
}

/* Whether somebody listens; the connection is closed before anything was said on it. */
static int try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return 0;
}

/* Nobody listens at @path: what snmpd's configuration says about that. */
static void fix_absent(struct doctor *doctor, const char *path, struct doctor_result *ret)
{
	const struct dcm_snmpd_conf *conf = doctor_snmpd_conf(doctor);
	const char *served;
	char room[DCM_SUN_PATH_SIZE];

	served = dcm_snmpd_settings_agentx(&conf->settings, path, room, sizeof(room));
	if (conf->unreadable && geteuid() != 0)
		doctor_fix(ret, "sudo dcachemon doctor");
	else if (!conf->settings.master)
		doctor_fix(ret, "in %s: master agentx; then: systemctl restart snmpd", conf->main);
	else if (!served)
		doctor_fix(ret, "in %s: agentXSocket %s; then: systemctl restart snmpd", conf->main,
			   path);
	else if (strcmp(served, path) != 0)
		doctor_fix(ret,
			   "in dcachemon.conf: [snmp] agentx_socket = %s; then: systemctl restart "
			   "dcachemon-snmp",
			   served);
	else
		doctor_fix(ret, "systemctl restart snmpd");
}

void doctor_check_agentx_socket(struct doctor *doctor, struct doctor_result *ret)
{
	const char *path = socket_path(doctor);
	int err = try_connect(path);

	if (!err || err == -EAGAIN) {
		doctor_say(ret, DOCTOR_OK, "snmpd listens at %.150s", path);
		return;
	}
	doctor_say(ret, DOCTOR_WARN, "%.120s: %.50s: nothing over SNMP", path, strerror(-err));
	if (err == -EACCES || err == -EPERM)
		doctor_fix(ret, "sudo dcachemon doctor");
	else
		fix_absent(doctor, path, ret);
}

/* ---- may the daemon's user open it? ---- */

/* The group of agentXPerms when that line lets a member in; NULL otherwise. */
static const char *configured_group(const struct dcm_snmpd_settings *settings)
{
	return settings->perms && (settings->socket_mode & 0060) == 0060 && *settings->group
		       ? settings->group
		       : NULL;
}

/* The socket itself keeps @user out, and agentXPerms would let @group in. */
static void fix_group(const char *path, const char *user, const char *group,
		      struct doctor_result *ret)
{
	const struct group *gr = getgrnam(group);
	struct stat st;

	if (stat(path, &st) == 0 && gr && st.st_gid == gr->gr_gid && (st.st_mode & 0060) == 0060)
		doctor_fix(ret, "usermod -aG %s %.30s; systemctl restart dcachemon-snmp", group,
			   user);
	else if (gr)
		doctor_fix(ret, "systemctl restart snmpd dcachemon-snmp");
	else
		doctor_fix(ret,
			   "groupadd %s; usermod -aG %s %.30s; systemctl restart snmpd "
			   "dcachemon-snmp",
			   group, group, user);
}

/*
 * @barrier, a directory above @path or @path itself, keeps @user out. snmpd gives it the mode
 * of agentXPerms only when it makes it: one that is there, from a time without that line, keeps
 * 0700.
 */
static void fix_barrier(struct doctor *doctor, const char *path, const char *barrier,
			const char *user, struct doctor_result *ret)
{
	const struct dcm_snmpd_conf *conf = doctor_snmpd_conf(doctor);
	const char *group = configured_group(&conf->settings);
	bool folder = strcmp(barrier, path) != 0;

	if (group && folder)
		doctor_fix(ret, "chmod o+x %s", barrier);
	else if (group)
		fix_group(path, user, group, ret);
	else
		doctor_fix(ret,
			   "in %s: agentXPerms 0660 0755 root " AGENTX_GROUP
			   "; then: groupadd -f " AGENTX_GROUP "; usermod -aG " AGENTX_GROUP
			   " %.30s%s%s; systemctl restart snmpd dcachemon-snmp",
			   conf->main, user, folder ? "; chmod o+x " : "", folder ? barrier : "");
}

void doctor_check_agentx_user(struct doctor *doctor, struct doctor_result *ret)
{
	const char *user = *doctor->config.snmp.user ? doctor->config.snmp.user : DAEMON_USER;
	const char *path = socket_path(doctor);
	char barrier[DCM_PATH_SIZE];
	struct doctor_identity who;
	int err;

	if (doctor_find_identity(user, &who)) {
		doctor_say(ret, DOCTOR_OK, "no user %.60s here: the service is not installed",
			   user);
		return;
	}
	err = doctor_find_barrier(&who, path, barrier, sizeof(barrier));
	if (err == -EACCES) {
		doctor_say(ret, DOCTOR_WARN, "%.120s: %s", path, strerror(-err));
		doctor_fix(ret, "sudo dcachemon doctor");
	} else if (err) {
		doctor_say(ret, DOCTOR_WARN, "%.120s: %s", path, strerror(-err));
		fix_absent(doctor, path, ret);
	} else if (*barrier) {
		doctor_say(ret, DOCTOR_WARN, "%.100s keeps the user %.30s out: nothing over SNMP",
			   barrier, user);
		fix_barrier(doctor, path, barrier, user, ret);
	} else {
		doctor_say(ret, DOCTOR_OK, "the user %.30s may open %.100s", user, path);
	}
}
