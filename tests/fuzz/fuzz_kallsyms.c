// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * /proc/kallsyms: a line of it, and the two that read it all. What they find must be in the text,
 * and by its own address again.
 */
#include <errno.h>
#include <stdint.h>

#include "common/kernel/kcore/kcore_symbols.h"
#include "common/kernel/who/kernel_symbols.h"
#include "common/parse/kallsyms.h"
#include "tests/fuzz/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A NUL, which the kernel writes nowhere, ends a name: @whole is false then. */
static void check_line(struct dcm_span line, const struct dcm_kernel_symbols *symbols, bool whole)
{
	struct dcm_kallsyms_symbol symbol;
	unsigned long long stack[2] = {0};
	const char *name;

	if (dcm_kallsyms_line(line, &symbol))
		return;
	require(symbol.name.len && symbol.name.at >= line.at &&
		symbol.name.at + symbol.name.len <= line.at + line.len);
	require(!memchr(symbol.name.at, ' ', symbol.name.len) && symbol.type != ' ');
	if (!symbols)
		return;
	stack[0] = symbol.address + 1;
	stack[1] = symbol.address;
	name = dcm_kernel_symbols_variable(symbols, symbol.address);
	require(!name || *name || !whole);
	name = dcm_kernel_symbols_caller(symbols, stack, 2);
	require(!name || strlen(name) < 65536);
}

static void check_variables(const char *path)
{
	struct dcm_kcore_symbols found;
	struct dcm_reason reason = {""};
	int err = dcm_kcore_symbols_read(path, &reason, &found);

	require(!err || err == -EPERM || err == -EOPNOTSUPP);
	require(err ? *reason.text != '\0'
		    : found.dentry_hashtable && found.d_hash_shift && found.super_blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcm_kernel_symbols *symbols = NULL;
	/* of exactly its length: a sanitizer sees one byte too far */
	char *text = malloc(size ? size : 1), path[256];
	struct dcm_span rest = {text, size}, line;
	int err;

	require(text);
	if (size)
		memcpy(text, data, size);
	scratch_write("/proc/kallsyms", data, size);
	err = dcm_kernel_symbols_read(scratch_root(), &symbols);
	require(!err || err == -ENODATA);
	while (dcm_span_line(&rest, &line))
		check_line(line, symbols, !memchr(text, '\0', size));
	check_variables(scratch_path("/proc/kallsyms", path));
	dcm_kernel_symbols_destroy(symbols);
	free(text);
	return 0;
}
