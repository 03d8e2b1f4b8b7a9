// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Enters the sandbox of a process of dcachemon-snmp and tries system calls in it:
 *
 *   sandbox_try agent|sampler|none      prints "NAME EPERM|ok|errno N", one line per call
 *
 * Every call fails harmlessly or succeeds harmlessly without a filter, which "none" shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "snmp-subagent/sandbox.h"

#define NOWHERE "/nonexistent/dcachemon"

static long open_fd(int flags, const char *path)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd;
}

static long make_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type | SOCK_CLOEXEC, protocol);

	if (fd >= 0)
		close(fd);
	return fd;
}

static long map(int protection)
{
	return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1
											      : 0;
}

static long make_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long start_process(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return pid;
}

static long bpf(int command)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	return syscall(SYS_bpf, command, &attr, sizeof(attr));
}

#define TRY(name, call)                                    \
	do {                                               \
		errno = 0;                                 \
		if ((call) != -1)                          \
			puts(name " ok");                  \
		else if (errno == EPERM)                   \
			puts(name " EPERM");               \
		else                                       \
			printf(name " errno %d\n", errno); \
	} while (0)

static void try_network(void)
{
	TRY("socket-unix", make_socket(AF_UNIX, SOCK_STREAM, 0));
	TRY("socket-raw", make_socket(AF_INET, SOCK_RAW, 1));
	TRY("socket-tcp", make_socket(AF_INET, SOCK_STREAM, 0));
	TRY("socket-udp6", make_socket(AF_INET6, SOCK_DGRAM, 0));
	TRY("socket-packet", make_socket(AF_PACKET, SOCK_RAW, 0));
	TRY("socket-route", make_socket(AF_NETLINK, SOCK_RAW, 0));
	TRY("socket-audit", make_socket(AF_NETLINK, SOCK_RAW, 9));
}

static void try_files(void)
{
	TRY("open-read", open_fd(O_RDONLY, "/proc/self/status"));
	TRY("open-write", open_fd(O_WRONLY, "/dev/null"));
	TRY("open-append", open_fd(O_RDWR | O_APPEND, "/dev/null"));
	TRY("open-create", open_fd(O_RDONLY | O_CREAT, NOWHERE));
	TRY("unlink", unlink(NOWHERE));
	TRY("chmod", chmod(NOWHERE, 0600));
	TRY("truncate", truncate(NOWHERE, 0));
	TRY("mknod", mknod(NOWHERE, S_IFIFO, 0));
	TRY("symlink", symlink("x", NOWHERE));
	TRY("link", link(NOWHERE, NOWHERE "2"));
	TRY("mount", mount("none", NOWHERE, "tmpfs", 0, NULL));
	TRY("umount", umount(NOWHERE));
	TRY("chroot", chroot(NOWHERE));
}

static void try_processes(void)
{
	TRY("execve", execl(NOWHERE, NOWHERE, NULL));
	TRY("clone", start_process(0));
	TRY("clone-newuser", start_process(CLONE_NEWUSER));
	TRY("unshare", unshare(0));
	TRY("setns-net", setns(-1, CLONE_NEWNET));
	TRY("setns-mnt", setns(-1, CLONE_NEWNS));
	TRY("kill", kill(getpid(), 0));
	TRY("tgkill-other", syscall(SYS_tgkill, 1 << 22, 1 << 22, 0));
	TRY("ptrace", ptrace(PTRACE_ATTACH, 1 << 22, NULL, NULL));
	TRY("process_vm_readv", syscall(SYS_process_vm_readv, 1 << 22, NULL, 0UL, NULL, 0UL, 0UL));
	TRY("setuid", setuid(getuid()));
}

static void try_kernel(void)
{
	TRY("map-exec-write", map(PROT_READ | PROT_WRITE | PROT_EXEC));
	TRY("map-write", map(PROT_READ | PROT_WRITE));
	TRY("mprotect-exec", make_executable());
	TRY("bpf-load", bpf(BPF_PROG_LOAD));
	TRY("bpf-map", bpf(BPF_MAP_CREATE));
	TRY("bpf-run", bpf(BPF_PROG_TEST_RUN));
	TRY("bpf-info", bpf(BPF_OBJ_GET_INFO_BY_FD));
	TRY("bpf-by-number", bpf(BPF_PROG_GET_FD_BY_ID));
	TRY("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0UL));
	TRY("io_uring_setup", syscall(SYS_io_uring_setup, 1U << 31, NULL));
	TRY("userfaultfd", syscall(SYS_userfaultfd, -1));
	TRY("keyctl", syscall(SYS_keyctl, -1, 0UL, 0UL, 0UL, 0UL));
	TRY("init_module", syscall(SYS_init_module, NULL, 0UL, ""));
	TRY("kexec_load", syscall(SYS_kexec_load, 0UL, ~0UL, NULL, ~0UL));
	TRY("reboot", syscall(SYS_reboot, 0, 0, 0, NULL));
	TRY("clock_settime", syscall(SYS_clock_settime, 0, NULL));
	TRY("syslog", syscall(SYS_syslog, -1, NULL, 0));
}

int main(int argc, char **argv)
{
	struct dcm_sandbox_options options = {.role = DCM_SANDBOX_AGENT};
	struct dcm_reason reason = {""};
	int err = 0;

	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strncmp(argv[1], "sampler", 7))
		options.role = DCM_SANDBOX_SAMPLER;
	options.namespaces = !strcmp(argv[1], "sampler-namespaces");
	if (strcmp(argv[1], "none"))
		err = dcm_sandbox_enter(&options, &reason);
	if (err) {
		printf("sandbox %s\n", reason.text);
		return 77;
	}
	try_network();
	try_files();
	try_processes();
	try_kernel();
	dcm_sandbox_report();
	dcm_sandbox_report(); /* each one once */
	return 0;
}
