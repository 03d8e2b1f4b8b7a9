/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The UUID that the kernel makes at every boot: random(4), /proc/sys/kernel/random/boot_id. */
#ifndef DCM_KERNEL_BOOT_ID_H
#define DCM_KERNEL_BOOT_ID_H

#define DCM_BOOT_ID_SIZE 37

/* "" if it cannot be read below @root ("" for the live system) or is none. */
void dcm_boot_id_read(const char *root, char ret[DCM_BOOT_ID_SIZE]);

#endif
