// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What speaks against reconfiguring a filesystem, and what is remembered when that went wrong. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/units.h"
#include "common/kernel/reclaim/reclaim_distrust.h"
#include "common/model/reclaim/reclaim_filesystems.h"
#include "common/model/reclaim/reclaim_safety.h"

static unsigned kernel(void)
{
	struct utsname name;

	return dcm_reclaim_kernel(uname(&name) ? "" : name.release);
}

static int doubt_type(struct reclaim_item *item, bool force)
{
	struct dcm_reason reason = {""};
	enum dcm_reclaim_safety safety = dcm_reclaim_judge(
		item->target->fstype, item->target->options, item->limits.kernel, &reason);

	if (safety == DCM_RECLAIM_SAFE || (safety == DCM_RECLAIM_FORCE && force))
		return 0;
	return dcm_reason_set(&item->reason, -EPERM, "%.150s%s", reason.text,
			      safety == DCM_RECLAIM_FORCE ? "; --force does it anyway" : "");
}

static int doubt_sync(struct reclaim_item *item)
{
	const struct dcm_reclaim_target *target = item->target;
	double seconds;

	if (!item->limits.syncs ||
	    dcm_reclaim_dirty("", target->dev_major, target->dev_minor, &item->dirty))
		return 0;
	seconds = (double)item->dirty.bytes / DCM_WRITE_BYTES_PER_SECOND;
	if (seconds <= item->limits.max_seconds)
		return 0;
	return dcm_reason_set(
		&item->reason, -ETIME,
		"writing out %s%.0f MiB of modified data first could take %.3g s, more "
		"than --max-seconds %.3g%s",
		item->dirty.own ? "" : "at most ", (double)item->dirty.bytes / (1 << 20), seconds,
		item->limits.max_seconds, item->dirty.own ? "" : "; try sync");
}

int reclaim_doubt(struct reclaim_item *item, const char *folder, bool force, double max_seconds)
{
	const unsigned running = kernel();
	const struct dcm_reclaim_filesystem *filesystem =
		dcm_reclaim_filesystem(item->target->fstype, running);

	item->limits = (struct dcm_reclaim_limits){
		.kernel = running,
		/* What is not known may; what is read-only has nothing to write. */
		.syncs = (!filesystem || filesystem->syncs) &&
			 !dcm_reclaim_has_option(item->target->options, "ro"),
		.max_seconds = max_seconds,
	};
	item->pinned = filesystem && filesystem->pinned;
	item->err = dcm_reclaim_distrusted(folder, item->target->fstype, &item->reason);
	if (item->err == -EACCES)
		item->err = 0; /* somebody who may do nothing here */
	if (!item->err)
		item->err = doubt_type(item, force);
	if (!item->err)
		item->err = doubt_sync(item);
	return item->err;
}

int reclaim_distrust(const struct reclaim_item *item, const char *folder)
{
	_cleanup_free_ char *fstype = output_text(item->target->fstype);
	struct dcm_reason reason = {""};
	int err;

	if (item->result.options != DCM_RECLAIM_CHANGED)
		return 0;
	err = *folder ? dcm_reclaim_distrust(
				folder, item->target->fstype,
				(int64_t)(dcm_clock_ns(CLOCK_REALTIME) / DCM_NSEC_PER_SEC),
				item->result.change.text, &reason)
		      : dcm_reason_set(&reason, -ENOENT, "there is no state folder");
	if (err)
		cli_error("cannot remember that %s is not to be reclaimed again: %s", fstype,
			  reason.text);
	else
		cli_error("%s is not reclaimed again until dcachemon reclaim --trust %s", fstype,
			  fstype);
	return err;
}

int reclaim_trust(const char *folder, const char *fstype)
{
	struct dcm_reason reason = {""};
	int err = *folder ? dcm_reclaim_trust(folder, fstype, &reason)
			  : dcm_reason_set(&reason, -ENOENT,
					   "[state] folder is empty: nothing is "
					   "remembered");

	if (!err)
		return CLI_OK;
	return cli_reason(reason.text);
}
