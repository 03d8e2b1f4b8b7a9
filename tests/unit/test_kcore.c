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
#include "common/kernel/kcore/kcore_window.h"

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

static void assert_window(struct dcm_kcore_window *window, size_t at, size_t size)
{
	const void *found = dcm_kcore_window_find(window, LOW + at, size);

	assert_non_null(found);
	assert_memory_equal(found, memory + at, size);
}

/* What was asked for is there, asked for in any order, and nothing that was not read. */
static void test_window(void **state)
{
	struct dcm_kcore *kcore = open_core();
	struct dcm_kcore_window *window = dcm_kcore_window_create(kcore);
	uint64_t addresses[600], unreadable[] = {8, LOW + 8, HIGH + PAGE + 90, ~0ULL - 50};

	(void)state;
	assert_non_null(window);
	assert_null(dcm_kcore_window_find(window, LOW, 8));
	for (size_t i = 0; i < 600; i++)
		addresses[i] = LOW + i * 400 + 8;
	assert_int_equal(dcm_kcore_window_read(window, addresses, 600, 104), 600);
	for (size_t i = 0; i < 600; i++)
		assert_window(window, (i * 7 % 600) * 400 + 8, 104);
	assert_null(dcm_kcore_window_find(window, LOW + 599 * 400 + 112, 8));

	for (size_t i = 0; i < 30; i++) /* too far from each other for one read */
		addresses[i] = LOW + i * 5000 + 60;
	assert_int_equal(dcm_kcore_window_read(window, addresses, 30, 104), 30);
	for (size_t i = 0; i < 30; i++)
		assert_window(window, i * 5000 + 60, 104);
	for (size_t i = 30; i--;)
		assert_window(window, i * 5000 + 60, 104);
	assert_null(dcm_kcore_window_find(window, LOW + 3000, 8));
	assert_null(dcm_kcore_window_find(window, LOW - 8, 16));

	assert_int_equal(dcm_kcore_window_read(window, unreadable, 4, 16), 4);
	assert_window(window, 8, 16);
	assert_null(dcm_kcore_window_find(window, 8, 1));
	assert_non_null(dcm_kcore_window_find(window, HIGH + PAGE + 90, 10));
	assert_null(dcm_kcore_window_find(window, HIGH + PAGE + 90, 16));
	assert_null(dcm_kcore_window_find(window, ~0ULL - 50, 1));

	dcm_kcore_window_drop(window);
	assert_null(dcm_kcore_window_find(window, LOW + 8, 8));
	dcm_kcore_window_destroy(window);
	dcm_kcore_close(kcore);
}

/* More than there is room for is cut, and is read by the next call. */
static void test_window_room(void **state)
{
	struct dcm_kcore *kcore = open_core();
	struct dcm_kcore_window *window = dcm_kcore_window_create(kcore);
	const uint64_t large[] = {LOW, LOW + 100 * 1024, LOW + 200 * 1024};
	uint64_t same[700];
	size_t done;

	(void)state;
	done = dcm_kcore_window_read(window, large, 3, 128 * 1024);
	assert_int_equal(done, 2);
	assert_window(window, 100 * 1024, 128 * 1024);
	assert_null(dcm_kcore_window_find(window, LOW + 200 * 1024, 128 * 1024));
	for (size_t i = 0; i < 700; i++)
		same[i] = LOW + 8;
	assert_int_equal(dcm_kcore_window_read(window, same, 700, 104), 700);
	assert_window(window, 8, 104);
	dcm_kcore_window_destroy(window);
	dcm_kcore_close(kcore);
}

static void put_word(uint64_t at, uint64_t word)
{
	FILE *f = fopen(path, "r+");

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)(3 * PAGE + at), SEEK_SET), 0);
	assert_int_equal(fwrite(&word, sizeof(word), 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

/* What has changed meanwhile is seen when it is asked for. */
static void test_window_renewed(void **state)
{
	struct dcm_kcore *kcore = open_core();
	struct dcm_kcore_window *window = dcm_kcore_window_create(kcore);
	const uint64_t address = LOW + 1000, word = 0x1122334455667788;

	(void)state;
	assert_int_equal(dcm_kcore_window_read(window, &address, 1, 104), 1);
	put_word(1000, word);
	put_word(1096, word);
	assert_window(window, 1000, 104);
	dcm_kcore_window_renew(window, LOW + 5000); /* not there */
	dcm_kcore_window_renew(window, address);
	assert_memory_equal(dcm_kcore_window_find(window, address, 8), &word, 8);
	assert_memory_equal(dcm_kcore_window_find(window, address + 96, 8), &word, 8);
	dcm_kcore_window_drop(window);
	dcm_kcore_window_renew(window, address);
	dcm_kcore_window_destroy(window);
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
		cmocka_unit_test(test_addresses),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cache),	       cmocka_unit_test(test_cache_reads),
		cmocka_unit_test(test_window),	       cmocka_unit_test(test_window_room),
		cmocka_unit_test(test_window_renewed), cmocka_unit_test(test_symbols),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
