// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which mount point a device has, in captured and damaged mount tables. */
#include "tests/unit/mount_scene.h"

static void put(struct fixture *f, const char *path, const char *text)
{
	put_bytes(f, path, text, strlen(text));
}

static void load(struct fixture *f, const char *text)
{
	put(f, INIT, text);
	assert_int_equal(refresh(f), 0);
	assert_true(f->changed);
}

static void assert_resolved(struct fixture *f, uint32_t dev_minor, const char *path,
			    const char *wanted)
{
	char out[8192];

	assert_int_equal(dcm_mount_points_resolve(f->table, 0, dev_minor, path, out, sizeof(out)),
			 0);
	assert_string_equal(out, wanted);
}

static void assert_unresolved(struct fixture *f, uint32_t dev_minor, const char *path, int err)
{
	char out[16] = "untouched";

	assert_int_equal(dcm_mount_points_resolve(f->table, 0, dev_minor, path, out, sizeof(out)),
			 err);
	assert_string_equal(out, "untouched");
}

static const char plain[] = "20 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
			    "21 20 0:5 / /proc rw,nosuid shared:12 master:3 - proc proc rw\n"
			    "22 20 0:6 / /sys rw - sysfs sysfs rw\n"
			    "23 20 0:7 / /mnt/data rw - fuse.sshfs user@host: rw\n";

static void test_plain(void **state)
{
	struct fixture *f = *state;
	struct dcm_mount_device device;
	char out[64];

	assert_int_equal(dcm_mount_points_find(f->table, 0, 5, &device), -ENOENT);
	load(f, plain);
	assert_int_equal(dcm_mount_points_find(f->table, 254, 1, &device), 0);
	assert_string_equal(device.mountpoint, "/");
	assert_string_equal(device.fstype, "ext4");
	assert_int_equal(dcm_mount_points_find(f->table, 0, 7, &device), 0);
	assert_string_equal(device.fstype, "fuse.sshfs");
	assert_found(f, 5, 1, "/proc", "/");
	assert_int_equal(dcm_mount_points_find(f->table, 254, 2, &device), -ENOENT);
	assert_int_equal(dcm_mount_points_find(f->table, 255, 1, &device), -ENOENT);

	assert_resolved(f, 5, "/sys/net", "/proc/sys/net");
	assert_resolved(f, 5, "/", "/proc");
	assert_unresolved(f, 99, "/", -ENOENT);
	assert_unresolved(f, 5, "sys", -EINVAL);
	assert_unresolved(f, 5, "", -EINVAL);
	assert_int_equal(dcm_mount_points_resolve(f->table, 254, 1, "/", out, sizeof(out)), 0);
	assert_string_equal(out, "/");
	assert_int_equal(dcm_mount_points_resolve(f->table, 254, 1, "/usr/a", out, sizeof(out)), 0);
	assert_string_equal(out, "/usr/a");
}

static void test_room(void **state)
{
	struct fixture *f = *state;
	char out[14];

	load(f, plain);
	assert_int_equal(dcm_mount_points_resolve(f->table, 0, 5, "/sys/net", out, 13),
			 -ENAMETOOLONG);
	assert_int_equal(dcm_mount_points_resolve(f->table, 0, 5, "/sys/net", out, 14), 0);
	assert_string_equal(out, "/proc/sys/net");
	assert_int_equal(dcm_mount_points_resolve(f->table, 254, 1, "/", out, 1), -ENAMETOOLONG);
	assert_int_equal(dcm_mount_points_resolve(f->table, 254, 1, "/", out, 2), 0);
	assert_int_equal(dcm_mount_points_resolve(f->table, 0, 5, "/", out, 0), -ENAMETOOLONG);
}

