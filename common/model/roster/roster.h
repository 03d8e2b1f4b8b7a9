/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers and names of superblocks, which managers keep history by. A number is never given to
 * another superblock; names are unique among those that are there at one moment. Pure.
 *
 * Who is recognised after a restart of the daemon (roster_state.h):
 * - within one boot: the superblock with the same fingerprint, device and type, unless all of its
 *   mounts are younger than what was saved;
 * - in another boot: the one with the same name, if that names a mount point or a block device.
 *   What is only known by a device number that the kernel gives out afresh ("proc:0:54") is not.
 *
 * A name stays while the superblock lives, also when it is mounted elsewhere or nowhere any more.
 * The one exception: a superblock named by its device gets the name of its mount point when there
 * is one. Of several with one name the first has it, others have more digits of their container's
 * id, or their device behind it; only the first is recognised in another boot.
 */
#ifndef DCM_MODEL_ROSTER_H
#define DCM_MODEL_ROSTER_H

#include "common/model/reclaim/reclaim_identity.h"
#include "common/model/roster/superblock_name.h"

struct dcm_roster;
struct dcm_roster_entry;

/* A superblock as it is now. */
struct dcm_roster_guest {
	const char *fstype;
	uint32_t dev_major, dev_minor;
	const char *mountpoint; /* raw bytes; NULL: not mounted, or not known */
	struct dcm_reclaim_identity identity;
};

int dcm_roster_create(struct dcm_roster **ret);
void dcm_roster_destroy(struct dcm_roster *roster);

/*
 * The entry that @guest had before the daemon restarted in this boot; NULL: none. To be asked for
 * all new superblocks of a sample before any of them enters: a newcomer may want a name that one
 * of them has.
 */
struct dcm_roster_entry *dcm_roster_claim(struct dcm_roster *roster,
					  const struct dcm_roster_guest *guest);

/* An entry for a superblock that claimed none, from an earlier boot or a new one. NULL: no memory,
 * or no number is left. */
struct dcm_roster_entry *dcm_roster_enter(struct dcm_roster *roster,
					  const struct dcm_roster_guest *guest);

/* Whether the entry would take a better name from a mount point. */
bool dcm_roster_wants_mount(const struct dcm_roster_entry *entry);

/* Takes what may have changed of @entry's superblock. Returns the entry to use from now on. */
struct dcm_roster_entry *dcm_roster_refresh(struct dcm_roster *roster,
					    struct dcm_roster_entry *entry,
					    const struct dcm_roster_guest *guest);

/* The superblock is gone: @entry ends. A name that lasts keeps its number for the next boot. */
void dcm_roster_leave(struct dcm_roster *roster, struct dcm_roster_entry *entry);

/* The sample is complete: forgets what two of them did not have, and the oldest of too many. */
void dcm_roster_settle(struct dcm_roster *roster);

uint32_t dcm_roster_number(const struct dcm_roster_entry *entry);

/* Valid until the entry is refreshed or leaves. */
const char *dcm_roster_name(const struct dcm_roster_entry *entry);

/* Whether there is something to save since the last call. */
bool dcm_roster_take_change(struct dcm_roster *roster);

#endif
