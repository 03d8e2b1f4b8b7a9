// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/config.h"

#include <errno.h>
#include <ini.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/config/config_keys.h"
#include "common/model/config/config_print.h"

/*
 * inih splits a line into key and value. It reports only the first bad line, cuts long lines and
 * section names without a word and takes an indented line for a continuation, so the reader below
 * counts lines, keeps the section and hands over only what may be a "key = value".
 */
struct parser {
	const char *at, *end;	       /* what is left of the text */
	unsigned line;		       /* number of the line handed over last */
	bool pending;		       /* it was handed over and has not come back as a key */
	char *section;		       /* room for the longest line */
	const struct section *handler; /* of the section; NULL: unknown, reported already */
	bool outside;		       /* no section has begun */
	bool failed;
	dcm_config_error *error;
	void *ctx;
	struct dcm_config *config;
};

/* One kind of section. A new one is a line in sections[] and its functions. */
struct section {
	bool (*owns)(const char *name);
	/* @line 0: not from a file. */
	int (*set)(struct dcm_config *config, unsigned line, const char *section, const char *key,
		   const char *value, struct dcm_reason *reason);
	/* Judges a name that it owns; NULL: all are good. */
	int (*check)(const char *name, struct dcm_reason *reason);
};

static bool owns_keys(const char *name)
{
	for (size_t i = 0; i < dcm_config_key_count; i++)
		if (!strcmp(dcm_config_keys[i].section, name))
			return true;
	return false;
}

static int set_key(struct dcm_config *config, unsigned line __attribute__((unused)),
		   const char *section, const char *name, const char *value,
		   struct dcm_reason *reason)
{
	int i = dcm_config_key_find(section, name), err;

	if (i < 0)
		return dcm_reason_set(reason, -EINVAL, "unknown key");
	err = dcm_config_key_set(&dcm_config_keys[i], value, config->given >> i & 1, config,
				 reason);
	if (!err)
		config->given |= 1ULL << i;
	return err;
}

static int set_alarm(struct dcm_config *config, unsigned line, const char *section, const char *key,
		     const char *value, struct dcm_reason *reason)
{
	return dcm_alarm_config_set(&config->alarms, line, section, key, value, reason);
}

static const struct section sections[] = {
	{owns_keys, set_key, NULL},
	{dcm_alarm_config_owns, set_alarm, dcm_alarm_config_check_section},
};

/* NULL with a reason: no section of that name. */
static const struct section *find_section(const char *name, struct dcm_reason *reason)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(sections); i++) {
		if (!sections[i].owns(name))
			continue;
		return sections[i].check && sections[i].check(name, reason) ? NULL : &sections[i];
	}
	dcm_reason_set(reason, 0, "unknown section");
	return NULL;
}

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f)
			return true;
	return false;
}

static void report(struct parser *p, const char *key, const char *message)
{
	p->failed = true;
	if (p->error)
		p->error(p->ctx, p->line, p->section, key, message);
}

/* ---- lines ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line without surrounding blanks; NULL after the last. */
static const char *next_line(struct parser *p, size_t *ret_len)
{
	const char *start = p->at, *stop;

	if (start == p->end)
		return NULL;
	stop = memchr(start, '\n', p->end - start);
	p->at = stop ? stop + 1 : p->end;
	stop = stop ? stop : p->end;
	if (!p->line++ && stop - start >= 3 && !memcmp(start, "\xef\xbb\xbf", 3))
		start += 3;
	while (start < stop && is_space(*start))
		start++;
	while (start < stop && is_space(stop[-1]))
		stop--;
	*ret_len = stop - start;
	return start;
}

/* -EINVAL with what makes a line unusable. */
static int check_line(const char *line, size_t len, size_t room, struct dcm_reason *reason)
{
	if (memchr(line, '\0', len))
		return dcm_reason_set(reason, -EINVAL, "line contains a NUL byte");
	if (len >= room)
		return dcm_reason_set(reason, -EINVAL,
				      "line is too long: %zu bytes, at most %zu are read", len,
				      room - 1);
	if (has_control(line, len))
		return dcm_reason_set(reason, -EINVAL, "line contains a control character");
	return 0;
}

