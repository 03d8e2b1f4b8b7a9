// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The JSON document, read back by another parser (python3's integers are exact at any size). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/commands/show_tables.h"
#include "common/base/cleanup.h"
#include "tests/cli/hostile_snapshot.h"

/* Runs @script in python3 with the document as "d" and its bytes as "raw"; the script asserts. */
static int python(const char *document, const char *script)
{
	FILE *pipe;

	setenv("CHECK", script, 1);
	pipe = popen("python3 -c 'import json,os,sys\nraw = sys.stdin.buffer.read()\n"
		     "d = json.loads(raw.decode(\"utf-8\"))\n"
		     "exec(os.environ[\"CHECK\"])'",
		     "w");

	assert_non_null(pipe);
	fputs(document, pipe);
	return pclose(pipe);
}

static void check(bool full, const char *script)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = synthetic_snapshot(full);
	_cleanup_free_ char *document = NULL;
	size_t size;
	FILE *out = open_memstream(&document, &size);

	assert_non_null(snapshot);
	assert_non_null(out);
	assert_int_equal(json_snapshot(snapshot, out), 0);
	fclose(out);
	/* One document, one line. */
	assert_ptr_equal(strchr(document, '\n'), document + size - 1);
	assert_int_equal(python(document, script), 0);
}

static void test_empty(void **state)
{
	check(false, "assert d['schema_version'] == 1\n"
		     "for k in 'superblocks chains directories lookups alarms sources'.split():\n"
		     "    assert d[k] == [], k\n"
		     "assert d['hash'].pop('histogram') == []\n"
		     "for k in 'totals hash namespaces snmpd'.split():\n"
		     "    assert d[k] and all(v is None for v in d[k].values()), k\n");
}

/* The keys that programs rely on; more may be added. */
static void test_contract_keys(void **state)
{
	check(true, "contract = dict(\n"
		    " totals='dentries unused negative slab_bytes',\n"
		    " superblocks='index fstype id device mountpoint unused hashed negative "
		    "shrink_seconds',\n"
		    " hash='buckets nonempty entries max_chain coverage pass_seconds histogram',\n"
		    " chains='length fstype parent name same_name',\n"
		    " directories='path fstype children negative sample_names',\n"
		    " lookups='path seconds', namespaces='network',\n"
		    " snmpd='interfaces reload_seconds wedge_ratio reload_every_seconds',\n"
		    " sources='name state reason age_seconds cost_seconds')\n"
		    "for table, keys in contract.items():\n"
		    "    rows = d[table] if isinstance(d[table], list) else [d[table]]\n"
		    "    assert rows, table\n"
		    "    for row in rows:\n"
		    "        assert set(keys.split()) <= set(row), (table, set(row))\n"
		    "assert isinstance(d['alarms'], list)\n");
}

static void test_absent_is_null(void **state)
{
	check(true, "assert d['totals']['negative'] is None\n"
		    "assert d['superblocks'][0]['device'] is None\n"
		    "assert d['superblocks'][0]['fstype'] is None\n"
		    "assert d['superblocks'][0]['negative'] is None\n"
		    "assert d['superblocks'][0]['container'] is None\n"
		    "assert d['superblocks'][0]['process'] is None\n"
		    "assert d['directories'][0]['container'] is None\n"
		    "assert d['chains'][1]['same_name'] is None\n"
		    "assert d['namespaces']['network'] is None\n");
}

static void test_exact_integers(void **state)
{
	check(true, "assert d['totals']['dentries'] == -5\n"
		    "assert d['totals']['unused'] == 2**63 - 1\n"
		    "assert d['totals']['slab_bytes'] == 2**64 - 1\n"
		    "assert d['superblocks'][19]['unused'] == 2**63\n"
		    "assert d['superblocks'][19]['negative'] == 2**64 - 1\n"
		    "assert d['chains'][1]['length'] == 2**64 - 1\n"
		    "assert all(type(s['unused']) is int for s in d['superblocks'])\n");
}

static void test_types(void **state)
{
	check(true,
	      "assert d['time'] == 1700000000.123\n"
	      "assert d['superblocks'][19]['device'] == '259:7'\n"
	      "assert d['sources'][0]['state'] == 'unsupported'\n"
	      "assert d['superblocks'][18]['process'] == dict(pid=942, command='podman pause')\n"
	      "container = d['superblocks'][19]['container']\n"
	      "assert list(container) == 'runtime id name image pod namespace'.split()\n"
	      "assert container['id'] == '3f2a9c01b77e' and container['pod'] is None\n"
	      "assert d['chains'][0]['truncated'] is True\n"
	      "assert abs(d['lookups'][0]['seconds'] - 184e-6) < 1e-12\n"
	      "assert d['lookups'][1]['seconds'] is None\n"
	      "assert b'NaN' not in raw and b'Infinity' not in raw\n");
}

/* Valid UTF-8 survives as it is, controls as JSON escapes, invalid bytes as \xNN. */
static void test_hostile_names(void **state)
{
	check(true, "name = d['chains'][1]['name']\n"
		    "assert name.startswith('a\\nb\\x1b[2Jc\\\\x9b'), ascii(name)\n"
		    "assert '\\\\xff' in name and name.endswith('\"</\\x7f'), ascii(name)\n"
		    "assert d['chains'][1]['parent'] == '\\\\xfe' * 255\n"
		    "assert d['superblocks'][19]['mountpoint'] == '/mnt/' + name\n"
		    "assert d['superblocks'][19]['container']['name'] == name\n"
		    "assert d['directories'][0]['sample_names'] == ['one', name]\n"
		    "assert not any(c < 32 for c in raw[:-1])\n");
}

/* A full disk is seen by whoever closes the stream, not lost. */
static void test_write_error(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = synthetic_snapshot(true);
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	assert_int_equal(json_snapshot(snapshot, out), 0);
	assert_true(fflush(out) || ferror(out));
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	       cmocka_unit_test(test_contract_keys),
		cmocka_unit_test(test_absent_is_null), cmocka_unit_test(test_exact_integers),
		cmocka_unit_test(test_types),	       cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
