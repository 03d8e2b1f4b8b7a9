// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers and names of superblocks, and the file that keeps them over restarts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/metrics/text.h"
#include "common/model/roster/roster_state.h"

#define BOOT	  "6b1f5f0e-93f4-4c6c-9d5e-0d7f3f6a1c11"
#define NEXT_BOOT "11111111-2222-3333-4444-555555555555"
#define ID	  "4f5bbf8e7c11d0c9a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718"

static struct dcm_roster *roster;
static struct dcm_reason reason;

static int set_up(void **state)
{
	return dcm_roster_create(&roster);
}

static int tear_down(void **state)
{
	dcm_roster_destroy(roster);
	return 0;
}

static struct dcm_roster_guest guest(const char *type, uint32_t major, uint32_t minor,
				     const char *mountpoint, uint64_t fingerprint)
{
	return (struct dcm_roster_guest){.fstype = type,
					 .dev_major = major,
					 .dev_minor = minor,
					 .mountpoint = mountpoint,
					 .identity = {fingerprint, 10, 20}};
}

/* As the index does for one new superblock. */
static struct dcm_roster_entry *come(struct dcm_roster_guest who)
{
	struct dcm_roster_entry *entry = dcm_roster_claim(roster, &who);

	if (!entry)
		entry = dcm_roster_enter(roster, &who);
	assert_non_null(entry);
	return entry;
}

static void expect(const struct dcm_roster_entry *entry, uint32_t number, const char *name)
{
	assert_string_equal(dcm_roster_name(entry), name);
	assert_int_equal(dcm_roster_number(entry), number);
}

static char *save(bool stopping)
{
	char *text;
	size_t size;

	assert_int_equal(dcm_roster_save(roster, BOOT, stopping, &text, &size), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

static int load(const char *text, size_t size, const char *boot)
{
	dcm_roster_destroy(roster);
	assert_int_equal(dcm_roster_create(&roster), 0);
	reason.text[0] = '\0';
	return dcm_roster_load(roster, text, size, boot, &reason);
}

static void restart(const char *boot)
{
	_cleanup_free_ char *text = save(true);

	if (load(text, strlen(text), boot))
		fail_msg("%s", reason.text);
}

/* ---- names ---- */

#define LONG_PATH                                                                                \
	"/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234" \
	"56789"
#define UMLAUT "\xc3\xbc"

static const struct {
	const char *type, *mountpoint, *name;
} names[] = {
	{"ext4", "/var", "ext4:/var"},
	{"ext4", "/", "ext4:/"},
	{"proc", NULL, "proc:0:54"},
	{"fuse.sshfs", "/mnt/a b", "fuse.sshfs:/mnt/a b"},
	{"overlay", "/var/lib/docker/overlay2/" ID "/merged", "overlay:4f5bbf8e7c11"},
	{"overlay", "/run/containerd/k8s.io/" ID "/rootfs", "overlay:4f5bbf8e7c11"},
	{"tmpfs", "/var/lib/docker/containers/" ID "/mounts/shm", "tmpfs:4f5bbf8e7c11/mounts/shm"},
	{"tmpfs", "/a/x" ID "/b", "tmpfs:/a/x" ID "/b"}, /* not a whole component */
	{"xfs", "/m/" UMLAUT, "xfs:/m/" UMLAUT},
	{"xfs", LONG_PATH, "xfs:" LONG_PATH},
	{"fuse.a:/var\n", NULL, "fuse.a__var_:0:54"}, /* a type is free to choose for FUSE */
};

static void name_cases(void **state)
{
	char name[DCM_SUPERBLOCK_NAME_SIZE];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(names); i++) {
		dcm_superblock_name(names[i].type, 0, 54, names[i].mountpoint, name);
		assert_string_equal(name, names[i].name);
		assert_true(dcm_superblock_name_is_of(name, names[i].type));
		assert_false(dcm_superblock_name_is_of(name, "ext"));
		assert_true(dcm_superblock_name_is_valid(name));
	}
}

/* What cannot be shown as it is stays apart from what looks like it, and SNMP cuts none. */
static void hostile_names(void **state)
{
	static const char *const places[] = {"/a\nb",
					     "/a\xff"
					     "b",
					     "/a\\xffb",
					     "/a_x0ab",
					     "/a\\b",
					     LONG_PATH LONG_PATH "1",
					     LONG_PATH LONG_PATH "2"};
	char name[DCM_ARRAY_SIZE(places) + 1][DCM_SUPERBLOCK_NAME_SIZE];
	char place[4096], shown[4 * DCM_SUPERBLOCK_NAME_SIZE], again[4 * DCM_SUPERBLOCK_NAME_SIZE];
	const size_t count = DCM_ARRAY_SIZE(places);

	place[0] = '/';
	for (size_t i = 1; i + 2 < sizeof(place); i += 2)
		memcpy(place + i, UMLAUT, 3);
	for (size_t i = 0; i <= count; i++) {
		const char *path = i < count ? places[i] : place;

		dcm_superblock_name("fuse.0123456789012345678901234567890", 4095, 1048575, path,
				    name[i]);
		assert_true(dcm_superblock_name_is_valid(name[i]));
		assert_int_equal(dcm_text_escape(DCM_TEXT_JSON, name[i], again, sizeof(again)),
				 strlen(name[i]));
		assert_in_range(dcm_text_escape(DCM_TEXT_DISPLAY, name[i], shown, sizeof(shown)), 8,
				220);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name[i], name[j]);
	}
	assert_false(dcm_superblock_name_is_valid("a:\\x0a"));
	assert_false(dcm_superblock_name_is_valid("a:\n"));
	assert_false(dcm_superblock_name_is_valid("name"));
}

