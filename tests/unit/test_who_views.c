// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A host with a container in a captured /proc: the same folder by every name that it has. */
#include "tests/unit/tree.h"

#include "common/base/units.h"
#include "common/kernel/who/who_views.h"

#define OVERLAY	 "/var/lib/docker/overlay2/4f5b/merged"
#define SECOND	 DCM_NSEC_PER_SEC
#define INSIDE	 42 /* a process of the container */
#define CHROOTED 43 /* of the host's mount namespace */

struct fixture {
	struct tree tree;
	struct dcm_who_views *views;
	uint64_t now;
	uint32_t host, container; /* mount namespaces */
};

static const char host_mounts[] = "20 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
				  "21 20 0:5 / /proc rw - proc proc rw\n"
				  "22 20 0:50 / " OVERLAY " rw - overlay overlay rw\n"
				  "23 20 254:2 / /srv/data rw - xfs /dev/vdb rw\n"
				  "24 20 254:2 /web /export/web rw - xfs /dev/vdb rw\n";

/* As seen from its root directory. The volume is a folder of the host's. */
static const char container_mounts[] = "90 80 0:50 / / rw - overlay overlay rw\n"
				       "91 90 0:60 / /proc rw - proc proc rw\n"
				       "92 90 0:61 / /dev/shm rw - tmpfs shm rw\n"
				       "93 90 254:2 /web /data rw - xfs /dev/vdb rw\n";

static void put(struct fixture *f, const char *path, const char *text)
{
	tree_write(&f->tree, path, text, strlen(text));
}

