/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's tracing file system.  No other file of ktap knows a path below it. */
#ifndef PK_TRACEFS_H
#define PK_TRACEFS_H

#include <stddef.h>

/*
 * Find tracefs, mounting it when it is missing and this process may.  0, or -errno with a message
 * for the user in err.  Later calls are free.
 */
int pk_tracefs_init(char *err, size_t err_size);

/* The list of tracepoints: "system:name" a line, in the kernel's order.  0 or -errno. */
int pk_tracefs_events(char **text, size_t *size);
/* The format file of one.  0 or -errno. */
int pk_tracefs_format(const char *system, const char *name, char **text, size_t *size);
/* Strings that formats refer to by address; may be empty.  0 or -errno. */
int pk_tracefs_printk_formats(char **text, size_t *size);

#endif
