// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Serves a made-up host (tests/collectd/scene.h) at SOCKET in place of the sampler, a snapshot
 * every 200 ms, until its standard input ends.
 *
 *   scene_sampler SOCKET SUPERBLOCKS [full]
 *
 * "full": a row in every table and a number in every value that collectd gets.
 *
 * Lines of standard input: "alarm warning", "alarm critical", "alarm cleared", "hash broken",
 * "hash ok", "end".
 */
#include <errno.h>
#include <poll.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/metrics/metrics.h"
#include "common/transport/snapshot_server.h"
#include "tests/collectd/scene.h"

static bool full;

#define PERIOD_NS (200 * DCM_NSEC_PER_MSEC)

/* One row with a number in each value that collectd gets, whatever the table has. */
static void fill_row(struct dcm_snapshot_builder *builder, const struct dcm_table *table)
{
	unsigned char *row = dcm_snapshot_builder_add(builder, table->section);
	uint64_t has = 0;

	for (size_t i = 0; row && i < table->count; i++) {
		const struct dcm_metric *m = &table->metrics[i];
		double fraction = 0.5;
		uint64_t one = 1;

		if (!m->collectd_type && m != table->index)
			continue;
		if (m->type == DCM_T_DOUBLE)
			memcpy(row + m->offset, &fraction, sizeof(fraction));
		else
			memcpy(row + m->offset, &one, m->type == DCM_T_U32 ? 4 : 8);
		has |= 1ULL << DCM_BIT_OF(m->offset);
	}
	if (row)
		memcpy(row, &has, sizeof(has));
}

static void fill_all(struct dcm_snapshot_builder *builder)
{
	for (size_t i = 0; i < dcm_table_count; i++)
		for (size_t k = 0; k < dcm_tables[i].count; k++)
			if (dcm_tables[i].metrics[k].collectd_type) {
				fill_row(builder, &dcm_tables[i]);
				break;
			}
}

static void obey(struct scene *scene, const char *line)
{
	static const char *const severities[] = {"alarm cleared\n", "alarm warning\n",
						 "alarm critical\n"};

	for (uint32_t i = 0; i < DCM_ARRAY_SIZE(severities); i++)
		if (!strcmp(line, severities[i])) {
			scene->severity = DCM_SEVERITY_CLEARED + i;
			scene->sequence++;
		}
	if (!strncmp(line, "hash ", 5))
		scene->hash_broken = !strcmp(line, "hash broken\n");
}

static int publish(struct dcm_snapshot_server *server, struct dcm_snapshot_builder *builder,
		   const struct scene *scene)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	int err;

	if (full) {
		fill_all(builder);
		scene_alarm(builder, scene);
	} else {
		scene_fill(builder, scene);
	}
	err = dcm_snapshot_builder_finish(builder, (int64_t)dcm_clock_ns(CLOCK_REALTIME),
					  dcm_now_ns(), &snapshot);
	return err ?: dcm_snapshot_server_publish(server, snapshot);
}

static int serve(struct dcm_snapshot_server *server, struct dcm_snapshot_builder *builder,
		 struct scene *scene)
{
	uint64_t due = 0;
	char line[100];
	int err = 0;

	while (!err) {
		struct pollfd fds[] = {{.fd = 0, .events = POLLIN},
				       {.fd = dcm_snapshot_server_fd(server), .events = POLLIN}};

		if (dcm_now_ns() >= due) {
			err = publish(server, builder, scene);
			due = dcm_now_ns() + PERIOD_NS;
		}
		poll(fds, 2, 50);
		if (fds[0].revents && (!fgets(line, sizeof(line), stdin) || !strcmp(line, "end\n")))
			break;
		if (fds[0].revents)
			obey(scene, line);
		if (fds[1].revents)
			dcm_snapshot_server_dispatch(server);
	}
	return err;
}

int main(int argc, char **argv)
{
	struct dcm_snapshot_builder *builder = NULL;
	struct dcm_snapshot_server *server = NULL;
	struct dcm_reason reason = {""};
	struct scene scene = {0};
	int err;

	if (argc != 3 && argc != 4) {
		fputs("usage: scene_sampler SOCKET SUPERBLOCKS [full]\n", stderr);
		return 2;
	}
	full = argc == 4;
	setvbuf(stdin, NULL, _IONBF, 0);
	scene.superblocks = (uint32_t)strtoul(argv[2], NULL, 10);
	err = dcm_snapshot_builder_create(&builder);
	if (!err)
		err = dcm_snapshot_server_create(&server);
	if (!err)
		err = dcm_snapshot_server_listen(server, argv[1], "", &reason);
	if (!err)
		err = serve(server, builder, &scene);
	if (err)
		fprintf(stderr, "scene_sampler: %s %s\n", strerror(-err), reason.text);
	dcm_snapshot_server_destroy(server);
	dcm_snapshot_builder_destroy(builder);
	return err ? 1 : 0;
}
