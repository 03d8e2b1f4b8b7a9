/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Inside of the roster, for roster*.c. */
#ifndef DCM_MODEL_ROSTER_PRIVATE_H
#define DCM_MODEL_ROSTER_PRIVATE_H

#include "common/base/hash_table.h"
#include "common/model/roster/roster.h"

/* Entries without a superblock that are kept for the next boot. */
#define DCM_ROSTER_MAX_IDLE 1024

struct dcm_roster_entry {
	uint32_t number;
	enum dcm_named named;
	char *name;
	uint32_t dev_major, dev_minor;
	struct dcm_reclaim_identity identity; /* fingerprint 0: it cannot be claimed */
	bool present;			      /* its superblock is there */
	bool waiting;			      /* for its superblock, since the start */
	bool this_boot;
	UT_hash_handle hh;	   /* by name */
	UT_hash_handle hh_waiting; /* by identity.fingerprint */
};

struct dcm_roster {
	struct dcm_roster_entry *by_name; /* all, the oldest first */
	struct dcm_roster_entry *waiting;
	size_t idle; /* not present */
	unsigned settled;
	uint32_t last; /* highest number given */
	bool changed;
};

/* Adds an entry that is not present; NULL: no memory. @number is the caller's to choose. */
struct dcm_roster_entry *dcm_roster_add(struct dcm_roster *roster, uint32_t number,
					enum dcm_named named, const char *name);

void dcm_roster_drop(struct dcm_roster *roster, struct dcm_roster_entry *entry);

/* Drops all entries; the highest number stays. */
void dcm_roster_clear(struct dcm_roster *roster);

/* It waits for the superblock with its fingerprint. */
int dcm_roster_wait(struct dcm_roster *roster, struct dcm_roster_entry *entry);

struct dcm_roster_entry *dcm_roster_find(const struct dcm_roster *roster, const char *name);

/* Whether its name says the same thing in another boot. */
bool dcm_roster_lasts(const struct dcm_roster_entry *entry);

#endif
