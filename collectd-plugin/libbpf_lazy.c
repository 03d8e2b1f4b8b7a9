// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libbpf, loaded on first use. A plugin that names a library which is missing cannot be loaded, and
 * collectd ends when a plugin cannot be loaded; without libbpf only the BPF sources are missing.
 * These functions replace libbpf's; common/kernel/walk/walk.c says why there is no BPF.
 */
/* Ours must not be taken for the library's by anybody else in the process. */
#define LIBBPF_API __attribute__((visibility("hidden")))
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#define LIBRARY "libbpf.so.1"

/* What a function returns when there is no library. */
#define MISSING (-ELIBACC)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;

static void open_library(void)
{
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
}

/* Never closed: its destructors would run under our feet. */
static void *find(const char *name)
{
	pthread_once(&once, open_library);
	return library ? dlsym(library, name) : NULL;
}

/* Defines @name, which forwards to the library or returns @otherwise. */
#define LAZY(result, name, parameters, arguments, otherwise)                      \
	result name parameters                                                    \
	{                                                                         \
		result(*function) parameters = (__typeof__(function))find(#name); \
                                                                                  \
		return function ? function arguments : otherwise;                 \
	}

static struct bpf_object *no_object(void)
{
	errno = -MISSING;
	return NULL;
}

LAZY(struct bpf_object *, bpf_object__open_mem,
     (const void *obj_buf, size_t obj_buf_sz, const struct bpf_object_open_opts *opts),
     (obj_buf, obj_buf_sz, opts), no_object())
LAZY(int, bpf_object__load, (struct bpf_object * obj), (obj), MISSING)
LAZY(struct bpf_map *, bpf_object__next_map,
     (const struct bpf_object *obj, const struct bpf_map *map), (obj, map), NULL)
LAZY(struct bpf_program *, bpf_object__find_program_by_name,
     (const struct bpf_object *obj, const char *name), (obj, name), NULL)
LAZY(int, bpf_program__set_autoload, (struct bpf_program * prog, bool autoload), (prog, autoload),
     MISSING)
LAZY(int, bpf_map__set_map_flags, (struct bpf_map * map, __u32 flags), (map, flags), MISSING)
LAZY(int, bpf_map__reuse_fd, (struct bpf_map * map, int fd), (map, fd), MISSING)
LAZY(const char *, bpf_map__name, (const struct bpf_map *map), (map), "")
LAZY(int, bpf_map__fd, (const struct bpf_map *map), (map), MISSING)
LAZY(int, bpf_program__fd, (const struct bpf_program *prog), (prog), MISSING)
LAZY(int, bpf_prog_test_run_opts, (int prog_fd, struct bpf_test_run_opts *opts), (prog_fd, opts),
     MISSING)
LAZY(int, bpf_obj_get_info_by_fd, (int bpf_fd, void *info, __u32 *info_len),
     (bpf_fd, info, info_len), MISSING)
LAZY(int, bpf_raw_tracepoint_open, (const char *name, int prog_fd), (name, prog_fd), MISSING)
LAZY(int, libbpf_probe_bpf_helper,
     (enum bpf_prog_type prog_type, enum bpf_func_id helper_id, const void *opts),
     (prog_type, helper_id, opts), MISSING)
LAZY(struct btf *, btf__parse, (const char *path, struct btf_ext **btf_ext), (path, btf_ext), NULL)
LAZY(__s32, btf__find_by_name_kind, (const struct btf *btf, const char *type_name, __u32 kind),
     (btf, type_name, kind), MISSING)
LAZY(const struct btf_type *, btf__type_by_id, (const struct btf *btf, __u32 id), (btf, id), NULL)
LAZY(const char *, btf__name_by_offset, (const struct btf *btf, __u32 offset), (btf, offset), "")
LAZY(libbpf_print_fn_t, libbpf_set_print, (libbpf_print_fn_t fn), (fn), NULL)

void btf__free(struct btf *btf)
{
	void (*function)(struct btf *) = (__typeof__(function))find("btf__free");

	if (function)
		function(btf);
}

void bpf_object__close(struct bpf_object *obj)
{
	void (*function)(struct bpf_object *) = (__typeof__(function))find("bpf_object__close");

	if (function)
		function(obj);
}
