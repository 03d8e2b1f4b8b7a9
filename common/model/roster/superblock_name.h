/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Name of a superblock for people and managers: "ext4:/var", "overlay:4f5bbf8e7c11", "proc:0:54".
 * Printable UTF-8 without a backslash, so that JSON and terminals show it as it is; at most
 * 255 octets as a DisplayString, so that SNMP never cuts it.
 */
#ifndef DCM_MODEL_SUPERBLOCK_NAME_H
#define DCM_MODEL_SUPERBLOCK_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DCM_SUPERBLOCK_NAME_SIZE 256
#define DCM_CONTAINER_ID_SHOWN	 12 /* digits, as docker shows them */

/* What a name rests on. Values are in the state file. */
enum dcm_named {
	DCM_NAMED_BY_MOUNT = 1,	 /* "ext4:/var" */
	DCM_NAMED_BY_DEVICE = 2, /* "proc:0:54" */
	DCM_NAMED_APART = 3,	 /* a mount point and more, as another one has that name */
};

/*
 * TYPE:MOUNTPOINT where @mountpoint (raw bytes) is not NULL, otherwise TYPE:MAJOR:MINOR. Of the
 * path to a container, known by an id of 64 hexadecimal digits, only the id's first 12 and what
 * follows stay, without "/merged" and "/rootfs". Characters that are cut or replaced leave "~" and
 * a hash of the original. Returns which of the two it is.
 */
enum dcm_named dcm_superblock_name(const char *fstype, uint32_t dev_major, uint32_t dev_minor,
				   const char *mountpoint, char ret[DCM_SUPERBLOCK_NAME_SIZE]);

/*
 * The same with the first @digits of the container's id, for where another one has the name with
 * fewer. False: the path has no id, or it has fewer digits.
 */
bool dcm_superblock_name_longer(const char *fstype, const char *mountpoint, unsigned digits,
				char ret[DCM_SUPERBLOCK_NAME_SIZE]);

/* The id of a container that @name has in place of a path, and what follows it: "4f5bbf8e7c11/m".
 * NULL: it is not named by one. */
const char *dcm_superblock_name_container(const char *name);

/* Whether @name begins as one of that type. */
bool dcm_superblock_name_is_of(const char *name, const char *fstype);

/* Whether @name may be shown as it is: what a state file has is from a disk. */
bool dcm_superblock_name_is_valid(const char *name);

#endif
