/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and ids of tasks, as they were when an event happened: a snapshot of /proc, kept up to date
 * by the FORK, COMM and EXIT records of the event stream.
 */
#ifndef PK_TASKS_H
#define PK_TASKS_H

#include <sys/types.h>
#include <ktap/engine.h>

struct pk_tasks;

struct pk_tasks *pk_tasks_new(void);
void pk_tasks_free(struct pk_tasks *t);

/* Take in all threads of all processes, or those of one. */
void pk_tasks_snapshot(struct pk_tasks *t);
void pk_tasks_snapshot_pid(struct pk_tasks *t, pid_t pid);

void pk_tasks_fork(struct pk_tasks *t, __u32 pid, __u32 tid, __u32 ppid, __u32 ptid);
void pk_tasks_comm(struct pk_tasks *t, __u32 pid, __u32 tid, const char *comm, bool exec);
void pk_tasks_exit(struct pk_tasks *t, __u32 tid);

/* The task of an event.  pid (__u32)-1: unknown to perf; the table may know. */
void pk_tasks_get(struct pk_tasks *t, __u32 pid, __u32 tid, __s32 cpu, struct ktap_task *task);

#endif
