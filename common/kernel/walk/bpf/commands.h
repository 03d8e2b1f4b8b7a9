/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What user space may ask for, and what it gets to see of a run. */
#ifndef DCM_BPF_COMMANDS_H
#define DCM_BPF_COMMANDS_H

/* A copy within maps, of constant size. */
#define COPY(to, from) bpf_probe_read_kernel(&(to), sizeof(to), &(from))

/* ---- set-up: its programs are gone when the walk is open ---- */

LOOP(forget_pair, DCM_PAIRS)
{
	area.pairs[i & (DCM_PAIRS - 1)] = (struct dcm_bpf_pair){0};
	return 0;
}

static __always_inline void set_up(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	if (c->op == DCM_OP_KEY) {
		schedule_keys(c->a, c->b);
	} else if (c->op == DCM_OP_TABLE) {
		area.base = c->a;
		area.shift = c->b & 31;
		area.formula = c->b >> DCM_FORMULA_SHIFT;
		area.buckets = 1ULL << (32 - area.shift);
	} else if (c->op == DCM_OP_NODES) {
		area.nodes = c->a;
	} else if (c->op == DCM_OP_FORGET) {
		RUN_LOOP(forget_pair, DCM_PAIRS);
		COPY(out->pairs, area.pairs);
	}
}

static __always_inline void command_pairs(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	if (c->op == DCM_OP_BEGIN)
		area.pairs_found = 0;
	gather_pairs(c->a);
	out->pairs_found = area.pairs_found;
	COPY(out->pairs, area.pairs);
}

static __always_inline void command_prove(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	area.pass.next = 0;
	prove_table();
	out->checked = area.checked;
	out->agreed = area.agreed;
}

/* ---- lists ---- */

static __always_inline void begin_list(const struct dcm_bpf_command *c, struct dcm_bpf_list *list)
{
	if (c->op == DCM_OP_BEGIN)
		__builtin_memset(list, 0, sizeof(*list));
}

LOOP(hide_superblock, DCM_SB_BATCH)
{
	struct dcm_bpf_superblock *sb = &area.sb_batch[i & (DCM_SB_BATCH - 1)];

	sb->address = handle_of(sb->address);
	sb->root_dentry = handle_of(sb->root_dentry);
	return 0;
}

static __always_inline void command_superblocks(const struct dcm_bpf_command *c,
						struct dcm_bpf_out *out)
{
	begin_list(c, &area.superblocks);
	walk_superblocks();
	out->superblocks.count = area.superblocks.count;
	out->superblocks.end = area.superblocks.end;
	RUN_LOOP(hide_superblock, area.superblocks.count);
	COPY(out->sb_batch, area.sb_batch);
}

static __always_inline void command_netns(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	begin_list(c, &area.netns);
	walk_netns();
	out->netns.count = area.netns.count;
	out->netns.end = area.netns.end;
	COPY(out->netns_batch, area.netns_batch);
}

/* ---- the pass ---- */

LONG_LOOP(forget_count, DCM_SB_SLOTS)
{
	__u32 slot = area.sb_used[i & (DCM_SB_SLOTS - 1)] & (DCM_SB_SLOTS - 1);

	__builtin_memset(&area.sb[slot], 0, sizeof(area.sb[slot]));
	return 0;
}

LONG_LOOP(forget_parents, DCM_SKETCH_SETS)
{
	__u32 set = i & (DCM_SKETCH_SETS - 1);

	__builtin_memset(&area.sketch.key[set], 0, sizeof(area.sketch.key[set]));
	__builtin_memset(&area.sketch.count[set], 0, sizeof(area.sketch.count[set]));
	return 0;
}

LOOP(forget_lengths, DCM_LEVEL_ROOM)
{
	__u32 length = i & (DCM_LEVEL_ROOM - 1);

	area.pass.lengths[length] = 0;
	__builtin_memset(&area.recent.bucket[length], 0, sizeof(area.recent.bucket[length]));
	return 0;
}

static __always_inline void begin_pass(__u32 every)
{
	RUN_LOOP(forget_count, area.pass.sb_used);
	if (area.sketch.total)
		RUN_LOOP(forget_parents, DCM_SKETCH_SETS);
	area.sketch.total = 0;
	RUN_LOOP(forget_lengths, DCM_LEVEL_ROOM);
	area.pass.next = area.pass.stop = 0;
	area.pass.nonempty = area.pass.entries = area.pass.negative = 0;
	area.pass.uncounted = area.pass.ended = area.pass.deferred = area.pass.end =
		area.pass.sb_used = 0;
	area.pass.sketch_every = every & (every - 1) ? 1 : every;
#if DCM_UNGUARDED
	forget_sweep();
#endif
}

LOOP(take_count, DCM_SB_RESULTS)
{
	struct dcm_bpf_out *out = find_output();
	const struct dcm_bpf_sb_count *c;
	__u32 at = priv.at, n;

	if (!out)
		return 1;
	n = out->sb_results;
	if (at >= area.pass.sb_used || n >= DCM_SB_RESULTS)
		return 1;
	c = &area.sb[area.sb_used[at & (DCM_SB_SLOTS - 1)] & (DCM_SB_SLOTS - 1)];
	out->sb[n].address = handle_of(c->address);
	out->sb[n].count[0] = c->count[0];
	out->sb[n].count[1] = c->count[1];
	out->sb_results = n + 1;
	priv.at = at + 1;
	return 0;
}

static __always_inline void show_superblocks(const struct dcm_bpf_command *c,
					     struct dcm_bpf_out *out)
{
	priv.at = c->a;
	out->pass.uncounted = area.pass.uncounted; /* by chains since the last page, too */
	if (!c->a)
		COPY(out->recent, area.recent);
	out->sb_results = 0;
	RUN_LOOP(take_count, DCM_SB_RESULTS);
}

