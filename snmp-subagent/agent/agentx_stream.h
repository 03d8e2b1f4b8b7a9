/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One direction of an AgentX session (RFC 2741, 6.1) cut into its PDUs, whichever way the bytes of
 * the stream arrive. Pure: of each PDU only the header and the fixed part of a Response are kept.
 */
#ifndef DCM_SNMP_AGENTX_STREAM_H
#define DCM_SNMP_AGENTX_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define DCM_AGENTX_REGISTER 3
#define DCM_AGENTX_GET	    5
#define DCM_AGENTX_GETNEXT  6
#define DCM_AGENTX_RESPONSE 18

#define DCM_AGENTX_HEADER_SIZE	 20
#define DCM_AGENTX_RESPONSE_SIZE 8 /* sysUpTime, error, index */

struct dcm_agentx_pdu {
	uint8_t type;
	uint32_t packet; /* pairs a request with its Response */
	uint16_t error;	 /* of a Response (6.2.16); 0: none, or another type */
};

/* Zeroed to begin with. */
struct dcm_agentx_stream {
	uint8_t head[DCM_AGENTX_HEADER_SIZE + DCM_AGENTX_RESPONSE_SIZE];
	size_t have;   /* of head */
	uint64_t skip; /* bytes of the current PDU that are not kept */
};

/*
 * Takes @len bytes and calls @found for each PDU whose kept part is complete with them, maybe
 * before the rest of it has come.
 */
void dcm_agentx_stream_feed(struct dcm_agentx_stream *stream, const void *data, size_t len,
			    void (*found)(void *ctx, const struct dcm_agentx_pdu *pdu), void *ctx);

/* The name that RFC 2741 gives to an @error of a Response to Register; "" for others. */
const char *dcm_agentx_error_name(uint16_t error);

#endif
