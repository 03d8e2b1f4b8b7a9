// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A core file by addresses, its cache, and symbols: made-up files. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/kernel/kcore/kcore_cache.h"
#include "common/kernel/kcore/kcore_symbols.h"

#define PAGE 4096u
#define LOW  0xffff888000000000ULL /* 64 pages */
#define HIGH 0xffffffff81000000ULL /* one page and 100 bytes */

static char path[64];
static unsigned char memory[64 * PAGE], image[PAGE + 100];

static void write_file(const void *from, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(from, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Segments in the order that /proc/kcore has them: the highest first. */
static Elf64_Ehdr *make_core(unsigned char *file, size_t *ret_size)
{
	Elf64_Ehdr *header = (void *)file;
	Elf64_Phdr *segment = (void *)(file + sizeof(*header));

	*header = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB},
			       .e_type = ET_CORE,
			       .e_phoff = sizeof(*header),
			       .e_phentsize = sizeof(*segment),
			       .e_phnum = 3};
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		header->e_ident[EI_DATA] = ELFDATA2MSB;
	segment[0] = (Elf64_Phdr){.p_type = PT_NOTE, .p_vaddr = LOW, .p_filesz = 8};
	segment[1] = (Elf64_Phdr){
		.p_type = PT_LOAD, .p_vaddr = HIGH, .p_offset = PAGE, .p_filesz = sizeof(image)};
	segment[2] = (Elf64_Phdr){.p_type = PT_LOAD,
				  .p_vaddr = LOW,
				  .p_offset = 3 * PAGE,
				  .p_filesz = sizeof(memory)};
	memcpy(file + PAGE, image, sizeof(image));
	memcpy(file + 3 * PAGE, memory, sizeof(memory));
	*ret_size = 3 * PAGE + sizeof(memory);
	return header;
}

static struct dcm_kcore *open_core(void)
{
	static unsigned char file[3 * PAGE + sizeof(memory)];
	struct dcm_reason reason = {""};
	struct dcm_kcore *kcore;
	size_t size;

	make_core(file, &size);
	write_file(file, size);
	if (dcm_kcore_open(path, &reason, &kcore))
		fail_msg("%s", reason.text);
	return kcore;
}

static void test_addresses(void **state)
{
	struct dcm_kcore *kcore = open_core();
	unsigned char buf[2 * PAGE];

	(void)state;
	assert_int_equal(dcm_kcore_read(kcore, LOW + 5, buf, 2 * PAGE), 0);
	assert_memory_equal(buf, memory + 5, 2 * PAGE);
	assert_int_equal(dcm_kcore_read(kcore, HIGH + PAGE, buf, 100), 0);
	assert_memory_equal(buf, image + PAGE, 100);
	assert_int_equal(dcm_kcore_read(kcore, HIGH + PAGE, buf, 101), -EFAULT);
	assert_int_equal(dcm_kcore_read(kcore, LOW - 1, buf, 2), -EFAULT);
	assert_int_equal(dcm_kcore_read(kcore, LOW + sizeof(memory) - 1, buf, 2), -EFAULT);
	assert_int_equal(dcm_kcore_read(kcore, 0, buf, 1), -EFAULT);
	assert_int_equal(dcm_kcore_read(kcore, ~0ULL, buf, 1), -EFAULT);
	assert_int_equal(dcm_kcore_mapped(kcore, HIGH + PAGE + 99, 50), 1);
	assert_int_equal(dcm_kcore_mapped(kcore, LOW, 10), 10);
	assert_int_equal(dcm_kcore_mapped(kcore, HIGH - 1, 10), 0);
	dcm_kcore_close(kcore);
}

static int open_err(const void *file, size_t size)
{
	struct dcm_reason reason = {""};
	struct dcm_kcore *kcore = NULL;
	int err;

	write_file(file, size);
	err = dcm_kcore_open(path, &reason, &kcore);
	assert_null(kcore);
	assert_true(*reason.text);
	return err;
}

static void test_refused(void **state)
{
	static unsigned char file[3 * PAGE + sizeof(memory)];
	struct dcm_reason reason = {""};
	Elf64_Ehdr *header;
	struct dcm_kcore *kcore;
	size_t size;

	(void)state;
	assert_int_equal(dcm_kcore_open("/nowhere/kcore", &reason, &kcore), -ENOENT);
	assert_non_null(strstr(reason.text, "CONFIG_PROC_KCORE"));
	assert_int_equal(open_err("", 0), -EOPNOTSUPP);
	header = make_core(file, &size);
	assert_int_equal(open_err(file, sizeof(*header) + 5), -EOPNOTSUPP);
	header->e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(open_err(file, size), -EOPNOTSUPP);
	make_core(file, &size);
	header->e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
	assert_int_equal(open_err(file, size), -EOPNOTSUPP);
	make_core(file, &size);
	header->e_type = ET_EXEC;
	assert_int_equal(open_err(file, size), -EOPNOTSUPP);
	make_core(file, &size);
	header->e_phnum = 1; /* notes alone */
	assert_int_equal(open_err(file, size), -EOPNOTSUPP);
}

