/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A builder of snapshots for each test, and rows to put into them. */
#ifndef DCM_TESTS_SNAPSHOT_ROWS_H
#define DCM_TESTS_SNAPSHOT_ROWS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/snapshot/snapshot.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define _cleanup_snapshot_ _cleanup_(dcm_snapshot_destroyp)

static struct dcm_snapshot_builder *builder;

static inline int set_up(void **state)
{
	return dcm_snapshot_builder_create(&builder);
}

static inline int tear_down(void **state)
{
	dcm_snapshot_builder_destroy(builder);
	builder = NULL;
	return 0;
}

static inline dcm_str str(const char *text)
{
	return dcm_snapshot_builder_text(builder, text);
}

static inline void add_superblock(uint32_t index, const char *fstype)
{
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);

	assert_non_null(row);
	assert_int_equal(row->has, 0);
	DCM_SET(row, index, index);
	DCM_SET(row, fstype, str(fstype));
}

static inline void add_chain(uint32_t rank, const char *parent, const char *name, uint64_t length)
{
	struct dcm_snap_chain *row = dcm_snapshot_builder_add(builder, DCM_SEC_CHAINS);

	assert_non_null(row);
	DCM_SET(row, rank, rank);
	DCM_SET(row, bucket, 7);
	DCM_SET(row, length, length);
	DCM_SET(row, parent, str(parent));
	DCM_SET(row, name, str(name));
}

static inline void add_source(enum dcm_source source, enum dcm_source_state source_state)
{
	struct dcm_snap_source *row = dcm_snapshot_builder_add(builder, DCM_SEC_SOURCES);

	assert_non_null(row);
	DCM_SET(row, index, source + 1);
	DCM_SET(row, state, source_state);
	DCM_SET(row, name, str(dcm_source_name(source)));
}

static inline struct dcm_snapshot *finish(uint64_t now_ns)
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};

	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, now_ns, &snapshot), 0);
	if (dcm_snapshot_validate(snapshot->header, snapshot->size, &reason))
		fail_msg("%s", reason.text);
	return snapshot;
}

/* Rows of six sections, two of them sorted. */
static inline struct dcm_snapshot *sample(void)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(builder, DCM_SEC_TOTALS);
	struct dcm_snap_directory *directory;
	struct dcm_snap_alarm *alarm;

	DCM_SET(totals, dentries, -3);
	add_superblock(3, "proc");
	add_superblock(9, "overlay");
	add_chain(1, "/proc/sys/net", "ipv6", 1001);
	add_chain(2, "/proc/sys/net", "core", 1000);
	directory = dcm_snapshot_builder_add(builder, DCM_SEC_DIRECTORIES);
	DCM_SET(directory, rank, 1);
	DCM_SET(directory, path, str("/a\nb"));
	directory->sample_names[3] = str("fourth");
	alarm = dcm_snapshot_builder_add(builder, DCM_SEC_ALARMS);
	DCM_SET(alarm, index, 1);
	DCM_SET(alarm, severity, DCM_SEVERITY_WARNING);
	DCM_SET(alarm, resource_section, DCM_SEC_CHAINS);
	add_source(DCM_SOURCE_MEMORY, DCM_STATE_OK);
	add_source(DCM_SOURCE_HASH, DCM_STATE_UNSUPPORTED);
	return finish(100);
}

#endif
