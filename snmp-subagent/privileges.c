// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int become(const char *user, struct dcm_reason *reason)
{
	struct passwd *pw;
	int err;

	errno = 0;
	pw = getpwnam(user);
	if (!pw)
		return dcm_reason_set(reason, errno ? -errno : -ENOENT,
				      "[snmp] user: no user \"%s\" on this system", user);
	if (pw->pw_uid == geteuid() && pw->pw_uid == getuid())
		return 0;
	/* Capabilities were cleared in libcap-ng's state: the new identity starts without any. */
	err = capng_change_id((int)pw->pw_uid, (int)pw->pw_gid,
			      CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (err)
		return dcm_reason_set(
			reason, -EPERM,
			"cannot become user \"%s\" (libcap-ng error %d): start as root", user, err);
	return 0;
}

int dcm_privileges_drop(const char *user, struct dcm_reason *reason)
{
	int err;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return dcm_reason_set(reason, -errno, "NO_NEW_PRIVS: %s", strerror(errno));
	capng_clear(CAPNG_SELECT_ALL);
	if (*user) {
		err = become(user, reason);
		if (err < 0)
			return err;
	}
	/* The bounding set can only be cleared with CAP_SETPCAP; without it there is nothing to
	 * gain through it either, as NO_NEW_PRIVS is set. */
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_apply(CAPNG_SELECT_BOUNDS) < 0)
		errno = 0;
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return dcm_reason_set(reason, -EPERM, "cannot give up capabilities");
	if (capng_apply(CAPNG_SELECT_AMBIENT) < 0)
		errno = 0;
	return 0;
}
