// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/if_takeover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/log.h"
#include "common/base/units.h"
#include "common/transport/snapshot_memfd.h"
#include "snmp-subagent/agent/reload_mute.h"
#include "snmp-tables/if_mib_handler.h"

/* Between two questions for the first rows; the sampler keeps them for 30 s. */
#define ASK_NS (10 * DCM_NSEC_PER_SEC)
/* How long the forecast must last: three of its samples. One alone can be a lookup that was
 * interrupted, or a chain that goes again. */
#define FORECAST_HOLD_NS (30 * DCM_NSEC_PER_SEC)

struct dcm_if_takeover {
	enum dcm_if_takeover_mode mode;
	struct dcm_if_mib_handler *handler;
	struct dcm_reload_mute *muter; /* NULL: no credentials */
	int snapshot_fd;
	bool due;	  /* the forecast of "auto" was passed for long enough */
	bool high;	  /* it is passed now */
	uint64_t high_ns; /* since when */
	bool registered;  /* with libnetsnmp */
	bool refused;	  /* the library did; not tried again */
	uint64_t asked_ns;
	uint32_t told_every; /* the sampler, of how often snmpd reloads */
};

static void want(void *ctx)
{
	struct dcm_if_takeover *takeover = ctx;

	/* A sampler that has ended is noticed where snapshots are received. */
	dcm_snapshot_client_want_interfaces(takeover->snapshot_fd);
}

static void destroy(void *part)
{
	struct dcm_if_takeover *takeover = part;

	dcm_reload_mute_destroy(takeover->muter);
	dcm_if_mib_handler_destroy(takeover->handler);
	free(takeover);
}

static int init(struct dcm_if_takeover *takeover, const struct dcm_part_context *context)
{
	const struct dcm_if_mib_options options = {
		.context = "", .priority = DCM_IF_MIB_PRIORITY, .want = want, .ctx = takeover};
	const struct dcm_config *config = context->config;
	int err;

	takeover->snapshot_fd = context->snapshot_fd;
	takeover->mode = config->if_mib.takeover;
	takeover->told_every = DCM_RELOAD_UNKNOWN;
	err = dcm_if_mib_handler_create(&options, &takeover->handler);
	if (err || takeover->mode == DCM_TAKEOVER_OFF || !*config->if_mib.mute_credentials)
		return err;
	return dcm_reload_mute_create(&config->if_mib, config->snmp.user, context->no_seccomp,
				      &takeover->muter);
}

static int create(const struct dcm_part_context *context, struct dcm_reason *reason, void **ret)
{
	struct dcm_if_takeover *takeover = calloc(1, sizeof(*takeover));
	int err = takeover ? init(takeover, context) : -ENOMEM;

	if (err) {
		if (takeover)
			destroy(takeover);
		return dcm_reason_set(reason, err, "%s", strerror(-err));
	}
	*ret = takeover;
	return 0;
}

bool dcm_if_takeover_mutes(const struct dcm_if_takeover *takeover)
{
	return takeover && takeover->muter;
}

void dcm_if_takeover_leave(struct dcm_if_takeover *takeover)
{
	if (takeover->muter)
		dcm_reload_mute_off(takeover->muter);
}

static bool wanted(const struct dcm_if_takeover *takeover)
{
	return !takeover->refused && (takeover->mode == DCM_TAKEOVER_ON ||
				      (takeover->mode == DCM_TAKEOVER_AUTO && takeover->due));
}

static void begin(struct dcm_if_takeover *takeover)
{
	int err = dcm_if_mib_handler_register(takeover->handler);

	if (err < 0) {
		takeover->refused = true;
		dcm_log(DCM_LOG_ERROR, "cannot register the interface tables: %s", strerror(-err));
		return;
	}
	takeover->registered = true;
	dcm_log(DCM_LOG_NOTICE, "answering the interface tables in place of snmpd%s",
		takeover->muter ? ""
				: "; it still reloads its own every 3 s: set [if_mib] "
				  "mute_credentials, or see dcachemon-snmp(8)");
	if (takeover->muter)
		dcm_reload_mute_on(takeover->muter);
}

