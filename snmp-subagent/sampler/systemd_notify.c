// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/sampler/systemd_notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/parse/number.h"

/* "123" to 123; 0 when missing, junk or out of range. */
static uint64_t read_number(const char *name)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && !dcm_number_up_to(text, UINT64_MAX / 1000, &value) ? value : 0;
}

void dcm_systemd_init(struct dcm_systemd *service)
{
	uint64_t usec = read_number("WATCHDOG_USEC"), pid = read_number("WATCHDOG_PID");

	*service = (struct dcm_systemd){0};
	if (pid == 0 || pid == (uint64_t)getpid())
		service->period_ns = usec * 1000 / 2;
}

void dcm_systemd_tell(const char *message)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	_cleanup_close_ int fd = -1;
	size_t len = path ? strlen(path) : 0;

	if (len < 2 || len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@') /* the abstract namespace */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
	       (struct sockaddr *)&address,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

void dcm_systemd_alive(struct dcm_systemd *service, uint64_t now_ns, uint64_t *next_ns)
{
	if (service->period_ns == 0)
		return;
	if (now_ns >= service->due_ns) {
		dcm_systemd_tell("WATCHDOG=1");
		service->due_ns = now_ns + service->period_ns;
	}
	if (service->due_ns < *next_ns)
		*next_ns = service->due_ns;
}
