// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-subagent/agent/netsnmp_log.h"

#include <inttypes.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/log.h"

static struct dcm_message_filter filter;
static bool (*message_observer)(const char *message);
static bool probing, heard;

bool dcm_message_filter_pass(struct dcm_message_filter *self, const char *message, uint64_t now_ns,
			     uint64_t *ret_suppressed)
{
	uint64_t hash = dcm_hash64_text(DCM_HASH64_START, message);
	struct dcm_message_slot *slot = &self->slots[0];

	for (size_t i = 0; i < DCM_MESSAGE_SLOTS; i++) {
		struct dcm_message_slot *other = &self->slots[i];

		if (other->printed_ns && other->hash == hash) {
			slot = other;
			break;
		}
		if (other->printed_ns < slot->printed_ns)
			slot = other;
	}
	if (slot->printed_ns && slot->hash == hash) {
		if (now_ns - slot->printed_ns < DCM_MESSAGE_REPEAT_NS) {
			slot->suppressed++;
			return false;
		}
	} else {
		slot->suppressed = 0;
	}
	*ret_suppressed = slot->suppressed;
	*slot = (struct dcm_message_slot){.hash = hash, .printed_ns = now_ns};
	return true;
}

/* Connections coming and going are announced by the agent itself. */
static enum dcm_log_level level_of(int priority)
{
	if (priority <= LOG_ERR)
		return DCM_LOG_ERROR;
	return priority <= LOG_WARNING ? DCM_LOG_WARNING : DCM_LOG_DEBUG;
}

static int on_message(int major __attribute__((unused)), int minor __attribute__((unused)),
		      void *message, void *ctx __attribute__((unused)))
{
	const struct snmp_log_message *log = message;
	int len = (int)strcspn(log->msg, "\n");
	uint64_t suppressed;

	heard = true;
	if (probing)
		return 0;
	if (message_observer && message_observer(log->msg))
		return 0;
	if (!len || !dcm_message_filter_pass(&filter, log->msg, dcm_now_ns(), &suppressed))
		return 0;
	if (suppressed)
		dcm_log(level_of(log->priority), "libnetsnmp: %.*s (%" PRIu64 " more like this)",
			len, log->msg, suppressed);
	else
		dcm_log(level_of(log->priority), "libnetsnmp: %.*s", len, log->msg);
	return 0;
}

/*
 * The library registers its handlers with pri_max 0. Up to 5.9.4 that lets all messages through;
 * since 5.9.5 (db0f7f83b8) it is the least urgent priority that a handler takes, so that those of
 * LOG_EMERG alone come.
 */
static void hear_everything(void)
{
	probing = true;
	heard = false;
	snmp_log(LOG_DEBUG, "is anybody there?\n");
	probing = false;
	for (netsnmp_log_handler *h = get_logh_head(); h && !heard; h = h->next)
		if (h->type == NETSNMP_LOGHANDLER_CALLBACK)
			h->pri_max = LOG_DEBUG;
}

void dcm_netsnmp_log_start(bool (*observer)(const char *message))
{
	message_observer = observer;
	snmp_disable_log();
	snmp_enable_calllog();
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_message, NULL);
	hear_everything();
}
