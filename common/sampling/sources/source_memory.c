// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory around the dentry cache. The reclaim counters and PSI move within a second: while they do,
 * they are read each second, and after a while of calm every fourth. The rest keeps the configured
 * interval.
 *
 * For the objects in use, the kernel walks lists of partial slabs, up to 10,000 of each cache, with
 * interrupts off (count_partial_free_approx, mm/slub.c): slabinfo takes milliseconds after many
 * dentries were freed. So it has a share of the budget; in between, the number of slabs, which the
 * kernel keeps as a counter, comes from sysfs.
 *
 * All of it is the host's: a file that is a container's (lxcfs) is left out, for its memory is not
 * what the host's slab is a share of.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/files/cached_file.h"
#include "common/parse/meminfo.h"
#include "common/parse/number.h"
#include "common/parse/psi.h"
#include "common/parse/slabinfo.h"
#include "common/parse/vmstat.h"
#include "common/parse/zoneinfo.h"
#include "common/sampling/source.h"

#define MAX_SIZE (4u << 20) /* zoneinfo grows with CPUs and nodes */
#define FAST_NS	 DCM_NSEC_PER_SEC
#define CALM_NS	 (4 * DCM_NSEC_PER_SEC)
#define COVERED	 (-EXDEV) /* not the kernel's file */

enum { VMSTAT, PSI, SLABINFO, MEMINFO, ZONEINFO, FILES };
#define FAST_FILES SLABINFO /* those before it are read more often than the interval */

/* Of the budget; the smaller one where the number of slabs is known in between. */
#define SLABINFO_SHARE	    0.02
#define SLABINFO_SHARE_LESS 0.01
#define SLABS_PATH	    "/sys/kernel/slab/dentry/slabs"

static const char *const paths[FILES] = {
	[VMSTAT] = "/proc/vmstat",   [PSI] = "/proc/pressure/memory", [SLABINFO] = "/proc/slabinfo",
	[MEMINFO] = "/proc/meminfo", [ZONEINFO] = "/proc/zoneinfo",
};

struct file {
	struct dcm_cached_file cached;
	int err; /* of the last reading; 1: never read */
};

struct source {
	struct file file[FILES];
	struct dcm_cached_file slabs;
	bool slabs_agree; /* with slabinfo, when it was last read */
	char *buf;
	size_t size;
	uint64_t slow_due_ns, slabinfo_due_ns;
	uint64_t pause_ns; /* between two readings of the fast files */
	uint64_t page_size;
	struct dcm_vmstat vmstat;
	struct dcm_psi psi;
	struct dcm_slabinfo slabinfo;
	struct dcm_meminfo meminfo;
	struct dcm_zoneinfo zoneinfo;
};

static void destroy(void *state)
{
	struct source *source = state;

	for (int i = 0; i < FILES; i++)
		dcm_cached_file_deinit(&source->file[i].cached);
	dcm_cached_file_deinit(&source->slabs);
	free(source->buf);
	free(source);
}

static int name_files(struct source *source, const char *root)
{
	int err = dcm_cached_file_init(&source->slabs, root, SLABS_PATH);

	for (int i = 0; i < FILES && !err; i++) {
		source->file[i].err = 1;
		err = dcm_cached_file_init(&source->file[i].cached, root, paths[i]);
	}
	return err;
}

/* What root alone may open: after the start that right is given up. */
static void open_early(struct source *source)
{
	dcm_cached_file_open(&source->file[SLABINFO].cached);
	dcm_cached_file_open(&source->slabs);
}

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return dcm_reason_no_memory(reason);
	source->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	source->pause_ns = FAST_NS / 2;
	if (name_files(source, dcm_collector_config(collector)->sampling.root) < 0) {
		destroy(source);
		return dcm_reason_no_memory(reason);
	}
	open_early(source);
	*ret_state = source;
	return 0;
}

