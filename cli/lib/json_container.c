// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/json_container.h"

#include "common/model/containers/container_text.h"

static void add_members(struct json_writer *w, const struct dcm_container *container)
{
	char id[DCM_CONTAINER_ID_SIZE];
	const struct dcm_container_words words = dcm_container_words_of(container, id);

	json_text_if(w, "runtime", words.runtime);
	json_text_if(w, "id", words.id);
	json_text_if(w, "name", words.name);
	json_text(w, "image", container->image);
	json_text_if(w, "pod", words.pod);
	json_text_if(w, "namespace", words.namespace);
}

void json_container(struct json_writer *w, const struct dcm_container *container)
{
	if (!container || (!container->runtime && !container->id)) {
		json_null(w, "container");
		return;
	}
	json_open_object(w, "container");
	add_members(w, container);
	json_close(w);
}
