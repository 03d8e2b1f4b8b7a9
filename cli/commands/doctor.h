/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon doctor" looks at: one function per prerequisite. */
#ifndef DCM_CLI_DOCTOR_H
#define DCM_CLI_DOCTOR_H

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/base/reason.h"
#include "common/kernel/snmpd/snmpd_conf.h"
#include "common/kernel/walk/walk.h"
#include "common/model/config/config.h"
#include "common/model/snapshot/snapshot.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, with something optional missing */
	DOCTOR_FAIL, /* a source cannot work */
};

struct doctor_result {
	enum doctor_level level;
	struct dcm_reason text; /* raw bytes: escape before printing */
	/* What changes it, "[in FILE: LINE; then: ]COMMAND; COMMAND"; "" when there is nothing. */
	char fix[600];
};

struct doctor {
	struct dcm_config config;
	const char *root;		   /* prefix of /proc and /sys; "" */
	struct dcm_walk *walk;		   /* NULL until, or unless, the BPF programs load */
	const char *snmp_arguments;	   /* of snmpgetnext, for a self-walk; NULL: none */
	struct dcm_snmpd_conf *snmpd_conf; /* by doctor_snmpd_conf(); NULL until then */
};

/* A file of the kernel. */
struct doctor_file {
	const char *path;
	const char *loss;	 /* what is missing without it */
	const char *advice;	 /* what brings it back */
	enum doctor_level level; /* how bad that is */
};

/* What loaded programs can find: says so in @ret, or returns -errno with a reason. */
typedef int doctor_walk(const struct doctor *doctor, struct dcm_reason *reason,
			struct doctor_result *ret);

/* One of @run, @walk and @file. */
struct doctor_check {
	const char *name;
	/* @ret starts as DOCTOR_OK without texts. */
	void (*run)(struct doctor *doctor, struct doctor_result *ret);
	doctor_walk *walk;
	struct doctor_file file; /* must be readable */
};

void doctor_say(struct doctor_result *ret, enum doctor_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_fix(struct doctor_result *ret, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define DOCTOR_COVERED (-EXDEV) /* a file in /proc that is not the kernel's */

/* The content of ROOT/PATH in *@ret_text, which the caller frees; DOCTOR_COVERED or another -errno.
 */
int doctor_read_file(const struct doctor *doctor, const char *path, char **ret_text);

/* The configuration of the snmpd at [if_mib] mute_address, read once; never NULL. */
const struct dcm_snmpd_conf *doctor_snmpd_conf(struct doctor *doctor);

/* A user, and whether mode bits let it in: access lists are not looked at. */
struct doctor_identity {
	uid_t uid;
	gid_t groups[64];
	int count;
};

/* -ENOENT: no such user. */
int doctor_find_identity(const char *name, struct doctor_identity *ret);

/* The first component of @path that keeps @who out, "" when none does; -errno of stat(2). */
int doctor_find_barrier(const struct doctor_identity *who, const char *path, char *ret,
			size_t size);

/* doctor_sysctls.c */
void doctor_check_sysctls(struct doctor *doctor, struct doctor_result *ret);

/* doctor_agentx.c */
void doctor_check_agentx_socket(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_agentx_user(struct doctor *doctor, struct doctor_result *ret);

/* doctor_snmpd.c */
void doctor_check_module(struct doctor *doctor, struct doctor_result *ret);

/* Of a module that may open @path: what it serves, as it told the daemon whose row is @row; NULL:
 * no daemon. @mib_wanted: by snmpd's configuration. */
void doctor_say_module(const char *path, bool mib_wanted, const struct dcm_snap_snmpd *row,
		       struct doctor_result *ret);

void doctor_check_view(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_trap_sink(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_mib(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_snmpd_load(struct doctor *doctor, struct doctor_result *ret);

/* In the order they are run: a check may rest on what an earlier one left in struct doctor. */
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_check_count;

void doctor_run(const struct doctor_check *check, struct doctor *doctor, struct doctor_result *ret);

#endif