/* ---- one run ---- */

static void twins(void **state)
{
	struct dcm_roster_entry *first = come(guest("tmpfs", 0, 40, "/m", 1));

	expect(first, 1, "tmpfs:/m");
	expect(come(guest("tmpfs", 0, 41, "/m", 2)), 2, "tmpfs:/m:0:41");
	expect(come(guest("tmpfs", 0, 42, "/m:0:43", 3)), 3, "tmpfs:/m:0:43");
	expect(come(guest("tmpfs", 0, 43, "/m", 4)), 4, "tmpfs:/m#4.1");
	/* the name is free again, the number is not */
	dcm_roster_leave(roster, first);
	expect(come(guest("tmpfs", 0, 44, "/m", 5)), 5, "tmpfs:/m");
}

#define ALIKE  "aaaabbbbccccddddaaaabbbbccccddddaaaabbbbccccddddaaaabbbbccccddd"
#define AT(id) "/var/lib/docker/overlay2/" id "/merged"

/* Ids that begin alike: more digits for those that come later, also when the first has gone. */
static void containers(void **state)
{
	struct dcm_roster_guest second = guest("overlay", 0, 41, AT(ALIKE "1"), 2);
	struct dcm_roster_entry *first = come(guest("overlay", 0, 40, AT(ALIKE "0"), 1));
	struct dcm_roster_entry *entry = come(second);

	expect(first, 1, "overlay:aaaabbbbcccc");
	expect(entry, 2, "overlay:aaaabbbbccccd");
	expect(come(guest("overlay", 0, 42, AT(ALIKE "2"), 3)), 3, "overlay:aaaabbbbccccdd");
	/* below one of them: another type, or another place */
	expect(come(guest("tmpfs", 0, 43, "/run/" ALIKE "1/mounts/shm", 4)), 4,
	       "tmpfs:aaaabbbbcccc/mounts/shm");
	dcm_roster_leave(roster, first);
	expect(dcm_roster_refresh(roster, entry, &second), 2, "overlay:aaaabbbbccccd");
	restart(BOOT);
	expect(come(second), 2, "overlay:aaaabbbbccccd");
	expect(come(guest("overlay", 0, 44, AT(ALIKE "4"), 5)), 5, "overlay:aaaabbbbcccc");
}

/* One id in many places, as after copies of /var/lib/docker: all its digits are not enough. */
static void same_container(void **state)
{
	char name[DCM_SUPERBLOCK_NAME_SIZE];

	for (unsigned i = 0; i <= 64 - DCM_CONTAINER_ID_SHOWN; i++) {
		struct dcm_roster_entry *entry = come(guest("overlay", 0, i, AT(ID), i + 1));

		snprintf(name, sizeof(name), "overlay:%.*s", (int)(DCM_CONTAINER_ID_SHOWN + i), ID);
		expect(entry, i + 1, name);
		assert_string_equal(dcm_superblock_name_container(name), strchr(name, ':') + 1);
	}
	expect(come(guest("overlay", 0, 90, AT(ID), 90)), 54, "overlay:4f5bbf8e7c11:0:90");
}

