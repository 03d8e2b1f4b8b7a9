// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/walk/walk_unguarded.h"

#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/walk/walk_layout.h"

static const struct dcm_unguarded *unguarded;

/*
 * The walkers begin their circles at what the current task has. In place of a task of the kernel
 * they get this, at an address that no kernel has: whatever is asked for of a task is one of these
 * words, which leads on to the next.
 */
#define TASK_AT 4096ULL

enum { TASK_FS, TASK_NSPROXY, TASK_MOUNT, TASK_SUPERBLOCK, TASK_NET, TASK_WORDS };

static uint64_t task_word(uint64_t at)
{
	switch (at / sizeof(uint64_t)) {
	case TASK_FS:
		return TASK_AT + TASK_MOUNT * sizeof(uint64_t);
	case TASK_NSPROXY:
		return TASK_AT + TASK_NET * sizeof(uint64_t);
	case TASK_MOUNT:
		return TASK_AT + TASK_SUPERBLOCK * sizeof(uint64_t);
	case TASK_SUPERBLOCK:
		return unguarded->first_superblock;
	default:
		return unguarded->first_namespace;
	}
}

static uint64_t offset_of(enum dcm_layout_type type, size_t local)
{
	switch (type) {
	case DCM_TYPE_task_struct:
		return sizeof(uint64_t) *
		       (local == offsetof(struct task_struct, fs) ? TASK_FS : TASK_NSPROXY);
	case DCM_TYPE_fs_struct:
	case DCM_TYPE_vfsmount:
	case DCM_TYPE_nsproxy:
		return 0;
	default:
		return dcm_layout_offset(unguarded->layout, type, local);
	}
}

static uint64_t load(uint64_t address, size_t bytes)
{
	const void *found = dcm_kcore_window_find(unguarded->window, address, bytes);
	uint64_t word = 0;
	uint32_t half;

	if (found && bytes == sizeof(word)) {
		memcpy(&word, found, sizeof(word));
		return word;
	}
	if (address - TASK_AT < TASK_WORDS * sizeof(uint64_t))
		return task_word(address - TASK_AT);
	if (bytes == sizeof(uint64_t))
		return dcm_kcore_cache_word(unguarded->cache, address);
	dcm_kcore_cache_read(unguarded->cache, address, &half, sizeof(half));
	return half;
}

#define NATIVE_TYPE			     DCM_LAYOUT_TYPE
#define NATIVE_OFFSET_OF		     offset_of
#define NATIVE_HAS(type, local)		     dcm_layout_has(unguarded->layout, type, local)
#define NATIVE_SIZE_OF(type)		     unguarded->layout->size[type]
#define NATIVE_LOAD			     load
#define NATIVE_OUTPUT()			     unguarded->out
#define NATIVE_CALL			     static
#define READ_NAME(to, size, dentry, pointer) ((void)(pointer), read_name(to, size, dentry))

#define DCM_FAST      0
#define DCM_BOUNDED   0
#define DCM_UNGUARDED 1
#define DCM_GLOBAL    static

#include "common/kernel/walk/native_bpf.h"

/* ---- names ---- */

/* Whether it is the name that the kernel has hashed. A filesystem may hash names in its own way
 * (d_hash): then it must be in its place still, unchanged. */
static bool agrees(uint64_t dentry, uint64_t hash_len, const char *name, size_t length)
{
	const uint64_t at = dentry + bpf_core_field_offset(struct dentry, d_name.hash_len);
	const uint64_t node = dentry + bpf_core_field_offset(struct dentry, d_hash);
	uint64_t parent = load(dentry + bpf_core_field_offset(struct dentry, d_parent), 8), pprev;

	if (unguarded->name_hash < DCM_NAME_HASHES &&
	    dcm_kcore_name_hash(unguarded->name_hash, parent, name, length) == (uint32_t)hash_len)
		return true;
	pprev = load(node + sizeof(uint64_t), 8);
	dcm_kcore_cache_forget(unguarded->cache, at);
	dcm_kcore_cache_forget(unguarded->cache, node);
	dcm_kcore_cache_forget(unguarded->cache, pprev);
	return load(at, 8) == hash_len && load(node + sizeof(uint64_t), 8) == pprev &&
	       (load(pprev, 8) & ~1ULL) == node;
}