static void end(struct dcm_if_takeover *takeover)
{
	dcm_if_mib_handler_unregister(takeover->handler);
	takeover->registered = false;
	dcm_log(DCM_LOG_NOTICE, "snmpd answers the interface tables itself again");
	if (takeover->muter)
		dcm_reload_mute_off(takeover->muter);
}

static void configure(void *part, const struct dcm_config *config)
{
	struct dcm_if_takeover *takeover = part;

	takeover->mode = config->if_mib.takeover;
	takeover->refused = false;
	if (takeover->registered && !wanted(takeover))
		end(takeover);
}

static void take_forecast(struct dcm_if_takeover *takeover, const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_snmpd *row;

	if (!snapshot || takeover->mode != DCM_TAKEOVER_AUTO || takeover->due ||
	    !dcm_snapshot_count(snapshot, DCM_SEC_SNMPD))
		return;
	row = dcm_snapshot_row(snapshot, DCM_SEC_SNMPD, 0);
	if (!DCM_ROW_HAS(row, wedge_ratio))
		return;
	if (row->wedge_ratio < DCM_TAKEOVER_RATIO || !takeover->high)
		takeover->high_ns = snapshot->header->monotonic_ns;
	takeover->high = row->wedge_ratio >= DCM_TAKEOVER_RATIO;
	if (snapshot->header->monotonic_ns - takeover->high_ns < FORECAST_HOLD_NS)
		return;
	takeover->due = true;
	dcm_log(DCM_LOG_WARNING,
		"snmpd is forecast to spend %.0f %% of its time on interface reloads",
		row->wedge_ratio * 100);
}

/* So that the forecast and its alarm know when the reload is muted. */
static void tell_sampler(struct dcm_if_takeover *takeover)
{
	uint32_t every =
		takeover->muter ? dcm_reload_mute_every(takeover->muter) : DCM_RELOAD_UNKNOWN;

	if (every != takeover->told_every &&
	    dcm_snapshot_client_reload_every(takeover->snapshot_fd, every) == 0)
		takeover->told_every = every;
}

static void swap(void *part, const struct dcm_snapshot *snapshot)
{
	struct dcm_if_takeover *takeover = part;

	take_forecast(takeover, snapshot);
	tell_sampler(takeover);
	dcm_if_mib_handler_swap(takeover->handler, snapshot);
	if (!takeover->registered && wanted(takeover) &&
	    dcm_if_mib_handler_has_rows(takeover->handler))
		begin(takeover);
}

static void connection(void *part, bool up, struct dcm_mib_uptime uptime)
{
	struct dcm_if_takeover *takeover = part;

	if (!up)
		return;
	dcm_if_mib_handler_set_uptime(takeover->handler, uptime);
	if (takeover->registered && takeover->muter)
		dcm_reload_mute_on(takeover->muter);
}

static bool direct(void *part, struct snmp_pdu *pdu, bool next)
{
	const struct dcm_if_takeover *takeover = part;

	return dcm_if_mib_handler_direct(takeover->handler, pdu, next);
}

static uint64_t run(void *part, uint64_t now_ns)
{
	struct dcm_if_takeover *takeover = part;

	/* Tables without rows are not taken over, so the first rows are asked for in advance. */
	if (!takeover->registered && wanted(takeover) &&
	    (!takeover->asked_ns || now_ns - takeover->asked_ns >= ASK_NS)) {
		takeover->asked_ns = now_ns;
		want(takeover);
	}
	return dcm_if_mib_handler_expire(takeover->handler, now_ns);
}

const struct dcm_latency *dcm_if_takeover_time(const struct dcm_if_takeover *takeover)
{
	return dcm_if_mib_handler_time(takeover->handler);
}

const struct dcm_part dcm_if_takeover_part = {
	.create = create,
	.destroy = destroy,
	.configure = configure,
	.swap = swap,
	.connection = connection,
	.direct = direct,
	.run = run,
};