/* "[NAME]", perhaps followed by a comment. */
static void begin_section(struct parser *p, const char *line, size_t len)
{
	const char *stop = memchr(line, ']', len), *rest = stop;
	struct dcm_reason reason;

	p->outside = false;
	p->handler = NULL;
	p->section[0] = '\0';
	if (stop)
		memcpy(p->section, line + 1, stop - line - 1);
	if (stop)
		p->section[stop - line - 1] = '\0';
	while (rest && ++rest < line + len && is_space(*rest))
		;
	if (!stop || (rest < line + len && *rest != '#' && *rest != ';')) {
		report(p, "", "section must be [NAME]");
		return;
	}
	p->handler = find_section(p->section, &reason);
	if (!p->handler)
		report(p, "", reason.text);
}

static void end_line(struct parser *p)
{
	if (p->pending)
		report(p, "", "line must be \"key = value\"");
	p->pending = false;
}

/*
 * Hands the next line to inih, an empty one where inih has nothing to do. inih 59 and later take a
 * buffer that is full, without a newline, for a part of a longer line, and call this again until a
 * newline comes; so one byte of @num stays free beside the NUL.
 */
static char *read_line(char *str, int num, void *stream)
{
	struct parser *p = stream;
	struct dcm_reason reason;
	const char *line;
	size_t len;

	end_line(p);
	line = next_line(p, &len);
	if (!line)
		return NULL;
	str[0] = '\0';
	if (!len || *line == '#' || *line == ';')
		return str;
	if (check_line(line, len, (size_t)num - 1, &reason)) {
		report(p, "", reason.text);
	} else if (*line == '[') {
		begin_section(p, line, len);
	} else {
		memcpy(str, line, len);
		str[len] = '\0';
		p->pending = true;
	}
	return str;
}

/* @section is cut at 49 bytes: the reader has all of it. */
static int handle_key(void *user, const char *section __attribute__((unused)), const char *key,
		      const char *value)
{
	struct parser *p = user;
	struct dcm_reason reason;

	p->pending = false;
	if (p->outside)
		report(p, key, "key before the first section");
	else if (p->handler && p->handler->set(p->config, p->line, p->section, key, value, &reason))
		report(p, key, reason.text);
	return 1;
}

/* A host program may have set a locale whose decimal point is a comma. */
static locale_t enter_c_locale(void)
{
	return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static void leave_c_locale(locale_t before)
{
	freelocale(uselocale(before));
}

static int parse(struct parser *p)
{
	locale_t before = enter_c_locale();
	int err = ini_parse_stream(read_line, p, handle_key, p);

	leave_c_locale(before);

	if (err == -2)
		return -ENOMEM;
	end_line(p);
	if (dcm_config_check(p->config, p->error, p->ctx))
		p->failed = true;
	return p->failed ? -EINVAL : 0;
}

int dcm_config_parse(const char *text, size_t size, dcm_config_error *error, void *ctx,
		     struct dcm_config *ret)
{
	_cleanup_free_ struct dcm_config *config = malloc(sizeof(*config));
	_cleanup_free_ char *section = calloc(1, size + 1);
	struct parser p = {.at = text,
			   .end = text + size,
			   .section = section,
			   .outside = true,
			   .error = error,
			   .ctx = ctx,
			   .config = config};
	int err;

	if (!config || !section)
		return -ENOMEM;
	dcm_config_defaults(config);
	err = parse(&p);
	if (!err)
		memcpy(ret, config, sizeof(*ret));
	return err;
}

/* ---- keys from somewhere else ---- */

int dcm_config_set(struct dcm_config *config, const char *section, const char *key,
		   const char *value, struct dcm_reason *reason)
{
	const struct section *kind;
	locale_t before;
	int err;

	if (has_control(section, strlen(section)) || has_control(value, strlen(value)))
		return dcm_reason_set(reason, -EINVAL, "contains a control character");
	kind = find_section(section, reason);
	if (!kind)
		return -EINVAL;
	before = enter_c_locale();
	err = kind->set(config, 0, section, key, value, reason);
	leave_c_locale(before);
	return err;
}

int dcm_config_check(const struct dcm_config *config, dcm_config_error *error, void *ctx)
{
	return dcm_alarm_config_check(&config->alarms, error, ctx);
}

/* ---- comparing ---- */

static bool same_list(const struct dcm_config_folders *a, const struct dcm_config_folders *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->path[i], b->path[i]) != 0)
			return false;
	return true;
}

bool dcm_config_same_folders(const struct dcm_config_containers *a,
			     const struct dcm_config_containers *b)
{
	return same_list(&a->docker, &b->docker) && same_list(&a->containerd, &b->containerd) &&
	       same_list(&a->storage, &b->storage) && !strcmp(a->pods, b->pods);
}

