/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of one run: compile, resolve, engine, render, and back in reverse. */
#ifndef PK_SESSION_H
#define PK_SESSION_H

struct pk_opts;

/* Returns the exit status. */
int pk_session_run(const struct pk_opts *opts);

#endif
