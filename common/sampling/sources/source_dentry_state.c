// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"
#include "common/parse/dentry_state.h"
#include "common/sampling/collector_private.h"

#define MAX_SIZE 4096

struct source {
	struct dcm_cached_file file;
	char *buf;
	size_t size;
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
	const char *root = collector->config.sampling.root;
	struct source *source = calloc(1, sizeof(*source));
	int err = source ? 0 : -ENOMEM;

	if (!err)
		err = dcm_cached_file_init(&source->file, root, "/proc/sys/fs/dentry-state");
	if (err) {
		free(source);
		return dcm_reason_no_memory(reason);
	}
	source->counts_negative = has_btf(root);
	*ret_state = source;
	return 0;
}

static void destroy(void *state)
{
	struct source *source = state;

	dcm_cached_file_deinit(&source->file);
	free(source->buf);
	free(source);
}

static int run(struct dcm_collector *collector __attribute__((unused)), void *state,
	       struct dcm_run *run)
{
	struct source *source = state;
	size_t len;
	int err;

	err = dcm_cached_file_read(&source->file, &source->buf, &source->size, MAX_SIZE, &len);
	if (!err)
		err = dcm_dentry_state_parse(source->buf, len, source->counts_negative,
					     &source->value);
	if (err)
		return dcm_reason_set(&run->reason, err, "%s: %s", source->file.path,
				      strerror(-err));
	source->counts_negative |= source->value.has_negative;
	source->known = true;
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
	DCM_SET(row, dentries, source->value.dentries);
	DCM_SET(row, unused, source->value.unused);
	if (source->value.has_negative)
		DCM_SET(row, negative, source->value.negative);
	if (dcm_memory_slab_bytes(collector, &slab_bytes))
		DCM_SET(row, slab_bytes, slab_bytes);
}

const struct dcm_source_ops dcm_source_dentry_state = {
	.source = DCM_SOURCE_DENTRY_STATE,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
};