/* ---- restarts ---- */

size_t dcm_config_restart_only(const struct dcm_config *running, const struct dcm_config *fresh,
			       enum dcm_config_holder holder, char *buf, size_t size)
{
	const char *section = "";
	size_t count = 0;

	*buf = '\0';
	for (size_t i = 0; holder && i < dcm_config_key_count; i++) {
		const struct dcm_config_key *key = &dcm_config_keys[i];

		if (key->holder != holder || dcm_config_key_equal(key, running, fresh))
			continue;
		if (strcmp(section, key->section)) {
			dcm_config_append(buf, size, count ? "; [" : "[");
			dcm_config_append(buf, size, key->section);
			dcm_config_append(buf, size, "] ");
		} else {
			dcm_config_append(buf, size, ", ");
		}
		dcm_config_append(buf, size, key->name);
		section = key->section;
		count++;
	}
	return count;
}

/* ---- defaults ---- */

static void default_folders(struct dcm_config_containers *ret)
{
	ret->docker.count = 1;
	strcpy(ret->docker.path[0], "/var/lib/docker");
	ret->containerd.count = 2;
	strcpy(ret->containerd.path[0], "/run/containerd");
	strcpy(ret->containerd.path[1], "/run/k3s/containerd");
	ret->storage.count = 1;
	strcpy(ret->storage.path[0], "/var/lib/containers/storage");
	strcpy(ret->pods, "/var/log/pods");
}

void dcm_config_defaults(struct dcm_config *ret)
{
	static const char *const lookups[] = {"/proc/sys/net/ipv6", "/proc/sys/net/core",
					      "/proc/sys/net/ipv4"};

	memset(ret, 0, sizeof(*ret)); /* padding too: configurations may be compared as bytes */
	ret->sampling.budget_percent = 0.5;
	ret->sampling.bpf = true;
	for (enum dcm_source i = 0; i < DCM_SOURCE_COUNT; i++)
		ret->sampling.interval[i] = dcm_source_default_interval(i);
	ret->sampling.lookups = DCM_ARRAY_SIZE(lookups);
	ret->sampling.chain_directories = 1;
	strcpy(ret->sampling.chain_directory[0], "/proc/sys/net");
	strcpy(ret->sampling.proc, "/proc");
	strcpy(ret->sampling.socket, DCM_DEFAULT_SOCKET);
	default_folders(&ret->containers);
	strcpy(ret->snmp.agentx_socket, DCM_AGENTX_SOCKET);
	strcpy(ret->snmp.root_oid, DCM_ROOT_OID);
	ret->snmp.ping_interval = 15;
	ret->snmp.notifications = true;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(lookups); i++)
		strcpy(ret->sampling.lookup[i], lookups[i]);
	dcm_notify_config_defaults(&ret->notify);
	strcpy(ret->if_mib.mute_address, "udp:127.0.0.1:161");
	ret->if_mib.mute_seconds = DCM_DEFAULT_MUTE_SECONDS;
	ret->state.recorder = true;
	strcpy(ret->state.folder, "/var/lib/dcachemon");
	dcm_reclaim_config_defaults(&ret->reclaim);
	dcm_alarm_config_defaults(&ret->alarms);
}

static void print_keys(const struct dcm_config *config, FILE *out)
{
	enum dcm_config_type before = DCM_CONFIG_NUMBER;
	const char *section = "";

	fputs("# dcachemon.conf: the defaults. Lines are \"key = value\"; # begins a comment.\n",
	      out);
	for (size_t i = 0; i < dcm_config_key_count; i++) {
		const struct dcm_config_key *key = &dcm_config_keys[i];

		if (strcmp(section, key->section)) {
			section = key->section;
			fprintf(out, "\n[%s]\n", section);
		}
		if (key->type == DCM_CONFIG_INTERVAL && before != key->type)
			dcm_config_print_comment(out, "Seconds between two samples of each source; "
						      "0 switches it off.");
		before = key->type;
		dcm_config_key_print(key, config, out);
	}
}

int dcm_config_print_defaults(FILE *out)
{
	_cleanup_free_ struct dcm_config *config = malloc(sizeof(*config));
	locale_t before;
	int err;

	if (!config)
		return -ENOMEM;
	dcm_config_defaults(config);
	before = enter_c_locale();
	print_keys(config, out);
	err = dcm_alarm_config_print_defaults(out);
	leave_c_locale(before);
	return ferror(out) ? -EIO : err;
}
