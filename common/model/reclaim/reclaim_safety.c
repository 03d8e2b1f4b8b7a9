// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_safety.h"

#include <stddef.h>
#include <string.h>

#include "common/model/reclaim/reclaim_filesystems.h"

/* Takes the next option off @options; its length. */
static size_t next_option(const char **options, const char **ret)
{
	size_t len = strcspn(*options, ",");

	*ret = *options;
	*options += len + ((*options)[len] == ',');
	return len;
}

bool dcm_reclaim_has_option(const char *options, const char *option)
{
	size_t len = strlen(option);
	const char *here;

	while (*options)
		if (next_option(&options, &here) == len && !strncmp(here, option, len))
			return true;
	return false;
}

/* Why @options cannot be kept; NULL. */
static const char *refusal(const struct dcm_reclaim_filesystem *filesystem, const char *options,
			   unsigned kernel)
{
	const struct dcm_reclaim_forgotten *forgotten;
	const char *here;

	while (*options) {
		size_t len = next_option(&options, &here);

		forgotten = dcm_reclaim_forgotten(filesystem, kernel, here, len);
		if (forgotten && forgotten->refusal)
			return forgotten->refusal;
	}
	return NULL;
}

/* What is said of @keeping, after the type; whether a person may insist. */
static const struct {
	const char *words;
	enum dcm_reclaim_safety safety;
} verdicts[] = {
	[DCM_RECLAIM_KEEPS] = {"is read-only here; a reconfigure could make it writable",
			       DCM_RECLAIM_FORCE},
	[DCM_RECLAIM_ASKS] = {"may ask its server when it is reconfigured, and wait for it",
			      DCM_RECLAIM_FORCE},
	[DCM_RECLAIM_RESETS] = {"falls back to its default mount options when it is reconfigured",
				DCM_RECLAIM_REFUSE},
	[DCM_RECLAIM_ERRS] = {"answers a reconfigure with an error, though its dentries are freed",
			      DCM_RECLAIM_FORCE},
};

enum dcm_reclaim_safety dcm_reclaim_judge(const char *fstype, const char *options, unsigned kernel,
					  struct dcm_reason *reason)
{
	const struct dcm_reclaim_filesystem *filesystem = dcm_reclaim_filesystem(fstype, kernel);
	const char *why = refusal(filesystem, options, kernel);

	if (!filesystem) {
		dcm_reason_set(reason, 0, "%s is not known to keep its mount options", fstype);
		return DCM_RECLAIM_FORCE;
	}
	if (why) {
		dcm_reason_set(reason, 0, "%s", why);
		return DCM_RECLAIM_REFUSE;
	}
	if (filesystem->keeping == DCM_RECLAIM_KEEPS &&
	    !(filesystem->writes && dcm_reclaim_has_option(options, "ro")))
		return DCM_RECLAIM_SAFE;
	dcm_reason_set(reason, 0, "%s %s", fstype,
		       filesystem->why ? filesystem->why : verdicts[filesystem->keeping].words);
	return verdicts[filesystem->keeping].safety;
}
