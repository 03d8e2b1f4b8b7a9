// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/files/cpu_load.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/files/cached_file.h"
#include "common/parse/cpu_stat.h"
#include "common/parse/psi.h"

#define MAX_SIZE (4u << 20) /* /proc/stat has a number for each interrupt */

struct dcm_cpu_load {
	const char *root;
	struct dcm_cached_file stat, pressure;
	bool no_pressure; /* asked for once: a missing name leaves a negative dentry */
	char *buf;
	size_t size;
	struct dcm_cpu_stat last;
};

void dcm_cpu_load_destroy(struct dcm_cpu_load *load)
{
	if (!load)
		return;
	dcm_cached_file_deinit(&load->stat);
	dcm_cached_file_deinit(&load->pressure);
	free(load->buf);
	free(load);
}

DCM_DEFINE_CLEANUP(struct dcm_cpu_load, dcm_cpu_load_destroy)

int dcm_cpu_load_create(const char *root, struct dcm_cpu_load **ret)
{
	_cleanup_(dcm_cpu_load_destroyp) struct dcm_cpu_load *load = calloc(1, sizeof(*load));
	int err;

	if (!load)
		return -ENOMEM;
	load->root = root;
	err = dcm_cached_file_init(&load->stat, root, "/proc/stat");
	if (!err)
		err = dcm_cached_file_init(&load->pressure, root, "/proc/pressure/cpu");
	if (!err)
		*ret = dcm_take_ptr(load);
	return err;
}

/* A container's own file (lxcfs) does not say what the host's CPUs do. */
static int read_stat(struct dcm_cpu_load *load, struct dcm_cpu_stat *ret)
{
	size_t len;
	int err = dcm_cached_file_read(&load->stat, &load->buf, &load->size, MAX_SIZE, &len);

	if (!err && dcm_cached_file_is_covered(&load->stat, load->root))
		err = -EXDEV;
	return err ? err : dcm_cpu_stat_parse(load->buf, len, ret);
}

static double read_waiting(struct dcm_cpu_load *load)
{
	struct dcm_psi psi;
	size_t len;
	int err;

	if (load->no_pressure)
		return 0;
	err = dcm_cached_file_read(&load->pressure, &load->buf, &load->size, MAX_SIZE, &len);
	load->no_pressure = err == -ENOENT || err == -EOPNOTSUPP;
	if (err || dcm_psi_parse(load->buf, len, &psi) || !psi.some.has_avg10)
		return 0;
	return psi.some.avg10 / 100;
}

void dcm_cpu_load_read(struct dcm_cpu_load *load, struct dcm_forecast_cpus *ret)
{
	struct dcm_cpu_stat now, last = load->last;
	double total;

	*ret = (struct dcm_forecast_cpus){0};
	if (read_stat(load, &now))
		return;
	load->last = now;
	ret->cpus = (double)now.cpus;
	ret->running = now.has_running && now.running ? (double)(now.running - 1) : 0;
	ret->waiting = read_waiting(load);
	ret->busy = DCM_MIN(ret->running, ret->cpus);
	if (!last.cpus || now.total <= last.total)
		return;
	/* The counters of idle time may go back a little. */
	total = (double)(now.total - last.total);
	ret->steal = (double)DCM_EXCESS(now.steal, last.steal) / total;
	ret->busy = ret->cpus * (1 - (double)DCM_EXCESS(now.idle, last.idle) / total - ret->steal);
	ret->busy = DCM_MAX(ret->busy, 0.0);
}
