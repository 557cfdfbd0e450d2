// SPDX-License-Identifier: GPL-2.0-only
/*
 * The task table of the user engine: a hash by thread id.  Tasks that ended are kept for a while,
 * since they have events after their EXIT record; of them at most MAX_DEAD, so that the table does
 * not grow with the number of tasks that ever lived.
 *
 * User and group ids are read from /proc when a script asks for the first time, and inherited by
 * FORK; exec forgets them (set-uid programs).
 */
#include <stdbool.h>
#include "tasks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../util.h"

#define BUCKETS 4096
#define MAX_DEAD 4096

struct task {
	struct task *next;
	struct ktap_task info;
	bool has_ids, dead, has_comm;
};

struct pk_tasks {
	struct task *hash[BUCKETS];
	__u32 dead[MAX_DEAD]; /* ring of thread ids, 0: free */
	unsigned int next_dead;
};

struct pk_tasks *pk_tasks_new(void)
{
	return pk_zalloc(sizeof(struct pk_tasks));
}

void pk_tasks_free(struct pk_tasks *t)
{
	struct task *task;

	if (!t)
		return;
	for (unsigned int i = 0; i < BUCKETS; i++) {
		while ((task = t->hash[i])) {
			t->hash[i] = task->next;
			free(task);
		}
	}
	free(t);
}

static struct task *find(struct pk_tasks *t, __u32 tid)
{
	struct task *task = t->hash[tid % BUCKETS];

	while (task && task->info.tid != tid)
		task = task->next;
	return task;
}

static struct task *get(struct pk_tasks *t, __u32 pid, __u32 tid)
{
	struct task *task = find(t, tid);

	if (!task) {
		task = pk_zalloc(sizeof(*task));
		task->info.tid = tid;
		task->next = t->hash[tid % BUCKETS];
		t->hash[tid % BUCKETS] = task;
	}
	task->info.pid = pid;
	return task;
}

static void forget(struct pk_tasks *t, __u32 tid)
{
	struct task **p = &t->hash[tid % BUCKETS], *task;

	while (*p && (*p)->info.tid != tid)
		p = &(*p)->next;
	task = *p;
	if (!task || !task->dead)
		return;
	*p = task->next;
	free(task);
}

static void set_comm(struct task *task, const char *comm)
{
	memset(task->info.comm, 0, sizeof(task->info.comm));
	memcpy(task->info.comm, comm, strnlen(comm, sizeof(task->info.comm) - 1));
	task->has_comm = true;
}

/* Parent and ids of a living task. */
static void read_status(struct task *task)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", task->info.tid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "PPid:", 5))
			task->info.ppid = (__u32)strtoul(line + 5, NULL, 10);
		else if (!strncmp(line, "Uid:", 4))
			task->info.uid = (__u32)strtoul(line + 4, NULL, 10);
		else if (!strncmp(line, "Gid:", 4))
			task->info.gid = (__u32)strtoul(line + 4, NULL, 10);
	}
	fclose(f);
	task->has_ids = true;
}

static bool read_comm(struct task *task)
{
	char path[64], comm[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", task->info.tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fgets(comm, sizeof(comm), f)) {
		comm[strcspn(comm, "\n")] = '\0';
		set_comm(task, comm);
	}
	fclose(f);
	return task->has_comm;
}

void pk_tasks_snapshot_pid(struct pk_tasks *t, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	struct task *task;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		task = get(t, (__u32)pid, (__u32)strtoul(entry->d_name, NULL, 10));
		read_comm(task);
	}
	closedir(dir);
}

void pk_tasks_snapshot(struct pk_tasks *t)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			pk_tasks_snapshot_pid(t, (pid_t)strtol(entry->d_name, NULL, 10));
	closedir(dir);
}

void pk_tasks_fork(struct pk_tasks *t, __u32 pid, __u32 tid, __u32 ppid, __u32 ptid)
{
	struct task *parent = find(t, ptid), *task = get(t, pid, tid);

	task->dead = false;
	task->has_ids = false;
	task->has_comm = false;
	task->info.ppid = pid == ppid ? (parent ? parent->info.ppid : 0) : ppid;
	if (!parent)
		return;
	memcpy(task->info.comm, parent->info.comm, sizeof(task->info.comm));
	task->has_comm = parent->has_comm;
	task->info.uid = parent->info.uid;
	task->info.gid = parent->info.gid;
	task->has_ids = parent->has_ids;
}

void pk_tasks_comm(struct pk_tasks *t, __u32 pid, __u32 tid, const char *comm, bool exec)
{
	struct task *task = get(t, pid, tid);

	set_comm(task, comm);
	if (exec)
		task->has_ids = false;
}

void pk_tasks_exit(struct pk_tasks *t, __u32 tid)
{
	struct task *task = find(t, tid);
	unsigned int at = t->next_dead++ % MAX_DEAD;

	if (!task)
		return;
	task->dead = true;
	if (t->dead[at])
		forget(t, t->dead[at]);
	t->dead[at] = tid;
}

void pk_tasks_get(struct pk_tasks *t, __u32 pid, __u32 tid, __s32 cpu, struct ktap_task *out)
{
	struct task *task;

	if (!tid) {
		memset(out, 0, sizeof(*out));
		snprintf(out->comm, sizeof(out->comm), "swapper/%d", cpu);
		return;
	}
	task = find(t, tid);
	if (!task)
		task = get(t, pid == (__u32)-1 ? tid : pid, tid);
	else if (pid != (__u32)-1)
		task->info.pid = pid;
	/* A task the stream did not tell about: what /proc says now is the best there is. */
	if (!task->has_comm && !task->dead)
		read_comm(task);
	if (!task->has_ids && !task->dead)
		read_status(task);
	*out = task->info;
}
