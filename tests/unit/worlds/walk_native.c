// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/walk_native.h"

#include <errno.h>

#include "tests/unit/worlds/world.h"
#include "tests/unit/worlds/world_run.h"

void *world_output(void)
{
	return world_run.out;
}

__u64 bpf_ktime_get_ns(void)
{
	return world_run.clock_ns + world_memory.loads * world_memory.ns_per_load;
}

__u64 bpf_get_current_task(void)
{
	return world.task;
}

long bpf_get_current_comm(void *to, __u32 size)
{
	return bpf_probe_read_kernel_str(
		to, size, (void *)(world.task + WORLD_OFFSET(struct task_struct, comm)));
}

static bool is_own(const void *from)
{
	for (size_t i = 0; i < WORLD_MAPS; i++) {
		const char *map = world_walkers.map[i];

		if ((const char *)from >= map &&
		    (const char *)from < map + world_walkers.map_size[i])
			return true;
	}
	return false;
}

/* Words of a foreign byte order, as a kernel of that order sees them. */
static void swap_words(void *to, __u32 size)
{
	for (__u32 i = 0; i + 8 <= size; i += 8) {
		__u64 word;

		memcpy(&word, (char *)to + i, 8);
		word = __builtin_bswap64(word);
		memcpy((char *)to + i, &word, 8);
	}
}

long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	if (world_is_mapped((__u64)from, size)) {
		world_count_load();
		memcpy(to, world_at((__u64)from), size);
		if (world_memory.big_endian)
			swap_words(to, size);
		return 0;
	}
	if (is_own(from)) {
		memcpy(to, from, size);
		return 0;
	}
	world_count_load();
	memset(to, 0, size);
	return -EFAULT;
}

long bpf_probe_read_kernel_str(void *to, __u32 size, const void *from)
{
	char *out = to;

	world_count_load();
	for (__u32 i = 0; i < size; i++) {
		if (!world_is_mapped((__u64)from + i, 1)) {
			memset(to, 0, size);
			return -EFAULT;
		}
		out[i] = *(const char *)world_at((__u64)from + i);
		if (!out[i])
			return i + 1;
	}
	out[size - 1] = '\0';
	return size;
}

void *bpf_rdonly_cast(const void *address, __u32 span);

/* Memory itself where nothing differs, else a copy with zeroes for what faults. */
void *bpf_rdonly_cast(const void *address, __u32 span)
{
	static __u64 copies[4][NATIVE_SPAN / 8];
	static unsigned next;
	__u64 from = (__u64)address, *copy = copies[next++ % 4];

	world_count_load();
	if (world_is_mapped(from, span) && !world_memory.big_endian &&
	    (__u64)world_at(from) % 8 == 0)
		return world_at(from);
	for (__u32 i = 0; i < span / 8; i++)
		copy[i] = world_peek(from + i * 8, 8);
	return copy;
}
