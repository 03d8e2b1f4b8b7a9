/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The walk over the kernel's other hash tables: namespace by namespace, table by table, a page of
 * buckets at a time, level by level as in table_steps.h. Nothing that a run reaches need stay there
 * until the next one: a chain that a run has no time to end goes on from its next node if that is
 * in a chain still. Otherwise it is walked again from its head, by itself.
 */
#ifndef DCM_BPF_TABLES_STEPS_H
#define DCM_BPF_TABLES_STEPS_H

#define TABLE_STEPS  4096 /* pages and tables of a run, at most */
#define TABLE_LEVELS 4096 /* of a page of several chains */
#define CHAIN_CALLS  1024 /* of DCM_CHUNK nodes of a single chain */
#define MOST_RESUMED 64	  /* runs of a single chain */
#define MOST_HELD    1024 /* runs of a page */

/* ---- a page ---- */

/* Heads that do not lie side by side. */
LOOP_BODY(copy_heads, DCM_TABLE_PAGE / DCM_HEADS)
{
	const struct dcm_bpf_table *t = &area.tables.now;
	__u32 first = (i * DCM_HEADS) & (DCM_TABLE_PAGE - 1), j;
	__u64 at = t->base + (area.tables.next + first) * t->stride + t->head;

	for (j = 0; j < DCM_HEADS && first + j < area.page_buckets; j++) {
		area.heads[first + j] = load_word(at);
		at += t->stride;
	}
	return 0;
}

LOOP_BODY(keep_heads, DCM_TABLE_PAGE / DCM_HEADS)
{
	__u32 first = (i * DCM_HEADS) & (DCM_TABLE_PAGE - 1), j;
	struct dcm_bpf_node *kept = &area.node[area.kept & (DCM_PAGE_BUCKETS - 1)];
	__u64 number = area.tables.next + first, any = 0;

#pragma unroll
	for (j = 0; j < DCM_HEADS; j++)
		any |= area.heads[first + j];
	if (!any)
		return 0;
#pragma unroll
	for (j = 0; j < DCM_HEADS; j++) {
		__u64 head = area.heads[first + j];

		kept->address = head;
		kept->bucket = number++;
		kept += is_node(head);
	}
	area.kept = ((__u64)kept - (__u64)area.node) / sizeof(*kept);
	return 0;
}

LOOP(forget_heads, DCM_TABLE_PAGE / DCM_HEADS)
{
	__u32 first = (i * DCM_HEADS) & (DCM_TABLE_PAGE - 1), j;

	for (j = 0; j < DCM_HEADS; j++)
		if (first + j >= area.page_buckets)
			area.heads[first + j] = 0;
	return 0;
}

static __always_inline void load_heads(void)
{
	const struct dcm_bpf_table *t = &area.tables.now;
	__u32 bytes = area.page_buckets * 8;

	if (bytes > sizeof(area.heads))
		bytes = sizeof(area.heads);
	if (t->stride == 8)
		bpf_probe_read_kernel(area.heads, bytes,
				      (void *)(t->base + area.tables.next * 8 + t->head));
	else
		LOOP_OVER(area.page_buckets, DCM_HEADS, copy_heads);
	if (area.page_buckets & (DCM_HEADS - 1))
		RUN_LOOP(forget_heads, DCM_TABLE_PAGE / DCM_HEADS);
	area.kept = 0;
	LOOP_OVER(area.page_buckets, DCM_HEADS, keep_heads);
}

/* First nodes, of the first few chains of a table. */
LOOP(prove_head, DCM_TABLE_PROOFS)
{
	struct dcm_bpf_table_result *found = &area.tables.found;
	const struct dcm_bpf_node *n = &area.node[i & (DCM_TABLE_PROOFS - 1)];

	if (i >= area.kept || found->checked >= DCM_TABLE_PROOFS)
		return 1;
	found->checked++;
	found->agreed += is_proven(found->table, n->address, n->bucket);
	return 0;
}

/* 1 when @end is the end of another bucket's chain than number @bucket: the walk was led astray by
 * a node that moved. */
static __always_inline __u64 is_strayed(const struct dcm_bpf_table *t, __u64 end, __u64 bucket)
{
	return t->has_mark & (end >> 1 != bucket + t->mark) & !is_node(end);
}

