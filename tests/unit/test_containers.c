// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whose superblocks are, on a captured tree: processes with their mount namespaces, control groups
 * and mounts, and the state of every runtime, as each documents it. No daemon runs.
 */
#include "tests/unit/container_scene.h"

#include <poll.h>

/* ---- each runtime ---- */

#define DOCKER_A "/var/lib/docker/containers/" ID_A "/config.v2.json"
#define NAMED(name)                              \
	"{\"ID\":\"" ID_A "\",\"Name\":\"/" name \
	"\",\"Config\":{\"Image\":\"nginx:1.25\",\"Labels\":{}}}"

/* Its root, a proc of its own, a file and a folder of the host, and a mount of the host's that is
 * whole: the last three are not its own. */
#define MOUNTS_A                                                                                  \
	"50 40 0:40 / / rw - overlay overlay rw,lowerdir=/x,upperdir=/var/lib/docker/overlay2/"   \
	"LAYER/diff,workdir=/x\n"                                                                 \
	"51 50 0:41 / /proc rw - proc proc rw\n"                                                  \
	"52 50 8:1 /var/lib/docker/containers/" ID_A "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n" \
	"53 50 0:6 / /srv rw - tmpfs srv rw\n"                                                    \
	"54 50 0:42 / /dev/shm rw - tmpfs shm rw\n"

static void docker(struct fixture *f)
{
	process(f, 1, 1, "init", "/init.scope",
		HOST_MOUNTS
		"30 20 0:40 / /var/lib/docker/overlay2/LAYER/merged rw - overlay overlay "
		"rw,upperdir=/var/lib/docker/overlay2/LAYER/diff\n"
		"31 20 0:42 / /var/lib/docker/containers/" ID_A "/mounts/shm rw - tmpfs shm rw\n");
	process(f, 900, 9, "nginx", "/system.slice/docker-" ID_A ".scope", MOUNTS_A);
	put(f, DOCKER_A, NAMED("web-1"));
}

static void test_docker(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_place place;

	docker(f);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_owner(f, 41, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_owner(f, 42, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_nobody(f, 8, 1);
	assert_nobody(f, 0, 6);
	assert_nobody(f, 0, 5);
	/* A process is named where the host has nothing mounted. */
	assert_int_equal(dcm_container_map_find(f->map, 0, 41, &place), 0);
	assert_int_equal(place.pid, 900);
	assert_string_equal(place.command, "nginx");
	assert_int_equal(dcm_container_map_find(f->map, 0, 40, &place), 0);
	assert_int_equal(place.pid, 0);
}

/* docker rename, a restart that brings another container, an end: nothing old stays. */
static void test_changes(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_place place;

	docker(f);
	scan(f);
	put(f, DOCKER_A, NAMED("web-2"));
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-2", "nginx:1.25");
	/* A name of the same length, within one tick of the clock. */
	put(f, DOCKER_A, NAMED("web-3"));
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-3", "nginx:1.25");
	/* The same process number and namespace, another container. */
	process(f, 900, 9, "sh", "/system.slice/docker-" ID_B ".scope", MOUNTS_A);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_B, "", "");
	end_process(f, 900);
	scan(f);
	assert_int_equal(dcm_container_map_find(f->map, 0, 40, &place), -ENOENT);
}

/* Mounts of a namespace that is known are read again after a time, at once for another process. */
static void test_new_mounts(void **state)
{
	struct fixture *f = *state;

	docker(f);
	scan(f);
	process(f, 900, 9, "nginx", "/system.slice/docker-" ID_A ".scope",
		MOUNTS_A "60 50 0:43 / /tmp rw - tmpfs tmp rw\n");
	scan(f);
	assert_nobody(f, 0, 43);
	for (int i = 0; i < 6; i++)
		scan(f);
	assert_owner(f, 43, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	end_process(f, 900);
	process(f, 901, 9, "nginx", "/system.slice/docker-" ID_A ".scope",
		MOUNTS_A "60 50 0:44 / /tmp rw - tmpfs tmp rw\n");
	scan(f);
	assert_owner(f, 44, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_nobody(f, 0, 43);
}

static void test_no_state(void **state)
{
	struct fixture *f = *state;

	docker(f);
	put(f, DOCKER_A, "{\"Name\":\"/web");
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "", "");
	put(f, DOCKER_A, NAMED("web-1"));
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
}

/* What is in place of a state file: nothing is followed, waited for or read without end. */
static void test_hostile_files(void **state)
{
	struct fixture *f = *state;
	char full[512], other[512];
	size_t size = (1u << 20) + 1;
	_cleanup_free_ char *large = malloc(size + 1);

	docker(f);
	put(f, "/elsewhere", NAMED("stolen"));
	tree_path(&f->tree, DOCKER_A, full);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(symlink(tree_path(&f->tree, "/elsewhere", other), full), 0);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "", "");
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkfifo(full, 0600), 0);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "", "");
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkdir(full, 0700), 0);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "", "");
	assert_int_equal(rmdir(full), 0);
	memset(large, ' ', size);
	memcpy(large, NAMED("large"), strlen(NAMED("large")));
	tree_write(&f->tree, DOCKER_A, large, size);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "", "");
	tree_write(&f->tree, DOCKER_A, large, size - 1);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "large", "nginx:1.25");
}

