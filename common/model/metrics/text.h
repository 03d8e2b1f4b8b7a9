/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * File names are data from strangers. One function per destination turns raw bytes into text that
 * cannot forge lines, move a cursor, or break an identifier.
 */
#ifndef DCM_MODEL_TEXT_H
#define DCM_MODEL_TEXT_H

#include <stddef.h>

enum dcm_text_form {
	/* Terminal: valid printable UTF-8 kept; control, C1, bidirectional-override and invalid
	 * bytes as \xNN, backslash doubled. Invisible and line-breaking characters count as
	 * control. A cut text ends in "~". */
	DCM_TEXT_TERMINAL,
	/* SNMP DisplayString (RFC 2579): printable ASCII only, the rest as \xNN, backslash
	 * doubled, at most 255 octets. A cut text ends in "~". */
	DCM_TEXT_DISPLAY,
	/* JSON: valid UTF-8 kept (the JSON writer escapes controls), invalid bytes as \xNN,
	 * backslash doubled: two different names never print the same. */
	DCM_TEXT_JSON,
	/* collectd and Graphite identifier part: [A-Za-z0-9_-], at most 63 bytes; when anything
	 * was replaced or cut, the last 9 bytes are "-" and a hash of the original, so that two
	 * different names stay different (as far as 32 bits go). Never empty. */
	DCM_TEXT_IDENTIFIER,
	/* Trap and log text: DCM_TEXT_DISPLAY with only [A-Za-z0-9 .,:=@/_+-], the rest as "_": no
	 * shell metacharacters, quotes, backslashes or %. A cut text ends in "+". */
	DCM_TEXT_SAFE,
};

/*
 * Writes @in (NUL-terminated raw bytes) to @out in @form, NUL-terminated, never cut inside an
 * escape or a UTF-8 sequence. Returns the length written. @size is at least 16.
 */
size_t dcm_text_escape(enum dcm_text_form form, const char *in, char *out, size_t size);

/* Room that is always enough for DCM_TEXT_TERMINAL and DCM_TEXT_JSON of @len input bytes. */
#define DCM_TEXT_ROOM(len) ((len)*4 + 16)

#endif
