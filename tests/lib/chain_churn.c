// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Describes a chain in runs as short as they can be and ends namespaces in the middle of it, so
 * that entries already counted leave the chain between two runs. What is counted must still fit
 * together. Prints the counts; exits 1 when they don't, 77 without BPF.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/walk/walk_internal.h"

#define NAMESPACES 300
#define FIRST	   49 /* of those ended, from the chain's head: between the last nodes of a run */
#define LAST	   62
#define WAIT_NS	   (20 * DCM_NSEC_PER_SEC)

static int fds[NAMESPACES];

static int plant(void)
{
	int i;

	for (i = 0; i < NAMESPACES; i++) {
		int fd;

		if (unshare(CLONE_NEWNET))
			return -errno;
		fd = open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		fds[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return -errno;
	}
	return 0;
}

/* The bucket of the longest chain. */
static int find_longest(struct dcm_walk *walk, struct dcm_reason *reason, uint64_t *ret_bucket)
{
	struct dcm_walk_pass pass;
	double fraction;
	int err = dcm_walk_pass_begin(walk, reason);

	while (!err)
		err = dcm_walk_pass_step(walk, reason, &fraction);
	if (err < 0)
		return err;
	dcm_walk_pass_result(walk, &pass);
	if (!pass.top_count)
		return dcm_reason_set(reason, -ENOENT, "no chain");
	*ret_bucket = pass.top[0].bucket;
	return 0;
}

static int describe(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason,
		    struct dcm_walk_chain *ret)
{
	int err = dcm_walk_chain_begin(walk, bucket, reason);

	while (!err)
		err = dcm_walk_chain_step(walk, reason, ret);
	return err < 0 ? err : 0;
}

/* Ends some namespaces and waits until their entries are gone. */
static void end_some(struct dcm_walk *other, uint64_t bucket)
{
	static struct dcm_walk_chain chain;
	uint64_t until = dcm_now_ns() + WAIT_NS, before;
	struct dcm_reason reason;
	int i;

	if (describe(other, bucket, &reason, &chain))
		return;
	before = chain.length;
	for (i = FIRST; i <= LAST; i++)
		close(fds[NAMESPACES - 1 - i]);
	while (dcm_now_ns() < until && !describe(other, bucket, &reason, &chain) &&
	       chain.length + (LAST - FIRST + 1) > before)
		usleep(20000);
}

static int describe_disturbed(struct dcm_walk *walk, struct dcm_walk *other, uint64_t bucket,
			      struct dcm_reason *reason, struct dcm_walk_chain *ret)
{
	const struct dcm_bpf_chain_state *state = &walk->out->chain.state;
	int err = dcm_walk_chain_begin(walk, bucket, reason);
	bool ended = false;

	walk->slice_ns = 1;
	while (!err) {
		err = dcm_walk_chain_step(walk, reason, ret);
		if (!err && !ended && state->mode == DCM_CHAIN_DESCRIBE && state->length > LAST) {
			end_some(other, bucket);
			ended = true;
		}
	}
	return err < 0 ? err : ended ? 0 : dcm_reason_set(reason, -EINVAL, "one run for all");
}

static bool check(const struct dcm_walk_chain *c)
{
	printf("length %" PRIu64 " same %" PRIu64 " negative %" PRIu64 " unused %" PRIu64
	       " truncated %d\n",
	       c->length, c->same_name, c->negative, c->unused, c->truncated);
	return c->same_name <= c->length && c->negative <= c->length && c->unused <= c->length;
}

int main(void)
{
	struct rlimit limit = {NAMESPACES + 64, NAMESPACES + 64};
	static struct dcm_walk_chain chain;
	struct dcm_reason reason = {0};
	struct dcm_walk *walk, *other;
	uint64_t bucket = 0;
	int err;

	if (dcm_walk_open("", DCM_WALK_AUTO, &reason, &walk) ||
	    dcm_walk_open("", DCM_WALK_AUTO, &reason, &other)) {
		fprintf(stderr, "chain_churn: %s\n", reason.text);
		return 77;
	}
	setrlimit(RLIMIT_NOFILE, &limit);
	err = plant();
	if (!err)
		err = find_longest(walk, &reason, &bucket);
	if (!err)
		err = describe_disturbed(walk, other, bucket, &reason, &chain);
	if (err)
		fprintf(stderr, "chain_churn: %s %s\n", strerror(-err), reason.text);
	else
		err = !check(&chain);
	dcm_walk_close(other);
	dcm_walk_close(walk);
	return err != 0;
}
