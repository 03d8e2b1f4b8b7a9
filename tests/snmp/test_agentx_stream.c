// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* AgentX sessions cut into PDUs: in both byte orders, in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "snmp-subagent/agent/agentx_stream.h"

#define ROUNDS	    300
#define PDUS	    60
#define MAX_PAYLOAD 300

struct found {
	struct dcm_agentx_pdu pdus[PDUS];
	size_t count;
};

static void take(void *ctx, const struct dcm_agentx_pdu *pdu)
{
	struct found *found = ctx;

	assert_true(found->count < PDUS);
	found->pdus[found->count++] = *pdu;
}

static size_t put(uint8_t *to, bool network, uint32_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * (network ? bytes - 1 - i : i));
	return bytes;
}

/* RFC 2741, 6.1 and 6.2.16. */
static size_t write_pdu(uint8_t *to, const struct dcm_agentx_pdu *pdu, bool network,
			uint32_t payload)
{
	size_t at = 0;

	to[at++] = 1;
	to[at++] = pdu->type;
	to[at++] = network ? 0x10 : 0;
	to[at++] = 0;
	at += put(to + at, network, 0xfeedface, 4); /* session */
	at += put(to + at, network, 0xfacefeed, 4); /* transaction */
	at += put(to + at, network, pdu->packet, 4);
	at += put(to + at, network, payload, 4);
	memset(to + at, 0xa5, payload);
	if (pdu->type == DCM_AGENTX_RESPONSE && payload >= 8)
		put(to + at + 4, network, pdu->error, 2);
	return at + payload;
}

/* Any that the session may carry. */
static struct dcm_agentx_pdu any_pdu(unsigned *seed, uint32_t *ret_payload)
{
	static const uint8_t types[] = {DCM_AGENTX_REGISTER, DCM_AGENTX_GET, DCM_AGENTX_GETNEXT,
					DCM_AGENTX_RESPONSE, DCM_AGENTX_RESPONSE};
	struct dcm_agentx_pdu pdu = {
		.type = types[(size_t)rand_r(seed) % sizeof(types)],
		.packet = (uint32_t)rand_r(seed) * 3u,
	};

	*ret_payload = rand_r(seed) % 4 ? 4 * (uint32_t)(rand_r(seed) % (MAX_PAYLOAD / 4)) : 8;
	if (pdu.type == DCM_AGENTX_RESPONSE && *ret_payload >= 8)
		pdu.error = (uint16_t)(rand_r(seed) % 2 ? 256 + rand_r(seed) % 13 : 0);
	return pdu;
}

static void feed_in_pieces(const uint8_t *bytes, size_t len, unsigned *seed, struct found *found)
{
	struct dcm_agentx_stream stream = {0};
	size_t most = 1 + (size_t)(rand_r(seed) % (rand_r(seed) % 2 ? 8 : 2000)), piece;

	for (size_t at = 0; at < len; at += piece) {
		piece = DCM_MIN(1 + (size_t)rand_r(seed) % most, len - at);
		dcm_agentx_stream_feed(&stream, bytes + at, piece, take, found);
	}
}

static void test_pieces(void **state)
{
	static uint8_t bytes[PDUS * (DCM_AGENTX_HEADER_SIZE + MAX_PAYLOAD)];
	struct dcm_agentx_pdu pdus[PDUS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct found found = {0};
		unsigned seed = round;
		size_t len = 0;

		for (size_t i = 0; i < PDUS; i++) {
			uint32_t payload;

			pdus[i] = any_pdu(&seed, &payload);
			len += write_pdu(bytes + len, &pdus[i], rand_r(&seed) % 2, payload);
		}
		feed_in_pieces(bytes, len, &seed, &found);
		assert_int_equal(found.count, PDUS);
		for (size_t i = 0; i < PDUS; i++) {
			assert_int_equal(found.pdus[i].type, pdus[i].type);
			assert_int_equal(found.pdus[i].packet, pdus[i].packet);
			assert_int_equal(found.pdus[i].error, pdus[i].error);
		}
	}
}

/* Its fixed part tells it, before the rest has come. */
static void test_early(void **state)
{
	struct dcm_agentx_pdu refusal = {DCM_AGENTX_RESPONSE, 7, 263};
	struct dcm_agentx_stream stream = {0};
	struct found found = {0};
	uint8_t bytes[64];

	write_pdu(bytes, &refusal, false, 40);
	dcm_agentx_stream_feed(&stream, bytes, 27, take, &found);
	assert_int_equal(found.count, 0);
	dcm_agentx_stream_feed(&stream, bytes + 27, 1, take, &found);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.pdus[0].error, 263);
	dcm_agentx_stream_feed(&stream, bytes + 28, 32, take, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(dcm_agentx_error_name(263), "duplicateRegistration");
	assert_string_equal(dcm_agentx_error_name(5), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