/* Keeps the successors of a chunk. */
LOOP_BODY(keep_links, DCM_TABLE_PAGE / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_TABLE_PAGE - 1), nodes = area.live - first, j;
	struct dcm_bpf_node *kept = &area.node[area.kept & (DCM_PAGE_BUCKETS - 1)];
	const struct dcm_bpf_table *t = &area.tables.now;
	__u32 strayed = 0;

	for (j = 0; j < DCM_CHUNK && j < nodes; j++) {
		const struct dcm_bpf_node *n = &area.node[first + j];
		__u64 next = n->next, bucket = n->bucket;

		strayed += is_strayed(t, next, bucket);
		kept->address = next;
		kept->bucket = bucket;
		kept += is_node(next);
	}
	area.kept = ((__u64)kept - (__u64)area.node) / sizeof(*kept);
	area.tables.found.strayed += strayed;
	return 0;
}

/* Once a chunk, along a single chain. */
LOOP(follow_chain, CHAIN_CALLS)
{
	__u64 at = area.node[0].address, next = 0;
	__u32 j;

	for (j = 0; j < DCM_CHUNK; j++) {
		next = load_word(at);
		if (!is_node(next))
			break;
		at = next;
		area.tables.walked++;
	}
	area.node[0].address = at;
	area.tables.late = is_node(next) && time_is_over();
	if (is_node(next) && !area.tables.late)
		return 0;
	if (!is_node(next))
		area.tables.found.strayed +=
			is_strayed(&area.tables.now, next, area.node[0].bucket);
	return 1;
}

static __always_inline void count_chains(__u64 length, __u32 chains)
{
	struct dcm_bpf_table_result *found = &area.tables.found;

	if (!chains)
		return;
	found->nonempty += chains;
	found->entries += length * chains;
	found->lengths[dcm_table_class(length) & (DCM_TABLE_CLASSES - 1)] += chains;
	if (length > found->longest)
		found->longest = length;
}

/* At least one in each run. */
LOOP(walk_table_level, TABLE_LEVELS)
{
	__u32 live = area.kept & (2 * DCM_TABLE_PAGE - 1);

	if (!live)
		return 1;
	area.live = live;
	area.kept = 0;
	LOOP_OVER(live, DCM_CHUNK, fetch_nodes);
	LOOP_OVER(live, DCM_CHUNK, keep_links);
	area.tables.depth++;
	count_chains(area.tables.depth, live - area.kept);
	return time_is_over();
}

LOOP(hold_chain, DCM_TABLE_PAGE)
{
	const struct dcm_bpf_node *n = &area.node[i & (DCM_TABLE_PAGE - 1)];

	if (i >= area.kept)
		return 1;
	area.tables.held[i & (DCM_TABLE_PAGE - 1)] = n->address;
	area.tables.held_bucket[i & (DCM_TABLE_PAGE - 1)] = n->bucket;
	return 0;
}

static __always_inline void hold_chains(void)
{
	struct dcm_bpf_tables *t = &area.tables;

	t->held_count = area.kept;
	if (area.kept && ++t->resumed < MOST_HELD) {
		RUN_LOOP(hold_chain, DCM_TABLE_PAGE);
		return;
	}
	count_chains(t->depth, t->held_count);
	t->found.truncated += t->held_count;
	t->held_count = t->resumed = 0;
}

LOOP(resume_chain, DCM_TABLE_PAGE)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 next = t->held[i & (DCM_TABLE_PAGE - 1)];
	__u32 bucket = t->held_bucket[i & (DCM_TABLE_PAGE - 1)];

	if (i >= t->held_count)
		return 1;
	if (node_is_linked(next)) {
		area.node[area.kept & (DCM_TABLE_PAGE - 1)].address = next;
		area.node[area.kept & (DCM_TABLE_PAGE - 1)].bucket = bucket;
		area.kept++;
	} else {
		t->deferred[t->deferred_count & (DCM_TABLE_PAGE - 1)] = bucket;
		t->deferred_count++;
	}
	return 0;
}

static __always_inline void begin_page(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 left = t->now.buckets - t->next;

	area.page_buckets = left < DCM_TABLE_PAGE ? left : DCM_TABLE_PAGE;
	load_heads();
	if (area.kept && t->found.checked < DCM_TABLE_PROOFS)
		RUN_LOOP(prove_head, DCM_TABLE_PROOFS);
	t->depth = t->resumed = t->deferred_next = t->deferred_count = 0;
	t->next += area.page_buckets;
}

static __always_inline void walk_table_page(void)
{
	area.kept = 0;
	if (area.tables.held_count)
		RUN_LOOP(resume_chain, DCM_TABLE_PAGE);
	else
		begin_page();
	RUN_LOOP(walk_table_level, TABLE_LEVELS);
	hold_chains();
}