static void test_bind_mounts(void **state)
{
	struct fixture *f = *state;

	load(f, "20 1 0:2 / / rw - ext4 /dev/vda1 rw\n"
		/* whole filesystem twice and a part at a shorter name */
		"30 20 0:3 /sub /b rw - xfs /dev/vdb rw\n"
		"31 20 0:3 / /srv/longer rw - xfs /dev/vdb rw\n"
		"32 20 0:3 / /srv/long rw - xfs /dev/vdb rw\n"
		/* parts only, as of a container's or a subvolume's filesystem */
		"40 20 0:4 /@ /part rw - btrfs /dev/vdc rw\n"
		"41 20 0:4 /@/var/lib /lib rw - btrfs /dev/vdc rw\n"
		"42 20 0:4 /@home /home rw - btrfs /dev/vdc rw\n"
		"43 20 0:8 net:[4026532000] /run/netns/a rw - nsfs nsfs rw\n");
	assert_found(f, 3, 3, "/srv/long", "/");
	assert_resolved(f, 3, "/sub/x", "/srv/long/sub/x");
	assert_found(f, 4, 3, "/lib", "/@/var/lib");
	assert_resolved(f, 4, "/@", "/part");
	assert_resolved(f, 4, "/@/etc", "/part/etc");
	assert_resolved(f, 4, "/@/var/lib/x", "/lib/x");
	assert_resolved(f, 4, "/@/var/library", "/part/var/library");
	assert_resolved(f, 4, "/@home/u", "/home/u");
	assert_unresolved(f, 4, "/", -ENOENT);
	assert_unresolved(f, 4, "/@hom", -ENOENT);
	assert_unresolved(f, 4, "/@homes", -ENOENT);
	assert_found(f, 8, 1, "/run/netns/a", "net:[4026532000]");
	assert_unresolved(f, 8, "/", -ENOENT);
}

/* What is no name of the whole: binds of files and directories, as a container has them. */
static void test_parts(void **state)
{
	static const struct {
		const char *what, *lines, *mountpoint;
		bool part;
	} cases[] = {
		{"a file of the host's root in a container",
		 "30 20 0:3 /var/lib/docker/containers/4f5b/hosts /etc/hosts rw - ext4 /dev/vda1 "
		 "rw\n"
		 "31 20 0:3 /var/lib/docker/containers/4f5b/hostname /etc/hostname rw - ext4 a "
		 "rw\n",
		 "/etc/hosts", true},
		{"a volume", "30 20 0:3 /srv/data /data rw - ext4 /dev/vda1 rw\n", "/data", true},
		{"a file, and the whole under a longer name",
		 "30 20 0:3 /a /etc/hosts rw - ext4 /dev/vda1 rw\n"
		 "31 20 0:3 / /var/lib/somewhere/else rw - ext4 /dev/vda1 rw\n",
		 "/var/lib/somewhere/else", false},
		{"a file, and the whole out of sight",
		 "30 20 0:3 / /m rw - ext4 a rw\n31 30 0:4 / /m rw - ext4 b rw\n"
		 "32 20 0:3 /a /etc/hosts rw - ext4 a rw\n",
		 "/etc/hosts", true},
		{"the root is a directory of the host's filesystem",
		 "30 1 0:3 /var/lib/lxc/web/rootfs / rw - ext4 /dev/vda1 rw\n"
		 "31 30 0:3 /a /etc rw - ext4 /dev/vda1 rw\n",
		 "/", false},
		{"subvolumes, and a directory of one under a shorter name",
		 "30 20 0:3 /@/lib /l rw - btrfs a rw,subvolid=256,subvol=/@\n"
		 "31 20 0:3 /@ /mnt rw - btrfs a rw,subvolid=256,subvol=/@\n"
		 "32 20 0:3 /@home /mnt/home rw - btrfs a rw,subvolid=257,subvol=/@home\n",
		 "/mnt", false},
		{"a subvolume with a blank",
		 "30 20 0:3 /my\\040own /mnt rw - btrfs a rw,subvol=/my\\040own\n", "/mnt", false},
		{"a file of a subvolume", "30 20 0:3 /@/f /f rw - btrfs a rw,subvol=/@\n", "/f",
		 true},
		{"a share below a prefix", "30 20 0:3 /sub /mnt rw - cifs //server/share rw\n",
		 "/mnt", false},
		{"a control group", "30 20 0:3 /docker/4f5b /sys/fs/cgroup rw - cgroup2 c rw\n",
		 "/sys/fs/cgroup", false},
		{"a namespace", "30 20 0:3 net:[4026532000] /run/netns/a rw - nsfs nsfs rw\n",
		 "/run/netns/a", true},
	};
	struct fixture *f = *state;
	struct dcm_mount_device device;
	char text[1024];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].what);
		snprintf(text, sizeof(text), "20 1 0:2 / / rw - t t rw\n%s", cases[i].lines);
		load(f, text);
		assert_int_equal(dcm_mount_points_find(f->table, 0, 3, &device), 0);
		assert_string_equal(device.mountpoint, cases[i].mountpoint);
		assert_int_equal(device.part, cases[i].part);
	}
}

