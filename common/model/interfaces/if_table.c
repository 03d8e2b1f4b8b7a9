/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/model/interfaces/if_table.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/minmax.h"
#include "common/base/search.h"

void dcm_if_table_deinit(struct dcm_if_table *table)
{
	free(table->rows);
	*table = (struct dcm_if_table){0};
}

bool dcm_if_flags_oper_up(uint32_t flags)
{
	return (flags & IFF_UP) && (flags & IFF_RUNNING);
}

bool dcm_if_row_oper_up(const struct dcm_if_row *row)
{
	return !row->missing_ns && dcm_if_flags_oper_up(row->link.flags);
}

static int compare_rows(const void *a, const void *b)
{
	const struct dcm_if_row *x = a, *y = b;

	return DCM_COMPARE(x->link.index, y->link.index);
}

struct dcm_if_row *dcm_if_table_find(struct dcm_if_table *table, uint32_t index)
{
	const struct dcm_if_row key = {.link.index = index};

	return dcm_find(&key, table->rows, table->sorted, sizeof(key), compare_rows);
}

void dcm_if_table_begin(struct dcm_if_table *table)
{
	table->skipped = 0;
	for (size_t i = 0; i < table->count; i++) {
		struct dcm_if_row *row = &table->rows[i];

		row->seen = false;
		row->old_families = row->families;
		row->old_sysctls = row->sysctls;
		row->families = 0;
		row->sysctls.has = 0;
	}
}

static int add_row(struct dcm_if_table *table, struct dcm_if_row **ret)
{
	if (table->count == table->capacity) {
		size_t capacity = table->capacity ? table->capacity * 2 : 16;
		struct dcm_if_row *rows = reallocarray(table->rows, capacity, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		table->rows = rows;
		table->capacity = capacity;
	}
	*ret = &table->rows[table->count++];
	**ret = (struct dcm_if_row){0};
	return 0;
}

/*
 * Packets and multicast are summed over CPUs one after the other, so that their difference can
 * briefly fall: a counter must not (RFC 2863), unless the device itself started anew.
 */
static void update_unicast(struct dcm_if_row *row, const struct dcm_link *link, bool was_there)
{
	const struct dcm_link_stats *s = &link->stats;
	uint64_t unicast = DCM_EXCESS(s->rx_packets, s->rx_multicast);

	if (was_there && unicast < row->in_unicast && s->rx_packets >= row->link.stats.rx_packets)
		return;
	row->in_unicast = unicast;
}

int dcm_if_table_link(struct dcm_if_table *table, const struct dcm_link *link, uint64_t now_ns)
{
	struct dcm_if_row *row = dcm_if_table_find(table, link->index);
	bool was_there = row != NULL, was_up = row && dcm_if_row_oper_up(row);
	int err;

	if (!row && table->max && table->count >= table->max) {
		table->skipped++;
		return 0;
	}
	if (!row) {
		err = add_row(table, &row);
		if (err)
			return err;
		if (table->loaded)
			row->changed_ns = table->changed_ns = now_ns;
	} else if (row->missing_ns) {
		row->missing_ns = 0;
		row->discontinuity_ns = now_ns;
	}
	update_unicast(row, link, was_there);
	row->link = *link;
	row->seen = true;
	if (was_there && was_up != dcm_if_row_oper_up(row))
		row->changed_ns = now_ns;
	return 0;
}

void dcm_if_table_sort(struct dcm_if_table *table)
{
	size_t out = 0, added = table->count - table->sorted;

	if (!added)
		return;
	qsort(table->rows, table->count, sizeof(*table->rows), compare_rows);
	for (size_t i = 0; i < table->count; i++)
		if (!out || table->rows[out - 1].link.index != table->rows[i].link.index)
			table->rows[out++] = table->rows[i];
	table->count = table->sorted = out;
}

void dcm_if_table_address(struct dcm_if_table *table, uint32_t index, int family)
{
	struct dcm_if_row *row = dcm_if_table_find(table, index);

	if (row && row->seen)
		row->families |= family == AF_INET    ? DCM_IF_IPV4
				 : family == AF_INET6 ? DCM_IF_IPV6
						      : 0;
}

#define V4_SYSCTLS (1u << DCM_IF_V4_RETRANS_MS)
#define V6_SYSCTLS (~V4_SYSCTLS)

static bool sysctls_differ(const struct dcm_if_row *row, uint32_t which)
{
	uint32_t has = row->sysctls.has & which;

	if (has != (row->old_sysctls.has & which))
		return true;
	for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++)
		if (has & (1u << i) && row->sysctls.value[i] != row->old_sysctls.value[i])
			return true;
	return false;
}

static bool family_differs(const struct dcm_if_row *row, uint32_t family, uint32_t which)
{
	if ((row->families ^ row->old_families) & family)
		return true;
	return row->families & family && sysctls_differ(row, which);
}

/* False when the row is to be removed. */
static bool end_row(struct dcm_if_table *table, struct dcm_if_row *row, uint64_t now_ns,
		    uint64_t fadeout_ns, bool complete)
{
	if (!row->seen && !complete && !row->missing_ns) {
		row->families = row->old_families;
		row->sysctls = row->old_sysctls;
		return true;
	}
	if (!row->seen && !row->missing_ns)
		row->missing_ns = row->changed_ns = now_ns;
	if (table->loaded && family_differs(row, DCM_IF_IPV4, V4_SYSCTLS))
		table->ipv4_changed_ns = now_ns;
	if (table->loaded && family_differs(row, DCM_IF_IPV6, V6_SYSCTLS))
		table->ipv6_changed_ns = now_ns;
	return !row->missing_ns || now_ns - row->missing_ns < fadeout_ns;
}

void dcm_if_table_end(struct dcm_if_table *table, uint64_t now_ns, uint64_t fadeout_ns,
		      bool complete)
{
	size_t out = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct dcm_if_row *row = &table->rows[i];

		if (!end_row(table, row, now_ns, fadeout_ns, complete)) {
			table->changed_ns = now_ns;
			continue;
		}
		if (out != i)
			table->rows[out] = *row;
		out++;
	}
	table->count = table->sorted = out;
	table->loaded = true;
}
