/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * load_word(address): 8 bytes of the kernel at a bare address. Both ways survive any address: a
 * load that faults gives 0. MEMBER(type, address, member) is such a word at a member's relocated
 * offset.
 */
#ifndef DCM_BPF_WALK_LOAD_H
#define DCM_BPF_WALK_LOAD_H

/* Natively, on memory that is read from a file: no RCU read section keeps what has been read, see
 * unguarded_steps.h. */
#ifndef DCM_UNGUARDED
#define DCM_UNGUARDED 0
#endif

#if DCM_FAST
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;

static __always_inline __u64 load_word(__u64 address)
{
	/* Any kernel structure that begins with a plain 64-bit number does: the verifier
	 * then takes what is loaded as a number and not as another pointer. */
	struct qstr *word = bpf_rdonly_cast((void *)address, bpf_core_type_id_kernel(struct qstr));

	return word->hash_len;
}
#else
static __always_inline __u64 load_word(__u64 address)
{
	__u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)address);
	return word;
}
#endif

/*
 * 1 when the kernel's pointer @x is not NULL. BPF has no instruction for it and a branch on what
 * memory holds would be mispredicted half of the time, which also stops the overlap of cache
 * misses; the barrier keeps the compiler from making one.
 */
static __always_inline __u64 is_set(__u64 x)
{
#ifdef __TARGET_ARCH_x86 /* pointers into the kernel: the upper half of the address space */
	return x >> 63;
#else
	__u64 minus = -x;

	asm volatile("" : "+r"(minus));
	return (x | minus) >> 63;
#endif
}

/* 0 when they are the same, otherwise 1, without a branch as well. */
static __always_inline __u64 differ(__u64 a, __u64 b)
{
	__u64 x = a ^ b, minus = -x;

	asm volatile("" : "+r"(minus));
	x = (x | minus) >> 63;
	asm volatile("" : "+r"(x));
	return x;
}

#define MEMBER(type, address, member) load_word((address) + bpf_core_field_offset(type, member))

#define D_HASH_OFFSET bpf_core_field_offset(struct dentry, d_hash)

#if DCM_FAST
#ifndef WORD_OF
/* The word in the place of @member of the @type at @words. */
#define WORD_OF(words, type, member) ((__u64)((const type *)(words))->member)
#endif

/* Reads through one cast: struct pt_regs is a row of plain numbers, which the verifier must see.
 * What follows it in the chain has been read before. */
static __always_inline void read_relatives(struct dcm_bpf_node *n)
{
	const void *words = bpf_rdonly_cast((void *)(n->address - D_HASH_OFFSET),
					    bpf_core_type_id_kernel(struct pt_regs));

	n->parent = WORD_OF(words, struct dentry, d_parent) +
		    is_set(WORD_OF(words, struct dentry, d_inode));
}
#else
#define LINE_BYTES 64

/* One call for all that lies in a cache line from the node on, as it does in every known kernel. */
static __always_inline void read_relatives(struct dcm_bpf_node *n)
{
	const __u64 parent = bpf_core_field_offset(struct dentry, d_parent) - D_HASH_OFFSET;
	const __u64 inode = bpf_core_field_offset(struct dentry, d_inode) - D_HASH_OFFSET;
	char line[LINE_BYTES] __attribute__((aligned(8))) = {0};

	if (parent <= LINE_BYTES - 8 && inode <= LINE_BYTES - 8) {
		bpf_probe_read_kernel(line, (parent > inode ? parent : inode) + 8,
				      (void *)n->address);
		n->next = *(const __u64 *)line;
		n->parent =
			*(const __u64 *)(line + parent) + is_set(*(const __u64 *)(line + inode));
	} else {
		n->next = load_word(n->address);
		n->parent = load_word(n->address + parent) + is_set(load_word(n->address + inode));
	}
}
#endif

/* include/linux/list_bl.h: bit 0 of a bucket's first pointer is its lock. */
#define LIST_BL_LOCKMASK 1ULL

/* True when what @node's pprev points at points back: @node is in a chain right now. */
static __always_inline bool node_is_linked(__u64 node)
{
	__u64 pprev = MEMBER(struct hlist_bl_node, node, pprev);

	return pprev && (load_word(pprev) & ~LIST_BL_LOCKMASK) == node;
}

static __always_inline __u32 node_hash(__u64 node)
{
	return (__u32)MEMBER(struct dentry, node - D_HASH_OFFSET, d_name.hash_len);
}

/* The number of the bucket that @node belongs into (fs/dcache.c, d_hash). */
static __always_inline __u64 node_bucket(__u64 node)
{
#if DCM_UNGUARDED
	if (area.formula)
		return dcm_old_bucket(area.formula, node_hash(node),
				      MEMBER(struct dentry, node - D_HASH_OFFSET, d_parent),
				      area.shift);
#endif
	return node_hash(node) >> area.shift;
}

#endif
