// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's other hash tables, as bpf/tables_steps.h finds them. */
#include <errno.h>

#include "common/kernel/walk/walk_internal.h"

/* Of the chains with entries, as many in a hundred may be longer than what is called p99. */
#define LONGER_PERCENT 1

static uint64_t find_p99(const struct dcm_bpf_table_result *r)
{
	uint64_t longer = r->nonempty * LONGER_PERCENT / 100, above = 0, end;
	unsigned class = DCM_TABLE_CLASSES - 1;

	for (; class > 0; class --) {
		above += r->lengths[class];
		if (above > longer)
			break;
	}
	end = dcm_table_class_end(class);
	return end < r->longest ? end : r->longest;
}

/* What leads to a table, for the reason that it is missing. */
static const char *const members[DCM_TABLE_COUNT] = {
	[DCM_TABLE_DEVICE_NAMES] = "this kernel has no net.dev_name_head",
	[DCM_TABLE_DEVICE_INDEXES] = "this kernel has no net.dev_index_head",
	[DCM_TABLE_IPV4_ADDRESSES] = "this kernel has no in_ifaddr.hash",
	[DCM_TABLE_IPV6_ADDRESSES] = "needs Linux 5.18: no pointer leads to it before",
	[DCM_TABLE_TCP_CONNECTED] = "this kernel has no net.ipv4.tcp_death_row.hashinfo",
	[DCM_TABLE_TCP_LISTENING] = "needs Linux 6.1 and net.ipv4.tcp_death_row.hashinfo",
	[DCM_TABLE_TCP_PORTS] = "this kernel has no net.ipv4.tcp_death_row.hashinfo",
	[DCM_TABLE_TCP_BOUND] = "needs Linux 6.1: ports are not hashed with addresses before",
	[DCM_TABLE_UDP_PORTS] = "needs Linux 6.2: no pointer leads to it before",
	[DCM_TABLE_UDP_BOUND] = "needs Linux 6.2: no pointer leads to it before",
	[DCM_TABLE_CSS_SETS] = "the kernel has no control groups",
	[DCM_TABLE_UCOUNTS] = "needs Linux 5.14 and user namespaces",
	[DCM_TABLE_USERS] = "this kernel has no user_struct.uidhash_node",
	[DCM_TABLE_INODES] = "this kernel has no super_block.s_inodes",
	[DCM_TABLE_MOUNTS] = "this kernel has no mount.mnt_mounts",
	[DCM_TABLE_CONNTRACK] = "the kernel has no sysctls",
};

static const char *why_missing(const struct dcm_bpf_table_result *r)
{
	switch (r->why) {
	case DCM_TABLE_REACHED:
		return NULL;
	case DCM_TABLE_NO_MEMBER:
		return members[r->table];
	case DCM_TABLE_NO_ANCHOR:
		return r->table == DCM_TABLE_CONNTRACK ? "nf_conntrack is not loaded"
						       : "nothing that the sampler has is in it";
	default: /* DCM_TABLE_UNSOLVED */
		return "its place and size did not come out of what is at hand";
	}
}

/* The first nodes of some chains were examined; one of them may have been on the move. */
static bool is_unproven(const struct dcm_bpf_table_result *r)
{
	return r->checked && r->agreed * 2 < r->checked;
}

static bool take(const struct dcm_bpf_table_result *r, struct dcm_walk_hash_table *ret)
{
	if (r->table >= DCM_TABLE_COUNT)
		return false;
	*ret = (struct dcm_walk_hash_table){
		.table = r->table,
		.missing = why_missing(r),
		.netns = r->netns,
		.inode = r->inode,
		.own = r->own,
		.shared = r->shared,
		.truncated = r->truncated != 0,
		.unproven = is_unproven(r),
		.buckets = r->buckets,
		.nonempty = r->nonempty,
		.entries = r->entries,
		.longest = r->longest,
		.p99 = find_p99(r),
		.ns = r->ns,
	};
	return true;
}

int dcm_walk_tables_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	if (!walk->has[DCM_PROG_TABLES])
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s", walk->why[DCM_PROG_TABLES].text);
	walk->tables_begun = false;
	return 0;
}

int dcm_walk_tables_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_hash_table **ret, size_t *ret_count)
{
	const struct dcm_bpf_tables_out *out = &walk->out->tables;
	int err = dcm_walk_run(walk, DCM_PROG_TABLES,
			       walk->tables_begun ? DCM_OP_GO_ON : DCM_OP_BEGIN, 0, 0, reason);
	size_t n = 0;

	if (err)
		return err;
	walk->tables_begun = true;
	for (size_t i = 0; i < out->list.count && i < DCM_TABLE_RESULTS; i++)
		n += take(&out->found[i], &walk->tables[n]);
	*ret = walk->tables;
	*ret_count = n;
	if (out->list.end == DCM_END_LOST)
		return dcm_reason_set(reason, -EAGAIN,
				      "network namespaces come and go too fast to walk them");
	return out->list.end == DCM_END_DONE;
}