/* A user's podman where cgroup v1 names nobody: by its layer, in a folder that only mounts tell. */
static void test_podman_user(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_place place;

	process(f, 800, 8, "podman pause", "/",
		HOST_MOUNTS
		"60 20 0:50 / /home/ada/storage/overlay/LAYER/merged rw - overlay overlay "
		"rw,upperdir=/home/ada/storage/overlay/LAYER/diff\n");
	process(f, 801, 81, "sleep", "/",
		ROOT(50, ",upperdir=/home/ada/storage/overlay/LAYER/diff,workdir=/x"));
	put(f, "/home/ada/storage/overlay-containers/containers.json",
	    "[{\"id\":\"" ID_A "\",\"names\":[\"job\"],\"layer\":\"LAYER\","
	    "\"metadata\":\"{\\\"image-name\\\":\\\"busybox\\\"}\"}]");
	scan(f);
	assert_owner(f, 50, DCM_RUNTIME_PODMAN, ID_A, "job", "busybox");
	assert_owner(f, 150, DCM_RUNTIME_PODMAN, ID_A, "job", "busybox");
	/* podman rename */
	put(f, "/home/ada/storage/overlay-containers/containers.json",
	    "[{\"id\":\"" ID_A "\",\"names\":[\"new\"],\"layer\":\"LAYER\"}]");
	scan(f);
	assert_owner(f, 50, DCM_RUNTIME_PODMAN, ID_A, "new", "");
	/* What only the user's namespace has. */
	end_process(f, 801);
	scan(f);
	assert_int_equal(dcm_container_map_find(f->map, 0, 50, &place), 0);
	assert_null(place.container);
	assert_int_equal(place.pid, 800);
	assert_string_equal(place.command, "podman pause");
}

/* No link is followed to a folder that somebody's mount has told. */
static void test_foreign_root(void **state)
{
	struct fixture *f = *state;
	char full[512], other[512];

	put(f, "/secret/overlay-containers/containers.json",
	    "[{\"id\":\"" ID_A "\",\"names\":[\"secret\"],\"layer\":\"LAYER\"}]");
	tree_path(&f->tree, "/home/ada/storage", full);
	assert_int_equal(symlink(tree_path(&f->tree, "/secret", other), full), 0);
	process(f, 801, 81, "sleep", "/",
		ROOT(50, ",upperdir=/home/ada/storage/overlay/LAYER/diff"));
	scan(f);
	assert_nobody(f, 0, 50);
}

