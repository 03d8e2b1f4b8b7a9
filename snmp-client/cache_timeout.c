// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-client/cache_timeout.h"

#include <errno.h>

#include "common/base/cleanup.h"
#include "common/parse/oid.h"
#include "snmp-client/netsnmp_start.h"

struct dcm_cache_timeout {
	void *session;
	oid object[MAX_OID_LEN];
	size_t object_len;
};

/* The library's own parser loads MIB files. */
static void parse_object(struct dcm_cache_timeout *client)
{
	dcm_oid_parse(DCM_CACHE_TIMEOUT_OID, OID_LENGTH(client->object), client->object,
		      &client->object_len);
}

#define MAX_ARGS    20
#define ADDRESS_MAX 256 /* longer than credentials and than mute_address */

struct arguments {
	char text[MAX_ARGS][ADDRESS_MAX];
	char *argv[MAX_ARGS + 1];
	int count;
};

static void add(struct arguments *a, const char *text)
{
	snprintf(a->text[a->count], sizeof(a->text[0]), "%s", text);
	a->argv[a->count] = a->text[a->count];
	a->argv[++a->count] = NULL;
}

static void add_option(struct arguments *a, const char *option, const char *value)
{
	add(a, option);
	add(a, value);
}

/* The library knows how to make keys of passwords, and every version's names of protocols, in one
 * place only: where it parses the options of its command line tools. */
static void make_arguments(const char *address, const struct dcm_credentials *c,
			   struct arguments *ret)
{
	add(ret, "dcachemon");
	add_option(ret, "-t", "2");
	add_option(ret, "-r", "1");
	if (*c->community) {
		add(ret, "-v2c");
		add_option(ret, "-c", c->community);
	} else {
		add(ret, "-v3");
		add_option(ret, "-u", c->user);
		add_option(ret, "-l", *c->priv_protocol ? "authPriv" : "authNoPriv");
		add_option(ret, "-a", c->auth_protocol);
		add_option(ret, "-A", c->auth_password);
	}
	if (*c->priv_protocol) {
		add_option(ret, "-x", c->priv_protocol);
		add_option(ret, "-X", c->priv_password);
	}
	add(ret, address);
}

int dcm_cache_timeout_open(const char *address, const struct dcm_credentials *credentials,
			   struct dcm_reason *reason, struct dcm_cache_timeout **ret)
{
	_cleanup_free_ struct dcm_cache_timeout *client = calloc(1, sizeof(*client));
	struct arguments arguments = {.count = 0};
	netsnmp_session session;

	if (!client)
		return dcm_reason_no_memory(reason);
	dcm_library_isolate();
	snmp_disable_log();
	parse_object(client);
	make_arguments(address, credentials, &arguments);
	if (snmp_parse_args(arguments.count, arguments.argv, &session, "", NULL) < 0) {
		explicit_bzero(&arguments, sizeof(arguments));
		return dcm_reason_set(reason, -EINVAL, "libnetsnmp refuses the credentials");
	}
	client->session = snmp_sess_open(&session);
	explicit_bzero(&arguments, sizeof(arguments));
	if (!client->session)
		return dcm_reason_set(reason, -EIO, "%s: %s", address,
				      snmp_api_errstring(snmp_errno));
	*ret = client;
	client = NULL;
	return 0;
}

void dcm_cache_timeout_close(struct dcm_cache_timeout *client)
{
	if (client)
		snmp_sess_close(client->session);
	free(client);
}

static int explain_error(long status, struct dcm_reason *reason)
{
	switch (status) {
	case SNMP_ERR_NOACCESS:
	case SNMP_ERR_AUTHORIZATIONERROR:
		return dcm_reason_set(reason, -EACCES, "snmpd allows no SET of nsCacheTimeout");
	case SNMP_ERR_NOTWRITABLE:
	case SNMP_ERR_NOCREATION:
	case SNMP_ERR_NOSUCHNAME:
		return dcm_reason_set(reason, -ENOENT,
				      "snmpd has no nsCacheTimeout of ifTable, or hides it");
	default:
		return dcm_reason_set(reason, -EIO, "snmpd answers with error %ld (%s)", status,
				      snmp_errstring((int)status));
	}
}

static int explain_failure(struct dcm_cache_timeout *client, int status, struct dcm_reason *reason)
{
	char *text = NULL;
	int library = 0, system = 0;

	if (status == STAT_TIMEOUT)
		return dcm_reason_set(reason, -ETIMEDOUT,
				      "snmpd does not answer: wedged, or it refuses the community");
	snmp_sess_error(client->session, &system, &library, &text);
	dcm_reason_set(reason, -EIO, "%s", text ? text : "no request sent");
	free(text);
	return library == SNMPERR_TIMEOUT ? -ETIMEDOUT : -EACCES;
}

/* Sends @pdu; on 0 the answer has one variable, *@ret is the caller's. */
static int exchange(struct dcm_cache_timeout *client, netsnmp_pdu *pdu, struct dcm_reason *reason,
		    netsnmp_pdu **ret)
{
	netsnmp_pdu *response = NULL;
	int status = snmp_sess_synch_response(client->session, pdu, &response);
	int err = 0;

	if (status != STAT_SUCCESS || !response)
		err = explain_failure(client, status, reason);
	else if (response->command == SNMP_MSG_REPORT)
		err = dcm_reason_set(reason, -EACCES, "snmpd refuses the user");
	else if (response->errstat != SNMP_ERR_NOERROR)
		err = explain_error(response->errstat, reason);
	else if (!response->variables)
		err = dcm_reason_set(reason, -EIO, "snmpd answers without a value");
	if (err) {
		if (response)
			snmp_free_pdu(response);
		return err;
	}
	*ret = response;
	return 0;
}

int dcm_cache_timeout_get(struct dcm_cache_timeout *client, struct dcm_reason *reason,
			  unsigned *ret_seconds)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET), *response;
	int err;

	if (!pdu)
		return dcm_reason_no_memory(reason);
	snmp_add_null_var(pdu, client->object, client->object_len);
	err = exchange(client, pdu, reason, &response);
	if (err)
		return err;
	if (response->variables->type != ASN_INTEGER)
		err = dcm_reason_set(reason, -ENOENT,
				     "snmpd has no nsCacheTimeout of ifTable, or hides it");
	else if (*response->variables->val.integer < 0)
		err = dcm_reason_set(reason, -EIO, "snmpd answers with a negative time");
	else
		*ret_seconds = (unsigned)*response->variables->val.integer;
	snmp_free_pdu(response);
	return err;
}

int dcm_cache_timeout_set(struct dcm_cache_timeout *client, unsigned seconds,
			  struct dcm_reason *reason)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_SET), *response;
	long value = (long)seconds;
	int err;

	if (!pdu)
		return dcm_reason_no_memory(reason);
	snmp_pdu_add_variable(pdu, client->object, client->object_len, ASN_INTEGER, &value,
			      sizeof(value));
	err = exchange(client, pdu, reason, &response);
	if (!err)
		snmp_free_pdu(response);
	return err;
}
