// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-client/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"

#define FILE_MAX 4096

static const struct field {
	const char *key;
	size_t offset, size;
} fields[] = {
#define FIELD(name)                                                 \
	{                                                           \
#name, offsetof(struct dcm_credentials, name),      \
			sizeof(((struct dcm_credentials *)0)->name) \
	}
	FIELD(community),     FIELD(user),	    FIELD(auth_protocol),
	FIELD(auth_password), FIELD(priv_protocol), FIELD(priv_password),
#undef FIELD
};

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

static int set(struct dcm_credentials *to, const char *key, const char *value, unsigned line,
	       struct dcm_reason *reason)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fields); i++) {
		char *at = (char *)to + fields[i].offset;

		if (strcmp(fields[i].key, key) != 0)
			continue;
		if (*at)
			return dcm_reason_set(reason, -EINVAL, "line %u: %s is given twice", line,
					      key);
		if (!*value || strlen(value) >= fields[i].size)
			return dcm_reason_set(reason, -EINVAL, "line %u: %s is empty or too long",
					      line, key);
		strcpy(at, value);
		return 0;
	}
	return dcm_reason_set(reason, -EINVAL, "line %u: unknown key", line);
}

/* RFC 3414, 11.2: passwords have at least 8 octets. */
static int check(const struct dcm_credentials *c, struct dcm_reason *reason)
{
	if (!*c->community == !*c->user)
		return dcm_reason_set(reason, -EINVAL, "needs either community or user");
	if (*c->community)
		return *c->auth_protocol || *c->auth_password || *c->priv_protocol ||
				       *c->priv_password
			       ? dcm_reason_set(reason, -EINVAL, "community goes with nothing else")
			       : 0;
	if (!*c->auth_protocol || strlen(c->auth_password) < 8)
		return dcm_reason_set(reason, -EINVAL,
				      "user needs auth_protocol and an auth_password of 8 bytes");
	if (!*c->priv_protocol != !*c->priv_password ||
	    (*c->priv_password && strlen(c->priv_password) < 8))
		return dcm_reason_set(reason, -EINVAL,
				      "priv_protocol needs a priv_password of 8 bytes");
	return 0;
}

int dcm_credentials_parse(const char *text, struct dcm_reason *reason, struct dcm_credentials *ret)
{
	struct dcm_credentials c = {.community = ""};
	char copy[FILE_MAX], *rest = copy, *line;
	unsigned number = 0;
	int err = 0;

	if (strlen(text) >= sizeof(copy))
		return dcm_reason_set(reason, -EINVAL, "is too long");
	strcpy(copy, text);
	while (!err && (line = strsep(&rest, "\n"))) {
		char *equals = strchr(line, '=');

		number++;
		line = trim(line);
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (!equals) {
			err = dcm_reason_set(reason, -EINVAL, "line %u: must be \"key = value\"",
					     number);
			break;
		}
		*equals = '\0';
		err = set(&c, trim(line), trim(equals + 1), number, reason);
	}
	if (!err)
		err = check(&c, reason);
	if (!err)
		*ret = c;
	explicit_bzero(copy, sizeof(copy));
	explicit_bzero(&c, sizeof(c));
	return err;
}

static int check_file(int fd, const char *path, struct dcm_reason *reason)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return dcm_reason_set(reason, -EPERM, "%s is no regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return dcm_reason_set(reason, -EPERM, "%s belongs to somebody else (uid %u)", path,
				      (unsigned)st.st_uid);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return dcm_reason_set(reason, -EPERM,
				      "%s is open to group or others: chmod 600 it, and change the "
				      "secrets in it",
				      path);
	return 0;
}

int dcm_credentials_read(const char *path, struct dcm_reason *reason, struct dcm_credentials *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[FILE_MAX] = "";
	struct dcm_reason inner = {""};
	ssize_t n;
	int err;

	if (fd < 0)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	err = check_file(fd, path, reason);
	if (err)
		return err;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	text[n] = '\0';
	err = dcm_credentials_parse(text, &inner, ret);
	explicit_bzero(text, sizeof(text));
	return err ? dcm_reason_set(reason, err, "%s: %s", path, inner.text) : 0;
}
