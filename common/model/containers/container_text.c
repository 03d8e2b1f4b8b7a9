// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/containers/container_text.h"

#include <stdio.h>
#include <string.h>

#include "common/base/minmax.h"

struct writer {
	char *out;
	size_t size, len;
};

/* As far as there is room. */
static void append(struct writer *w, const char *text)
{
	size_t fits = DCM_MIN(strlen(text), w->size - 1 - w->len);

	memcpy(w->out + w->len, text, fits);
	w->len += fits;
	w->out[w->len] = '\0';
}

/* Pod and namespace come before the name, as in a path. */
static void append_name(struct writer *w, const char *part)
{
	if (!*part)
		return;
	if (w->len)
		append(w, "/");
	append(w, part);
}

struct dcm_container_words dcm_container_words(const struct dcm_snapshot *snapshot,
					       const struct dcm_snap_container *container)
{
	return (struct dcm_container_words){
		.runtime = dcm_snapshot_str(snapshot, container->runtime),
		.id = dcm_snapshot_str(snapshot, container->id),
		.name = dcm_snapshot_str(snapshot, container->name),
		.pod = dcm_snapshot_str(snapshot, container->pod),
		.namespace = dcm_snapshot_str(snapshot, container->namespace),
	};
}

static const char *known(const char *text)
{
	return text ? text : "";
}

struct dcm_container_words dcm_container_words_of(const struct dcm_container *container,
						  char id[DCM_CONTAINER_ID_SIZE])
{
	size_t shown = container->id ? dcm_container_id_shown(container->id) : 0;

	snprintf(id, DCM_CONTAINER_ID_SIZE, "%.*s", (int)shown, known(container->id));
	return (struct dcm_container_words){
		.runtime = dcm_runtime_name(container->runtime),
		.id = id,
		.name = known(container->name),
		.pod = known(container->pod),
		.namespace = known(container->namespace),
	};
}

static void write_name(const struct dcm_container_words *words, struct writer *w)
{
	*w->out = '\0';
	append_name(w, words->namespace);
	append_name(w, words->pod);
	append_name(w, words->name);
}

bool dcm_container_name(const struct dcm_container_words *words, char *out, size_t size)
{
	struct writer w = {.out = out, .size = size};

	write_name(words, &w);
	return w.len > 0;
}

bool dcm_container_text(const struct dcm_container_words *words, char *out, size_t size)
{
	struct writer w = {.out = out, .size = size};
	/* A name that is the id as well is said once. */
	const char *id = strcmp(words->id, words->name) ? words->id : "";
	bool named;

	write_name(words, &w);
	named = w.len > 0;
	if (!*words->runtime && !*id)
		return named;
	append(&w, named ? " (" : "");
	append(&w, words->runtime);
	append(&w, *words->runtime && *id ? " " : "");
	append(&w, id);
	append(&w, named ? ")" : "");
	return true;
}

bool dcm_process_text(const struct dcm_snapshot *snapshot,
		      const struct dcm_snap_superblock *superblock, char *out, size_t size)
{
	*out = '\0';
	if (!DCM_ROW_HAS(superblock, process_pid))
		return false;
	snprintf(out, size, "of process %u (%s)", superblock->process_pid,
		 dcm_snapshot_str(snapshot, superblock->process_command));
	return true;
}
