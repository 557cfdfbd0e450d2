/* SPDX-License-Identifier: GPL-2.0-only */
/* Where script output goes: stdout or a file, buffered, with the first write error kept. */
#ifndef PK_OUT_H
#define PK_OUT_H

#include <stdbool.h>
#include "../util.h"

struct pk_out {
	int fd;
	const char *name; /* for messages */
	struct pk_buf buf;
	int error; /* errno of the first write that failed; nothing is written after it */
	bool close;
};

/* path NULL: stdout.  0 or -errno. */
int pk_out_open(struct pk_out *out, const char *path);
/* Add text; written at once when much is waiting. */
void pk_out_add(struct pk_out *out, const char *text, size_t len);
/* Write what is waiting.  0 or -errno of the first error. */
int pk_out_flush(struct pk_out *out);
/* Flush and close.  0 or -errno of the first error of all. */
int pk_out_close(struct pk_out *out);

#endif
