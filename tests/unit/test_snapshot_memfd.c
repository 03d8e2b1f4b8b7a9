// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a reader accepts: sealed descriptors, and messages of a server that may be hostile. */
#include "tests/unit/snapshot_scene.h"

/* ---- descriptors ---- */

static void test_round_trip(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *made = make(*state, 77);
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *mapped = NULL;
	_cleanup_close_ int fd = -1;
	struct dcm_reason reason;

	assert_int_equal(dcm_snapshot_memfd_create(made, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(dcm_snapshot_memfd_open(fd, &reason, &mapped), 0);
	assert_int_equal(mapped->size, made->size);
	assert_memory_equal(mapped->header, made->header, made->size);
	/* Nobody can change it any more, not even its maker. */
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

enum { PIPE, FOLDER, DEVICE, UNSEALED, HALF_SEALED, EMPTY, SPARSE, HUGE_SIZE, JUNK };

static const struct {
	const char *name;
	int kind;
	int err;
} bad_fds[] = {
	{"pipe", PIPE, -EPERM},
	{"folder", FOLDER, -EPERM},
	{"device", DEVICE, -EPERM},
	{"memfd without seals", UNSEALED, -EPERM},
	{"memfd that may still be written", HALF_SEALED, -EPERM},
	{"empty", EMPTY, -EINVAL},
	{"holes", SPARSE, -EINVAL},
	{"too large", HUGE_SIZE, -EFBIG},
	{"junk", JUNK, -EINVAL},
};

static int make_bad_memfd(int kind)
{
	static const char junk[4096] = "junk";
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = memfd_create("bad", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	if (kind == JUNK || kind == UNSEALED || kind == HALF_SEALED)
		assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	if (kind == SPARSE)
		assert_int_equal(ftruncate(fd, 1 << 20), 0);
	if (kind == HUGE_SIZE)
		assert_int_equal(ftruncate(fd, 1LL << 40), 0);
	if (kind == UNSEALED)
		seals = 0;
	if (kind == HALF_SEALED)
		seals &= ~F_SEAL_WRITE;
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int make_bad_fd(int kind)
{
	int fds[2];

	switch (kind) {
	case PIPE:
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		close(fds[1]);
		return fds[0];
	case FOLDER:
		return open("/", O_RDONLY | O_CLOEXEC);
	case DEVICE:
		return open("/dev/zero", O_RDONLY | O_CLOEXEC);
	default:
		return make_bad_memfd(kind);
	}
}

static void test_bad_descriptors(void **state)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad_fds); i++) {
		_cleanup_close_ int fd = make_bad_fd(bad_fds[i].kind);
		struct dcm_reason reason = {""};
		struct dcm_snapshot *untouched = (void *)&reason;
		struct dcm_snapshot *out = untouched;
		int err = dcm_snapshot_memfd_open(fd, &reason, &out);

		if (err != bad_fds[i].err)
			fail_msg("%s: %d, not %d", bad_fds[i].name, err, bad_fds[i].err);
		assert_ptr_equal(out, untouched);
		assert_true(reason.text[0] != '\0');
	}
}

/* ---- a hostile server ---- */

static const struct {
	const char *name;
	char byte;
	size_t len, fds;
	int err;
} hostile_messages[] = {
	{"no descriptor", 's', 1, 0, -EPROTO},
	{"two descriptors", 's', 1, 2, -EPROTO},
	{"more descriptors than there is room for", 's', 1, 16, -EPROTO},
	{"too long", 's', 2, 1, -EPROTO},
	{"wrong byte", 'x', 1, 1, -EPROTO},
	{"empty with descriptor", 's', 0, 1, -EPIPE},
	{"descriptor of a pipe", 's', 1, 1, -EPERM},
};

static void test_hostile_server(void **state)
{
	_cleanup_close_ int pipe_fd = make_bad_fd(PIPE);
	int before = open_fds();
	int fds[16];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++)
		fds[i] = pipe_fd;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(hostile_messages); i++) {
		int pair[2];
		int64_t got;

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		send_fds(pair[0], hostile_messages[i].byte, hostile_messages[i].len, fds,
			 hostile_messages[i].fds);
		got = take(pair[1]);
		if (got != hostile_messages[i].err)
			fail_msg("%s: %d", hostile_messages[i].name, (int)got);
		close(pair[0]);
		assert_int_equal(take(pair[1]), -EPIPE);
		assert_int_equal(dcm_snapshot_client_request(pair[1]), -EPIPE);
		close(pair[1]);
		assert_int_equal(open_fds(), before);
	}
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_bad_descriptors),
		TEST(test_hostile_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
