/* SPDX-License-Identifier: GPL-2.0-only */
/* The command behind "--": forked early so that it can be attached to, run when tracing runs. */
#ifndef PK_CHILD_H
#define PK_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct pk_child {
	pid_t pid;
	int go_fd, err_fd;
	char *const *argv;
	bool running; /* exec has happened */
	bool done; /* waited for */
	int status; /* exit status as a shell shows it, once done */
};

/* Fork; the child waits before exec.  0 or -errno. */
int pk_child_prepare(struct pk_child *c, char *const *argv);
/* Let it exec.  0, or -errno of exec after a message; then status is that of a shell. */
int pk_child_start(struct pk_child *c);
/* Whether it has ended by now. */
bool pk_child_done(struct pk_child *c);
/* End it if it still waits or runs. */
void pk_child_stop(struct pk_child *c);

#endif
