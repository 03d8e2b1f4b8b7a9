// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a reload of the interface table costs snmpd in this network namespace, whether or not one
 * runs here: interfaces times path walks times the measured time of one. From 3 s on it reloads
 * without a pause and answers nothing any more, unless whoever muted its reload says otherwise.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/parse/net_dev.h"
#include "common/sampling/source.h"

/* IFTABLE_CACHE_TIMEOUT (ifTable_data_access.h): unless somebody has muted it. */
#define RELOAD_SECONDS 3

/* Walks per interface with addresses of both families, Net-SNMP 5.9.2 and later
 * (if-mib/data_access/interface_linux.c); earlier ones make 1 and 3. */
#define WALKS_IPV4 2
#define WALKS_IPV6 5

#define MAX_TEXT (16 << 20)

struct source {
	struct dcm_source_file file;
	struct dcm_snap_snmpd row;
};

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	return dcm_source_file_create(collector, "/proc/self/net/dev", sizeof(struct source),
				      ret_state, reason);
}

static int count_interfaces(struct source *source, struct dcm_reason *reason)
{
	uint64_t interfaces;
	size_t len;
	int err = dcm_source_file_read(&source->file, MAX_TEXT, &len);

	if (!err)
		err = dcm_net_dev_count(source->file.buf, len, &interfaces);
	if (err)
		return dcm_reason_set(reason, err, "/proc/net/dev cannot be counted");
	source->row.has = 0;
	DCM_SET(&source->row, interfaces, interfaces);
	return 0;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	double ipv4 = 0, ipv6 = 0;
	struct dcm_snap_snmpd *row = &source->row;
	bool has_ipv4, has_ipv6;
	double seconds;
	int err = count_interfaces(source, &run->reason);

	if (err)
		return err;
	has_ipv4 = dcm_lookups_seconds(collector, "/proc/sys/net/ipv4", &ipv4);
	has_ipv6 = dcm_lookups_seconds(collector, "/proc/sys/net/ipv6", &ipv6);
	seconds = (double)row->interfaces * (WALKS_IPV4 * ipv4 + WALKS_IPV6 * ipv6);
	DCM_SET_IF(row, reload_seconds, has_ipv4 || has_ipv6, seconds);
	if (!has_ipv4 && !has_ipv6)
		dcm_reason_set(&run->reason, 0,
			       "no time yet of lookups of /proc/sys/net/ipv4 and ipv6");
	else if (!has_ipv4)
		dcm_reason_set(&run->reason, 0, "no time of a lookup of /proc/sys/net/ipv4");
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;
	struct dcm_snap_snmpd row = source->row;
	uint32_t every = RELOAD_SECONDS;
	bool told = dcm_collector_reload_every(collector, &every), served = false;
	bool module = dcm_collector_module_mib(collector, &served);

	DCM_SET_IF(&row, module_mib, module && row.has, served);
	DCM_SET_IF(&row, reload_every_seconds, told && row.has, every);
	DCM_SET_IF(&row, wedge_ratio, DCM_ROW_HAS(&row, reload_seconds),
		   every ? row.reload_seconds / every : 0);
	dcm_snapshot_builder_copy(builder, DCM_SEC_SNMPD, &row);
}

const struct dcm_source_ops dcm_source_snmpd = {
	.create = create,
	.destroy = dcm_source_file_destroy,
	.run = run,
	.publish = publish,
};