static int parse(struct source *source, int i, size_t len)
{
	switch (i) {
	case VMSTAT:
		return dcm_vmstat_parse(source->buf, len, &source->vmstat);
	case PSI:
		return dcm_psi_parse(source->buf, len, &source->psi);
	case SLABINFO:
		return dcm_slabinfo_parse(source->buf, len, source->page_size, &source->slabinfo);
	case MEMINFO:
		return dcm_meminfo_parse(source->buf, len, &source->meminfo);
	default:
		return dcm_zoneinfo_parse(source->buf, len, &source->zoneinfo);
	}
}

static void read_file(struct source *source, const char *root, int i)
{
	struct file *file = &source->file[i];
	size_t len;

	/* A missing name is looked up once: each lookup could leave a negative dentry. */
	if (file->err == -ENOENT)
		return;
	file->err =
		dcm_cached_file_read(&file->cached, &source->buf, &source->size, MAX_SIZE, &len);
	if (!file->err && dcm_cached_file_is_covered(&file->cached, root)) {
		/* An open file keeps it from being unmounted. */
		dcm_cached_file_close(&file->cached);
		file->err = COVERED;
	}
	if (!file->err) {
		file->err = parse(source, i, len);
		/* -ENOENT is "no such file" above, here "no such line". */
		if (file->err == -ENOENT)
			file->err = -ENODATA;
	}
}

/* "1234 N0=1234": of all nodes, then of each (show_slab_objects, mm/slub.c). */
static int read_slabs(struct source *source, uint64_t *ret)
{
	const char *at;
	size_t len;
	int err = dcm_cached_file_read(&source->slabs, &source->buf, &source->size, MAX_SIZE, &len);

	at = source->buf;
	return err ? err : dcm_number_leading(&at, ret);
}

/* Before 5.9 each control group had a slab cache of its own: slabinfo adds them up, sysfs does not.
 * So the two are compared whenever both are read. */
static void compare_slabs(struct source *source)
{
	uint64_t known = source->slabinfo.slabs, slabs;

	source->slabs_agree = !source->file[SLABINFO].err && known && !read_slabs(source, &slabs) &&
			      (slabs > known ? slabs - known : known - slabs) <= 64 + known / 8;
}

static void refresh_bytes(struct source *source)
{
	struct dcm_slabinfo *info = &source->slabinfo;
	uint64_t slabs, bytes = info->bytes / info->slabs;

	if (read_slabs(source, &slabs) || !slabs || dcm_number_multiply(&bytes, slabs))
		return;
	info->slabs = slabs;
	info->bytes = bytes;
}

static void read_slab(struct dcm_collector *collector, struct source *source,
		      const struct dcm_run *run)
{
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_MEMORY);
	uint64_t before, cost, pause;

	if (!run->complete && run->now_ns < source->slabinfo_due_ns) {
		if (source->slabs_agree)
			refresh_bytes(source);
		return;
	}
	before = dcm_collector_charge(collector);
	read_file(source, dcm_collector_config(collector)->sampling.root, SLABINFO);
	cost = dcm_collector_charge(collector) - before;
	compare_slabs(source);
	pause = dcm_budget_earn_ns(dcm_collector_budget(collector), cost,
				   source->slabs_agree ? SLABINFO_SHARE_LESS : SLABINFO_SHARE);
	source->slabinfo_due_ns = run->now_ns + DCM_MAX(pause, interval);
}

static const char *say(int err)
{
	return err == COVERED ? "not the kernel's (lxcfs?), left out" : strerror(-err);
}

/* "/proc/slabinfo: Permission denied (needs root); ..." */
static void explain(const struct source *source, struct dcm_reason *reason)
{
	reason->text[0] = '\0';
	for (int i = 0; i < FILES; i++) {
		int err = source->file[i].err;
		struct dcm_reason all = *reason;

		if (err < 0)
			dcm_reason_set(reason, 0, "%s%s%s: %s%s", all.text, all.text[0] ? "; " : "",
				       paths[i], say(err), err == -EACCES ? " (needs root)" : "");
	}
}