static void test_overmounts(void **state)
{
	struct fixture *f = *state;

	load(f,
	     "20 1 0:2 / / rw - ext4 a rw\n"
	     /* 0:3 under 0:4 on the same folder; 0:3 is also bound elsewhere */
	     "30 20 0:3 / /m rw - xfs b rw\n"
	     "31 30 0:4 / /m rw - xfs c rw\n"
	     "32 20 0:3 / /elsewhere/longer rw - xfs b rw\n"
	     /* 0:5 was mounted below /s before 0:6 covered /s; 0:7 stands on 0:5 */
	     "40 20 0:5 / /s/old rw - xfs d rw\n"
	     "41 20 0:6 / /s rw - xfs e rw\n"
	     "42 40 0:7 / /s/old/deep rw - xfs g rw\n"
	     "43 41 0:8 / /s/new rw - xfs h rw\n"
	     /* names that only begin alike are not below; bytes before the slash do not mislead */
	     "44 20 0:9 / /s-x rw - xfs i rw\n"
	     "45 20 0:10 / /s!/y rw - xfs j rw\n"
	     /* only reachable ones are preferred: part in sight, whole out of sight */
	     "50 40 0:11 / /s/old/w rw - xfs k rw\n"
	     "51 20 0:11 /part /long/way/to/part rw - xfs k rw\n"
	     /* the root covered by another: processes keep the old root */
	     "60 20 0:12 / / rw - tmpfs l rw\n");
	assert_found(f, 3, 2, "/elsewhere/longer", "/");
	assert_resolved(f, 3, "/x", "/elsewhere/longer/x");
	assert_found(f, 4, 1, "/m", "/");
	/* Out of sight is still better than nothing. */
	assert_found(f, 5, 1, "/s/old", "/");
	assert_resolved(f, 7, "/x", "/s/old/deep/x");
	assert_found(f, 11, 2, "/long/way/to/part", "/part");
	assert_resolved(f, 11, "/part/x", "/long/way/to/part/x");
	assert_resolved(f, 11, "/other", "/s/old/w/other");
	assert_resolved(f, 8, "/x", "/s/new/x");
	assert_resolved(f, 9, "/x", "/s-x/x");
	assert_resolved(f, 10, "/x", "/s!/y/x");
	assert_resolved(f, 2, "/x", "/x");
}