static __always_inline void show_sketch(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	__u32 set = (c->a & (DCM_SKETCH_PARTS - 1)) * DCM_PART_SETS;

	out->sketch_total = area.sketch.total;
	bpf_probe_read_kernel(out->sketch, sizeof(out->sketch), &area.sketch.count[set]);
}

/* Of buckets that there are, whatever is asked for. */
static __always_inline void begin_block(__u64 block)
{
	__u64 first = block & (area.buckets - 1) & ~(DCM_HEADS - 1ULL);
	__u64 length = 1ULL << (block >> DCM_BLOCK_SHIFT & 31);

	if (!block)
		return;
	area.pass.next = first;
	area.pass.stop = length < area.buckets - first ? first + length : area.buckets;
}

static __always_inline void command_pass(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	__u32 page = c->a;

	if (c->op == DCM_OP_RESULT) {
		show_superblocks(c, out);
		return;
	}
	if (c->op == DCM_OP_SKETCH) {
		show_sketch(c, out);
		return;
	}
	if (c->op == DCM_OP_BEGIN) {
		begin_pass(c->a);
	} else {
		if (page < DCM_HEADS || page > DCM_PAGE_BUCKETS || page & (page - 1))
			page = DCM_HEADS;
		area.pass.page_buckets = page;
		begin_block(c->b);
#if DCM_UNGUARDED
		sweep.joined = c->op == DCM_OP_JOIN;
#endif
		pass_run();
		if (area.pass.deferred)
			COPY(out->deferred, area.deferred);
	}
	COPY(out->pass, area.pass);
}

/* ---- chains ---- */

static __always_inline void fresh_state(__u64 bucket, __u64 counted, __u32 mode)
{
	struct dcm_bpf_chain_state *s = &area.chain.state;

	__builtin_memset(s, 0, sizeof(*s));
	s->bucket = bucket & (area.buckets - 1);
	s->length = counted;
	s->mode = mode;
}

static __always_inline void begin_description(void)
{
	struct dcm_bpf_chain *c = &area.chain;
	__u32 i, best = 0;

	for (i = 1; i < DCM_CANDIDATES; i++)
		if (c->candidates[i].weight > c->candidates[best & (DCM_CANDIDATES - 1)].weight)
			best = i;
	for (i = 0; i < DCM_CANDIDATES; i++)
		c->candidates[i].weight = 0;
	c->best = best;
	c->described = c->path_len = c->path_complete = 0;
	fresh_state(c->state.bucket, 0, DCM_CHAIN_DESCRIBE);
}

static __always_inline void show_chain(struct dcm_bpf_out *out)
{
	__u32 i;

	COPY(out->chain, area.chain);
	__builtin_memset(&out->chain.state.known, 0, sizeof(out->chain.state.known));
	out->chain.state.mark = out->chain.node = 0;
	out->chain.superblock = handle_of(area.chain.superblock);
	for (i = 0; i < DCM_CANDIDATES; i++)
		out->chain.candidates[i].parent = 0;
}

static __always_inline void command_chain(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	__u32 hint = c->a & (DCM_HINTS - 1);
	/* Only counting goes on while another chain is being described. */
	__u32 slot = c->op == DCM_OP_COUNT || (c->op == DCM_OP_GO_ON && !c->a) ? 0 : 1;

	COPY(area.chain, priv.saved[slot]);
	if (c->op == DCM_OP_COUNT) {
		fresh_state(c->b, c->a & (DCM_LEVEL_ROOM - 1), DCM_CHAIN_COUNT);
	} else if (c->op == DCM_OP_SURVEY) {
		__builtin_memset(&area.chain.candidates, 0, sizeof(area.chain.candidates));
		area.chain.described = 0;
		fresh_state(c->b, 0, DCM_CHAIN_SURVEY);
	} else if (c->op == DCM_OP_HINTED) {
		COPY(area.chain.candidates, priv.hint[hint]);
		fresh_state(c->b, 0, DCM_CHAIN_DESCRIBE);
		begin_description();
	} else if (c->op == DCM_OP_DESCRIBE) {
		begin_description();
	}
	if (c->op == DCM_OP_KEEP)
		COPY(priv.hint[hint], area.chain.candidates);
	else
		chain_run();
	COPY(priv.saved[slot], area.chain);
	show_chain(out);
}

/* ---- directories ---- */

static __always_inline void command_directory(const struct dcm_bpf_command *c,
					      struct dcm_bpf_out *out)
{
	struct dcm_bpf_directory *d = &area.directory;

	if (c->op == DCM_OP_PARENT) {
		out->handle =
			handle_of(area.sketch.key[c->a / DCM_SKETCH_WAYS & (DCM_SKETCH_SETS - 1)]
						 [c->a & (DCM_SKETCH_WAYS - 1)]);
		return;
	}
	d->dentry = address_of(c->a);
	d->want_negative = c->b != 0;
	d->superblock = 0;
	describe_directory();
	COPY(out->directory, area.directory);
	out->directory.dentry = out->directory.node = 0;
	out->directory.superblock = handle_of(d->superblock);
	COPY(out->chain.path, area.chain.path);
	out->chain.path_len = area.chain.path_len;
	out->chain.path_complete = area.chain.path_complete;
}

static __always_inline void command_children(const struct dcm_bpf_command *c,
					     struct dcm_bpf_out *out)
{
	if (c->op == DCM_OP_BEGIN)
		__builtin_memset(&area.children_state, 0, sizeof(area.children_state));
	visit_children(c->a);
	COPY(out->children, area.children);
}

#endif
