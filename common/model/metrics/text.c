// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/metrics/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"
#include "common/base/minmax.h"

#define DISPLAY_MAX    255 /* DisplayString, RFC 2579 */
#define IDENTIFIER_MAX 63
#define HASH_SUFFIX    9 /* "-" and 8 hexadecimal digits */

/* Text under construction; bytes beyond @limit are refused. */
struct output {
	char *bytes;
	size_t len, limit;
	size_t cut_len; /* longest length between two pieces that leaves room for a mark */
};

static bool put(struct output *out, const char *piece, size_t len)
{
	if (len > out->limit - out->len)
		return false;
	memcpy(out->bytes + out->len, piece, len);
	out->len += len;
	if (out->len < out->limit)
		out->cut_len = out->len;
	return true;
}

/* Each byte as \xNN, all of them or none: half an escaped character would be misread. */
static bool put_hex(struct output *out, const unsigned char *in, size_t len)
{
	char piece[4 * 4 + 1];

	for (size_t i = 0; i < len; i++)
		snprintf(piece + 4 * i, 5, "\\x%02x", in[i]);
	return put(out, piece, 4 * len);
}

/*
 * Length of the UTF-8 sequence at @in (NUL-terminated) and its code point; 0 when it is not valid
 * by RFC 3629: stray or missing continuation, overlong, surrogate, above U+10FFFF.
 */
static size_t decode_utf8(const unsigned char *in, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = in[0] < 0x80 ? 1 : in[0] < 0xc0 ? 0 : in[0] < 0xe0 ? 2 : in[0] < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? in[0] : in[0] & (0xff >> (len + 1));

	if (!len || in[0] >= 0xf8)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (in[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret = code;
	return len;
}

/* Characters that move a cursor, turn the direction of writing, break a line or cannot be seen. */
static bool is_treacherous(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},	    /* C0 */
		{0x7f, 0x9f},	    /* DEL, C1 */
		{0xad, 0xad},	    /* soft hyphen */
		{0x61c, 0x61c},	    /* Arabic letter mark */
		{0x180e, 0x180e},   /* Mongolian vowel separator */
		{0x200b, 0x200f},   /* zero width, direction marks */
		{0x2028, 0x202e},   /* line and paragraph separator, embeddings, overrides */
		{0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff9, 0xfffb},   /* interlinear annotation */
		{0xe0000, 0xe007f}, /* tags */
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

static bool is_kept(enum dcm_text_form form, uint32_t code)
{
	if (form == DCM_TEXT_JSON)
		return true;
	if (form == DCM_TEXT_TERMINAL)
		return !is_treacherous(code);
	return code >= 0x20 && code < 0x7f;
}

/* Writes the next character of @in; 0 when it does not fit, otherwise the bytes consumed. */
static size_t put_next(enum dcm_text_form form, const unsigned char *in, struct output *out)
{
	uint32_t code;
	size_t len = decode_utf8(in, &code);

	if (!len)
		return put_hex(out, in, 1) ? 1 : 0;
	if (code == '\\')
		return put(out, "\\\\", 2) ? 1 : 0;
	if (is_kept(form, code))
		return put(out, (const char *)in, len) ? len : 0;
	return put_hex(out, in, len) ? len : 0;
}

static void put_mark(struct output *out, char mark)
{
	out->len = out->cut_len;
	out->bytes[out->len++] = mark;
}

/* A cut text ends in @mark, 0 for none. */
static size_t escape(enum dcm_text_form form, const char *in, char mark, char *bytes, size_t limit)
{
	struct output out = {.bytes = bytes, .limit = limit};
	const unsigned char *at = (const unsigned char *)in;

	while (*at) {
		size_t consumed = put_next(form, at, &out);

		if (!consumed && mark)
			put_mark(&out, mark);
		if (!consumed)
			break;
		at += consumed;
	}
	bytes[out.len] = '\0';
	return out.len;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t escape_safe(const char *in, char *bytes, size_t limit)
{
	size_t len = escape(DCM_TEXT_DISPLAY, in, '+', bytes, limit);

	for (size_t i = 0; i < len; i++)
		if (!is_alnum(bytes[i]) && !strchr(" .,:=@/_+-", bytes[i]))
			bytes[i] = '_';
	return len;
}

/* ---- identifiers ---- */

/* A clean name that looks as if it had been replaced would pass for the other one. */
static bool ends_like_hash(const char *in, size_t len)
{
	return len >= HASH_SUFFIX && in[len - HASH_SUFFIX] == '-' &&
	       strspn(in + len - HASH_SUFFIX + 1, "0123456789abcdef") == HASH_SUFFIX - 1;
}

static size_t escape_identifier(const char *in, char *bytes, size_t limit)
{
	size_t len = strlen(in);
	bool changed = !len || len > limit || ends_like_hash(in, len);
	size_t kept;

	for (size_t i = 0; i < len && !changed; i++)
		changed = !is_alnum(in[i]) && in[i] != '_' && in[i] != '-';
	if (!changed) {
		memcpy(bytes, in, len + 1);
		return len;
	}
	kept = len < limit - HASH_SUFFIX ? len : limit - HASH_SUFFIX;
	for (size_t i = 0; i < kept; i++)
		bytes[i] = is_alnum(in[i]) || in[i] == '-' ? in[i] : '_';
	if (!kept)
		bytes[kept++] = '_';
	snprintf(bytes + kept, HASH_SUFFIX + 1, "-%08x", dcm_hash32_text(in));
	return kept + HASH_SUFFIX;
}

size_t dcm_text_escape(enum dcm_text_form form, const char *in, char *out, size_t size)
{
	size_t limit = size - 1;

	switch (form) {
	case DCM_TEXT_IDENTIFIER:
		return escape_identifier(in, out, DCM_MIN(limit, (size_t)IDENTIFIER_MAX));
	case DCM_TEXT_SAFE:
		return escape_safe(in, out, DCM_MIN(limit, (size_t)DISPLAY_MAX));
	case DCM_TEXT_DISPLAY:
		return escape(form, in, '~', out, DCM_MIN(limit, (size_t)DISPLAY_MAX));
	case DCM_TEXT_JSON:
		return escape(form, in, '\0', out, limit);
	case DCM_TEXT_TERMINAL:
		break;
	}
	return escape(DCM_TEXT_TERMINAL, in, '~', out, limit);
}
