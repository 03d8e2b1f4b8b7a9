// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/who/kernel_symbols.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/parse/kallsyms.h"

/* More than any function has: beyond the last one of the kernel or a module there is nothing. */
#define FUNCTION_MAX (1u << 16)
/* include/linux/seqlock_types.h: seqlock_t, the spinlock's place */
#define SEQLOCK_OFFSET 4

struct symbol {
	uint64_t address;
	bool is_code;
	char *name;
};

struct dcm_kernel_symbols {
	struct symbol *symbol; /* by address, those without one left out */
	size_t count, room;
};

void dcm_kernel_symbols_destroy(struct dcm_kernel_symbols *symbols)
{
	if (!symbols)
		return;
	for (size_t i = 0; i < symbols->count; i++)
		free(symbols->symbol[i].name);
	free(symbols->symbol);
	free(symbols);
}
DCM_DEFINE_CLEANUP(struct dcm_kernel_symbols, dcm_kernel_symbols_destroy)

static int order(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return DCM_COMPARE(x->address, y->address);
}

static int take_line(struct dcm_kernel_symbols *symbols, const char *text, size_t len)
{
	struct dcm_kallsyms_symbol line;
	struct symbol symbol;
	int err;

	if (dcm_kallsyms_line((struct dcm_span){text, len}, &line) || !line.address)
		return 0;
	symbol.address = line.address;
	symbol.is_code = tolower((unsigned char)line.type) == 't' ||
			 tolower((unsigned char)line.type) == 'w';
	symbol.name = strndup(line.name.at, line.name.len);
	err = symbol.name ? DCM_APPEND(symbols, symbol, &symbol) : -ENOMEM;
	if (err)
		free(symbol.name);
	return err;
}

int dcm_kernel_symbols_read(const char *root, struct dcm_kernel_symbols **ret)
{
	_cleanup_(dcm_kernel_symbols_destroyp) struct dcm_kernel_symbols *symbols =
		calloc(1, sizeof(*symbols));
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	char path[4096];
	size_t size = 0;
	ssize_t len;
	int err = 0;

	if (!symbols)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/proc/kallsyms", root);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!err && (len = getline(&line, &size, file)) >= 0)
		err = take_line(symbols, line, DCM_EXCESS((size_t)len, (size_t)1));
	if (err)
		return err;
	if (!symbols->count)
		return -ENODATA;
	qsort(symbols->symbol, symbols->count, sizeof(*symbols->symbol), order);
	*ret = dcm_take_ptr(symbols);
	return 0;
}

/* The last one that begins at @address or before. */
static const struct symbol *find(const struct dcm_kernel_symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols->symbol[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &symbols->symbol[low - 1] : NULL;
}

const char *dcm_kernel_symbols_variable(const struct dcm_kernel_symbols *symbols, uint64_t address)
{
	const struct symbol *symbol = find(symbols, address);
	uint64_t offset = symbol ? address - symbol->address : 0;

	return symbol && !symbol->is_code && (!offset || offset == SEQLOCK_OFFSET) ? symbol->name
										   : NULL;
}

/* Their slow paths, what these are called by, and BPF. */
static bool is_locking(const char *function)
{
	static const char *const begin[] = {
		"bpf_",	    "__bpf",	    "trace_",	   "__traceiter_", "native_queued_",
		"queued_",  "__pv_",	    "pv_",	   "_raw_",	   "__raw_",
		"do_raw_",  "rwsem_",	    "down_",	   "up_",	   "mutex_",
		"__mutex_", "ww_mutex_",    "__ww_mutex_", "rt_mutex_",	   "__rt_mutex_",
		"rt_spin_", "rt_write_",    "rt_read_",	   "rtlock_",	   "rwbase_",
		"__rwbase", "percpu_down_", "__percpu_",   "lockref_",	   "osq_",
		"__down_",  "__down",	    "arch_",	   "xen_",	   "kvm_",
		"__lock_",
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(begin); i++)
		if (strncmp(function, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

const char *dcm_kernel_symbols_caller(const struct dcm_kernel_symbols *symbols,
				      const unsigned long long *stack, size_t frames)
{
	for (size_t i = 0; i < frames; i++) {
		const struct symbol *symbol = find(symbols, stack[i]);

		if (symbol && symbol->is_code && stack[i] - symbol->address < FUNCTION_MAX &&
		    !is_locking(symbol->name))
			return symbol->name;
	}
	return NULL;
}
