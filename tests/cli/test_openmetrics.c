// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Both texts for Prometheus, read back by Prometheus' client library for Python (its parser of
 * OpenMetrics is strict) and compared with each other and with the JSON document.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/commands/show_openmetrics.h"
#include "cli/commands/show_tables.h"
#include "common/base/cleanup.h"
#include "common/model/metrics/family.h"
#include "tests/cli/hostile_snapshot.h"

#define PYTHON "/usr/bin/python3" /* the one that Debian's packages are for */

/* What the scripts have: om and old, {series name: {labels: value}}; families, {name: family} of
 * OpenMetrics; d, the JSON document; raw, the bytes of OpenMetrics. */
static const char prelude[] =
	"import json, os, sys\n"
	"from prometheus_client.openmetrics import parser as new\n"
	"from prometheus_client import parser as classic\n"
	"raw, first, d = sys.stdin.buffer.read().split(b\"\\f\")\n"
	"d = json.loads(d)\n"
	"families = {f.name: f for f in new.text_string_to_metric_families(raw.decode())}\n"
	"first = {f.name: f for f in classic.text_string_to_metric_families(first.decode())}\n"
	"def series(families):\n"
	"    found = {}\n"
	"    for s in (s for f in families.values() for s in f.samples):\n"
	"        labels = frozenset(s.labels.items())\n"
	"        rows = found.setdefault(s.name, {})\n"
	"        assert labels not in rows, s\n"
	"        rows[labels] = float(s.value)\n"
	"    return found\n"
	"om, old = series(families), series(first)\n"
	"exec(os.environ[\"CHECK\"])\n";

static bool has_parser(void)
{
	static int status = -1;

	if (status < 0)
		status = system(PYTHON " -c 'import prometheus_client'");
	return status == 0;
}

static void check(struct dcm_snapshot *snapshot, const char *script)
{
	_cleanup_free_ char *document = NULL;
	size_t size;
	FILE *out, *pipe;

	assert_non_null(snapshot);
	if (!has_parser()) {
		print_message("# skipped: no python3-prometheus-client (make deps)\n");
		dcm_snapshot_destroy(snapshot);
		skip();
	}
	out = open_memstream(&document, &size);
	assert_non_null(out);
	assert_int_equal(openmetrics_snapshot(snapshot, OPENMETRICS, out), 0);
	fputc('\f', out);
	assert_int_equal(openmetrics_snapshot(snapshot, OPENMETRICS_CLASSIC, out), 0);
	fputc('\f', out);
	assert_int_equal(json_snapshot(snapshot, out), 0);
	fclose(out);
	dcm_snapshot_destroy(snapshot);
	setenv("PRELUDE", prelude, 1);
	setenv("CHECK", script, 1);
	pipe = popen(PYTHON " -c 'import os; exec(os.environ[\"PRELUDE\"])'", "w");
	assert_non_null(pipe);
	fputs(document, pipe);
	assert_int_equal(pclose(pipe), 0);
}

static void test_empty(void **state)
{
	check(synthetic_snapshot(false),
	      "assert list(om) == ['dcachemon_snapshot_timestamp_seconds'] == list(old), om\n"
	      "assert om['dcachemon_snapshot_timestamp_seconds'][frozenset()] == 1700000000.123\n"
	      "assert raw.endswith(b'\\n# EOF\\n')\n");
}

/* The same series with the same values; counters keep their type in the older format, too. */
static void test_both_forms(void **state)
{
	check(synthetic_snapshot(true),
	      "assert om == old\n"
	      "assert families['dcachemon_totals_slab_bytes'].unit == 'bytes'\n"
	      "assert families['dcachemon_source_state'].type == 'stateset'\n"
	      "assert first['dcachemon_source_state'].type == 'gauge'\n"
	      "assert families['dcachemon_source'].type == 'info'\n"
	      "assert families['dcachemon_lookup_seconds'].unit == 'seconds'\n");
}

/* Every number and every state of the JSON document, and nothing else. */
static void test_same_as_json(void **state)
{
	check(synthetic_snapshot(true),
	      "keys = {'index', 'rank', 'superblock', 'bucket', 'sequence'}\n"
	      "tables = dict(totals='totals', superblocks='superblock', chains='chain',\n"
	      "              directories='directory', lookups='lookup', sources='source')\n"
	      "for name, label in tables.items():\n"
	      "    rows = d[name] if isinstance(d[name], list) else [d[name]]\n"
	      "    want = sorted(float(v) for r in rows for k, v in r.items()\n"
	      "                  if k not in keys and isinstance(v, (int, float)))\n"
	      "    got = sorted(v for s, found in om.items() for v in found.values()\n"
	      "                 if s.startswith(f'dcachemon_{label}_') and\n"
	      "                 not s.endswith(('_state', '_info')))\n"
	      "    assert got == want, (name, got, want)\n"
	      "states = [dict(l) for l, v in om['dcachemon_source_state'].items() if v]\n"
	      "assert [s['dcachemon_source_state'] for s in states] == ['unsupported'], states\n");
}

