/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "dcachemon doctor" looks at: one function per prerequisite. */
#ifndef DCM_CLI_DOCTOR_H
#define DCM_CLI_DOCTOR_H

#include <stddef.h>

#include "common/base/reason.h"
#include "common/kernel/walk/walk.h"
#include "common/model/config/config.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_WARN, /* works, with something optional missing */
	DOCTOR_FAIL, /* a source cannot work */
};

struct doctor_result {
	enum doctor_level level;
	struct dcm_reason text; /* raw bytes: escape before printing */
	struct dcm_reason fix;	/* command or configuration line; "" when there is none */
};

struct doctor {
	struct dcm_config config;
	const char *root;	    /* prefix of /proc and /sys; "" */
	struct dcm_walk *walk;	    /* NULL until, or unless, the BPF programs load */
	const char *snmp_arguments; /* of snmpgetnext, for a self-walk; NULL: none */
};

struct doctor_check {
	const char *name;
	/* @ret starts as DOCTOR_OK without texts. */
	void (*run)(struct doctor *doctor, struct doctor_result *ret);
};

/* Sets level and text of @ret. */
void doctor_say(struct doctor_result *ret, enum doctor_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* doctor_snmpd.c */
void doctor_check_agentx_user(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_module(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_view(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_trap_sink(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_mib(struct doctor *doctor, struct doctor_result *ret);
void doctor_check_snmpd_load(struct doctor *doctor, struct doctor_result *ret);

/* In the order they are run: a check may rest on what an earlier one left in struct doctor. */
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_check_count;

#endif
