/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The messages of the snapshot protocol by their first byte (snapshot_memfd.h). */
#ifndef DCM_TRANSPORT_SNAPSHOT_WIRE_H
#define DCM_TRANSPORT_SNAPSHOT_WIRE_H

#define DCM_SNAPSHOT_REQUEST	'n'
#define DCM_SNAPSHOT_SUBSCRIBE	'a'
#define DCM_SNAPSHOT_INTERFACES 'i' /* alone, or then a uint64_t */
#define DCM_SNAPSHOT_ANSWER	's'
#define DCM_SNAPSHOT_REPORT	'r' /* then a struct dcm_notify_counts */
#define DCM_SNAPSHOT_RELOAD	'e' /* then a uint32_t */
#define DCM_SNAPSHOT_MODULE	'm' /* then a uint32_t */

#endif
