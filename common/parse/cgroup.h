/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /proc/PID/cgroup (cgroups(7)): one line per hierarchy, "NUMBER:CONTROLLERS:PATH", such as
 *
 *   5:memory:/docker/0123abcd
 *   1:name=systemd:/docker/0123abcd
 *   0::/system.slice/containerd.service
 *
 * The last form is that of cgroup2. Under cgroup v1 and hybrid each hierarchy may have another
 * path, and most of them name nobody: "/", or the service of the container engine.
 */
#ifndef DCM_PARSE_CGROUP_H
#define DCM_PARSE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/parse/span.h"

/* Splits "NUMBER:CONTROLLERS:PATH"; false: it is none. */
bool dcm_cgroup_split(struct dcm_span line, struct dcm_span *ret_controllers,
		      struct dcm_span *ret_path);

/*
 * Whether @path names a container, a slice or a service of its own, and not only the root or the
 * service of a container engine (containerd, docker, CRI-O, kubelet, LXD ...), below which
 * processes of containers are when the engine does not use that hierarchy.
 */
bool dcm_cgroup_names_owner(const char *path);

/* Removes the " (deleted)" that the kernel appends to the path of a removed cgroup. */
void dcm_cgroup_drop_deleted(char *path);

/*
 * Writes @path with "#" for what tells containers and sessions of one kind apart: ids of 12 or more
 * hexadecimal digits, also with "-" or "_" between them, and decimal numbers. Such as
 * "/docker/#", "/kubepods/burstable/pod#/#", "/user.slice/user-#.slice". @size is at least 1; the
 * result is cut to fit, and no longer than @path.
 */
void dcm_cgroup_collapse(const char *path, char *out, size_t size);

/*
 * The path, in the @len bytes of @text, that names the owner of the process: that of cgroup2, else
 * of the v1 hierarchies memory, cpu, pids and name=systemd, in this order, else of any other; among
 * those that name nobody, cgroup2 first. A removed cgroup keeps its path. Writes at most @size
 * bytes, terminated; "" when there is no line at all.
 */
void dcm_cgroup_owner(const char *text, size_t len, char *out, size_t size);

#endif