static bool is_calm(const struct source *source, const struct dcm_vmstat *vm,
		    const struct dcm_psi *psi)
{
	return source->vmstat.pgscan_direct == vm->pgscan_direct &&
	       source->vmstat.allocstall == vm->allocstall &&
	       source->vmstat.slabs_scanned == vm->slabs_scanned &&
	       source->vmstat.drop_slab == vm->drop_slab &&
	       source->psi.some.total_us == psi->some.total_us && source->psi.some.avg10 == 0 &&
	       source->psi.full.total_us == psi->full.total_us && source->psi.full.avg10 == 0;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_MEMORY);
	bool slow = run->complete || run->now_ns >= source->slow_due_ns;
	const struct dcm_vmstat vmstat = source->vmstat;
	const struct dcm_psi psi = source->psi;
	int good = 0;

	for (int i = 0; i < (slow ? FILES : FAST_FILES); i++) {
		if (i == SLABINFO)
			read_slab(collector, source, run);
		else
			read_file(source, dcm_collector_config(collector)->sampling.root, i);
	}
	for (int i = 0; i < FILES; i++)
		good += source->file[i].err == 0;
	explain(source, &run->reason);
	if (slow)
		source->slow_due_ns = run->now_ns + interval;
	source->pause_ns =
		is_calm(source, &vmstat, &psi) ? DCM_MIN(2 * source->pause_ns, CALM_NS) : FAST_NS;
	run->next_ns =
		dcm_collector_ride_ns(collector, run->now_ns,
				      DCM_MIN(run->now_ns + source->pause_ns, source->slow_due_ns));
	return good ? DCM_RUN_DONE : source->file[MEMINFO].err;
}

static int reconfigure(struct dcm_collector *collector __attribute__((unused)), void *state)
{
	struct source *source = state;

	source->slow_due_ns = source->slabinfo_due_ns = 0;
	for (int i = 0; i < FILES; i++)
		source->file[i].err = 1; /* look for missing ones once more */
	return 0;
}

bool dcm_memory_slab_bytes(const struct dcm_collector *collector, uint64_t *ret)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_MEMORY);

	if (!source || source->file[SLABINFO].err)
		return false;
	*ret = source->slabinfo.bytes;
	return true;
}

static void publish_fast(const struct source *source, struct dcm_snap_memory *row)
{
	const struct dcm_vmstat *vm = &source->vmstat;
	const struct dcm_psi *psi = &source->psi;

	if (!source->file[VMSTAT].err) {
		DCM_SET_IF(row, pgscan_direct, vm->has_pgscan_direct, vm->pgscan_direct);
		DCM_SET_IF(row, allocstall, vm->has_allocstall, vm->allocstall);
		DCM_SET_IF(row, slabs_scanned, vm->has_slabs_scanned, vm->slabs_scanned);
		DCM_SET_IF(row, drop_slab, vm->has_drop_slab, vm->drop_slab);
	}
	if (!source->file[PSI].err) {
		DCM_SET_IF(row, psi_some_avg10, psi->some.has_avg10, psi->some.avg10);
		DCM_SET_IF(row, psi_full_avg10, psi->full.has_avg10, psi->full.avg10);
		DCM_SET_IF(row, psi_some_us, psi->some.has_total, psi->some.total_us);
		DCM_SET_IF(row, psi_full_us, psi->full.has_total, psi->full.total_us);
	}
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;
	const struct dcm_meminfo *mem = &source->meminfo;
	struct dcm_snap_memory *row = dcm_snapshot_builder_add(builder, DCM_SEC_MEMORY);

	if (!row)
		return;
	publish_fast(source, row);
	DCM_SET_IF(row, slab_objects, !source->file[SLABINFO].err, source->slabinfo.objects);
	DCM_SET_IF(row, slab_active, !source->file[SLABINFO].err, source->slabinfo.active_objects);
	if (!source->file[MEMINFO].err) {
		DCM_SET_IF(row, total_bytes, mem->has_total, mem->total_bytes);
		DCM_SET_IF(row, free_bytes, mem->has_free, mem->free_bytes);
		DCM_SET_IF(row, slab_reclaimable_bytes, mem->has_slab_reclaimable,
			   mem->slab_reclaimable_bytes);
	}
	DCM_SET_IF(row, low_watermark_bytes, !source->file[ZONEINFO].err,
		   source->zoneinfo.low_pages * source->page_size);
}

const struct dcm_source_ops dcm_source_memory = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.reconfigure = reconfigure,
	.publish = publish,
};
