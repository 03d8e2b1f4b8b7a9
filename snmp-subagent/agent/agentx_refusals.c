// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agentx_refusals.h"

#include <stdbool.h>

#include "snmp-subagent/agent/agentx_stream.h"

static struct {
	struct dcm_agentx_stream sent, received;
	bool registering; /* one at a time: the library waits for its Response */
	uint32_t packet;
	void (*refused)(uint16_t error);
	/* the library's own, of the transport */
	int (*send)(netsnmp_transport *, const void *, int, void **, int *);
	int (*receive)(netsnmp_transport *, void *, int, void **, int *);
} watch;

static void found_sent(void *ctx __attribute__((unused)), const struct dcm_agentx_pdu *pdu)
{
	if (pdu->type != DCM_AGENTX_REGISTER)
		return;
	watch.registering = true;
	watch.packet = pdu->packet;
}

static void found_received(void *ctx __attribute__((unused)), const struct dcm_agentx_pdu *pdu)
{
	if (pdu->type != DCM_AGENTX_RESPONSE || !watch.registering || pdu->packet != watch.packet)
		return;
	watch.registering = false;
	if (pdu->error)
		watch.refused(pdu->error);
}

static int send_watched(netsnmp_transport *transport, const void *data, int size, void **opaque,
			int *opaque_length)
{
	int sent = watch.send(transport, data, size, opaque, opaque_length);

	if (sent > 0)
		dcm_agentx_stream_feed(&watch.sent, data, (size_t)sent, found_sent, NULL);
	return sent;
}

static int receive_watched(netsnmp_transport *transport, void *data, int size, void **opaque,
			   int *opaque_length)
{
	int received = watch.receive(transport, data, size, opaque, opaque_length);

	if (received > 0)
		dcm_agentx_stream_feed(&watch.received, data, (size_t)received, found_received,
				       NULL);
	return received;
}

void dcm_agentx_refusals_watch(netsnmp_transport *transport, void (*refused)(uint16_t error))
{
	if (transport->f_send == send_watched)
		return;
	watch.sent = watch.received = (struct dcm_agentx_stream){0};
	watch.registering = false;
	watch.refused = refused;
	watch.send = transport->f_send;
	watch.receive = transport->f_recv;
	transport->f_send = send_watched;
	transport->f_recv = receive_watched;
}
