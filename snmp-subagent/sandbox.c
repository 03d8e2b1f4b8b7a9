// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/log.h"

#define NSIO		0xb7 /* linux/nsfs.h: NS_GET_* */
#define MAX_SYSCALL	1024
#define NEW_NAMESPACES	0x7e020080UL /* every CLONE_NEW* of clone(2) */
#define WRITES_OR_MAKES (O_ACCMODE | O_CREAT | O_TRUNC)

/* These, and gcov, do things of their own, and when a process ends. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(DCM_COVERAGE)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* ---- what is allowed ---- */

static const char *const both[] = {
	/* files and descriptors */
	"read",
	"readv",
	"write",
	"writev",
	"pread64",
	"lseek",
	"_llseek",
	"close",
	"fstat",
	"fstat64",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"newfstatat",
	"fstatat64",
	"statx",
	"statfs",
	"statfs64",
	"fstatfs",
	"fstatfs64",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getcwd",
	"getdents64",
	"fcntl",
	"fcntl64",
	"dup",
	"pipe2",
	"eventfd2",
	"signalfd4",
	/* waiting */
	"poll",
	"ppoll",
	"ppoll_time64",
	"select",
	"_newselect",
	"pselect6",
	"pselect6_time64",
	"alarm",
	"setitimer",
	"nanosleep",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"restart_syscall",
	/* sockets; making one is limited below */
	"connect",
	"sendto",
	"sendmsg",
	"recvfrom",
	"recvmsg",
	"shutdown",
	"getsockname",
	"getpeername",
	"getsockopt",
	"setsockopt",
	/* memory; mmap and mprotect are limited below */
	"munmap",
	"mremap",
	"madvise",
	"brk",
	/* signals and threads of the process itself */
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"rt_sigpending",
	"sigaltstack",
	"futex",
	"futex_time64",
	"set_robust_list",
	"rseq",
	"sched_yield",
	"sched_getaffinity",
	"exit",
	"exit_group",
	/* asking */
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"gettimeofday",
	"time",
	"times",
	"getpid",
	"gettid",
	"getppid",
	"getpgrp",
	"getpgid",
	"getsid",
	"getuid",
	"geteuid",
	"getgid",
	"getegid",
	"getgroups",
	"getresuid",
	"getresgid",
	"getrlimit",
	"ugetrlimit",
	"getrusage",
	"sysinfo",
	"uname",
	"getrandom",
	"capget",
	"getpriority",
	"umask",
};

static const char *const sampler[] = {
	"open",
	"openat",
	"epoll_create1",
	"epoll_ctl",
	"epoll_wait",
	"epoll_pwait",
	"accept4",
	"bind",
	"listen",
	"memfd_create",
	/* alarms, recordings and the snapshot socket's file */
	"pwrite64",
	"fsync",
	"fdatasync",
	"ftruncate",
	"ftruncate64",
	"flock",
	"mkdir",
	"mkdirat",
	"rename",
	"renameat",
	"renameat2",
	"unlink",
	"unlinkat",
	"chmod",
	"fchmod",
	"fchmodat",
	"fchown",
	"chown",
	"fchownat",
	/* threads, the agent: its start, its change of user, its own filter */
	"execve",
	"fork",
	"vfork",
	"wait4",
	"waitid",
	"kill",
	"tgkill",
	"rt_sigtimedwait",
	"rt_sigtimedwait_time64",
	"dup2",
	"dup3",
	"prctl",
	"arch_prctl",
	"set_tid_address",
	"set_thread_area",
	"prlimit64",
	"setrlimit",
	"capset",
	"setuid",
	"setuid32",
	"setgid",
	"setgid32",
	"setgroups",
	"setgroups32",
	"setresuid",
	"setresuid32",
	"setresgid",
	"setresgid32",
	"seccomp",
};

static const unsigned long requests[] = {FIONREAD, FIONBIO, TIOCOUTQ, TCGETS, TIOCGWINSZ};