/* The driver vfs has no overlay: by what podman binds into its containers. */
static void test_podman_userdata(void **state)
{
	struct fixture *f = *state;

	process(f, 801, 81, "sleep", "/",
		"50 40 8:1 /home/ada/storage/vfs/dir/LAYER / rw - ext4 /dev/sda1 rw\n"
		"51 50 0:61 / /proc rw - proc proc rw\n"
		"52 50 0:62 /containers/overlay-containers/" ID_B
		"/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw\n");
	put(f, "/var/lib/containers/storage/overlay-containers/containers.json",
	    "[{\"id\":\"" ID_B "\",\"names\":[\"job\"]}]");
	scan(f);
	assert_owner(f, 61, DCM_RUNTIME_PODMAN, ID_B, "job", "");
	assert_nobody(f, 8, 1);
	assert_text(dcm_container_map_directory(f->map, 8, 1, "/home/ada/storage/vfs/dir/LAYER/etc")
			    ->name,
		    "job");
	assert_null(dcm_container_map_directory(f->map, 8, 1, "/home/ada/storage/vfs/dir/LAYER2"));
}

static void test_containerd(void **state)
{
	struct fixture *f = *state;

	process(f, 700, 7, "sh", "/default/web1", ROOT(70, ""));
	process(f, 701, 71, "sh", "/default/none", ROOT(71, ""));
	put(f, "/run/containerd/io.containerd.runtime.v2.task/default/web1/config.json",
	    "{\"ociVersion\":\"1.0.2\"}");
	scan(f);
	assert_owner(f, 70, DCM_RUNTIME_CONTAINERD, "web1", "web1", "");
	assert_nobody(f, 0, 71);
}

/* Their root is a folder of the host's: its superblock is nobody's, its directories are. */
static void test_lxc_and_nspawn(void **state)
{
	struct fixture *f = *state;

	process(f, 600, 6, "init", "/lxc.payload.web1",
		"50 40 8:1 /var/lib/lxc/web1/rootfs / rw - ext4 /dev/sda1 rw\n"
		"51 50 0:81 / /proc rw - proc proc rw\n");
	process(f, 601, 61, "init", "/machine.slice/machine-old\\x2dbox.scope/payload",
		"50 40 8:1 /srv/old / rw - ext4 /dev/sda1 rw\n"
		"51 50 0:82 / /proc rw - proc proc rw\n");
	scan(f);
	assert_owner(f, 81, DCM_RUNTIME_LXC, "web1", "web1", "");
	assert_owner(f, 82, DCM_RUNTIME_NSPAWN, "old-box", "old-box", "");
	assert_nobody(f, 8, 1);
	assert_text(dcm_container_map_directory(f->map, 8, 1, "/var/lib/lxc/web1/rootfs/etc")->name,
		    "web1");
	assert_text(dcm_container_map_directory(f->map, 8, 1, "/srv/old")->name, "old-box");
	assert_null(dcm_container_map_directory(f->map, 8, 1, "/srv"));
	assert_null(dcm_container_map_directory(f->map, 8, 2, "/srv/old"));
}

/* As lxc 5.0.2 does it: a second "web1", of another LXCPATH, and a service of its init. */
static void test_lxc_of_one_name(void **state)
{
	static const char title[] = "[lxc monitor] /srv/my lxc web1\0\0";
	struct fixture *f = *state;
	char full[512];

	process(f, 600, 6, "init", "/lxc.payload.web1-1/init.scope",
		"68 43 254:0 /srv/my\\040lxc/web1/rootfs / rw shared:2 - ext4 /dev/vda rw\n"
		"70 68 0:41 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw\n");
	put(f, "/proc/600/status", "Name:\tinit\nPPid:\t590\n");
	process(f, 610, 61, "cron", "/lxc.payload.web1-1/system.slice/cron.service",
		"80 44 0:46 / /proc rw shared:12 - proc proc rw\n");
	put(f, "/proc/610/status", "Name:\tcron\nPPid:\t600\n");
	put(f, "/proc/600/cmdline", "/sbin/init");
	put(f, "/proc/590/status", "Name:\tlxc-start\nPPid:\t1\n");
	tree_write(&f->tree, "/proc/590/cmdline", title, sizeof(title));
	process(f, 620, 62, "init", "/lxc.payload.box-2", "90 44 0:47 / /proc rw - proc proc rw\n");
	put(f, "/proc/620/status", "Name:\tinit\nPPid:\t1\n");
	scan(f);
	assert_owner(f, 41, DCM_RUNTIME_LXC, "web1-1", "web1", "");
	assert_owner(f, 46, DCM_RUNTIME_LXC, "web1-1", "web1", "");
	assert_owner(f, 47, DCM_RUNTIME_LXC, "box-2", "box-2", "");
	/* A circle, which a process that ends may leave for a moment, and a title cut short. */
	put(f, "/proc/590/status", "PPid:\t600\n");
	put(f, "/proc/590/cmdline", "[lxc monitor] ");
	scan(f);
	assert_owner(f, 41, DCM_RUNTIME_LXC, "web1-1", "web1-1", "");
	assert_int_equal(unlink(tree_path(&f->tree, "/proc/590/status", full)), 0);
	scan(f);
	assert_owner(f, 46, DCM_RUNTIME_LXC, "web1-1", "web1-1", "");
}