static void container_or_not(void **state)
{
	static const struct {
		const char *name, *container;
	} cases[] = {
		{"overlay:4f5bbf8e7c11", "4f5bbf8e7c11"},
		{"tmpfs:4f5bbf8e7c11/mounts/shm", "4f5bbf8e7c11/mounts/shm"},
		{"overlay:4f5bbf8e7c11:0:54", "4f5bbf8e7c11:0:54"},
		{"overlay:" ID, ID},
		{"overlay:" ID "0", NULL},
		{"overlay:/4f5bbf8e7c11", NULL},
		{"proc:0:54", NULL},
		{"overlay:4f5bbf8e7c1", NULL},
		{"overlay:4f5bbf8e7c11x", NULL},
		{"overlay:", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const char *container = dcm_superblock_name_container(cases[i].name);

		if (cases[i].container)
			assert_string_equal(container, cases[i].container);
		else
			assert_null(container);
	}
}

static void better_name(void **state)
{
	struct dcm_roster_guest who = guest("overlay", 0, 40, NULL, 1);
	struct dcm_roster_entry *entry = come(who);

	expect(entry, 1, "overlay:0:40");
	assert_true(dcm_roster_wants_mount(entry));
	entry = dcm_roster_refresh(roster, entry, &who);
	expect(entry, 1, "overlay:0:40");
	who.mountpoint = "/m";
	entry = dcm_roster_refresh(roster, entry, &who);
	expect(entry, 1, "overlay:/m");
	/* and no other from then on */
	who.mountpoint = "/n";
	expect(dcm_roster_refresh(roster, entry, &who), 1, "overlay:/m");
	who.mountpoint = NULL;
	expect(dcm_roster_refresh(roster, entry, &who), 1, "overlay:/m");
}

/* ---- restarts ---- */

static void same_boot(void **state)
{
	come(guest("proc", 0, 5, NULL, 50));
	come(guest("overlay", 0, 40, "/m", 51));
	come(guest("tmpfs", 0, 41, "/m", 52));
	come(guest("tmpfs", 0, 42, "/m", 53));
	restart(BOOT);
	/* one went, one came in its place, and the rest is met in another order */
	expect(come(guest("tmpfs", 0, 42, "/elsewhere", 53)), 4, "tmpfs:/m:0:42");
	expect(come(guest("proc", 0, 5, NULL, 50)), 1, "proc:0:5");
	expect(come(guest("tmpfs", 0, 41, "/m", 52)), 3, "tmpfs:/m");
	expect(come(guest("overlay", 0, 40, "/m", 99)), 5, "overlay:/m");
}

enum { DEVICE, TYPE, FINGERPRINT, NO_FINGERPRINT, YOUNGER };

static void another_in_its_place(void **state)
{
	for (int what = DEVICE; what <= YOUNGER; what++) {
		struct dcm_roster_guest who = guest("proc", 0, 5, NULL, 50);

		tear_down(state);
		set_up(state);
		come(who);
		restart(BOOT);
		who.dev_minor += what == DEVICE;
		who.fstype = what == TYPE ? "tmpfs" : "proc";
		who.identity.fingerprint += what == FINGERPRINT;
		if (what == NO_FINGERPRINT)
			who.identity.fingerprint = 0;
		if (what == YOUNGER)
			who.identity.oldest_mount = who.identity.newest_mount = 21;
		assert_int_equal(dcm_roster_number(come(who)), 2);
	}
}

/* Gone before the end: another one may be where it was in memory. */
static void gone_before_the_restart(void **state)
{
	dcm_roster_leave(roster, come(guest("ext4", 8, 1, "/m", 50)));
	dcm_roster_leave(roster, come(guest("proc", 0, 5, NULL, 51)));
	restart(BOOT);
	expect(come(guest("ext4", 8, 1, "/m", 50)), 3, "ext4:/m");
	expect(come(guest("proc", 0, 5, NULL, 51)), 4, "proc:0:5");
}

static void next_boot(void **state)
{
	come(guest("ext4", 8, 1, "/var", 50));
	come(guest("xfs", 8, 2, NULL, 51));
	come(guest("proc", 0, 5, NULL, 52));
	come(guest("tmpfs", 0, 40, "/run", 53));
	come(guest("tmpfs", 0, 41, "/run", 54));
	/* unmounted while the host went down */
	dcm_roster_leave(roster, come(guest("overlay", 0, 42, "/m", 55)));
	restart(NEXT_BOOT);
	/* what its memory and its number look like says nothing now, its name all */
	expect(come(guest("tmpfs", 0, 90, "/run", 50)), 4, "tmpfs:/run");
	expect(come(guest("tmpfs", 0, 41, "/run", 54)), 7, "tmpfs:/run:0:41");
	expect(come(guest("proc", 0, 5, NULL, 52)), 8, "proc:0:5");
	expect(come(guest("ext4", 259, 1, "/var", 60)), 1, "ext4:/var");
	expect(come(guest("xfs", 8, 2, NULL, 61)), 2, "xfs:8:2");
	expect(come(guest("overlay", 0, 43, "/m", 62)), 6, "overlay:/m");
	/* and its number is its own: of another one that takes the name later it is not */
	expect(come(guest("ext4", 8, 3, "/var", 63)), 9, "ext4:/var:8:3");
}

static void unknown_boot(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	come(guest("proc", 0, 5, NULL, 50));
	assert_int_equal(dcm_roster_save(roster, "", true, &text, &size), 0);
	assert_int_equal(load(text, size, ""), 0);
	expect(come(guest("proc", 0, 5, NULL, 50)), 2, "proc:0:5");
}

static void late_comers(void **state)
{
	come(guest("proc", 0, 5, NULL, 50));
	come(guest("proc", 0, 6, NULL, 51));
	restart(BOOT);
	dcm_roster_settle(roster);
	expect(come(guest("proc", 0, 5, NULL, 50)), 1, "proc:0:5"); /* missed by one sample */
	dcm_roster_settle(roster);
	expect(come(guest("proc", 0, 6, NULL, 51)), 3, "proc:0:6");
}

/* ---- the file ---- */

static void round_trip(void **state)
{
	_cleanup_free_ char *first = NULL, *second = NULL;

	come(guest("proc", 0, 5, NULL, UINT64_MAX));
	come(guest("ext4", 8, 1, "/a b  " UMLAUT, 51));
	dcm_roster_leave(roster, come(guest("xfs", 8, 2, "/c", 52)));
	first = save(true);
	assert_non_null(strstr(first, "\nlast 3\n"));
	assert_int_equal(load(first, strlen(first), BOOT), 0);
	second = save(true);
	assert_string_equal(first, second);
}

/* Not stopped in order: what it gave last may be in no file. */
static void after_a_crash(void **state)
{
	_cleanup_free_ char *text = NULL;

	come(guest("proc", 0, 5, NULL, 50));
	text = save(false);
	come(guest("proc", 0, 6, NULL, 51));
	assert_int_equal(load(text, strlen(text), BOOT), 0);
	expect(come(guest("proc", 0, 5, NULL, 50)), 1, "proc:0:5");
	expect(come(guest("proc", 0, 7, NULL, 52)), 2 + DCM_ROSTER_RESERVE, "proc:0:7");
}

/* Every cut and every changed byte is noticed; the highest number is kept where it can be read. */
static void damaged(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t size, head;

	for (uint32_t i = 0; i < 40; i++)
		come(guest("proc", 0, i, NULL, 50 + i));
	text = save(true);
	size = strlen(text);
	head = (size_t)(strstr(text, "last 40\n") - text) + strlen("last 40\n");
	for (size_t len = 0; len < size; len++) {
		assert_int_equal(load(text, len, BOOT), -EINVAL);
		assert_true(reason.text[0]);
		if (len >= head)
			assert_int_equal(dcm_roster_begin_above(roster, 0), 40);
	}
	for (size_t i = 0; i < size; i++) {
		text[i] ^= 0x11;
		assert_int_equal(load(text, size, BOOT), -EINVAL);
		text[i] ^= 0x11;
		if (i >= head)
			assert_int_equal(dcm_roster_begin_above(roster, 0), 40);
		/* never one that was given */
		assert_true(i < head ||
			    dcm_roster_number(come(guest("proc", 0, 5, NULL, 55))) == 41);
	}
	assert_int_equal(load(text, size, BOOT), 0);
}

static const struct {
	const char *what, *lines;
	bool good;
} files[] = {
	{"nothing", "", true},
	{"a row", "7 1 8 1 50 10 20 ext4:/a\n", true},
	{"a number above the last", "9 1 8 1 50 10 20 ext4:/a\n", false},
	{"number 0", "0 1 8 1 50 10 20 ext4:/a\n", false},
	{"one number twice", "7 1 8 1 50 1 2 ext4:/a\n7 1 8 2 51 1 2 ext4:/b\n", false},
	{"one name twice", "6 1 8 1 50 1 2 ext4:/a\n7 1 8 2 51 1 2 ext4:/a\n", false},
	{"another kind of name", "7 4 8 1 50 10 20 ext4:/a\n", false},
	{"no kind", "7 0 8 1 50 10 20 ext4:/a\n", false},
	{"no name", "7 1 8 1 50 10 20\n", false},
	{"an empty name", "7 1 8 1 50 10 20 \n", false},
	{"a negative number", "-7 1 8 1 50 10 20 ext4:/a\n", false},
	{"a device beyond 32 bits", "7 1 4294967296 1 50 10 20 ext4:/a\n", false},
	{"a fingerprint beyond 64 bits", "7 1 8 1 18446744073709551616 1 2 ext4:/a\n", false},
	{"a name with a backslash", "7 1 8 1 50 10 20 ext4:/a\\b\n", false},
	{"a name with a bell", "7 1 8 1 50 10 20 ext4:/a\a\n", false},
};

static void strange_rows(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(files); i++) {
		char text[512];
		int len =
			snprintf(text, sizeof(text), "dcachemon superblocks 1\nboot %s\nlast 8\n%s",
				 BOOT, files[i].lines);
		uint64_t sum = 0xcbf29ce484222325ULL;
		int err;

		for (int c = 0; c < len; c++)
			sum = (sum ^ (unsigned char)text[c]) * 0x100000001b3ULL;
		len += snprintf(text + len, sizeof(text) - len, "sum %llu\n",
				(unsigned long long)sum);
		err = load(text, len, BOOT);
		if (err != (files[i].good ? 0 : -EINVAL))
			fail_msg("%s: %d %s", files[i].what, err, reason.text);
		/* bad or good, numbers go on, and nothing half is left */
		expect(come(guest("xfs", 8, 9, "/z", 9)), 9, "xfs:/z");
	}
}