/* ---- one chain ---- */

static __always_inline void end_deferred(void)
{
	struct dcm_bpf_tables *t = &area.tables;

	count_chains(t->walked, t->walked != 0);
	t->at = t->walked = t->resumed = 0;
	t->deferred_next++;
}

/* From its head, or after the node that the last run came to. */
static __always_inline void walk_deferred(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 bucket = t->deferred[t->deferred_next & (DCM_TABLE_PAGE - 1)];

	if (!t->at || !node_is_linked(t->at)) {
		t->at = load_word(t->now.base + bucket * t->now.stride + t->now.head);
		t->walked = is_node(t->at);
	}
	area.node[0].address = t->at;
	area.node[0].bucket = bucket;
	t->late = 0;
	if (t->walked)
		RUN_LOOP(follow_chain, CHAIN_CALLS);
	t->at = area.node[0].address;
	if (!t->late) {
		end_deferred();
	} else if (++t->resumed >= MOST_RESUMED) {
		t->found.truncated++;
		end_deferred();
	}
}

/* ---- tables ---- */

static __always_inline void begin_table(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	struct net *net = (struct net *)t->net;

	find_table(t->table);
	if (t->found.longest)
		__builtin_memset(&t->found.lengths, 0, sizeof(t->found.lengths));
	__builtin_memset(&t->found, 0, offsetof(struct dcm_bpf_table_result, lengths));
	t->found.table = t->table;
	t->found.own = t->list.cursor == t->list.first;
	t->found.why = t->now.why;
	t->found.shared = t->now.shared && t->found.own;
	t->found.netns = net_identity(net);
	t->found.buckets = t->now.why == DCM_TABLE_REACHED ? t->now.buckets : 0;
	if (HAS(struct net___tables, ns.inum))
		t->found.inode = MEMBER_U32(struct net___tables, t->net, ns.inum);
	t->next = t->held_count = t->deferred_next = t->deferred_count = 0;
	t->at = t->walked = 0;
	t->under_way = 1;
}

/* Whether there is nothing to walk: not reached, or walked already for the own namespace. */
static __always_inline bool is_skipped(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 *own = &t->own[t->table < DCM_TABLE_COUNT ? t->table : 0];

	if (t->found.own)
		*own = t->now.base;
	return !t->found.own && t->now.base == *own;
}

static __always_inline void end_table(bool shown)
{
	struct dcm_bpf_tables *t = &area.tables;
	struct dcm_bpf_out *out = find_output();
	__u32 n = t->list.count;

	t->under_way = 0;
	if (t->found.agreed * 2 < t->found.checked)
		t->place[t->table & (DCM_TABLES_FOUND - 1)] = 0;
	t->table++;
	if (!shown || !out || n >= DCM_TABLE_RESULTS)
		return;
	COPY(out->tables.found[n], t->found);
	t->list.count = n + 1;
}

/* ---- namespaces ---- */

/* As many as @device has, and DCM_TABLE_SHOWN at most. */
DCM_GLOBAL __noinline int count_addresses(__u64 device)
{
	__u64 in = MEMBER(struct net_device___tables, device, ip_ptr);
	__u64 address = in ? MEMBER(struct in_device, in, ifa_list) : 0;
	int n;

	for (n = 0; n < DCM_TABLE_SHOWN && address; n++)
		address = MEMBER(struct in_ifaddr, address, ifa_next);
	return n;
}

static __always_inline bool has_other_names(__u64 device)
{
	__u64 list = MEMBER(struct net_device___tables, device, name_node) +
		     bpf_core_field_offset(struct netdev_name_node, list);

	return load_word(list) != list;
}

/*
 * Whether the namespace has so few devices and IPv4 addresses that none of their chains can be long
 * enough to be shown, which is true of most: a few loads, in place of hundreds of buckets. (Those
 * of IPv6 are not counted: libbpf would look for struct inet6_dev in the modules of a kernel
 * without it, and before 1.3 it may not do so without CAP_SYS_ADMIN, and nothing would load.)
 */
DCM_GLOBAL __noinline int count_few(void)
{
	__u64 head = area.tables.net + bpf_core_field_offset(struct net___tables, dev_base_head);
	__u64 node = load_word(head);
	__u32 devices, addresses = 0;

	for (devices = 0; devices < DCM_TABLE_SHOWN && node != head; devices++) {
		__u64 device = NODE_OWNER(node, struct net_device___tables, dev_list);

		if (has_other_names(device))
			return 0;
		addresses += count_addresses(device);
		node = load_word(node);
	}
	return devices < DCM_TABLE_SHOWN && addresses < DCM_TABLE_SHOWN;
}

