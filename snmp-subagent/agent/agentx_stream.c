// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/agentx_stream.h"

#include <string.h>

#include "common/base/minmax.h"

/* RFC 2741, 6.1: h.version, h.type, h.flags, a byte of 0, then words of 4 bytes. */
#define AT_TYPE		   1
#define AT_FLAGS	   2
#define AT_PACKET	   12
#define AT_LENGTH	   16
#define AT_ERROR	   (DCM_AGENTX_HEADER_SIZE + 4)
#define NETWORK_BYTE_ORDER 0x10

static uint32_t number(const struct dcm_agentx_stream *stream, size_t at, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++) {
		size_t next = stream->head[AT_FLAGS] & NETWORK_BYTE_ORDER ? i : bytes - 1 - i;

		value = value << 8 | stream->head[at + next];
	}
	return value;
}

/* Bytes of the PDU to be kept, as far as they are known by now. */
static size_t wanted(const struct dcm_agentx_stream *stream)
{
	if (stream->have < DCM_AGENTX_HEADER_SIZE || stream->head[AT_TYPE] != DCM_AGENTX_RESPONSE)
		return DCM_AGENTX_HEADER_SIZE;
	return DCM_AGENTX_HEADER_SIZE +
	       DCM_MIN(number(stream, AT_LENGTH, 4), (uint32_t)DCM_AGENTX_RESPONSE_SIZE);
}

static struct dcm_agentx_pdu kept(const struct dcm_agentx_stream *stream)
{
	return (struct dcm_agentx_pdu){.type = stream->head[AT_TYPE],
				       .packet = number(stream, AT_PACKET, 4),
				       .error = stream->have == sizeof(stream->head)
							? (uint16_t)number(stream, AT_ERROR, 2)
							: 0};
}

void dcm_agentx_stream_feed(struct dcm_agentx_stream *stream, const void *data, size_t len,
			    void (*found)(void *ctx, const struct dcm_agentx_pdu *pdu), void *ctx)
{
	const uint8_t *at = data;
	struct dcm_agentx_pdu pdu;
	size_t n;

	while (len) {
		if (stream->skip) {
			n = DCM_MIN(stream->skip, (uint64_t)len);
			stream->skip -= n;
		} else {
			n = DCM_MIN(wanted(stream) - stream->have, len);
			memcpy(stream->head + stream->have, at, n);
			stream->have += n;
		}
		at += n;
		len -= n;
		if (stream->have < wanted(stream))
			continue;
		pdu = kept(stream);
		stream->skip =
			number(stream, AT_LENGTH, 4) - (stream->have - DCM_AGENTX_HEADER_SIZE);
		stream->have = 0;
		found(ctx, &pdu);
	}
}

const char *dcm_agentx_error_name(uint16_t error)
{
	switch (error) {
	case 257:
		return "notOpen";
	case 262:
		return "unsupportedContext";
	case 263:
		return "duplicateRegistration";
	case 266:
		return "parseError";
	case 267:
		return "requestDenied";
	case 268:
		return "processingError";
	default:
		return "";
	}
}
