/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tasks and CPUs a session traces.
 *
 * The filter is written by TARGET before anything is attached and read by handlers without a lock.
 * Only bits of the bitmaps change later: single bits, atomically, by the probes that follow fork,
 * exec and exit.
 */
#ifndef KP_TARGET_H
#define KP_TARGET_H

#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <ktap/abi.h>

struct kp_target {
	pid_t self; /* process whose events are skipped; -1: none */
	bool all_cpus;
	bool set; /* TARGET was called */
	unsigned long *pids; /* bitmap of traced process ids; NULL: all */
	unsigned long *armed; /* bitmap of ids that count from their next exec on, or NULL */
	cpumask_var_t cpus; /* when not all_cpus */
	bool on_fork, on_exec, on_exit; /* probes that are registered */
};

/* An empty filter: everything but the process self.  Process context.  0 or -ENOMEM. */
int kp_target_init(struct kp_target *t, pid_t self);
/* Unregister the probes and free.  No handler may run any more.  May sleep. */
void kp_target_exit(struct kp_target *t);

/*
 * Narrow the filter down, once.  Process context.  0, -EINVAL, -EBUSY (called already), -ESRCH (a
 * process id does not exist), -EFAULT, -ENOMEM.
 */
int kp_target_set(struct kp_target *t, const struct ktap_abi_target *req);

static inline bool kp_target_has_cpu(const struct kp_target *t, unsigned int cpu)
{
	return t->all_cpus || cpumask_test_cpu(cpu, t->cpus);
}

/* Whether the task and CPU that run now are traced.  Any context, preemption off. */
static __always_inline bool kp_target_match(const struct kp_target *t)
{
	pid_t tgid = current->tgid;

	if (tgid == t->self)
		return false;
	if (t->pids && !test_bit(tgid, t->pids))
		return false;
	return kp_target_has_cpu(t, raw_smp_processor_id());
}

#endif
