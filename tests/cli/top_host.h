/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A made-up host for the tests of "dcachemon top", and the view of it. */
#ifndef DCM_TESTS_CLI_TOP_HOST_H
#define DCM_TESTS_CLI_TOP_HOST_H

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cli/top/top_keys.h"
#include "cli/top/top_screen.h"
#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/model/alarms/alarm.h"
#include "tests/cli/hostile_snapshot.h"

#define BEGIN_NS    (1000 * DCM_NSEC_PER_SEC) /* CLOCK_MONOTONIC */
#define REALTIME_NS 1700000000000000000LL     /* 22:13:20 UTC */
#define SUPERBLOCKS 12

/* A host at one moment. */
struct moment {
	double seconds;	       /* since BEGIN_NS */
	double sampled_ago;    /* superblocks, hash table */
	uint64_t unused;       /* of superblock 2; the others have 1000 * index */
	bool estimated, alarm; /* no pass has ended; one is raised */
};

struct fixture {
	struct dcm_snapshot_builder *builder;
	struct top_model *model;
	struct top_view view;
	struct top_screen screen;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	assert_non_null(f);
	assert_int_equal(dcm_snapshot_builder_create(&f->builder), 0);
	assert_int_equal(top_model_create(&f->model), 0);
	top_view_init(&f->view, f->model);
	f->view.origin = "samples of dcachemon-snmp";
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	top_view_deinit(&f->view);
	top_model_destroy(f->model);
	dcm_snapshot_builder_destroy(f->builder);
	free(f);
	return 0;
}

/* ---- a made-up host ---- */

static inline void add_totals(struct dcm_snapshot_builder *b, const struct moment *now)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(b, DCM_SEC_TOTALS);

	/* 100 more each second */
	DCM_SET(totals, dentries, 200000000 + (int64_t)(100 * now->seconds));
	DCM_SET(totals, unused, 198000000);
	DCM_SET(totals, negative, 99000000 - (int64_t)(2 * now->seconds));
	DCM_SET(totals, slab_bytes, 40ULL << 30);
}

static inline void add_superblock(struct dcm_snapshot_builder *b, uint32_t index,
				  const struct moment *now)
{
	struct dcm_snap_superblock *s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
	char text[32];

	DCM_SET(s, index, index);
	DCM_SET(s, unused, index == 2 ? now->unused : 1000 * index);
	DCM_SET(s, dev_major, 0);
	DCM_SET(s, dev_minor, index);
	DCM_SET(s, fstype, dcm_snapshot_builder_text(b, index == 2 ? "overlay" : "tmpfs"));
	snprintf(text, sizeof(text), index == 2 ? "/merged" : "/mnt/%u", index);
	DCM_SET(s, mountpoint, dcm_snapshot_builder_text(b, text));
	if (now->estimated) {
		DCM_SET_ESTIMATE(s, negative_estimate,
				 ((struct dcm_snap_estimate){16000000, 15987210, 16011954}));
		return;
	}
	DCM_SET(s, negative, 10 * index);
	DCM_SET(s, hashed, 1100 * index);
}

static inline void add_chain(struct dcm_snapshot_builder *b, uint32_t rank, const char *name)
{
	struct dcm_snap_chain *c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);

	DCM_SET(c, rank, rank);
	DCM_SET(c, bucket, 700 + rank);
	DCM_SET(c, superblock, 1);
	DCM_SET(c, length, 2000 / rank);
	DCM_SET(c, same_name, 1990 / rank);
	DCM_SET(c, truncated, rank == 2);
	DCM_SET(c, fstype, dcm_snapshot_builder_text(b, "proc"));
	DCM_SET(c, parent, dcm_snapshot_builder_text(b, "/proc/sys/net"));
	DCM_SET(c, name, dcm_snapshot_builder_text(b, name));
}

