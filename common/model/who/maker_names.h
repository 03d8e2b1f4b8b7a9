/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Makers of network namespaces as a person calls them: programs, not what those call their
 * children. Pure; raw bytes. */
#ifndef DCM_MODEL_MAKER_NAMES_H
#define DCM_MODEL_MAKER_NAMES_H

#include <stddef.h>

/* "runc" of "runc:[1:CHILD]" (libcontainer/nsenter/nsexec.c), cut at @size, which is at least 1. */
void dcm_maker_program(const char *command, char *out, size_t size);

/*
 * The text of namespaces.makers (sampling/namespace_counts.h) in programs, each once: "runc for
 * docker, ip of bash" of "runc:[1:CHILD] of runc for docker, runc:[2:INIT] of runc for docker, ip
 * of bash". Never longer than @makers; cut at @size, which is at least 1.
 */
void dcm_maker_programs(const char *makers, char *out, size_t size);

#endif
