// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The container that a superblock, chain or directory belongs to: in texts, and as a target of
 * rules. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/model/alarms/alarm_engine.h"
#include "common/model/containers/container_text.h"
#include "common/model/metrics/text.h"

typedef const struct dcm_alarm_view view_t;

static struct dcm_container_words words_of(view_t *view, const struct dcm_snap_container *container)
{
	const struct dcm_alarm_input *input = view->input;

	return (struct dcm_container_words){
		.runtime = dcm_alarm_input_str(input, container->runtime),
		.id = dcm_alarm_input_str(input, container->id),
		.name = dcm_alarm_input_str(input, container->name),
		.pod = dcm_alarm_input_str(input, container->pod),
		.namespace = dcm_alarm_input_str(input, container->namespace),
	};
}

/* ---- texts ---- */

void dcm_alarm_note_container(view_t *view, const char *before,
			      const struct dcm_snap_container *container, char *buf, size_t size)
{
	const struct dcm_container_words words = words_of(view, container);
	char name[DCM_CONTAINER_TEXT_SIZE], note[DCM_CONTAINER_TEXT_SIZE + 160];
	bool named;

	*buf = '\0';
	if (!*words.id && !*words.pod)
		return;
	named = dcm_container_name(&words, name, sizeof(name));
	snprintf(note, sizeof(note), "%s%s%s%.16s%s%.128s", before, name, named ? ", " : "",
		 words.runtime, *words.runtime ? " " : "", words.id);
	dcm_text_escape(DCM_TEXT_SAFE, note, buf, size);
}

/* That of a row of @section, by where such a row has its number and its container. */
static void note_row(view_t *view, enum dcm_section section, uint32_t number, size_t number_offset,
		     size_t container_offset, char *buf, size_t size)
{
	const size_t row_size = dcm_section_row_size(section);
	const char *row = view->input->rows[section];

	for (size_t i = 0; i < view->input->count[section]; i++, row += row_size)
		if (*(const uint32_t *)(row + number_offset) == number)
			dcm_alarm_note_container(view, ", container ",
						 (const void *)(row + container_offset), buf, size);
}

void dcm_alarm_note_superblock(view_t *view, uint32_t index, char *buf, size_t size)
{
	note_row(view, DCM_SEC_SUPERBLOCKS, index, offsetof(struct dcm_snap_superblock, index),
		 offsetof(struct dcm_snap_superblock, container), buf, size);
}

void dcm_alarm_note_chain(view_t *view, uint32_t index, char *buf, size_t size)
{
	note_row(view, DCM_SEC_CHAINS, index, offsetof(struct dcm_snap_chain, rank),
		 offsetof(struct dcm_snap_chain, container), buf, size);
}

/* ---- targets ---- */

static const struct dcm_snap_container *container_of(const struct dcm_alarm_sample *sample)
{
	if (sample->row && sample->section == DCM_SEC_SUPERBLOCKS)
		return &((const struct dcm_snap_superblock *)sample->row)->container;
	if (sample->row && sample->section == DCM_SEC_CHAINS)
		return &((const struct dcm_snap_chain *)sample->row)->container;
	if (sample->row && sample->section == DCM_SEC_DIRECTORIES)
		return &((const struct dcm_snap_directory *)sample->row)->container;
	return NULL;
}

static void add(const char *text, struct dcm_alarm_names *names)
{
	static const char prefix[] = "container:";
	char *to = names->text[names->count];

	if (!*text || strlen(prefix) + strlen(text) >= sizeof(names->text[0]))
		return;
	stpcpy(stpcpy(to, prefix), text);
	names->name[names->count++] = to;
}

void dcm_alarm_container_names(view_t *view, const struct dcm_alarm_sample *sample,
			       struct dcm_alarm_names *ret)
{
	const struct dcm_snap_container *container = container_of(sample);
	char whole[DCM_CONTAINER_TEXT_SIZE];
	struct dcm_container_words words;

	if (!container)
		return;
	words = words_of(view, container);
	add(words.name, ret);
	if (dcm_container_name(&words, whole, sizeof(whole)) && strcmp(whole, words.name) != 0)
		add(whole, ret);
	add(words.id, ret);
}