/* A second mount of each device shows whether the first is held to be out of sight. */
static void test_reachable(void **state)
{
	static const struct {
		const char *name, *lines, *mountpoint;
	} cases[] = {
		{"in sight", "30 20 0:3 / /a rw - t t rw\n", "/a"},
		{"same folder, other parent",
		 "30 20 0:3 / /a rw - t t rw\n31 99 0:4 / /a rw - t t rw\n", "/a"},
		{"covered", "30 20 0:3 / /a rw - t t rw\n31 30 0:4 / /a rw - t t rw\n",
		 "/other/way"},
		{"child below", "30 20 0:3 / /a rw - t t rw\n31 30 0:4 / /a/b rw - t t rw\n", "/a"},
		{"sibling above", "30 20 0:3 / /a/b rw - t t rw\n31 20 0:4 / /a rw - t t rw\n",
		 "/other/way"},
		{"sibling above, with names between in byte order",
		 "30 20 0:3 / /a/b rw - t t rw\n31 20 0:4 / /a rw - t t rw\n"
		 "32 20 0:5 / /a! rw - t t rw\n33 20 0:6 / /a! rw - t t rw\n",
		 "/other/way"},
		{"sibling beside", "30 20 0:3 / /ab rw - t t rw\n31 20 0:4 / /a rw - t t rw\n",
		 "/ab"},
		{"grandparent shadowed",
		 "28 20 0:8 / /a/b rw - t t rw\n29 28 0:9 / /a/b/c rw - t t rw\n"
		 "30 29 0:3 / /a/b/c/d rw - t t rw\n31 20 0:4 / /a rw - t t rw\n",
		 "/other/way"},
		{"parent covered after it",
		 "29 20 0:9 / /a rw - t t rw\n30 29 0:3 / /a/b rw - t t rw\n"
		 "31 29 0:4 / /a rw - t t rw\n",
		 "/other/way"},
		{"on what covers",
		 "29 20 0:9 / /a rw - t t rw\n31 29 0:4 / /a rw - t t rw\n"
		 "30 31 0:3 / /a/b rw - t t rw\n",
		 "/a/b"},
		{"circle of parents", "30 31 0:3 / /a rw - t t rw\n31 30 0:4 / /b rw - t t rw\n",
		 "/a"},
		{"own parent", "30 30 0:3 / /a rw - t t rw\n", "/a"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		char text[1024];

		print_message("%s\n", cases[i].name);
		snprintf(text, sizeof(text), "20 1 0:2 / / rw - t t rw\n%s%s", cases[i].lines,
			 "90 20 0:3 / /other/way rw - t t rw\n");
		load(f, text);
		assert_found(f, 3, 2, cases[i].mountpoint, "/");
	}
}

static void test_hostile_names(void **state)
{
	struct fixture *f = *state;
	char longest[4096 + 256], name[256], wanted[8192];

	load(f, "20 1 0:2 / / rw - ext4 a rw\n"
		"30 20 0:3 / /a\\012b rw - xfs b rw\n"
		"31 20 0:4 / /a\\134b\\040c\\011d\\043e rw - xfs c\\040d rw\n"
		"32 20 0:5 /r\\012\\134s /t rw - xfs e rw\n"
		"33 20 0:6 / /a\\134012b rw - xfs b rw\n"
		"34 20 0:7 / /\x1b[2J\xff\xfe rw - xfs b rw\n"
		"35 20 0:8 / /half\\01 rw - xfs b rw\n");
	assert_resolved(f, 3, "/x", "/a\nb/x");
	assert_resolved(f, 4, "/x", "/a\\b c\td#e/x");
	assert_found(f, 5, 1, "/t", "/r\n\\s");
	assert_resolved(f, 5, "/r\n\\s/u", "/t/u");
	assert_resolved(f, 6, "/", "/a\\012b");
	assert_resolved(f, 7, "/x", "/\x1b[2J\xff\xfe/x");
	assert_resolved(f, 8, "/x", "/half\\01/x");

	memset(name, 'n', 255);
	name[255] = '\0';
	snprintf(longest, sizeof(longest), "30 20 0:3 / /%s rw - xfs b rw\n", name);
	load(f, longest);
	snprintf(wanted, sizeof(wanted), "/%s/x", name);
	assert_resolved(f, 3, "/x", wanted);

	/* A mountpoint as long as a path can be: the line is longer than a page. */
	memset(longest, 'd', sizeof(longest));
	memcpy(longest, "30 20 0:3 / /", 13);
	strcpy(longest + 12 + 4095, " rw - xfs b rw\n");
	for (size_t at = 12; at < 12 + 4095; at += 200)
		longest[at] = '/';
	load(f, longest);
	memcpy(wanted, longest + 12, 4095);
	strcpy(wanted + 4095, "/x");
	assert_resolved(f, 3, "/x", wanted);
}

static void test_damage(void **state)
{
	static const char *const lines[] = {
		"junk\n",
		"\n",
		"31\n",
		"31 20\n",
		"31 20 0:9\n",
		"31 20 0:9 / /x rw\n",
		"31 20 0:9 / /x rw - \n",
		"-5 20 0:9 / /x rw - t t rw\n",
		"99999999999999999999 20 0:9 / relative rw - t t rw\n",
		"\xff\xfe\x01\n",
		"31 20 0:9 / /x rw shared:1 t t rw\n",
	};
	struct fixture *f = *state;
	struct dcm_mount_device device;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(lines); i++) {
		char text[512];

		print_message("%s", lines[i]);
		snprintf(text, sizeof(text), "%s%s%s", plain, lines[i],
			 "40 20 0:77 / /last rw - t t rw\n");
		load(f, text);
		assert_found(f, 5, 1, "/proc", "/");
		assert_found(f, 77, 1, "/last", "/");
		/* Alone, nothing usable is left: the old table stays. */
		put(f, INIT, lines[i]);
		assert_int_equal(refresh(f), -EINVAL);
		assert_non_null(strstr(f->reason.text, INIT));
		assert_int_equal(dcm_mount_points_find(f->table, 0, 77, &device), 0);
	}
	/* Nothing mounted below the root of a changed-root process: legal. */
	load(f, "");
	assert_int_equal(dcm_mount_points_find(f->table, 0, 77, &device), -ENOENT);
	/* Without a final newline, and with more fields than today. */
	load(f, "20 1 0:2 / /a rw new:1 newer - ext4 a rw more and more");
	assert_found(f, 2, 1, "/a", "/");
	load(f, "20 1 0:2 / /a rw - t t rw\n20 1 0:2 / /a rw - t t rw\n");
	assert_found(f, 2, 2, "/a", "/");
}

