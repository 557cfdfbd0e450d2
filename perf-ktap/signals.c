// SPDX-License-Identifier: GPL-2.0-only
/* Signals end a run in order: they are counted here, and the session's loop looks. */
#include "signals.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t count, last;

static void on_signal(int sig)
{
	if (sig == SIGCHLD)
		return;
	count = count + 1;
	last = sig;
}

void pk_signals_setup(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	for (unsigned int i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* Started under nohup: stay that way. */
		if (signals[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i], &action, NULL);
	}
}

int pk_signals_count(void)
{
	return count;
}

int pk_signals_last(void)
{
	return last;
}