static inline void add_directory(struct dcm_snapshot_builder *b, const struct moment *now)
{
	struct dcm_snap_directory *d = dcm_snapshot_builder_add(b, DCM_SEC_DIRECTORIES);

	DCM_SET(d, rank, 1);
	DCM_SET(d, superblock, 2);
	DCM_SET(d, path, dcm_snapshot_builder_text(b, "/merged/home/.pki/nssdb"));
	DCM_SET(d, fstype, dcm_snapshot_builder_text(b, "overlay"));
	DCM_SET(d, container.runtime, dcm_snapshot_builder_text(b, "docker"));
	DCM_SET(d, container.id, dcm_snapshot_builder_text(b, "3f2a9c01b77e"));
	DCM_SET(d, container.name, dcm_snapshot_builder_text(b, "web-1"));
	if (now->estimated)
		return;
	DCM_SET(d, negative, 20000);
	DCM_SET(d, children, 20000);
	DCM_SET(d, children_error, 300);
}

static inline void add_hash(struct dcm_snapshot_builder *b, const struct moment *now)
{
	struct dcm_snap_hash *h = dcm_snapshot_builder_add(b, DCM_SEC_HASH);

	DCM_SET(h, buckets, 4194304);
	DCM_SET(h, max_chain, 2000);
	if (now->estimated) {
		DCM_SET_ESTIMATE(h, entries_estimate,
				 ((struct dcm_snap_estimate){201000000, 199990001, 202000001}));
		DCM_SET(h, coverage, 0.125);
		return;
	}
	DCM_SET(h, entries, 200000000);
	DCM_SET(h, age_seconds, now->sampled_ago);
}

static inline void add_source(struct dcm_snapshot_builder *b, enum dcm_source source,
			      const struct moment *now)
{
	struct dcm_snap_source *s = dcm_snapshot_builder_add(b, DCM_SEC_SOURCES);

	DCM_SET(s, index, (uint32_t)source + 1);
	DCM_SET(s, state, source == DCM_SOURCE_LOOKUPS ? DCM_STATE_STUCK : DCM_STATE_OK);
	DCM_SET(s, name, dcm_snapshot_builder_text(b, dcm_source_name(source)));
	if (source == DCM_SOURCE_LOOKUPS)
		DCM_SET(s, reason, dcm_snapshot_builder_text(b, "a server\033[31m is silent"));
	DCM_SET(s, age_seconds, now->sampled_ago);
}

static inline void add_alarms(struct dcm_snapshot_builder *b, const struct moment *now)
{
	struct dcm_snap_alarm_status *status = dcm_snapshot_builder_add(b, DCM_SEC_ALARM_STATUS);
	struct dcm_snap_alarm *a;

	DCM_SET(status, active, now->alarm);
	if (!now->alarm)
		return;
	a = dcm_snapshot_builder_add(b, DCM_SEC_ALARMS);
	DCM_SET(a, index, 7);
	DCM_SET(a, type, DCM_ALARM_CHAIN_LENGTH);
	DCM_SET(a, severity, DCM_SEVERITY_CRITICAL);
	DCM_SET(a, resource_section, DCM_SEC_CHAINS);
	DCM_SET(a, time_ns, REALTIME_NS - 90 * (int64_t)DCM_NSEC_PER_SEC);
	DCM_SET(a, text,
		dcm_snapshot_builder_text(b, "hash chain of /proc/sys/net/ipv6 has 2000 "
					     "entries, at or above 1000"));
}

static inline void happens(struct fixture *f, struct moment now)
{
	struct dcm_snapshot_builder *b = f->builder;
	struct dcm_snapshot *snapshot;

	add_totals(b, &now);
	for (uint32_t index = 1; index <= SUPERBLOCKS; index++)
		add_superblock(b, index, &now);
	add_hash(b, &now);
	add_chain(b, 1, "ipv6");
	add_chain(b, 2, HOSTILE_NAME);
	add_chain(b, 3, "\xe6\x97\xa5\xe6\x9c\xac");
	add_directory(b, &now);
	add_alarms(b, &now);
	add_source(b, DCM_SOURCE_SUPERBLOCKS, &now);
	add_source(b, DCM_SOURCE_HASH, &now);
	add_source(b, DCM_SOURCE_LOOKUPS, &now);
	assert_int_equal(dcm_snapshot_builder_finish(b, REALTIME_NS,
						     BEGIN_NS + (uint64_t)(now.seconds * 1e9),
						     &snapshot),
			 0);
	assert_int_equal(top_model_add(f->model, snapshot), 0);
}

/* Keys that only change the view. */
static inline void press(struct fixture *f, const char *keys)
{
	for (; *keys; keys++)
		assert_int_equal(top_key(&f->view, *keys), TOP_ACTION_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
