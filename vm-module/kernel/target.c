// SPDX-License-Identifier: GPL-2.0-only
/*
 * The target filter of a session, and the probes that keep it true while processes come and go.
 *
 * The order on one tracepoint matters: exec is seen before the script's own handlers (the exec
 * itself counts), exit after them (so does the exit).  A process id stays traced until its last
 * thread has exited, so an id that is used again later is not traced by accident.
 */
#include <linux/binfmts.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/threads.h>
#include <linux/uaccess.h>
#include "target.h"
#include "tracepoint.h"

#define MAX_PIDS 65536u
#define MAX_CPU_BYTES 8192u
#define TARGET_FLAGS (KTAP_TARGETF_INHERIT | KTAP_TARGETF_ON_EXEC)
#define PRIO_FIRST (KP_PRIO_EVENT + 1)
#define PRIO_LAST (KP_PRIO_EVENT - 1)

static void notrace on_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct kp_target *t = data;

	if (test_bit(parent->tgid, t->pids))
		set_bit(child->tgid, t->pids);
}

static void notrace on_exec(void *data, struct task_struct *task, pid_t old_pid,
			    struct linux_binprm *bprm)
{
	struct kp_target *t = data;

	if (test_and_clear_bit(task->tgid, t->armed))
		set_bit(task->tgid, t->pids);
}

/* Some kernels have a second argument, which nobody needs here. */
static void notrace on_exit(void *data, struct task_struct *task)
{
	struct kp_target *t = data;

	if (atomic_read(&task->signal->live))
		return;
	clear_bit(task->tgid, t->pids);
	if (t->armed)
		clear_bit(task->tgid, t->armed);
}

int kp_target_init(struct kp_target *t, pid_t self)
{
	memset(t, 0, sizeof(*t));
	t->self = self;
	t->all_cpus = true;
	return zalloc_cpumask_var(&t->cpus, GFP_KERNEL) ? 0 : -ENOMEM;
}

void kp_target_exit(struct kp_target *t)
{
	if (t->on_fork)
		kp_tracepoint_unregister("sched_process_fork", on_fork, t);
	if (t->on_exec)
		kp_tracepoint_unregister("sched_process_exec", on_exec, t);
	if (t->on_exit)
		kp_tracepoint_unregister("sched_process_exit", on_exit, t);
	if (t->on_fork || t->on_exec || t->on_exit)
		tracepoint_synchronize_unregister();
	kvfree(t->pids);
	kvfree(t->armed);
	free_cpumask_var(t->cpus);
}

static int set_cpus(struct kp_target *t, const struct ktap_abi_target *req)
{
	u8 *mask;
	u32 i;
	int ret = 0;

	if (!req->cpus)
		return req->cpus_size ? -EINVAL : 0;
	if (!req->cpus_size || req->cpus_size > MAX_CPU_BYTES)
		return -EINVAL;
	mask = memdup_user(u64_to_user_ptr(req->cpus), req->cpus_size);
	if (IS_ERR(mask))
		return PTR_ERR(mask);
	for (i = 0; i < req->cpus_size * 8; i++) {
		if (!(mask[i / 8] & 1u << i % 8))
			continue;
		if (i >= nr_cpu_ids || !cpu_possible(i)) {
			ret = -EINVAL;
			break;
		}
		cpumask_set_cpu(i, t->cpus);
	}
	kfree(mask);
	if (!ret && !cpumask_intersects(t->cpus, cpu_online_mask))
		ret = -EINVAL;
	if (!ret)
		t->all_cpus = false;
	return ret;
}

/* The caller's name of a task to the machine's name of its process. */
static pid_t process_id(u32 nr)
{
	struct task_struct *task;
	pid_t tgid = -ESRCH;

	if (!nr || nr > PID_MAX_LIMIT)
		return -ESRCH;
	rcu_read_lock();
	task = pid_task(find_vpid(nr), PIDTYPE_PID);
	if (task)
		tgid = task->tgid;
	rcu_read_unlock();
	return tgid;
}

static int fill_pids(unsigned long *map, const u32 *pids, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		pid_t tgid = process_id(pids[i]);

		if (tgid < 0)
			return tgid;
		set_bit(tgid, map);
	}
	return 0;
}

static unsigned long *alloc_pids(void)
{
	return kvzalloc(BITS_TO_LONGS(PID_MAX_LIMIT + 1) * sizeof(long), GFP_KERNEL | __GFP_NOWARN);
}

static int register_probe(const char *name, void *probe, struct kp_target *t, int prio, bool *done)
{
	int ret = kp_tracepoint_register(name, probe, t, prio);

	*done = !ret;
	return ret;
}

static int follow(struct kp_target *t, u32 flags)
{
	int ret = register_probe("sched_process_exit", on_exit, t, PRIO_LAST, &t->on_exit);

	if (!ret && (flags & KTAP_TARGETF_INHERIT))
		ret = register_probe("sched_process_fork", on_fork, t, PRIO_FIRST, &t->on_fork);
	if (!ret && t->armed)
		ret = register_probe("sched_process_exec", on_exec, t, PRIO_FIRST, &t->on_exec);
	return ret;
}

static int set_pids(struct kp_target *t, const struct ktap_abi_target *req)
{
	bool arm = req->flags & KTAP_TARGETF_ON_EXEC;
	u32 *pids;
	int ret;

	if (!req->pids != !req->nr_pids || req->nr_pids > MAX_PIDS)
		return -EINVAL;
	if (!req->nr_pids)
		return 0;
	pids = vmemdup_user(u64_to_user_ptr(req->pids), req->nr_pids * sizeof(*pids));
	if (IS_ERR(pids))
		return PTR_ERR(pids);
	ret = -ENOMEM;
	t->pids = alloc_pids();
	if (!t->pids)
		goto out;
	if (arm) {
		t->armed = alloc_pids();
		if (!t->armed)
			goto out;
	}
	/* first the probes: a child made in between is then not missed */
	ret = follow(t, req->flags);
	if (!ret)
		ret = fill_pids(arm ? t->armed : t->pids, pids, req->nr_pids);
out:
	kvfree(pids);
	return ret;
}

int kp_target_set(struct kp_target *t, const struct ktap_abi_target *req)
{
	pid_t self = t->self;
	int ret, err;

	if (req->reserved || req->flags & ~TARGET_FLAGS)
		return -EINVAL;
	if (t->set)
		return -EBUSY;
	ret = set_cpus(t, req);
	if (!ret)
		ret = set_pids(t, req);
	if (!ret) {
		t->set = true;
		return 0;
	}
	/* back to the empty filter */
	kp_target_exit(t);
	err = kp_target_init(t, self);
	return err ? err : ret;
}
