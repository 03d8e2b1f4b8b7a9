// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The measure for our own handler: the superblock table of tests/lib/synthetic.h served with
 * libnetsnmp's table_container helper. table_container AGENTX_SOCKET ROWS ROOT
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <signal.h>

#define FIRST_COLUMN 2
#define LAST_COLUMN  13

struct row {
	netsnmp_index index; /* first: what the container sorts by */
	oid name;
	unsigned i, count;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = 1;
}

static void put_text(netsnmp_variable_list *variable, const char *format, unsigned i)
{
	char text[64];
	int len = snprintf(text, sizeof(text), format, i);

	snmp_set_var_typed_value(variable, ASN_OCTET_STR, text, (size_t)len);
}

static void put_value(netsnmp_variable_list *variable, const struct row *row, unsigned column)
{
	static const char *const formats[] = {
		[2] = "tmpfs", [3] = "id%u", [4] = "0:%u", [5] = "/mnt/%u"};
	unsigned long long value = row->i;

	if (column <= 5) {
		put_text(variable, formats[column], row->i);
		return;
	}
	if (column == 7 || column == 11)
		value = row->i == row->count ? 5000000000ULL : 1000ULL * row->i;
	else if (column == 8 || column == 12)
		value = 10ULL * row->i;
	if (column >= 11) {
		struct counter64 wide = {value >> 32, value & 0xffffffff};

		snmp_set_var_typed_value(variable, ASN_COUNTER64, &wide, sizeof(wide));
	} else {
		unsigned long gauge = value > 0xffffffff ? 0xffffffff : value;

		snmp_set_var_typed_value(variable, ASN_GAUGE, &gauge, sizeof(gauge));
	}
}

static int handle(netsnmp_mib_handler *module, netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	for (; info->mode == MODE_GET && requests; requests = requests->next) {
		const struct row *row = netsnmp_container_table_row_extract(requests);
		netsnmp_table_request_info *table = netsnmp_extract_table_info(requests);

		if (requests->processed)
			continue;
		if (row && table)
			put_value(requests->requestvb, row, table->colnum);
		else
			netsnmp_set_request_error(info, requests, SNMP_NOSUCHINSTANCE);
	}
	return SNMP_ERR_NOERROR;
}

static netsnmp_container *make_rows(unsigned count)
{
	netsnmp_container *container = netsnmp_container_find("table_container");
	struct row *rows = calloc(count, sizeof(*rows));

	if (!container || !rows)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		rows[i].name = 3 * (i + 1);
		rows[i].index = (netsnmp_index){.len = 1, .oids = &rows[i].name};
		rows[i].i = i + 1;
		rows[i].count = count;
		if (CONTAINER_INSERT(container, &rows[i]))
			return NULL;
	}
	return container;
}

static int serve(const char *root, unsigned count)
{
	netsnmp_table_registration_info *table =
		SNMP_MALLOC_TYPEDEF(netsnmp_table_registration_info);
	netsnmp_container *container = make_rows(count);
	netsnmp_handler_registration *registration;
	oid name[MAX_OID_LEN];
	size_t len = MAX_OID_LEN;

	if (!table || !container || !read_objid(root, name, &len))
		return -1;
	registration = netsnmp_create_handler_registration("reference", handle, name, len,
							   HANDLER_CAN_RONLY);
	netsnmp_table_helper_add_indexes(table, ASN_UNSIGNED, 0);
	table->min_column = FIRST_COLUMN;
	table->max_column = LAST_COLUMN;
	return netsnmp_container_table_register(registration, table, container,
						TABLE_CONTAINER_KEY_NETSNMP_INDEX);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: table_container AGENTX_SOCKET ROWS ROOT\n");
		return 2;
	}
	signal(SIGTERM, on_signal);
	setenv("MIBS", "", 1);
	setenv("SNMP_PERSISTENT_DIR", "/dev/null", 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, argv[1]);
	init_agent("table_container");
	if (serve(argv[3], (unsigned)strtoul(argv[2], NULL, 10))) {
		fprintf(stderr, "table_container: cannot register %s\n", argv[3]);
		return 1;
	}
	init_snmp("table_container");
	while (!stop)
		agent_check_and_process(1);
	snmp_shutdown("table_container");
	return 0;
}
