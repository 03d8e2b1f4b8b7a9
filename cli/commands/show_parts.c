// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/show_parts.h"

#include "cli/lib/output.h"
#include "common/base/cleanup.h"

const void *show_row(const struct show *p, enum dcm_section section, size_t i)
{
	return dcm_snapshot_row(p->snapshot, section, i);
}

size_t show_rows(const struct show *p, enum dcm_section section)
{
	return dcm_snapshot_count(p->snapshot, section);
}

void show_title(const struct show *p, const char *text, size_t shown, size_t all)
{
	fprintf(p->out, "\n%s", text);
	if (shown < all)
		fprintf(p->out, " (%zu of %zu)", shown, all);
	fputc('\n', p->out);
}

void show_missing(const struct show *p, enum dcm_source source)
{
	_cleanup_free_ char *text = NULL;
	const char *reason = "", *state = "not sampled";

	for (size_t i = 0; i < show_rows(p, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *s = show_row(p, DCM_SEC_SOURCES, i);

		if (s->index != (uint32_t)source + 1)
			continue;
		if (s->state == DCM_STATE_OK)
			state = "none";
		else
			state = dcm_source_state_name((enum dcm_source_state)s->state);
		if (DCM_ROW_HAS(s, reason))
			reason = dcm_snapshot_str(p->snapshot, s->reason);
	}
	text = output_text(reason);
	fprintf(p->out, "%s%s%s\n", state, *reason ? ": " : "", text ? text : "");
}

int show_no_table(const struct show *p, enum dcm_source source)
{
	fputs("  ", p->out);
	show_missing(p, source);
	return 0;
}

/* Strings that are absent are 0. */
bool show_is_container(const struct dcm_snap_container *container)
{
	return container->id || container->pod;
}

const char *show_container(const struct show *p, const struct dcm_snap_container *container,
			   char text[DCM_CONTAINER_TEXT_SIZE])
{
	const struct dcm_container_words words = dcm_container_words(p->snapshot, container);

	dcm_container_text(&words, text, DCM_CONTAINER_TEXT_SIZE);
	return text;
}