/* systemd-nspawn 252 in a unit of another name (--keep-unit), on cgroups of both versions. */
static void test_nspawn_in_a_unit(void **state)
{
	struct fixture *f = *state;

	process(f, 600, 6, "init", "/system.slice/build.service/payload",
		"108 85 0:40 / / rw,relatime shared:2 - overlay overlay rw,lowerdir=/srv/m,"
		"upperdir=/tmp/nspawn-volatile-ucMdog/upper,workdir=/tmp/nspawn-volatile-ucMdog/"
		"work\n"
		"114 108 0:48 / /run rw,nosuid,nodev shared:7 - tmpfs tmpfs rw,mode=755\n"
		"117 115 254:0 /run/systemd/nspawn/propagate/web-2 /run/host/incoming ro master:10 "
		"- ext4 /dev/vda rw\n");
	process(f, 601, 61, "init", "/payload",
		"50 40 8:1 /srv/old / rw - ext4 /dev/sda1 rw\n"
		"51 50 0:24 /systemd/nspawn/propagate/old /run/host/incoming ro - tmpfs tmpfs rw\n"
		"52 50 0:82 / /proc rw - proc proc rw\n");
	process(f, 602, 62, "sh", "/system.slice/build.service",
		"50 40 0:24 /systemd/nspawn/propagate / rw - tmpfs tmpfs rw\n"
		"51 50 0:24 /x/systemd/nspawn/propagate/ /a rw - tmpfs tmpfs rw\n"
		"52 50 0:83 / /proc rw - proc proc rw\n");
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_NSPAWN, "web-2", "web-2", "");
	assert_owner(f, 82, DCM_RUNTIME_NSPAWN, "old", "old", "");
	assert_text(dcm_container_map_directory(f->map, 8, 1, "/srv/old/etc")->name, "old");
	assert_nobody(f, 0, 83);
}

/* A container that sees all mounts of the host, as those of monitoring systems do, has none of
 * them; nor have services with mount namespaces of their own. */
static void test_host_mounts_inside(void **state)
{
	struct fixture *f = *state;

	docker(f);
	process(f, 500, 5, "node_exporter", "/docker/" ID_B,
		"50 40 0:90 / / rw - overlay overlay rw\n51 50 8:1 / /host rw - ext4 /dev/sda1 rw\n"
		"52 51 0:40 / /host/var/lib/docker/overlay2/LAYER/merged rw - overlay overlay "
		"rw\n");
	process(f, 400, 4, "systemd-udevd", "/system.slice/udev.service",
		HOST_MOUNTS
		"30 20 0:40 / /var/lib/docker/overlay2/LAYER/merged rw - overlay x rw\n");
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_owner(f, 90, DCM_RUNTIME_DOCKER, ID_B, "", "");
	assert_nobody(f, 8, 1);
}

