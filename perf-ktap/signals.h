/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to end: SIGINT, SIGTERM, SIGHUP, counted.  SIGCHLD only wakes up. */
#ifndef PK_SIGNALS_H
#define PK_SIGNALS_H

void pk_signals_setup(void);
/* How many requests came so far. */
int pk_signals_count(void);
/* The last one, 0: none. */
int pk_signals_last(void);

#endif