/* What is read is what is there, wherever it begins; a fault is zeroes. */
static void test_cache(void **state)
{
	struct dcm_kcore *kcore = open_core();
	struct dcm_kcore_cache *cache = dcm_kcore_cache_create(kcore);
	unsigned char buf[1000];
	uint64_t word;

	(void)state;
	assert_non_null(cache);
	for (size_t at = 0; at < 3000; at += 37) {
		assert_true(dcm_kcore_cache_read(cache, LOW + at, buf, sizeof(buf)));
		assert_memory_equal(buf, memory + at, sizeof(buf));
	}
	memcpy(&word, memory + 252, 8); /* in two units */
	assert_int_equal(dcm_kcore_cache_word(cache, LOW + 252), word);
	assert_false(dcm_kcore_cache_read(cache, HIGH - 4, buf, 8));
	assert_memory_equal(buf, "\0\0\0\0", 4);
	assert_memory_equal(buf + 4, image, 4);
	assert_true(dcm_kcore_cache_read(cache, HIGH + PAGE, buf, 100)); /* a unit that is cut */
	assert_memory_equal(buf, image + PAGE, 100);
	assert_int_equal(dcm_kcore_cache_word(cache, 8), 0);
	dcm_kcore_cache_destroy(cache);
	dcm_kcore_close(kcore);
}

/* Neighbours are read at once, and nothing is read twice until it is forgotten. */
static void test_cache_reads(void **state)
{
	struct dcm_kcore *kcore = open_core();
	struct dcm_kcore_cache *cache = dcm_kcore_cache_create(kcore);
	uint64_t addresses[300], word;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		addresses[i] = LOW + (i * 7919 % 300) * 192 + 8;
	dcm_kcore_cache_fetch(cache, addresses, 300, 8);
	/* 300 entries of 192 bytes: 225 units, 32 at most in one read */
	assert_in_range(dcm_kcore_cache_counts(cache).reads, 8, 8);
	assert_in_range(dcm_kcore_cache_counts(cache).bytes, 225 * 256, 225 * 256);
	for (size_t i = 0; i < 300; i++) {
		memcpy(&word, memory + i * 192 + 8, 8);
		assert_int_equal(dcm_kcore_cache_word(cache, LOW + i * 192 + 8), word);
	}
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 8);
	dcm_kcore_cache_forget(cache, LOW + 300);
	dcm_kcore_cache_word(cache, LOW + 256);
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 9);
	for (int i = 0; i < 600; i++) { /* more often than there are numbers for it */
		dcm_kcore_cache_drop(cache);
		dcm_kcore_cache_word(cache, LOW + 256);
	}
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 609);
	dcm_kcore_cache_drop(cache); /* more than a unit of each, across its end */
	addresses[0] = LOW + 250;
	addresses[1] = LOW + 8 * 256 + 200;
	dcm_kcore_cache_fetch(cache, addresses, 2, 104);
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 611);
	memcpy(&word, memory + 346, 8);
	assert_int_equal(dcm_kcore_cache_word(cache, LOW + 346), word);
	memcpy(&word, memory + 9 * 256 + 40, 8);
	assert_int_equal(dcm_kcore_cache_word(cache, LOW + 9 * 256 + 40), word);
	dcm_kcore_cache_word(cache, LOW + 250);
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 611);
	addresses[0] = HIGH + PAGE; /* what lies behind the end is not said to have been read */
	dcm_kcore_cache_fetch(cache, addresses, 1, 300);
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 612);
	assert_true(dcm_kcore_cache_read(cache, HIGH + PAGE, &word, 8));
	assert_false(dcm_kcore_cache_read(cache, HIGH + PAGE + 256, &word, 8));
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 612);
	addresses[0] = 0; /* what is not mapped is not read */
	dcm_kcore_cache_fetch(cache, addresses, 1, 8);
	assert_int_equal(dcm_kcore_cache_counts(cache).reads, 612);
	dcm_kcore_cache_destroy(cache);
	dcm_kcore_close(kcore);
}

static int read_symbols(const char *text, struct dcm_reason *reason, struct dcm_kcore_symbols *ret)
{
	write_file(text, strlen(text));
	return dcm_kcore_symbols_read(path, reason, ret);
}

static void test_symbols(void **state)
{
	struct dcm_kcore_symbols s = {0};
	struct dcm_reason reason = {""};

	(void)state;
	assert_int_equal(read_symbols("ffffffff81000000 T _stext\n"
				      "ffffffff82a0d0c8 d d_hash_shift\n"
				      "ffffffff82a0d0d0 d dentry_hashtable\n"
				      "ffffffff82a0d0e0 d super_blocks\n"
				      "ffffffffc0000000 d super_blocks\t[other]\n"
				      "ffffffff82b00000 D init_net\n",
				      &reason, &s),
			 0);
	assert_int_equal(s.dentry_hashtable, 0xffffffff82a0d0d0);
	assert_int_equal(s.d_hash_shift, 0xffffffff82a0d0c8);
	assert_int_equal(s.super_blocks, 0xffffffff82a0d0e0);
	assert_int_equal(s.init_net, 0xffffffff82b00000);
	assert_int_equal(s.d_hash_mask, 0);
	assert_int_equal(read_symbols("0000000000000000 d d_hash_shift\n"
				      "0000000000000000 d dentry_hashtable\n"
				      "0000000000000000 d super_blocks\n",
				      &reason, &s),
			 -EPERM);
	assert_non_null(strstr(reason.text, "kptr_restrict"));
	assert_int_equal(read_symbols("ffffffff81000000 T _stext\nrubbish\n\n", &reason, &s),
			 -EOPNOTSUPP);
	assert_non_null(strstr(reason.text, "CONFIG_KALLSYMS_ALL"));
	assert_int_equal(dcm_kcore_symbols_read("/nowhere/kallsyms", &reason, &s), -ENOENT);
}

static int set_up(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/dcachemon-kcore.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	for (size_t i = 0; i < sizeof(memory); i++)
		memory[i] = (unsigned char)(i * 131 + i / 251);
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (unsigned char)(i * 17 + 3);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cache),	  cmocka_unit_test(test_cache_reads),
		cmocka_unit_test(test_symbols),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
