// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Network namespaces: the list of all is known by its symbol, and so is the first of them; others
 * by the numbers that processes show in /proc/PID/ns/net.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/kernel/kcore/kcore_calibrate_internal.h"

#define NET	       4096 /* bytes of a struct net that are looked at */
#define DEVICE	       4096 /* and of a struct net_device */
#define NAME_WITHIN    1024 /* of the device */
#define NAMESPACES     4096 /* on the list, at most */
#define ENOUGH_NUMBERS 9    /* of ten: processes end meanwhile */

/* Of namespaces: from 0xf0000000 on (fs/proc/generic.c, PROC_DYNAMIC_FIRST); the first ones have
 * fixed numbers below that since 6.18 (include/uapi/linux/nsfs.h, enum init_ns_ino). */
#define FIRST_NUMBER 0xefffff00u

struct nets {
	uint64_t *at; /* addresses */
	size_t count;
};

/* The list leads through the first namespace: where it does, it is linked. */
static int find_list(const struct search *s, const struct dcm_calibrate_table *table,
		     struct nets *nets, uint16_t *ret)
{
	uint64_t node = word(s, table->net_namespace_list);
	size_t met = 0;

	for (; node && node != table->net_namespace_list && nets->count < NAMESPACES;
	     node = word(s, node)) {
		nets->at[nets->count++] = node;
		if (node - table->init_net < NET) {
			met++;
			*ret = (uint16_t)(node - table->init_net);
		}
	}
	for (size_t i = 0; i < nets->count; i++)
		nets->at[i] -= *ret;
	return met == 1 && node == table->net_namespace_list ? 0 : -EOPNOTSUPP;
}

/* ---- numbers ---- */

static bool has_number(const struct search *s, const struct nets *nets, unsigned at,
		       uint32_t number)
{
	for (size_t i = 0; i < nets->count; i++)
		if (half(s, nets->at[i] + at) == number)
			return true;
	return false;
}

/* Each has one of its own, in the range that such numbers have; ours is among them, and nearly all
 * others that are known. */
static bool are_numbers(const struct search *s, const struct nets *nets, unsigned at)
{
	const struct dcm_planted *planted = s->planted;
	size_t met = 0;

	for (size_t i = 0; i < nets->count; i++)
		if (half(s, nets->at[i] + at) < FIRST_NUMBER)
			return false;
	if (!planted->namespace_count || !has_number(s, nets, at, planted->namespaces[0]))
		return false;
	for (size_t i = 0; i < planted->namespace_count; i++)
		met += has_number(s, nets, at, planted->namespaces[i]);
	return met * 10 >= planted->namespace_count * ENOUGH_NUMBERS &&
	       dcm_calibrate_are_distinct(s, nets->at, nets->count, at);
}

static int find_numbers(const struct search *s, const struct nets *nets, uint16_t *ret)
{
	unsigned found = 0;

	for (unsigned at = 0; at < NET; at += 4) {
		if (!are_numbers(s, nets, at))
			continue;
		found++;
		*ret = (uint16_t)at;
	}
	return found == 1 ? 0 : -EOPNOTSUPP;
}

/* ---- the loopback device ---- */

static bool all_are_named(const struct search *s, const struct nets *nets, unsigned at,
			  unsigned name)
{
	for (size_t i = 0; i < nets->count; i++)
		if (!is_text(s, word(s, nets->at[i] + at) + name, "lo"))
			return false;
	return true;
}

/* All have "lo" as a text of its own, in the same place. */
static bool are_loopbacks(const struct search *s, const struct nets *nets, unsigned at,
			  uint64_t device)
{
	for (unsigned name = 0; name < NAME_WITHIN; name += 4)
		if (is_text(s, device + name, "lo") && all_are_named(s, nets, at, name))
			return true;
	return false;
}

/* What all namespaces have at @at leads to what points back to each at @back. */
static bool all_lead_back(const struct search *s, const struct nets *nets, unsigned at,
			  unsigned back)
{
	for (size_t i = 0; i < nets->count; i++) {
		uint64_t device = word(s, nets->at[i] + at);

		if (!device || word(s, device + back) != nets->at[i])
			return false;
	}
	return true;
}

static bool is_same_device(uint64_t a, uint64_t b)
{
	return (a < b ? b - a : a - b) < DEVICE;
}

/* Of pointers into the same device, the one to its beginning is the lowest. */
static int find_device(const struct search *s, const struct nets *nets, uint64_t init_net,
		       struct dcm_calibrated_net *ret)
{
	uint64_t lowest = 0;
	unsigned found = 0;

	for (unsigned at = 0; at < NET; at += 8) {
		uint64_t device = word(s, init_net + at);

		if (!device || device % 8 || !are_loopbacks(s, nets, at, device))
			continue;
		for (unsigned back = 0; back < DEVICE; back += 8) {
			if (word(s, device + back) != init_net || !all_lead_back(s, nets, at, back))
				continue;
			if (found && !is_same_device(device, lowest))
				return -EOPNOTSUPP;
			if (found && device > lowest)
				continue;
			found = found && device == lowest ? found + 1 : 1;
			lowest = device;
			ret->device = (uint16_t)at;
			ret->device_net = (uint16_t)back;
		}
	}
	return found == 1 ? 0 : -EOPNOTSUPP;
}

int dcm_calibrate_net(const struct search *s, const struct dcm_calibrate_table *table,
		      struct dcm_reason *reason, struct dcm_calibrated_net *ret)
{
	_cleanup_free_ uint64_t *at = calloc(NAMESPACES, sizeof(*at));
	struct nets nets = {.at = at};

	if (!at)
		return dcm_reason_no_memory(reason);
	if (!table->net_namespace_list || !table->init_net)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "calibration: this kernel has no list of network namespaces");
	dcm_kcore_cache_drop(s->cache);
	if (find_list(s, table, &nets, &ret->list))
		return dcm_calibrate_lost(reason, "the list of network namespaces");
	if (find_numbers(s, &nets, &ret->inum))
		return dcm_calibrate_lost(reason, "the number of a network namespace");
	if (find_device(s, &nets, table->init_net, ret))
		return dcm_calibrate_lost(reason, "a network namespace's loopback device");
	return 0;
}
