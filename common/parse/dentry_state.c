// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/dentry_state.h"

#include <errno.h>

#include "common/parse/number.h"

/*
 * /proc/sys/fs/dentry-state (fs/dcache.c, struct dentry_stat_t): one line of longs
 *
 *	nr_dentry nr_unused age_limit want_pages nr_negative dummy
 *
 * Before 5.0 (af0c9af1b3f6) the last two were dummy[2], always 0. What comes after the sixth
 * number is left to the future.
 */
enum { DENTRIES, UNUSED, AGE_LIMIT, WANT_PAGES, NEGATIVE, NEEDED, DUMMY = NEEDED, FIELDS };

static int parse_fields(struct dcm_span line, int64_t field[static FIELDS])
{
	struct dcm_span word;
	int i, err;

	for (i = 0; i < FIELDS && dcm_span_word(&line, &word); i++) {
		err = dcm_number_i64(word, &field[i]);
		if (err)
			return err;
	}
	return i < NEEDED ? -EINVAL : 0;
}

int dcm_dentry_state_parse(const char *text, size_t len, bool counts_negative,
			   struct dcm_dentry_state *ret)
{
	struct dcm_span rest = {text, len}, line;
	int64_t field[FIELDS];
	int err;

	if (!dcm_span_line(&rest, &line))
		return -EINVAL;
	err = parse_fields(line, field);
	if (err)
		return err;
	*ret = (struct dcm_dentry_state){
		.has_dentries = field[DENTRIES] >= 0,
		.has_unused = field[UNUSED] >= 0,
		.has_negative = field[NEGATIVE] > 0 || (counts_negative && !field[NEGATIVE]),
		.below_zero = field[DENTRIES] < 0 || field[UNUSED] < 0 || field[NEGATIVE] < 0,
		.dentries = field[DENTRIES],
		.unused = field[UNUSED],
		.negative = field[NEGATIVE],
	};
	return 0;
}
