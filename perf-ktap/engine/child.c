// SPDX-License-Identifier: GPL-2.0-only
/*
 * The traced command.  Two pipes: "go" makes the child exec, and ends it when our end closes first;
 * "err" closes by itself on exec, or brings the errno of an exec that failed.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../util.h"

#define STATUS_NOT_FOUND 127 /* as shells have it */
#define STATUS_NOT_RUN 126

static void child_main(int go, int err, char *const *argv) __attribute__((noreturn));

static void child_main(int go, int err, char *const *argv)
{
	sigset_t none;
	char byte;
	ssize_t n;
	int e;

	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	do
		n = read(go, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(0);
	execvp(argv[0], argv);
	e = errno;
	if (write(err, &e, sizeof(e)) != sizeof(e))
		_exit(STATUS_NOT_RUN);
	_exit(e == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

int pk_child_prepare(struct pk_child *c, char *const *argv)
{
	int go[2], err[2], ret;
	pid_t pid;

	memset(c, 0, sizeof(*c));
	c->argv = argv;
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		ret = -errno;
		close(go[0]);
		close(go[1]);
		return ret;
	}
	pid = fork();
	if (pid < 0) {
		ret = -errno;
		close(go[0]);
		close(go[1]);
		close(err[0]);
		close(err[1]);
		return ret;
	}
	if (!pid) {
		close(go[1]);
		close(err[0]);
		child_main(go[0], err[1], argv);
	}
	close(go[0]);
	close(err[1]);
	c->pid = pid;
	c->go_fd = go[1];
	c->err_fd = err[0];
	return 0;
}

int pk_child_start(struct pk_child *c)
{
	char byte = 0;
	ssize_t n;
	int e = 0;

	if (write(c->go_fd, &byte, 1) != 1)
		return -errno;
	do
		n = read(c->err_fd, &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	close(c->go_fd);
	close(c->err_fd);
	c->go_fd = -1;
	c->err_fd = -1;
	if (n == (ssize_t)sizeof(e)) {
		pk_err("cannot run %s: %s", c->argv[0], strerror(e));
		waitpid(c->pid, NULL, 0);
		c->done = true;
		c->status = e == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
		return -e;
	}
	c->running = true;
	return 0;
}

static void reaped(struct pk_child *c, int status)
{
	c->done = true;
	c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool pk_child_done(struct pk_child *c)
{
	int status;

	if (c->done || !c->pid)
		return true;
	if (waitpid(c->pid, &status, WNOHANG) == c->pid)
		reaped(c, status);
	return c->done;
}

void pk_child_stop(struct pk_child *c)
{
	int status;

	if (!c->pid || pk_child_done(c))
		return;
	if (!c->running) {
		close(c->go_fd);
		close(c->err_fd);
		c->go_fd = -1;
		c->err_fd = -1;
		if (waitpid(c->pid, &status, 0) == c->pid)
			reaped(c, status);
		return;
	}
	/* It may take its time to end; nobody waits for that. */
	kill(c->pid, SIGTERM);
}