static const int agent_prctls[] = {PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_PDEATHSIG,
				   PR_GET_DUMPABLE};

/* A call that this architecture or libseccomp does not know cannot be made or named: skipped. */
static int allow_if(scmp_filter_ctx ctx, const char *name, unsigned n,
		    const struct scmp_arg_cmp *conditions)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, number, n, conditions);
}

static int allow_all(scmp_filter_ctx ctx, const char *const *names, size_t count)
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++)
		err = allow_if(ctx, names[i], 0, NULL);
	return err;
}

static int allow_value(scmp_filter_ctx ctx, const char *name, unsigned argument, uint64_t value)
{
	const struct scmp_arg_cmp is = SCMP_CMP64(argument, SCMP_CMP_EQ, value);

	return allow_if(ctx, name, 1, &is);
}

/* None of the bits of @mask is set in that argument. */
static int allow_without(scmp_filter_ctx ctx, const char *name, unsigned argument, uint64_t mask)
{
	const struct scmp_arg_cmp is = SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, 0);

	return allow_if(ctx, name, 1, &is);
}

/* Memory is never writable and executable, nor made executable later. */
static int allow_memory(scmp_filter_ctx ctx)
{
	static const char *const maps[] = {"mmap", "mmap2"};
	int err = allow_without(ctx, "mprotect", 2, PROT_EXEC);

	for (size_t i = 0; i < DCM_ARRAY_SIZE(maps) && !err; i++) {
		err = allow_without(ctx, maps[i], 2, PROT_EXEC);
		err = err ? err : allow_without(ctx, maps[i], 2, PROT_WRITE);
	}
	return err;
}

static int allow_requests(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(requests) && !err; i++)
		err = allow_value(ctx, "ioctl", 1, requests[i]);
	return err;
}

static int allow_sockets(scmp_filter_ctx ctx, bool inet)
{
	int err = allow_value(ctx, "socket", 0, AF_UNIX);

	if (inet) {
		err = err ? err : allow_value(ctx, "socket", 0, AF_INET);
		err = err ? err : allow_value(ctx, "socket", 0, AF_INET6);
		err = err ? err : allow_if(ctx, "bind", 0, NULL); /* libnetsnmp, of UDP */
	}
	return err ? err : allow_value(ctx, "socketpair", 0, AF_UNIX);
}

static int allow_both(scmp_filter_ctx ctx, bool inet)
{
	int err = allow_all(ctx, both, DCM_ARRAY_SIZE(both));

	err = err ? err : allow_memory(ctx);
	err = err ? err : allow_requests(ctx);
	return err ? err : allow_sockets(ctx, inet);
}

static int allow_agent(scmp_filter_ctx ctx)
{
	int err = allow_without(ctx, "openat", 2, WRITES_OR_MAKES);

	err = err ? err : allow_without(ctx, "open", 1, WRITES_OR_MAKES);
	err = err ? err : allow_value(ctx, "prlimit64", 2, 0);		     /* asking only */
	err = err ? err : allow_value(ctx, "tgkill", 0, (uint64_t)getpid()); /* abort(3) */
	for (size_t i = 0; i < DCM_ARRAY_SIZE(agent_prctls) && !err; i++)
		err = allow_value(ctx, "prctl", 0, (uint64_t)agent_prctls[i]);
	return err;
}