static void other_versions(void **state)
{
	static const char future[] = "dcachemon superblocks 2\nboot x\nlast 70\nwhat else\n";

	assert_int_equal(load(future, strlen(future), BOOT), -EINVAL);
	assert_string_equal(reason.text, "it is of another version");
	assert_int_equal(dcm_roster_number(come(guest("proc", 0, 5, NULL, 50))), 71);
}

/* More than the file takes: the oldest are kept, and those that are gone are the first to go. */
static void full(void **state)
{
	const uint32_t more = DCM_ROSTER_MAX_SAVED + 500;
	_cleanup_free_ char *text = NULL;

	for (uint32_t i = 0; i < 100; i++) {
		char place[32];

		snprintf(place, sizeof(place), "/gone/%u", i);
		dcm_roster_leave(roster, come(guest("xfs", 8, i, place, 9)));
	}
	for (uint32_t i = 1; i <= more; i++)
		come(guest("proc", 0, i, NULL, i));
	text = save(true);
	assert_in_range(strlen(text), 1, DCM_ROSTER_STATE_MAX_SIZE);
	assert_null(strstr(text, "/gone/"));
	assert_int_equal(load(text, strlen(text), BOOT), 0);
	assert_int_equal(dcm_roster_number(come(guest("proc", 0, 1, NULL, 1))), 101);
	assert_int_equal(dcm_roster_number(come(guest("proc", 0, DCM_ROSTER_MAX_SAVED, NULL,
						      DCM_ROSTER_MAX_SAVED))),
			 100 + DCM_ROSTER_MAX_SAVED);
	assert_int_equal(dcm_roster_number(come(guest("proc", 0, more, NULL, more))),
			 100 + more + 1);
}

