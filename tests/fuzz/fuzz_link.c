// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer entry for rtnetlink messages and sysctl values.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/interfaces/if_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes the message at @data as a link, an address and a value, whatever its header says. */
static void decode(struct dcm_if_table *table, uint8_t *data, size_t size)
{
	static const uint16_t types[] = {RTM_NEWLINK, RTM_NEWADDR};
	struct dcm_link link;
	uint32_t index;
	int32_t value;
	int family;

	for (size_t i = 0; size >= sizeof(struct nlmsghdr) && i < 2; i++) {
		((struct nlmsghdr *)data)->nlmsg_type = types[i];
		if (!dcm_link_decode(data, size, &link)) {
			if (!link.index || !link.name[0] || link.address_len > DCM_IFADDR_MAX ||
			    strnlen(link.alias, sizeof(link.alias)) == sizeof(link.alias))
				abort();
			dcm_ifname_valid(link.name);
			dcm_if_table_link(table, &link, 2);
		}
		if (!dcm_address_decode(data, size, &index, &family)) {
			dcm_if_table_sort(table);
			dcm_if_table_address(table, index, family);
		}
	}
	dcm_sysctl_int_parse((const char *)data, size, &value);
}

/* The input is cut into messages by their own lengths, as a received buffer is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dcm_if_table table = {0};

	dcm_if_table_begin(&table);
	while (size) {
		uint32_t len = 0;
		uint8_t *copy;

		memcpy(&len, data, size < sizeof(len) ? size : sizeof(len));
		if (len < sizeof(struct nlmsghdr) || len > size)
			len = (uint32_t)size;
		copy = malloc(len);
		if (!copy)
			break;
		memcpy(copy, data, len);
		decode(&table, copy, len);
		free(copy);
		data += len;
		size -= len;
	}
	dcm_if_table_sort(&table);
	dcm_if_table_end(&table, 2, 1, true);
	dcm_if_table_deinit(&table);
	return 0;
}
