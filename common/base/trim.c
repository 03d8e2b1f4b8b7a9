// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/trim.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

/* Segments that were never writable: nothing in them differs from the file. What the loader has
 * relocated is in writable ones, also where it is read-only now (RELRO). */
static int release_code(struct dl_phdr_info *object, size_t size __attribute__((unused)), void *ctx)
{
	uintptr_t page = *(const uintptr_t *)ctx;

	if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR))
		return 0; /* the vDSO has no file */
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
		uintptr_t end = begin + segment->p_filesz;

		begin &= ~(page - 1);
		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
			madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void dcm_trim_process(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	malloc_trim(0);
	dl_iterate_phdr(release_code, &page);
}
