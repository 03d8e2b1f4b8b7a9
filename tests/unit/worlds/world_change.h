/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happens to a made-up kernel while it is walked. */
#ifndef WORLD_CHANGE_H
#define WORLD_CHANGE_H

#include <linux/types.h>

struct dcm_bpf_command;

/* The chain that most changes are about; set it before the walk. */
extern __u64 world_focus;

/* One change by chance, as the kernel makes them. */
void world_change(void);

/* The nodes up to the one at @place of the focus, some of them or all, leave it. */
void world_change_behind(__u64 place);

/* The superblock that the walk of them has come to goes, and another one gets its memory. */
void world_change_at_cursor(void);

/*
 * Where all of the first nodes have left, two entries that a chain's walk keeps as anchors, and
 * that have left and come back as neighbours in the same order, cannot be told from two that
 * stayed: one of them leaves again. The first function is called behind each run of a chain's walk,
 * the other one in front, behind all changes.
 */
void world_note_anchors(const struct dcm_bpf_command *command);
void world_part_anchors(void);

/* The last two entries that a chain's walk has come to do that, once in each walk of more than one
 * run. */
void world_return_anchors(void);

/* Breaks one member of one structure: a wild pointer, a circle, a number out of range. */
void world_break(void);

/* The last node of a chain is followed by its first. */
void world_bend_chain(__u64 bucket);

#endif
