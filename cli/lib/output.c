// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/output.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/base/minmax.h"

static int write_error;

/* stdio only says that something failed, not what; after the first error nothing is written. */
static ssize_t write_all(void *cookie __attribute__((unused)), const char *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size && !write_error) {
		n = write(STDOUT_FILENO, buf + done, size - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			write_error = errno;
	}
	return write_error ? 0 : (ssize_t)size;
}

void output_init(void)
{
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_all});

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit, RLIMIT_FSIZE, is an error like a full disk */
	if (!stream)
		return;
	setvbuf(stream, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
	stdout = stream;
}

bool output_flush(void)
{
	fflush(stdout);
	return !write_error && !ferror(stdout);
}

int output_close(int status)
{
	if ((fclose(stdout) && !write_error) ||
	    /* Some filesystems report a full disk only now. */
	    (close(STDOUT_FILENO) && !write_error && errno != EBADF))
		write_error = errno;
	if (!write_error)
		return status;
	if (write_error != EPIPE)
		cli_error("cannot write the output: %s", strerror(write_error));
	return DCM_MAX(status, CLI_FAILED);
}

enum dcm_text_form output_form(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? DCM_TEXT_TERMINAL : DCM_TEXT_DISPLAY;
}

char *output_text(const char *raw)
{
	size_t room = DCM_TEXT_ROOM(strlen(raw));
	char *text = malloc(room);

	if (text)
		dcm_text_escape(output_form(), raw, text, room);
	return text;
}
