// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/config/config_values.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/base/cleanup.h"
#include "common/model/config/config_print.h"
#include "common/model/config/snmp_address.h"
#include "common/parse/number.h"
#include "common/parse/oid.h"

#define OID_MIN_LEN 3
#define OID_MAX_LEN 128 /* RFC 2578, 7.1.3 */

int dcm_config_value_bool(const char *value, struct dcm_reason *reason, bool *ret)
{
	static const char *const words[][2] = {
		{"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(words); i++)
		for (int truth = 0; truth < 2; truth++)
			if (!strcasecmp(value, words[i][truth])) {
				*ret = truth;
				return 0;
			}
	return dcm_reason_set(reason, -EINVAL, "must be yes or no");
}

static int number_between(const char *value, double min, double max, bool or_zero,
			  struct dcm_reason *reason, double *ret)
{
	double number = 0;
	int err = dcm_number_real(value, &number);

	if (err == -EINVAL)
		return dcm_reason_set(reason, err, "must be a number");
	if (err || ((number < min || number > max) && !(or_zero && number == 0)))
		return dcm_reason_set(reason, -EINVAL, "must be %sbetween %.15g and %.15g",
				      or_zero ? "0 or " : "", min, max);
	*ret = number + 0.0; /* not -0 */
	return 0;
}

int dcm_config_value_number(const char *value, double min, double max, struct dcm_reason *reason,
			    double *ret)
{
	return number_between(value, min, max, false, reason, ret);
}

int dcm_config_value_interval(const char *value, double min, double max, struct dcm_reason *reason,
			      double *ret)
{
	return number_between(value, min, max, true, reason, ret);
}

int dcm_config_value_count(const char *value, unsigned min, unsigned max, struct dcm_reason *reason,
			   unsigned *ret)
{
	uint64_t number;

	if (dcm_number_up_to(value, max, &number) || number < min)
		return dcm_reason_set(reason, -EINVAL, "must be a whole number between %u and %u",
				      min, max);
	*ret = (unsigned)number;
	return 0;
}

/* "off, on or auto" */
static void list_words(const char *const *words, char *buf, size_t size)
{
	*buf = '\0';
	for (size_t i = 0; words[i]; i++) {
		if (i)
			dcm_config_append(buf, size, words[i + 1] ? ", " : " or ");
		dcm_config_append(buf, size, words[i]);
	}
}

int dcm_config_value_choice(const char *value, const char *const *words, struct dcm_reason *reason,
			    unsigned *ret)
{
	char list[128];

	for (unsigned i = 0; words[i]; i++)
		if (!strcasecmp(value, words[i])) {
			*ret = i;
			return 0;
		}
	list_words(words, list, sizeof(list));
	return dcm_reason_set(reason, -EINVAL, "must be %s", list);
}

/* ---- texts ---- */

/* "udp:127.0.0.1:161", "udp6:[::1]:161": no blanks, no leading dash, nothing of a shell. */
int dcm_config_value_check_transport(const char *value, struct dcm_reason *reason)
{
	struct dcm_snmp_address address;

	return dcm_snmp_address_parse(value, reason, &address) ? -EINVAL : 0;
}

int dcm_config_value_check_account(const char *value, struct dcm_reason *reason)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (*value == '-' || strspn(value, letters) != strlen(value))
		return dcm_reason_set(reason, -EINVAL, "is not the name of an account");
	return 0;
}

int dcm_config_value_check_socket(const char *value, struct dcm_reason *reason)
{
	if (*value != '/')
		return dcm_reason_set(reason, -EINVAL, "must be an absolute path");
	return dcm_config_value_check_transport(value, reason);
}

/* Over TCP, anybody who reaches the port could pose as the master agent, or crash it. */
int dcm_config_value_check_agentx(const char *value, struct dcm_reason *reason)
{
	struct dcm_snmp_address address;

	if (!dcm_snmp_address_path(value) && !dcm_snmp_address_parse(value, NULL, &address) &&
	    address.transport != DCM_SNMP_UDP_ANY)
		return dcm_reason_set(reason, -EINVAL,
				      "must be a local socket: nothing guards AgentX on a network");
	if (!dcm_snmp_address_path(value))
		return dcm_reason_set(reason, -EINVAL, "must be an absolute path");
	return dcm_config_value_check_transport(value, reason);
}

int dcm_config_value_check_folder(const char *value, struct dcm_reason *reason)
{
	return *value && *value != '/' ? dcm_reason_set(reason, -EINVAL, "must be an absolute path")
				       : 0;
}

/* Dotted numbers: the first is 0 to 2, the second below 40 when the first is not 2 (X.660). */
int dcm_config_value_check_oid(const char *value, unsigned max_arcs, struct dcm_reason *reason)
{
	unsigned long arcs[OID_MAX_LEN];
	size_t len = 0;
	int err = dcm_oid_parse(value, DCM_ARRAY_SIZE(arcs), arcs, &len);

	if (err == -EINVAL)
		return dcm_reason_set(reason, err,
				      "must be numbers of 32 bits with dots between them");
	if (err || len < OID_MIN_LEN || len > max_arcs)
		return dcm_reason_set(reason, -EINVAL, "must have %d to %u numbers", OID_MIN_LEN,
				      max_arcs);
	if (arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39))
		return dcm_reason_set(reason, -EINVAL, "begins with impossible numbers");
	return 0;
}