/* Containers come and go for ever: what is kept of them has an end. */
static void churn(void **state)
{
	for (uint32_t i = 1; i <= 3000; i++) {
		char place[32];

		snprintf(place, sizeof(place), "/c/%u", i);
		dcm_roster_leave(roster, come(guest("overlay", 0, 40, place, i)));
		dcm_roster_settle(roster);
	}
	restart(NEXT_BOOT);
	expect(come(guest("overlay", 0, 40, "/c/3000", 1)), 3000, "overlay:/c/3000");
	expect(come(guest("overlay", 0, 41, "/c/1977", 1)), 1977, "overlay:/c/1977");
	expect(come(guest("overlay", 0, 42, "/c/1976", 1)), 3001, "overlay:/c/1976");
}

static void last_number(void **state)
{
	struct dcm_roster_guest who = guest("proc", 0, 6, NULL, 51);

	dcm_roster_begin_above(roster, UINT32_MAX - 1);
	expect(come(guest("proc", 0, 5, NULL, 50)), UINT32_MAX, "proc:0:5");
	assert_null(dcm_roster_enter(roster, &who));
	free(save(false));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(name_cases),
		CASE(hostile_names),
		CASE(twins),
		CASE(containers),
		CASE(same_container),
		CASE(container_or_not),
		CASE(better_name),
		CASE(same_boot),
		CASE(another_in_its_place),
		CASE(gone_before_the_restart),
		CASE(next_boot),
		CASE(unknown_boot),
		CASE(late_comers),
		CASE(round_trip),
		CASE(after_a_crash),
		CASE(damaged),
		CASE(strange_rows),
		CASE(other_versions),
		CASE(full),
		CASE(churn),
		CASE(last_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