static uint32_t inode(struct fixture *f, const char *path)
{
	char full[512];
	struct stat st;

	assert_int_equal(stat(tree_path(&f->tree, path, full), &st), 0);
	return (uint32_t)st.st_ino;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	tree_create(&f->tree);
	put(f, "/proc/1/mountinfo", host_mounts);
	put(f, "/proc/1/ns/mnt", "");
	put(f, "/proc/42/mountinfo", container_mounts);
	put(f, "/proc/42/ns/mnt", "");
	f->host = inode(f, "/proc/1/ns/mnt");
	f->container = inode(f, "/proc/42/ns/mnt");
	f->now = SECOND;
	assert_int_equal(dcm_who_views_create(f->tree.root, &f->views), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dcm_who_views_destroy(f->views);
	tree_destroy(&f->tree);
	free(f);
	return 0;
}

static void assert_folder(struct fixture *f, const struct dcm_who_place *place, const char *below,
			  const char *wanted)
{
	char out[8192];

	dcm_who_views_folder(f->views, place, below, f->now, out, sizeof(out));
	assert_string_equal(out, wanted);
}

/* The root directory of a process, and another one that it is in or has open. */
static struct dcm_who_place root(uint32_t pid, uint32_t mount_namespace, uint32_t major,
				 uint32_t minor, const char *inside)
{
	return (struct dcm_who_place){.pid = pid,
				      .mount_namespace = mount_namespace,
				      .dev_major = major,
				      .dev_minor = minor,
				      .inside = inside,
				      .is_root = true};
}

static struct dcm_who_place at(uint32_t pid, uint32_t mount_namespace, uint32_t major,
			       uint32_t minor, const char *inside)
{
	struct dcm_who_place place = root(pid, mount_namespace, major, minor, inside);

	place.is_root = false;
	return place;
}

static void test_container(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place top = root(INSIDE, f->container, 0, 50, "/"),
				   etc = at(INSIDE, f->container, 0, 50, "/etc"),
				   nssdb = at(INSIDE, f->container, 0, 50, "/etc/nssdb"),
				   data = at(INSIDE, f->container, 254, 2, "/web");

	assert_folder(f, &top, "/etc/nssdb", OVERLAY "/etc/nssdb");
	assert_folder(f, &top, "", OVERLAY);
	assert_folder(f, &etc, "/nssdb", OVERLAY "/etc/nssdb");
	assert_folder(f, &nssdb, "", OVERLAY "/etc/nssdb");
	assert_folder(f, &nssdb, "/../nssdb", OVERLAY "/etc/nssdb");
	assert_folder(f, &top, "/../etc", OVERLAY "/etc");
	assert_folder(f, &nssdb, "/../../../../etc", OVERLAY "/etc");
	/* a volume, by each of its names */
	assert_folder(f, &top, "/data", "/srv/data/web");
	assert_folder(f, &top, "/data/a/b", "/srv/data/web/a/b");
	assert_folder(f, &data, "/a", "/srv/data/web/a");
	assert_folder(f, &data, "/../etc/nssdb", OVERLAY "/etc/nssdb");
	/* what the host has not mounted */
	assert_folder(f, &top, "/proc/sys/net", "0:60:/sys/net");
	assert_folder(f, &top, "/dev/shm", "0:61:/");
	assert_folder(f, &top, "/dev/shmoo", OVERLAY "/dev/shmoo");
}

static void test_host(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place top = root(7, f->host, 254, 1, "/"),
				   home = at(7, f->host, 254, 1, "/home"),
				   overlay = at(7, f->host, 0, 50, "/etc");

	assert_folder(f, &top, "/tmp/x", "/tmp/x");
	assert_folder(f, &top, "", "/");
	assert_folder(f, &home, "/../proc/sys/net", "/proc/sys/net");
	assert_folder(f, &top, OVERLAY "/etc/nssdb", OVERLAY "/etc/nssdb");
	assert_folder(f, &overlay, "/nssdb", OVERLAY "/etc/nssdb");
	/* a bind mount, by the name that "show" has */
	assert_folder(f, &top, "/export/web/a", "/srv/data/web/a");
	/* behind a name that may be a link ".." stays */
	assert_folder(f, &top, "/lib/../x", "/lib/../x");
}

static void test_chroot(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place top = root(CHROOTED, f->host, 254, 1, "/srv/jail"),
				   merged = root(CHROOTED, f->host, 0, 50, "/");

	assert_folder(f, &top, "/etc/nssdb", "/srv/jail/etc/nssdb");
	assert_folder(f, &top, "/../../etc", "/srv/jail/etc");
	assert_folder(f, &merged, "/etc/nssdb", OVERLAY "/etc/nssdb");
}

/* Between unshare(2) and pivot_root(2) a runtime has the host's root directory still. */
static void test_before_pivot(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place before = root(INSIDE, f->container, 254, 1, "/");

	assert_folder(f, &before, "/etc/nssdb", "/etc/nssdb");
}

static void test_ended(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place gone = root(44, f->container, 0, 50, "/"),
				   alive = root(INSIDE, f->container, 0, 50, "/"),
				   unknown = root(44, 0, 0, 50, "/");

	/* nobody was met there: without its mounts, below its root directory */
	assert_folder(f, &gone, "/etc/nssdb", OVERLAY "/etc/nssdb");
	assert_folder(f, &gone, "/data", OVERLAY "/data");
	assert_folder(f, &unknown, "/etc/../x", OVERLAY "/etc/../x");
	/* and by those of another process as soon as one was */
	assert_folder(f, &alive, "/data", "/srv/data/web");
	assert_folder(f, &gone, "/data", "/srv/data/web");
	f->now += 10 * SECOND;
	assert_folder(f, &gone, "/data", "/srv/data/web");
}

/* The number of a process that is in another namespace by now, or another one. */
static void test_other_process(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place top = root(INSIDE, f->container + 1000, 0, 50, "/");

	assert_folder(f, &top, "/data", OVERLAY "/data");
}

static void test_changes(void **state)
{
	struct fixture *f = *state;
	const struct dcm_who_place top = root(INSIDE, f->container, 0, 50, "/");

	assert_folder(f, &top, "/new", OVERLAY "/new");
	put(f, "/proc/42/mountinfo",
	    "90 80 0:50 / / rw - overlay overlay rw\n93 90 254:2 / /new rw - xfs b rw\n");
	f->now += 2 * SECOND;
	assert_folder(f, &top, "/new", "/srv/data");
	/* the next container of that device number */
	put(f, "/proc/1/mountinfo",
	    "20 1 254:1 / / rw - ext4 a rw\n22 20 0:50 / /b rw - overlay c d\n");
	f->now += SECOND;
	assert_folder(f, &top, "/etc", "/b/etc");
}

static void test_many_and_huge(void **state)
{
	struct fixture *f = *state;
	char *huge = malloc(3u << 20), out[64];
	size_t len = 0;

	for (int i = 0; len < (2u << 20); i++)
		len += (size_t)sprintf(huge + len, "%d 90 0:50 / /m/%d rw - overlay o rw\n",
				       100 + i, i);
	tree_write(&f->tree, "/proc/42/mountinfo", huge, len);
	for (uint32_t i = 0; i < 1000; i++) {
		const struct dcm_who_place top = root(INSIDE, f->container + i, 0, 50, "/");

		assert_folder(f, &top, "/etc", OVERLAY "/etc");
	}
	/* cut, not beyond */
	dcm_who_views_folder(f->views, &(struct dcm_who_place){.inside = "/"}, "/etc", f->now, out,
			     4);
	assert_string_equal(out, "0:0");
	free(huge);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_container),	 TEST(test_host),	   TEST(test_chroot),
		TEST(test_before_pivot), TEST(test_ended),	   TEST(test_other_process),
		TEST(test_changes),	 TEST(test_many_and_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
