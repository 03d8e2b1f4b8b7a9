// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/parse/kallsyms.h"

static const struct symbol {
	const char *name;
	size_t at;
} wanted[] = {
	{"dentry_hashtable", offsetof(struct dcm_kcore_symbols, dentry_hashtable)},
	{"d_hash_shift", offsetof(struct dcm_kcore_symbols, d_hash_shift)},
	{"d_hash_mask", offsetof(struct dcm_kcore_symbols, d_hash_mask)},
	{"super_blocks", offsetof(struct dcm_kcore_symbols, super_blocks)},
	{"init_net", offsetof(struct dcm_kcore_symbols, init_net)},
	{"net_namespace_list", offsetof(struct dcm_kcore_symbols, net_namespace_list)},
};

/* Takes one line; true when it names a variable that is wanted, whose address may be hidden. The
 * kernel's own come first: a module's of the same name is left out. */
static bool take_line(const char *line, struct dcm_kcore_symbols *symbols)
{
	struct dcm_kallsyms_symbol symbol;

	if (dcm_kallsyms_line((struct dcm_span){line, strcspn(line, "\n")}, &symbol) ||
	    strchr(line, '['))
		return false;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(wanted); i++) {
		uint64_t *to = (uint64_t *)(void *)((char *)symbols + wanted[i].at);

		if (!dcm_span_equals(symbol.name, wanted[i].name))
			continue;
		if (!*to)
			*to = symbol.address;
		return true;
	}
	return false;
}

static bool is_complete(const struct dcm_kcore_symbols *symbols)
{
	return symbols->dentry_hashtable && symbols->d_hash_shift && symbols->super_blocks;
}

int dcm_kcore_symbols_read(const char *path, struct dcm_reason *reason,
			   struct dcm_kcore_symbols *ret)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct dcm_kcore_symbols symbols = {0};
	unsigned found = 0;
	char line[512];

	if (!f)
		return dcm_reason_set(reason, errno == EACCES || errno == EPERM ? -EPERM : -errno,
				      "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f))
		found += take_line(line, &symbols);
	if (is_complete(&symbols)) {
		*ret = symbols;
		return 0;
	}
	if (found >= 3)
		return dcm_reason_set(reason, -EPERM,
				      "%s hides addresses: needs CAP_SYSLOG, and "
				      "kernel.kptr_restrict below 2",
				      path);
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "%s has no variables of the dentry cache: the kernel needs "
			      "CONFIG_KALLSYMS_ALL",
			      path);
}
