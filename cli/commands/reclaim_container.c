// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon reclaim --container: what belongs to one container. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands/reclaim.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/kernel/containers/container_find.h"

/* A filesystem that it shares with others: only its own entries of it, which its control group is
 * charged for. */
static int bound(const struct dcm_container_root *root, struct dcm_reason *reason,
		 char **ret_cgroup)
{
	if (!root->part)
		return 0;
	if (!root->cgroup[0])
		return dcm_reason_set(
			reason, -EOPNOTSUPP,
			"its root directory is part of another filesystem, and it has no "
			"control group of its own that could bound a reclaim");
	*ret_cgroup = strdup(root->cgroup);
	return *ret_cgroup ? 0 : dcm_reason_no_memory(reason);
}

int reclaim_find_container(const struct dcm_config *config, const char *name,
			   struct dcm_reclaim_targets *ret, char **ret_cgroup)
{
	_cleanup_free_ struct dcm_container_root *root = calloc(1, sizeof(*root));
	_cleanup_free_ char *shown = output_text(name), *text = NULL, *cgroup = NULL;
	struct dcm_reason reason = {""};
	int err;

	if (!root)
		return -ENOMEM;
	err = dcm_container_find("", &config->containers, name, &reason, root);
	if (!err)
		err = bound(root, &reason, &cgroup);
	if (!err)
		err = dcm_reclaim_find_device(root->dev_major, root->dev_minor, NULL, &reason, ret);
	if (!err) {
		*ret_cgroup = dcm_take_ptr(cgroup);
		return 0;
	}
	text = output_text(*reason.text ? reason.text : strerror(-err));
	cli_error("container %s: %s", shown ? shown : "?", text ? text : "?");
	return err;
}
