// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/numbers_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/files/boot_id.h"
#include "common/kernel/files/state_file.h"
#include "common/kernel/files/state_writer.h"
#include "common/model/roster/roster_state.h"

struct dcm_numbers {
	struct dcm_roster *roster;
	char path[DCM_PATH_SIZE + 32]; /* "": nothing is kept */
	char boot[DCM_BOOT_ID_SIZE];
	struct dcm_state_pace pace;
	struct dcm_state_writer writer;
};

/* Minutes since 1970: more than any host has had superblocks in its life, but for those that make
 * one every minute for decades. */
static uint32_t above_all(void)
{
	return (uint32_t)(dcm_clock_ns(CLOCK_REALTIME) / (60 * DCM_NSEC_PER_SEC));
}

static int load(struct dcm_numbers *numbers, struct dcm_reason *ret_reason)
{
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason why = {""};
	size_t size;
	int err =
		dcm_state_file_read(numbers->path, DCM_ROSTER_STATE_MAX_SIZE, &why, &bytes, &size);

	if (!err)
		err = dcm_roster_load(numbers->roster, bytes, size, numbers->boot, &why);
	if (!err || err == -ENOENT || err == -ENOMEM)
		return err == -ENOMEM ? err : 0;
	dcm_reason_set(ret_reason, 0, "superblocks get new numbers, above %u: %s: %s",
		       dcm_roster_begin_above(numbers->roster, above_all()), DCM_NUMBERS_STATE_FILE,
		       why.text);
	return 0;
}

int dcm_numbers_create(const struct dcm_config *config, struct dcm_roster *roster,
		       struct dcm_reason *ret_reason, struct dcm_numbers **ret)
{
	_cleanup_free_ struct dcm_numbers *numbers = calloc(1, sizeof(*numbers));
	const char *folder = config->state.folder;
	int err = 0;

	if (!numbers)
		return -ENOMEM;
	ret_reason->text[0] = '\0';
	numbers->roster = roster;
	dcm_boot_id_read(config->sampling.root, numbers->boot);
	if (folder[0] && access(folder, W_OK | X_OK) < 0) {
		dcm_reason_set(ret_reason, 0,
			       "superblocks will not keep their numbers over a "
			       "restart: %s: %s",
			       folder, strerror(errno));
	} else if (folder[0]) {
		snprintf(numbers->path, sizeof(numbers->path), "%s/%s", folder,
			 DCM_NUMBERS_STATE_FILE);
		err = load(numbers, ret_reason);
	}
	if (!err)
		*ret = dcm_take_ptr(numbers);
	return err;
}

static int start_write(struct dcm_numbers *numbers, bool stopping)
{
	char *text;
	size_t size;
	int err = dcm_roster_save(numbers->roster, numbers->boot, stopping, &text, &size);

	return err ? err : dcm_state_writer_start(&numbers->writer, numbers->path, text, size);
}

int dcm_numbers_flush(struct dcm_numbers *numbers, uint64_t now_ns, struct dcm_reason *reason)
{
	int err;

	if (!numbers->path[0])
		return 0;
	if (dcm_roster_take_change(numbers->roster))
		dcm_state_pace_change(&numbers->pace);
	if (dcm_state_writer_busy(&numbers->writer, reason, &err))
		return 1;
	if (err)
		dcm_state_pace_change(&numbers->pace);
	if (!dcm_state_pace_due(&numbers->pace, now_ns))
		return err ? err : numbers->writer.err != 0;
	if (start_write(numbers, false) < 0 && !err)
		err = dcm_reason_set(reason, -ENOMEM, "cannot write the numbers of superblocks");
	return err ? err : 1;
}

void dcm_numbers_destroy(struct dcm_numbers *numbers)
{
	if (!numbers)
		return;
	dcm_state_writer_finish(&numbers->writer);
	if (numbers->path[0])
		start_write(numbers, true);
	dcm_state_writer_finish(&numbers->writer);
	free(numbers);
}
