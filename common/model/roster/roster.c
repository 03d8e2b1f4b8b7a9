// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/roster/roster.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/model/roster/roster_private.h"

/* Samples after the start that an entry waits for its superblock: one may have missed it. */
#define PATIENCE 2

/* ---- entries ---- */

int dcm_roster_create(struct dcm_roster **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

static void free_entry(struct dcm_roster_entry *entry)
{
	free(entry->name);
	free(entry);
}

static void stop_waiting(struct dcm_roster *roster, struct dcm_roster_entry *entry)
{
	if (entry->waiting)
		HASH_DELETE(hh_waiting, roster->waiting, entry);
	entry->waiting = false;
}

void dcm_roster_drop(struct dcm_roster *roster, struct dcm_roster_entry *entry)
{
	stop_waiting(roster, entry);
	HASH_DEL(roster->by_name, entry);
	roster->idle -= !entry->present;
	roster->changed = true;
	free_entry(entry);
}

void dcm_roster_clear(struct dcm_roster *roster)
{
	struct dcm_roster_entry *entry, *next;

	HASH_ITER (hh, roster->by_name, entry, next)
		dcm_roster_drop(roster, entry);
}

void dcm_roster_destroy(struct dcm_roster *roster)
{
	if (!roster)
		return;
	dcm_roster_clear(roster);
	free(roster);
}

struct dcm_roster_entry *dcm_roster_add(struct dcm_roster *roster, uint32_t number,
					enum dcm_named named, const char *name)
{
	struct dcm_roster_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->number = number;
	entry->named = named;
	entry->name = strdup(name);
	if (entry->name)
		HASH_ADD_KEYPTR(hh, roster->by_name, entry->name, strlen(entry->name), entry);
	if (!DCM_HASH_TAKEN(entry)) {
		free_entry(entry);
		return NULL;
	}
	roster->idle++;
	return entry;
}

int dcm_roster_wait(struct dcm_roster *roster, struct dcm_roster_entry *entry)
{
	HASH_ADD(hh_waiting, roster->waiting, identity.fingerprint,
		 sizeof(entry->identity.fingerprint), entry);
	entry->waiting = entry->hh_waiting.tbl != NULL;
	return entry->waiting ? 0 : -ENOMEM;
}

struct dcm_roster_entry *dcm_roster_find(const struct dcm_roster *roster, const char *name)
{
	struct dcm_roster_entry *entry;

	HASH_FIND_STR(roster->by_name, name, entry);
	return entry;
}

bool dcm_roster_lasts(const struct dcm_roster_entry *entry)
{
	return entry->named == DCM_NAMED_BY_MOUNT ||
	       (entry->named == DCM_NAMED_BY_DEVICE && entry->dev_major);
}

/* ---- coming ---- */

static struct dcm_roster_entry *take(struct dcm_roster *roster, struct dcm_roster_entry *entry,
				     const struct dcm_roster_guest *guest)
{
	stop_waiting(roster, entry);
	roster->idle -= !entry->present;
	roster->changed = true;
	entry->present = true;
	entry->this_boot = true;
	entry->dev_major = guest->dev_major;
	entry->dev_minor = guest->dev_minor;
	entry->identity = guest->identity;
	return entry;
}

struct dcm_roster_entry *dcm_roster_claim(struct dcm_roster *roster,
					  const struct dcm_roster_guest *guest)
{
	struct dcm_roster_entry *entry;

	if (!roster->waiting || !guest->identity.fingerprint)
		return NULL;
	HASH_FIND(hh_waiting, roster->waiting, &guest->identity.fingerprint,
		  sizeof(guest->identity.fingerprint), entry);
	if (!entry || entry->dev_major != guest->dev_major ||
	    entry->dev_minor != guest->dev_minor ||
	    !dcm_superblock_name_is_of(entry->name, guest->fstype) ||
	    !dcm_reclaim_may_be_same(&entry->identity, &guest->identity))
		return NULL;
	return take(roster, entry, guest);
}

/* Whether no superblock that is there has @name; one that is gone gives it away. */
static bool is_free(struct dcm_roster *roster, const char *name)
{
	struct dcm_roster_entry *entry = dcm_roster_find(roster, name);

	if (entry && entry->present)
		return false;
	if (entry)
		dcm_roster_drop(roster, entry);
	return true;
}

__attribute__((format(printf, 3, 4))) static void put_suffix(char name[DCM_SUPERBLOCK_NAME_SIZE],
							     size_t len, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(name + len, DCM_SUPERBLOCK_NAME_SIZE - len, fmt, args);
	va_end(args);
}

/* As many digits more of a container's id as it takes. False: it is no container's, or not even all
 * of them help. */
static bool set_longer(struct dcm_roster *roster, const struct dcm_roster_guest *guest,
		       char name[DCM_SUPERBLOCK_NAME_SIZE])
{
	char longer[DCM_SUPERBLOCK_NAME_SIZE];

	for (unsigned digits = DCM_CONTAINER_ID_SHOWN + 1;
	     dcm_superblock_name_longer(guest->fstype, guest->mountpoint, digits, longer); digits++)
		if (is_free(roster, longer)) {
			strcpy(name, longer);
			return true;
		}
	return false;
}

/* Makes @name, which another has, one that none has. */
static void set_apart(struct dcm_roster *roster, const struct dcm_roster_guest *guest,
		      uint32_t number, char name[DCM_SUPERBLOCK_NAME_SIZE])
{
	size_t len = strlen(name);

	if (set_longer(roster, guest, name))
		return;
	put_suffix(name, len, ":%u:%u", guest->dev_major, guest->dev_minor);
	if (is_free(roster, name))
		return;
	/* Whoever made a mount point of that name has to stop somewhere: one try per entry. */
	for (unsigned i = 1; i <= HASH_COUNT(roster->by_name) + 1; i++) {
		put_suffix(name, len, "#%u.%u", number, i);
		if (is_free(roster, name))
			return;
	}
}

/* A new entry for @guest under @number, with the best name that is free. */
static struct dcm_roster_entry *add_guest(struct dcm_roster *roster, uint32_t number,
					  const struct dcm_roster_guest *guest)
{
	char name[DCM_SUPERBLOCK_NAME_SIZE];
	enum dcm_named named = dcm_superblock_name(guest->fstype, guest->dev_major,
						   guest->dev_minor, guest->mountpoint, name);
	struct dcm_roster_entry *entry;

	if (!is_free(roster, name)) {
		set_apart(roster, guest, number, name);
		named = DCM_NAMED_APART;
	}
	entry = dcm_roster_add(roster, number, named, name);
	return entry ? take(roster, entry, guest) : NULL;
}

struct dcm_roster_entry *dcm_roster_enter(struct dcm_roster *roster,
					  const struct dcm_roster_guest *guest)
{
	char name[DCM_SUPERBLOCK_NAME_SIZE];
	struct dcm_roster_entry *entry;

	dcm_superblock_name(guest->fstype, guest->dev_major, guest->dev_minor, guest->mountpoint,
			    name);
	entry = dcm_roster_find(roster, name);
	if (entry && !entry->present && !entry->this_boot)
		return take(roster, entry, guest);
	if (roster->last == UINT32_MAX)
		return NULL;
	entry = add_guest(roster, roster->last + 1, guest);
	if (entry)
		roster->last++;
	return entry;
}

/* ---- staying and leaving ---- */

bool dcm_roster_wants_mount(const struct dcm_roster_entry *entry)
{
	return entry->named == DCM_NAMED_BY_DEVICE;
}

struct dcm_roster_entry *dcm_roster_refresh(struct dcm_roster *roster,
					    struct dcm_roster_entry *entry,
					    const struct dcm_roster_guest *guest)
{
	struct dcm_roster_entry *renamed;

	entry->identity = guest->identity;
	if (!guest->mountpoint || !dcm_roster_wants_mount(entry))
		return entry;
	renamed = add_guest(roster, entry->number, guest);
	if (!renamed)
		return entry;
	dcm_roster_drop(roster, entry);
	return renamed;
}

void dcm_roster_leave(struct dcm_roster *roster, struct dcm_roster_entry *entry)
{
	if (!dcm_roster_lasts(entry)) {
		dcm_roster_drop(roster, entry);
		return;
	}
	/* Its memory may soon be another's. */
	entry->identity = (struct dcm_reclaim_identity){0};
	entry->present = false;
	roster->idle++;
	roster->changed = true;
}

static void give_up_waiting(struct dcm_roster *roster)
{
	struct dcm_roster_entry *entry, *next;

	HASH_ITER (hh_waiting, roster->waiting, entry, next) {
		stop_waiting(roster, entry);
		entry->identity = (struct dcm_reclaim_identity){0};
		if (!dcm_roster_lasts(entry))
			dcm_roster_drop(roster, entry);
	}
}

void dcm_roster_settle(struct dcm_roster *roster)
{
	struct dcm_roster_entry *entry, *next;

	if (roster->waiting && ++roster->settled >= PATIENCE)
		give_up_waiting(roster);
	if (roster->idle <= DCM_ROSTER_MAX_IDLE)
		return;
	HASH_ITER (hh, roster->by_name, entry, next)
		if (!entry->present && !entry->waiting && roster->idle > DCM_ROSTER_MAX_IDLE)
			dcm_roster_drop(roster, entry);
}

/* ---- reading ---- */

uint32_t dcm_roster_number(const struct dcm_roster_entry *entry)
{
	return entry->number;
}

const char *dcm_roster_name(const struct dcm_roster_entry *entry)
{
	return entry->name;
}

bool dcm_roster_take_change(struct dcm_roster *roster)
{
	bool changed = roster->changed;

	roster->changed = false;
	return changed;
}