/* Labels are the text of a terminal: no control characters, no two names alike. */
static void test_hostile_names(void **state)
{
	check(synthetic_snapshot(true),
	      "rows = [dict(l) for l in om['dcachemon_chain_length']]\n"
	      "name = next(r['name'] for r in rows if r['name'] != 'ipv6')\n"
	      "assert name.startswith(r'a\\x0ab\\x1b[2Jc\\x9b'), ascii(name)\n"
	      "assert name.endswith('\"</' + r'\\x7f') and r'\\xff' in name, ascii(name)\n"
	      "assert r'(\\\\\"' in name, ascii(name)\n"
	      "assert not any(c < 32 and c != 10 or c == 127 for c in raw)\n"
	      "info = [dict(l) for l in om['dcachemon_lookup_info']]\n"
	      "assert [i['error'] for i in info] == [name], info\n"
	      "assert b'sample_names' not in raw\n");
}

/* Rows without a name of their own, or with the same one, go by their number. */
static void test_ambiguous_rows(void **state)
{
	check(synthetic_snapshot(true),
	      "rows = [dict(l) for l in om['dcachemon_superblock_unused']]\n"
	      "assert len(rows) == 20\n"
	      "assert sorted(int(r['index']) for r in rows if 'index' in r) == list(range(1, 20))\n"
	      "last = next(r for r in rows if 'index' not in r)\n"
	      "assert last['device'] == '259:7' and last['fstype'] == 'overlay'\n"
	      "assert all('rank' not in dict(l) for l in om['dcachemon_chain_length'])\n");
}

static struct dcm_snapshot *units_snapshot(void)
{
	struct dcm_snapshot_builder *b;
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_snap_memory *m;
	struct dcm_snap_reclaim *r;
	struct dcm_snap_superblock *s;
	struct dcm_snap_alarm *a;

	assert_int_equal(dcm_snapshot_builder_create(&b), 0);
	m = dcm_snapshot_builder_add(b, DCM_SEC_MEMORY);
	DCM_SET(m, psi_some_us, 1234567);
	DCM_SET(m, psi_some_avg10, 2.5);
	DCM_SET(m, pgscan_direct, (1ULL << 53) + 1);
	r = dcm_snapshot_builder_add(b, DCM_SEC_RECLAIM);
	DCM_SET(r, time_ns, 1700000001500000000LL);
	DCM_SET(r, seconds, 0.25);
	DCM_SET(r, result, DCM_RECLAIM_DONE);
	s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
	DCM_SET(s, index, 1);
	DCM_SET_ESTIMATE(s, hashed_estimate,
			 ((struct dcm_snap_estimate){.value = 100, .low = 90, .high = 110}));
	a = dcm_snapshot_builder_add(b, DCM_SEC_ALARMS);
	DCM_SET(a, index, 7);
	DCM_SET(a, type, 1);
	DCM_SET(a, severity, DCM_SEVERITY_CRITICAL);
	DCM_SET(a, resource, dcm_snapshot_builder_text(b, "/proc"));
	assert_int_equal(dcm_snapshot_builder_finish(b, 1700000000000000000, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(b);
	return snapshot;
}

/* Base units; exact integers; an estimate has its interval and is no count. */
static void test_units(void **state)
{
	check(units_snapshot(),
	      "one = lambda name: next(iter(om[name].values()))\n"
	      "assert one('dcachemon_memory_psi_some_seconds_total') == 1.234567\n"
	      "assert one('dcachemon_memory_psi_some_avg10_ratio') == 0.025\n"
	      "assert b'pgscan_direct_total 9007199254740993\\n' in raw\n"
	      "assert families['dcachemon_memory_pgscan_direct'].type == 'counter'\n"
	      "assert first['dcachemon_memory_pgscan_direct'].type == 'counter'\n"
	      "assert one('dcachemon_reclaim_timestamp_seconds') == 1700000001.5\n"
	      "assert one('dcachemon_reclaim_seconds') == 0.25\n"
	      "done = {dict(l)['dcachemon_reclaim_result']: v\n"
	      "        for l, v in om['dcachemon_reclaim_result'].items()}\n"
	      "assert done['done'] == 1 == sum(done.values()) and len(done) > 2, done\n"
	      "ends = [one('dcachemon_superblock_hashed_' + e) for e in\n"
	      "        ('low', 'estimate', 'high')]\n"
	      "assert ends == [90, 100, 110] and 'dcachemon_superblock_hashed' not in om\n"
	      "alarm = [dict(l) for l, v in om['dcachemon_alarm_severity'].items() if v]\n"
	      "assert alarm == [dict(type='chain_length', resource='/proc',\n"
	      "                      dcachemon_alarm_severity='critical')], alarm\n");
}

/* Of the whole table: nothing is cut, units end names, no help speaks of another unit. */
static void test_families(void **state)
{
	struct dcm_family family;

	for (size_t t = 0; t < dcm_table_count; t++)
		for (size_t i = 0; i < dcm_tables[t].count; i++) {
			const struct dcm_metric *m = &dcm_tables[t].metrics[i];
			size_t len, unit;

			dcm_family_of(&dcm_tables[t], m, &family);
			len = strlen(family.name);
			unit = strlen(family.unit);
			assert_in_range(len, 12, DCM_FAMILY_NAME_SIZE - 2);
			assert_in_range(strlen(family.help), 5, DCM_FAMILY_HELP_SIZE - 2);
			assert_string_equal(family.name + len - unit, family.unit);
			assert_null(strstr(family.help, "in percent"));
			assert_null(strstr(family.help, "microseconds"));
			assert_null(strstr(family.name, "percent"));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	       cmocka_unit_test(test_both_forms),
		cmocka_unit_test(test_same_as_json),   cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_ambiguous_rows), cmocka_unit_test(test_units),
		cmocka_unit_test(test_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
