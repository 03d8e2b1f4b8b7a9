/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A tree with processes, control groups, mounts and the files of runtimes; who owns what in it. */
#ifndef TESTS_UNIT_CONTAINER_SCENE_H
#define TESTS_UNIT_CONTAINER_SCENE_H

#include "tests/unit/tree.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/kernel/containers/container_find.h"
#include "common/kernel/containers/containers.h"

#define ID_A  "a123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_B  "b123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_63 "123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_C  "c123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID   "1d2c3b4a-0000-4000-8000-0123456789ab"
#define HOST_MOUNTS                                                                  \
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 0:5 / /proc rw - proc proc rw\n" \
	"22 20 0:6 / /srv rw - tmpfs srv rw\n"

#define ROOT(minor, options)                                                          \
	"50 40 0:" #minor " / / rw - overlay overlay rw" options "\n51 50 0:1" #minor \
	" / /proc rw - proc proc rw\n"

struct fixture {
	struct tree tree;
	struct dcm_config_containers config;
	struct dcm_spaces *spaces;
	struct dcm_container_map *map;
	struct dcm_spaces_found found;
	uint64_t now_ns;
	size_t fds;
};

static inline void put(struct fixture *f, const char *path, const char *text)
{
	char from[512], to[512];

	tree_write(&f->tree, "/new", text, strlen(text));
	assert_int_equal(rename(tree_path(&f->tree, "/new", from), tree_path(&f->tree, path, to)),
			 0);
}

static inline void putf(struct fixture *f, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static inline void putf(struct fixture *f, const char *text, const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	put(f, path, text);
}

/* Process @pid in mount namespace @space. */
static inline void process(struct fixture *f, int pid, unsigned space, const char *command,
			   const char *cgroup, const char *mounts)
{
	char path[64], full[512], target[32], line[600];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	snprintf(target, sizeof(target), "mnt:[%u]", space);
	tree_path(&f->tree, path, full);
	unlink(full);
	assert_int_equal(symlink(target, full), 0);
	snprintf(line, sizeof(line), "0::%s\n", cgroup);
	putf(f, line, "/proc/%d/cgroup", pid);
	snprintf(line, sizeof(line), "%s\n", command);
	putf(f, line, "/proc/%d/comm", pid);
	putf(f, mounts, "/proc/%d/mountinfo", pid);
}

static inline void end_process(struct fixture *f, int pid)
{
	static const char *const names[] = {"ns/mnt", "cgroup", "comm", "mountinfo", "ns", ""};
	char path[64], full[512];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		assert_int_equal(remove(tree_path(&f->tree, path, full)), 0);
	}
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->fds = tree_count_fds();
	tree_create(&f->tree);
	f->config.docker.count = f->config.containerd.count = f->config.storage.count = 1;
	strcpy(f->config.docker.path[0], "/var/lib/docker");
	strcpy(f->config.containerd.path[0], "/run/containerd");
	strcpy(f->config.storage.path[0], "/var/lib/containers/storage");
	strcpy(f->config.pods, "/var/log/pods");
	f->now_ns = 1000 * DCM_NSEC_PER_SEC;
	assert_int_equal(dcm_spaces_create(f->tree.root, &f->config, &f->spaces), 0);
	process(f, 1, 1, "init", "/init.scope", HOST_MOUNTS);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	dcm_container_map_destroy(f->map);
	dcm_spaces_destroy(f->spaces);
	assert_int_equal(tree_count_fds(), f->fds);
	tree_destroy(&f->tree);
	free(f);
	return 0;
}

static inline void scan(struct fixture *f)
{
	f->now_ns += 10 * DCM_NSEC_PER_SEC;
	dcm_container_map_destroy(f->map);
	f->map = NULL;
	assert_int_equal(dcm_spaces_scan(f->spaces, f->now_ns, NULL, &f->found), 0);
	assert_int_equal(dcm_container_map_create(&f->found, &f->map), 0);
}

static inline void assert_text(const char *is, const char *expected)
{
	assert_string_equal(is ? is : "", expected);
}

static inline void assert_owner(struct fixture *f, uint32_t dev_minor, enum dcm_runtime runtime,
				const char *id, const char *name, const char *image)
{
	struct dcm_container_place place;

	assert_int_equal(dcm_container_map_find(f->map, 0, dev_minor, &place), 0);
	assert_non_null(place.container);
	assert_int_equal(place.container->runtime, runtime);
	assert_text(place.container->id, id);
	assert_text(place.container->name, name);
	assert_text(place.container->image, image);
}

static inline void assert_pod(struct fixture *f, uint32_t dev_minor, const char *pod,
			      const char *namespace)
{
	struct dcm_container_place place;

	assert_int_equal(dcm_container_map_find(f->map, 0, dev_minor, &place), 0);
	assert_non_null(place.container);
	assert_text(place.container->pod, pod);
	assert_text(place.container->namespace, namespace);
}

static inline void assert_nobody(struct fixture *f, uint32_t dev_major, uint32_t dev_minor)
{
	struct dcm_container_place place = {0};

	dcm_container_map_find(f->map, dev_major, dev_minor, &place);
	assert_null(place.container);
}

/* By the name that a person gives: -errno comes with a reason, success without. */
static inline int find(struct fixture *f, const char *name, struct dcm_container_root *ret)
{
	struct dcm_reason reason = {""};
	int err = dcm_container_find(f->tree.root, &f->config, name, &reason, ret);

	assert_int_equal(err != 0, *reason.text != '\0');
	return err;
}

#endif