/* Without a look at the host's mounts, all could be its own but the roots of containers. */
static void test_denied(void **state)
{
	struct fixture *f = *state;
	char full[512];

	docker(f);
	assert_int_equal(unlink(tree_path(&f->tree, "/proc/1/mountinfo", full)), 0);
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
	assert_nobody(f, 0, 41);
	assert_nobody(f, 0, 6);
}

static void test_damaged_mounts(void **state)
{
	struct fixture *f = *state;

	docker(f);
	process(f, 900, 9, "nginx", "/system.slice/docker-" ID_A ".scope",
		"what is this\n50 40 0:40 / / rw - overlay overlay rw\n51 50");
	scan(f);
	assert_owner(f, 40, DCM_RUNTIME_DOCKER, ID_A, "web-1", "nginx:1.25");
}

/* ---- one by name ---- */

static void test_find(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_root root;

	docker(f);
	process(f, 901, 91, "sh", "/system.slice/docker-" ID_A ".scope/inner", MOUNTS_A);
	assert_int_equal(find(f, "web-1", &root), 0);
	assert_false(root.part);
	assert_int_equal(root.dev_major, 0);
	assert_int_equal(root.dev_minor, 40);
	assert_int_equal(root.pid, 900);
	assert_string_equal(root.cgroup, "/system.slice/docker-" ID_A ".scope");
	assert_int_equal(find(f, ID_A, &root), 0);
	assert_int_equal(find(f, "a123456789ab", &root), 0);
	assert_int_equal(find(f, "a123456789a", &root), -ENOENT);
	assert_int_equal(find(f, "web", &root), -ENOENT);
	assert_int_equal(find(f, "", &root), -ENOENT);
}

/* What is a folder of the host's filesystem is bounded by the container's own group. */
static void test_find_part(void **state)
{
	struct fixture *f = *state;
	struct dcm_container_root root;

	process(f, 600, 6, "init", "/lxc.payload.web1/init.scope",
		"50 40 8:1 /var/lib/lxc/web1/rootfs / rw - ext4 /dev/sda1 rw\n");
	assert_int_equal(find(f, "web1", &root), 0);
	assert_true(root.part);
	assert_int_equal(root.dev_major, 8);
	assert_int_equal(root.dev_minor, 1);
	assert_string_equal(root.cgroup, "/lxc.payload.web1");
}

/* ---- the thread ---- */

static void take(struct dcm_containers *containers, struct dcm_containers_round *ret)
{
	uint64_t until = dcm_now_ns() + 10 * DCM_NSEC_PER_SEC;
	int err;

	while ((err = dcm_containers_take(containers, ret)) == -EAGAIN && dcm_now_ns() < until)
		poll(NULL, 0, 1);
	assert_int_equal(err, 0);
}

static void test_thread(void **state)
{
	struct fixture *f = *state;
	struct dcm_containers *containers;
	struct dcm_containers_round round;
	struct dcm_container_place place;

	docker(f);
	assert_int_equal(dcm_containers_create(f->tree.root, &f->config, &containers), 0);
	assert_null(dcm_containers_map(containers));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dcm_containers_start(containers, NULL, 0), 0);
		assert_int_equal(dcm_containers_start(containers, NULL, 0), -EBUSY);
		take(containers, &round);
		assert_true(round.cost_ns > 0);
		assert_int_equal(round.denied, 0);
		assert_int_equal(
			dcm_container_map_find(dcm_containers_map(containers), 0, 40, &place), 0);
		assert_string_equal(place.container->name, "web-1");
	}
	dcm_containers_destroy(containers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_docker),
		TEST(test_changes),
		TEST(test_new_mounts),
		TEST(test_no_state),
		TEST(test_hostile_files),
		TEST(test_podman_user),
		TEST(test_foreign_root),
		TEST(test_podman_userdata),
		TEST(test_containerd),
		TEST(test_lxc_and_nspawn),
		TEST(test_host_mounts_inside),
		TEST(test_lxc_of_one_name),
		TEST(test_nspawn_in_a_unit),
		TEST(test_denied),
		TEST(test_damaged_mounts),
		TEST(test_find),
		TEST(test_find_part),
		TEST(test_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
