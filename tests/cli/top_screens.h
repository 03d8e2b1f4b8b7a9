/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The screens that test_top_screen.c expects, without the blanks at the ends of lines. */
#ifndef DCM_TESTS_CLI_TOP_SCREENS_H
#define DCM_TESTS_CLI_TOP_SCREENS_H

/* clang-format off */
static const char *const screen_80x24[] = {
	"dcachemon top  22:13:20  samples of dcachemon-snmp",
	"Dentries      200,007,000       +100/s  +100/s in 1 min      slab 40.0 GiB",
	"Unused        198,000,000          0/s  0/s in 1 min         99 %",
	"Negative       98,999,860       -2.0/s  -2.0/s in 1 min      49 %",
	"Missing   lookups (stuck): a server\\x1b[31m is silent",
	"Hashed        200,000,000 in 4,194,304 buckets, longest chain 2,000",
	"  ALARM*    SINCE TEXT",
	"  critical 90.0 s hash chain of /proc/sys/net/ipv6 has 2000 entries, at or abov~",
	"  UNUSED* PER-SEC NEGATIVE PER-SEC HASHED FSTYPE  SUPERBLOCK (8 of 12)",
	"> 134,280  +1,204       20       0  2,200 overlay /merged",
	"   12,000       0      120       0 13,200 tmpfs   /mnt/12",
	"   11,000       0      110       0 12,100 tmpfs   /mnt/11",
	"   10,000       0      100       0 11,000 tmpfs   /mnt/10",
	"    9,000       0       90       0  9,900 tmpfs   /mnt/9",
	"    8,000       0       80       0  8,800 tmpfs   /mnt/8",
	"    7,000       0       70       0  7,700 tmpfs   /mnt/7",
	"    6,000       0       60       0  6,600 tmpfs   /mnt/6",
	"  LENGTH* PER-SEC SAME-NAME FSTYPE NAME                       CHAIN UNDER",
	"    2,000       -     1,990 proc   ipv6                       /proc/sys/net",
	"   1,000+       -       995 proc   a\\x0ab\\x1b[2Jc\\x9b\\xc2\\x9~ /proc/sys/net",
	"      666       -       663 proc   日本                       /proc/sys/net",
	"  NEGATIVE* PER-SEC      CHILDREN FSTYPE  DIRECTORY",
	"     20,000       0 19,700-20,300 overlay /merged/home/.pki/nssdb  web-1 (docke~",
	"h help q quit Tab table s/S sort Enter row e explain w who r reclaim p pause",
};

static const char *const screen_40x10[] = {
	"dcachemon top  22:13:20  samples of dca~",
	"Dentries      200,001,000       +100/s ~",
	"Unused        198,000,000          0/s ~",
	"  ALARM*    SINCE TEXT",
	"  critical 90.0 s hash chain of /proc/s~",
	"  UNUSED* PER-SEC NEGATIVE SUPERBLOCK (~",
	"    4,000       0       40 /mnt/4",
	"    3,000       0       30 /mnt/3",
	">   1,000       0       10 /mnt/1",
	"h help q quit Tab table s/S sort Enter ~",
};
/* clang-format on */

#endif
