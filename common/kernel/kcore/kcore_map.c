// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_map.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define MOST_SEGMENTS 4096 /* a host with memory in thousands of pieces is not known */

struct segment {
	uint64_t address, size;
	off_t offset;
};

struct dcm_kcore {
	int fd;
	struct segment *segments; /* by address */
	size_t count;
};

static int explain_open(const char *path, int err, struct dcm_reason *reason)
{
	if (err == -ENOENT)
		return dcm_reason_set(reason, err, "no %s (the kernel needs CONFIG_PROC_KCORE)",
				      path);
	if (err == -EPERM || err == -EACCES)
		return dcm_reason_set(reason, -EPERM,
				      "%s may not be opened: needs CAP_SYS_RAWIO and a kernel "
				      "without lockdown in confidentiality mode",
				      path);
	return dcm_reason_set(reason, err, "%s: %s", path, strerror(-err));
}

static int read_fully(int fd, void *to, size_t size, off_t offset)
{
	ssize_t n = pread(fd, to, size, offset);

	return n < 0 ? -errno : (size_t)n == size ? 0 : -EFAULT;
}

static bool is_core_of_this_machine(const Elf64_Ehdr *header)
{
	const int order = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? ELFDATA2MSB : ELFDATA2LSB;

	return !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == order &&
	       header->e_type == ET_CORE && header->e_phentsize == sizeof(Elf64_Phdr) &&
	       header->e_phnum > 0 && header->e_phnum <= MOST_SEGMENTS;
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return DCM_COMPARE(x->address, y->address);
}

static int take_segments(struct dcm_kcore *kcore, const Elf64_Phdr *headers, size_t count)
{
	kcore->segments = calloc(count, sizeof(*kcore->segments));
	if (!kcore->segments)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (headers[i].p_type != PT_LOAD || !headers[i].p_filesz)
			continue;
		kcore->segments[kcore->count++] = (struct segment){
			headers[i].p_vaddr, headers[i].p_filesz, (off_t)headers[i].p_offset};
	}
	qsort(kcore->segments, kcore->count, sizeof(*kcore->segments), by_address);
	return 0;
}

static int read_headers(struct dcm_kcore *kcore)
{
	_cleanup_free_ Elf64_Phdr *headers = NULL;
	Elf64_Ehdr header;
	int err = read_fully(kcore->fd, &header, sizeof(header), 0);

	if (err)
		return err;
	if (!is_core_of_this_machine(&header))
		return -EOPNOTSUPP;
	headers = calloc(header.e_phnum, sizeof(*headers));
	if (!headers)
		return -ENOMEM;
	err = read_fully(kcore->fd, headers, header.e_phnum * sizeof(*headers),
			 (off_t)header.e_phoff);
	return err ? err : take_segments(kcore, headers, header.e_phnum);
}

void dcm_kcore_close(struct dcm_kcore *kcore)
{
	if (!kcore)
		return;
	if (kcore->fd >= 0)
		close(kcore->fd);
	free(kcore->segments);
	free(kcore);
}

DCM_DEFINE_CLEANUP(struct dcm_kcore, dcm_kcore_close)

int dcm_kcore_open(const char *path, struct dcm_reason *reason, struct dcm_kcore **ret)
{
	_cleanup_(dcm_kcore_closep) struct dcm_kcore *kcore = calloc(1, sizeof(*kcore));
	int err;

	if (!kcore)
		return dcm_reason_no_memory(reason);
	kcore->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (kcore->fd < 0)
		return explain_open(path, -errno, reason);
	err = read_headers(kcore);
	if (err == -ENOMEM)
		return dcm_reason_no_memory(reason);
	if (err || !kcore->count)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "%s is no ELF core file of a 64-bit kernel of this machine",
				      path);
	*ret = dcm_take_ptr(kcore);
	return 0;
}

int dcm_kcore_reopen(struct dcm_kcore *kcore, const char *path, struct dcm_reason *reason)
{
	_cleanup_(dcm_kcore_closep) struct dcm_kcore *other = NULL;
	int err = dcm_kcore_open(path, reason, &other);

	if (!err) {
		struct dcm_kcore was = *kcore;

		*kcore = *other;
		*other = was;
	}
	return err;
}

/* The segment that has @address; NULL: none. */
static const struct segment *find(const struct dcm_kcore *kcore, uint64_t address)
{
	size_t low = 0, high = kcore->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (kcore->segments[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - kcore->segments[low - 1].address >= kcore->segments[low - 1].size)
		return NULL;
	return &kcore->segments[low - 1];
}

size_t dcm_kcore_mapped(const struct dcm_kcore *kcore, uint64_t address, size_t size)
{
	const struct segment *s = find(kcore, address);

	return s ? (size_t)DCM_MIN((uint64_t)size, s->size - (address - s->address)) : 0;
}

int dcm_kcore_read(const struct dcm_kcore *kcore, uint64_t address, void *to, size_t size)
{
	const struct segment *s = find(kcore, address);

	if (!s || s->size - (address - s->address) < size)
		return -EFAULT;
	return read_fully(kcore->fd, to, size, s->offset + (off_t)(address - s->address)) ? -EFAULT
											  : 0;
}