/* As bpf_probe_read_kernel_str(); -EAGAIN when it is not the name of @dentry. */
static long read_name(char *to, uint32_t size, uint64_t dentry)
{
	uint64_t hash_len = load(dentry + bpf_core_field_offset(struct dentry, d_name.hash_len), 8);
	uint64_t at = load(dentry + bpf_core_field_offset(struct dentry, d_name.name), 8);
	long n = bpf_probe_read_kernel_str(to, size, (const void *)at);

	if (n > 0 && (uint64_t)n == (hash_len >> 32) + 1 &&
	    agrees(dentry, hash_len, to, (size_t)n - 1))
		return n;
	*to = '\0';
	return -EAGAIN;
}

/* ---- loads of many ---- */

/* As many of them as there is room for: at least one. */
static __u32 native_fetch(const __u64 *addresses, __u32 count, __u64 bytes)
{
	_Static_assert(sizeof(__u64) == sizeof(uint64_t), "the same numbers");
	return (__u32)dcm_kcore_window_read(unguarded->window, (const uint64_t *)addresses, count,
					    bytes);
}

static void native_forget(uint64_t address)
{
	dcm_kcore_window_renew(unguarded->window, address);
	dcm_kcore_cache_forget(unguarded->cache, address);
}

#include "common/kernel/walk/bpf/walk_programs.h"

/* ---- helpers ---- */

static bool is_own(const void *from)
{
	const char *at = from;

	return (at >= (char *)&area && at < (char *)(&area + 1)) ||
	       (at >= (char *)&priv && at < (char *)(&priv + 1));
}

static long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	const void *found =
		is_own(from) ? from
			     : dcm_kcore_window_find(unguarded->window, (uint64_t)from, size);

	if (!found)
		return dcm_kcore_cache_read(unguarded->cache, (uint64_t)from, to, size) ? 0
											: -EFAULT;
	memcpy(to, found, size);
	return 0;
}

static long bpf_probe_read_kernel_str(void *to, __u32 size, const void *from)
{
	char *out = to;
	uint32_t done = 0;

	while (done < size) {
		uint64_t at = (uint64_t)from + done;
		uint32_t n = DCM_MIN(size - done, (uint32_t)(DCM_KCORE_UNIT - at % DCM_KCORE_UNIT));
		const char *end;

		if (!dcm_kcore_cache_read(unguarded->cache, at, out + done, n)) {
			memset(to, 0, size);
			return -EFAULT;
		}
		end = memchr(out + done, '\0', n);
		if (end)
			return end - out + 1;
		done += n;
	}
	out[size - 1] = '\0';
	return size;
}

static __u64 bpf_ktime_get_ns(void)
{
	return dcm_now_ns();
}

static __u64 bpf_get_current_task(void)
{
	return TASK_AT;
}

/* Nobody is told of new namespaces. */
static long bpf_get_current_comm(void *to, __u32 size)
{
	memset(to, 0, size);
	return 0;
}

/* ---- running ---- */

static int (*const programs[DCM_PROG_COUNT])(struct bpf_raw_tracepoint_args *arguments) = {
	[DCM_PROG_SETUP] = setup,	  [DCM_PROG_SUPERBLOCKS] = superblocks,
	[DCM_PROG_NETNS] = netns,	  [DCM_PROG_PROVE] = prove,
	[DCM_PROG_PASS] = pass,		  [DCM_PROG_CHAIN] = chain,
	[DCM_PROG_DIRECTORY] = directory,
};

void dcm_unguarded_reset(void)
{
	memset(&area, 0, sizeof(area));
	memset(&priv, 0, sizeof(priv));
}

void dcm_unguarded_run(const struct dcm_unguarded *memory, enum dcm_walk_program program,
		       struct dcm_bpf_command *command)
{
	unguarded = memory;
	dcm_kcore_cache_drop(memory->cache);
	dcm_kcore_window_drop(memory->window);
	programs[program]((struct bpf_raw_tracepoint_args *)command);
}
