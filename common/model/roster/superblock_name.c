// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/roster/superblock_name.h"

#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/model/metrics/text.h"

#define ID_DIGITS   64u
#define HEX	    "0123456789abcdef"
#define TYPE_SIZE   72
#define PLACE_SHOWN 100 /* octets as a DisplayString */
#define VALID_SHOWN 255

/* ---- parts ---- */

/* No ":" but that behind it, and nothing that a person could take for a mount point. */
static void put_type(const char *fstype, char ret[TYPE_SIZE])
{
	size_t i;

	for (i = 0; i < TYPE_SIZE - 1 && fstype[i]; i++) {
		char c = fstype[i];
		bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';

		ret[i] = kept ? c : '_';
	}
	ret[i] = '\0';
}

/* Where in @path the id of a container is a whole component; NULL: nowhere. */
static const char *find_id(const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t digits = strspn(slash + 1, HEX);

		if (digits == ID_DIGITS && (!slash[1 + digits] || slash[1 + digits] == '/'))
			return slash + 1;
	}
	return NULL;
}

static void shorten(const char *path, unsigned digits, char *ret, size_t size)
{
	const char *id = find_id(path), *rest = id ? id + ID_DIGITS : NULL;
	int shown = (int)DCM_MIN(digits, ID_DIGITS);

	if (!id)
		snprintf(ret, size, "%s", path);
	else if (!strcmp(rest, "/merged") || !strcmp(rest, "/rootfs"))
		snprintf(ret, size, "%.*s", shown, id);
	else
		snprintf(ret, size, "%.*s%s", shown, id, rest);
}

/* Bytes of @text, which is UTF-8, that take at most @max octets in a DisplayString. */
static size_t shown_within(const char *text, size_t max)
{
	size_t shown = 0, len = 0;

	for (size_t i = 0; text[i]; i++) {
		shown += (unsigned char)text[i] < 0x80 ? 1 : strlen("\\xNN");
		if (shown > max)
			break;
		if (((unsigned char)text[i + 1] & 0xc0) != 0x80) /* a character ends here */
			len = i + 1;
	}
	return len;
}

static void put_place(const char *mountpoint, unsigned digits, char *ret, size_t size)
{
	char path[4 * PLACE_SHOWN], text[4 * PLACE_SHOWN];
	size_t len;

	shorten(mountpoint, digits, path, sizeof(path));
	dcm_text_escape(DCM_TEXT_TERMINAL, path, text, sizeof(text));
	len = shown_within(text, PLACE_SHOWN);
	if (!text[len] && !strcmp(text, path)) {
		snprintf(ret, size, "%.*s", PLACE_SHOWN, text);
		return;
	}
	for (char *at = text; *at; at++)
		if (*at == '\\')
			*at = '_';
	text[len] = '\0';
	snprintf(ret, size, "%.*s~%08x", PLACE_SHOWN, text, dcm_hash32_text(mountpoint));
}

/* ---- the name ---- */

static void name_by_mount(const char *fstype, const char *mountpoint, unsigned digits,
			  char ret[DCM_SUPERBLOCK_NAME_SIZE])
{
	char type[TYPE_SIZE], place[PLACE_SHOWN + 16];

	put_type(fstype, type);
	put_place(mountpoint, digits, place, sizeof(place));
	snprintf(ret, DCM_SUPERBLOCK_NAME_SIZE, "%s:%s", type, place);
}

enum dcm_named dcm_superblock_name(const char *fstype, uint32_t dev_major, uint32_t dev_minor,
				   const char *mountpoint, char ret[DCM_SUPERBLOCK_NAME_SIZE])
{
	char type[TYPE_SIZE];

	if (mountpoint) {
		name_by_mount(fstype, mountpoint, DCM_CONTAINER_ID_SHOWN, ret);
		return DCM_NAMED_BY_MOUNT;
	}
	put_type(fstype, type);
	snprintf(ret, DCM_SUPERBLOCK_NAME_SIZE, "%s:%u:%u", type, dev_major, dev_minor);
	return DCM_NAMED_BY_DEVICE;
}

bool dcm_superblock_name_longer(const char *fstype, const char *mountpoint, unsigned digits,
				char ret[DCM_SUPERBLOCK_NAME_SIZE])
{
	if (!mountpoint || !find_id(mountpoint) || digits > ID_DIGITS)
		return false;
	name_by_mount(fstype, mountpoint, digits, ret);
	return true;
}

const char *dcm_superblock_name_container(const char *name)
{
	const char *colon = strchr(name, ':');
	size_t digits = colon ? strspn(colon + 1, HEX) : 0;

	if (digits < DCM_CONTAINER_ID_SHOWN || digits > ID_DIGITS ||
	    !memchr("/:~#", colon[1 + digits], sizeof("/:~#")))
		return NULL;
	return colon + 1;
}

bool dcm_superblock_name_is_of(const char *name, const char *fstype)
{
	char type[TYPE_SIZE];
	size_t len;

	put_type(fstype, type);
	len = strlen(type);
	return !strncmp(name, type, len) && name[len] == ':';
}

bool dcm_superblock_name_is_valid(const char *name)
{
	char text[DCM_SUPERBLOCK_NAME_SIZE];

	dcm_text_escape(DCM_TEXT_TERMINAL, name, text, sizeof(text));
	return strchr(name, ':') && !strchr(name, '\\') && !strcmp(text, name) &&
	       !name[shown_within(name, VALID_SHOWN)];
}
