// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/parse/dentry_state.h"
#include "common/sampling/source.h"

#define MAX_SIZE 4096

struct source {
	struct dcm_source_file file;
	bool counts_negative;
	bool known;
	struct dcm_dentry_state value;
};

/* BTF is younger than nr_negative: with it a 0 there is a count (parse/dentry_state.h). */
static bool has_btf(const char *root)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/sys/kernel/btf/vmlinux", root) < 0)
		path = NULL;
	return path && access(path, F_OK) == 0;
}

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source;
	int err = dcm_source_file_create(collector, "/proc/sys/fs/dentry-state", sizeof(*source),
					 ret_state, reason);

	if (err)
		return err;
	source = *ret_state;
	source->counts_negative = has_btf(dcm_collector_config(collector)->sampling.root);
	return 0;
}

static int run(struct dcm_collector *collector __attribute__((unused)), void *state,
	       struct dcm_run *run)
{
	struct source *source = state;
	size_t len;
	int err;

	err = dcm_source_file_read(&source->file, MAX_SIZE, &len);
	if (!err)
		err = dcm_dentry_state_parse(source->file.buf, len, source->counts_negative,
					     &source->value);
	if (err)
		return dcm_reason_set(&run->reason, err, "%s: %s", source->file.cached.path,
				      strerror(-err));
	source->counts_negative |= source->value.has_negative;
	source->known = true;
	if (source->value.below_zero)
		dcm_reason_set(&run->reason, 0, "%s: a number below zero is no count: left out",
			       source->file.cached.path);
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;
	struct dcm_snap_totals *row;
	uint64_t slab_bytes;

	if (!source->known)
		return;
	row = dcm_snapshot_builder_add(builder, DCM_SEC_TOTALS);
	if (!row)
		return;
	DCM_SET_IF(row, dentries, source->value.has_dentries, source->value.dentries);
	DCM_SET_IF(row, unused, source->value.has_unused, source->value.unused);
	DCM_SET_IF(row, negative, source->value.has_negative, source->value.negative);
	if (dcm_memory_slab_bytes(collector, &slab_bytes))
		DCM_SET(row, slab_bytes, slab_bytes);
}

const struct dcm_source_ops dcm_source_dentry_state = {
	.essential = true,
	.stages = DCM_BEFORE_PASS,
	.create = create,
	.destroy = dcm_source_file_destroy,
	.run = run,
	.publish = publish,
};