static __always_inline void begin_namespace(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 tcp = FROM_NET(t->net, ipv4.tcp_death_row.hashinfo);
	__u64 udp = FROM_NET(t->net, ipv4.udp_table);
	bool own = t->list.cursor == t->list.first;

	t->namespaces++;
	if (own) {
		t->own_tcp = tcp;
		t->own_udp = udp;
	}
	t->has_few = !own && count_few();
	t->has_own_sockets = !own && tcp == t->own_tcp && udp == t->own_udp;
}

/* The list's head, which is none, has no loopback device. */
static __always_inline bool is_namespace(__u64 net)
{
	__u64 lo = MEMBER(struct net, net, loopback_dev);

	return MEMBER(struct net_device, lo, nd_net.net) == net;
}

/* The next one that is worth a walk. Tables that all namespaces have in common are looked at from
 * the own one only. */
static __always_inline bool has_table(void)
{
	struct dcm_bpf_tables *t = &area.tables;

	if (!t->table && !t->under_way)
		begin_namespace();
	if (t->has_few && t->table < DCM_TABLE_IPV6_ADDRESSES)
		t->table = DCM_TABLE_IPV6_ADDRESSES;
	if (t->has_own_sockets && t->table > DCM_TABLE_IPV6_ADDRESSES)
		t->table = DCM_TABLE_CSS_SETS;
	return t->table < (t->list.cursor == t->list.first ? DCM_TABLE_COUNT : DCM_TABLE_CSS_SETS);
}

/* A table of the namespace: a page or a chain, with its beginning and its end. */
static __always_inline void walk_table(void)
{
	struct dcm_bpf_tables *t = &area.tables;
	__u64 begun = bpf_ktime_get_ns();

	if (!t->under_way || has_moved(&t->now)) {
		begin_table();
		if (is_skipped()) {
			end_table(false);
			return;
		}
	}
	if (!t->held_count && t->deferred_next < t->deferred_count)
		walk_deferred();
	else if (t->held_count || t->next < t->found.buckets)
		walk_table_page();
	t->found.ns += bpf_ktime_get_ns() - begun;
	if (!t->held_count && t->deferred_next >= t->deferred_count && t->next >= t->found.buckets)
		end_table(t->found.own || t->found.longest >= DCM_TABLE_SHOWN);
}

LONG_LOOP(tables_step, TABLE_STEPS)
{
	struct dcm_bpf_tables *t = &area.tables;
	struct list_head *node = (struct list_head *)t->list.cursor;
	struct net *net = CONTAINER_OF(node, struct net, list);

	t->net = (__u64)net;
	if (is_namespace(t->net) && has_table()) {
		walk_table();
		return t->list.count >= DCM_TABLE_RESULTS || time_is_over();
	}
	t->table = 0;
	return list_next(&t->list, node, DCM_TABLE_RESULTS);
}

/* As list_start(), but a namespace whose tables are not all walked is gone on with. */
static __always_inline bool tables_start(struct dcm_bpf_list *list, struct list_head *own)
{
	if (!list->first || (!area.tables.table && !area.tables.under_way))
		return list_start(list, own);
	list->count = 0;
	list->end = list_resume(list) ? DCM_END_BUDGET : DCM_END_LOST;
	return list->end == DCM_END_BUDGET;
}

static __always_inline void begin_tables(void)
{
	struct dcm_bpf_tables *t = &area.tables;

	__builtin_memset(&t->list, 0, sizeof(t->list));
	t->namespaces = 0;
	t->table = t->under_way = 0;
}

static __always_inline void command_tables(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	struct dcm_bpf_tables *t = &area.tables;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net *own = BPF_CORE_READ(task, nsproxy, net_ns);
	struct list_head *cursor;

	if (c->op == DCM_OP_BEGIN)
		begin_tables();
	if (tables_start(&t->list,
			 (void *)((__u64)own + bpf_core_field_offset(struct net, list)))) {
		RUN_LOOP(tables_step, TABLE_STEPS);
		cursor = (struct list_head *)t->list.cursor;
		t->list.before = (__u64)BPF_CORE_READ(cursor, prev);
	}
	out->tables.list.count = t->list.count;
	out->tables.list.end = t->list.end;
	out->tables.namespaces = t->namespaces;
}

#endif