static int allow_sampler(scmp_filter_ctx ctx, bool namespaces)
{
	const struct scmp_arg_cmp route[] = {
		SCMP_CMP64(0, SCMP_CMP_EQ, AF_NETLINK),
		SCMP_CMP64(2, SCMP_CMP_EQ, NETLINK_ROUTE),
	};
	const struct scmp_arg_cmp nsfs = SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, 0xff00, NSIO << 8);
	const struct scmp_arg_cmp net = SCMP_CMP64(1, SCMP_CMP_EQ, CLONE_NEWNET);
	int err = allow_all(ctx, sampler, DCM_ARRAY_SIZE(sampler));

	/* All is loaded before, and what the programs share is not to be opened by its number. */
	err = err ? err : allow_value(ctx, "bpf", 0, BPF_PROG_TEST_RUN);
	err = err ? err : allow_value(ctx, "bpf", 0, BPF_OBJ_GET_INFO_BY_FD);
	err = err ? err : allow_if(ctx, "socket", DCM_ARRAY_SIZE(route), route);
	err = err ? err : allow_if(ctx, "ioctl", 1, &nsfs);
	err = err ? err : allow_value(ctx, "ioctl", 1, SIOCETHTOOL); /* speed of a link */
	if (namespaces)
		err = err ? err : allow_if(ctx, "setns", 1, &net);
	/* The flags of clone3 lie in memory: as if it did not exist, libc takes clone. */
	err = err ? err : allow_without(ctx, "clone", 0, NEW_NAMESPACES);
	return err ? err : seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* ---- refused calls of the agent ---- */

static volatile sig_atomic_t refused[MAX_SYSCALL]; /* 1: to be logged, 2: logged */
static volatile sig_atomic_t any_refused;

/* The kernel did not make the call; this register holds the value that it returns. */
static bool set_result(ucontext_t *context __attribute__((unused)),
		       long result __attribute__((unused)))
{
#if defined(__x86_64__)
	context->uc_mcontext.gregs[REG_RAX] = result;
#elif defined(__aarch64__)
	context->uc_mcontext.regs[0] = (unsigned long)result;
#else
	return false;
#endif
	return true;
}

static void on_refused(int signal __attribute__((unused)), siginfo_t *info, void *context)
{
	set_result(context, -EPERM);
	if (info->si_syscall < 0 || info->si_syscall >= MAX_SYSCALL || refused[info->si_syscall])
		return;
	refused[info->si_syscall] = 1;
	any_refused = 1;
}

static bool catch_refused(void)
{
	struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
	ucontext_t probe;
	sigset_t set;

	if (!set_result(&probe, 0))
		return false;
	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	return sigaction(SIGSYS, &action, NULL) == 0 && sigprocmask(SIG_UNBLOCK, &set, NULL) == 0;
}

void dcm_sandbox_report(void)
{
	if (!any_refused)
		return;
	any_refused = 0;
	for (int i = 0; i < MAX_SYSCALL; i++) {
		char *name;

		if (refused[i] != 1)
			continue;
		refused[i] = 2;
		name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
		dcm_log(DCM_LOG_WARNING,
			"seccomp refused the system call %s (%d) with EPERM; --no-seccomp allows "
			"it",
			name ? name : "?", i);
		free(name);
	}
}

/* ---- the filter ---- */

static int build(scmp_filter_ctx ctx, const struct dcm_sandbox_options *options)
{
	int err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);

	if (!err && options->role == DCM_SANDBOX_SAMPLER && options->kernel_log)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
	err = err ? err : allow_both(ctx, options->inet);
	if (err)
		return err;
	return options->role == DCM_SANDBOX_AGENT ? allow_agent(ctx)
						  : allow_sampler(ctx, options->namespaces);
}

int dcm_sandbox_enter(const struct dcm_sandbox_options *options, struct dcm_reason *reason)
{
	uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	scmp_filter_ctx ctx;
	int err;

	if (options->role == DCM_SANDBOX_AGENT && !SANITIZED && catch_refused())
		refuse = SCMP_ACT_TRAP;
	ctx = seccomp_init(refuse);
	if (!ctx)
		return dcm_reason_no_memory(reason);
	err = build(ctx, options);
	if (!err && !SANITIZED)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	if (!err && SANITIZED)
		return dcm_reason_set(reason, -EOPNOTSUPP, "built for a sanitizer");
	if (err)
		return dcm_reason_set(reason, err, "seccomp filter: %s", strerror(-err));
	return 0;
}
