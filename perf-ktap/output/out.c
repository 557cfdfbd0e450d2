// SPDX-License-Identifier: GPL-2.0-only
/*
 * Script output.  A failed write (disk full, closed pipe) is remembered, not printed: the session
 * looks at it, ends in order and says so once.
 */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_AT (64 << 10)
/* Nobody reads our pipe, and the user keeps pressing Ctrl-C: give up. */
#define MAX_INTERRUPTS 2

int pk_out_open(struct pk_out *out, const char *path)
{
	memset(out, 0, sizeof(*out));
	out->fd = STDOUT_FILENO;
	out->name = "standard output";
	if (!path)
		return 0;
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out->fd < 0)
		return -errno;
	out->name = path;
	out->close = true;
	return 0;
}

void pk_out_add(struct pk_out *out, const char *text, size_t len)
{
	if (out->error)
		return;
	pk_buf_add(&out->buf, text, len);
	if (out->buf.len >= FLUSH_AT)
		pk_out_flush(out);
}

int pk_out_flush(struct pk_out *out)
{
	unsigned int interrupts = 0;
	size_t done = 0;
	ssize_t n;

	while (!out->error && done < out->buf.len) {
		n = write(out->fd, out->buf.data + done, out->buf.len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR || ++interrupts > MAX_INTERRUPTS)
			out->error = errno;
	}
	pk_buf_reset(&out->buf);
	return -out->error;
}

int pk_out_close(struct pk_out *out)
{
	pk_out_flush(out);
	if (out->close && close(out->fd) && !out->error)
		out->error = errno;
	pk_buf_free(&out->buf);
	return -out->error;
}
