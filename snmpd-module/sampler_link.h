/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way from snmpd to the sampler's snapshot socket (snapshot_memfd.h), in snmpd's own
 * loop: nothing here waits but _wait, and whatever comes is validated before it is looked at.
 * Snapshots are fetched only while somebody asks for the interface tables, or always.
 */
#ifndef DCM_MODULE_SAMPLER_LINK_H
#define DCM_MODULE_SAMPLER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/units.h"
#include "common/model/snapshot/snapshot.h"

/* A sampler that owes a snapshot for this long counts as gone. */
#define DCM_SAMPLER_SILENT_NS (10 * DCM_NSEC_PER_SEC)

/*
 * A snapshot has come (the callee owns it), nobody asks any longer (NULL), or the sampler is gone
 * (NULL, @lost): the former rows must no longer be shown.
 */
typedef void dcm_sampler_event(struct dcm_snapshot *snapshot, bool lost);

/* There is one link, as there is one snmpd. @event is called from snmpd's loop and by _tick. */
void dcm_sampler_link_init(dcm_sampler_event *event);
void dcm_sampler_link_deinit(void);

/* -ENAMETOOLONG leaves the path as it is. Takes effect with the next connection. */
int dcm_sampler_link_set_path(const char *path);

/* Fetches each snapshot, whether or not somebody asks. To be said before the first connection. */
void dcm_sampler_link_want_all(bool all);

/* Tells each sampler that snmpd reloads its interface table only when asked for it. */
void dcm_sampler_link_reload_stopped(void);

/* Tells each sampler that DCACHEMON-MIB is served, or is not. */
void dcm_sampler_link_tell_mib(bool served);

/* Asks for rows; to be repeated within DCM_SNAPSHOT_INTERFACES_SECONDS while they are used. */
void dcm_sampler_link_want(void);

/*
 * Outside snmpd's loop: waits for the next snapshot until @deadline_ns and hands it to @event.
 * False: none has come. Loss of the sampler is reported later, from snmpd's main loop.
 */
bool dcm_sampler_link_wait(uint64_t deadline_ns);

/* Connects when it is not connected, gives up a silent sampler; one that was to send all gets a
 * second chance on a new connection half-way. Call it every second or so. */
void dcm_sampler_link_tick(uint64_t now_ns);

#endif