static void test_cut_and_replaced(void **state)
{
	static const char bytes[] = {'\0', '\n', ' ', '-', ':', '/', '\\', '9', '\xff'};
	struct fixture *f = *state;
	size_t len = sizeof(plain) - 1;
	char text[sizeof(plain)], out[64];

	for (size_t cut = 0; cut < len; cut++) {
		put_bytes(f, INIT, plain, cut);
		refresh(f);
		dcm_mount_points_resolve(f->table, 0, 5, "/x", out, sizeof(out));
	}
	for (size_t at = 0; at < len; at++) {
		memcpy(text, plain, len);
		text[at] = bytes[at % sizeof(bytes)];
		put_bytes(f, INIT, text, len);
		refresh(f);
		dcm_mount_points_resolve(f->table, 0, 5, "/x", out, sizeof(out));
	}
}

static void test_fallback_and_reasons(void **state)
{
	struct fixture *f = *state;
	char path[512];

	f->changed = false;
	assert_int_equal(refresh(f), -ENOENT);
	assert_false(f->changed);
	assert_string_equal(f->reason.text, INIT ": No such file or directory; " SELF
						 ": No such file or directory");
	put(f, SELF, plain);
	assert_int_equal(refresh(f), 0);
	assert_true(f->changed);
	assert_found(f, 5, 1, "/proc", "/");
	assert_int_equal(refresh(f), 0);
	assert_false(f->changed);

	/* Back to the host's as soon as something changes. */
	put(f, INIT, plain);
	put(f, SELF, "20 1 0:2 / / rw - ext4 a rw\n");
	assert_int_equal(refresh(f), 0);
	assert_true(f->changed);
	assert_found(f, 5, 1, "/proc", "/");

	unlink(tree_path(&f->tree, INIT, path));
	unlink(tree_path(&f->tree, SELF, path));
	assert_int_equal(refresh(f), -ENOENT);
	assert_found(f, 5, 1, "/proc", "/");
}

static void test_captured_changes(void **state)
{
	static const char text[] = "20 1 0:2 / /one rw - ext4 a rw\n";
	struct fixture *f = *state;

	load(f, plain);
	assert_int_equal(refresh(f), 0);
	assert_false(f->changed);
	/* Written in place, then replaced under the same name. */
	tree_write(&f->tree, INIT, text, strlen(text));
	assert_int_equal(refresh(f), 0);
	assert_true(f->changed);
	assert_found(f, 2, 1, "/one", "/");
	load(f, "20 1 0:2 / /two rw - ext4 a rw\n");
	assert_found(f, 2, 1, "/two", "/");
	assert_int_equal(refresh(f), 0);
	assert_false(f->changed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_room),
		TEST(test_bind_mounts),
		TEST(test_parts),
		TEST(test_overmounts),
		TEST(test_reachable),
		TEST(test_hostile_names),
		TEST(test_damage),
		TEST(test_cut_and_replaced),
		TEST(test_fallback_and_reasons),
		TEST(test_captured_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
