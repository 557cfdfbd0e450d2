// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel as the VM core sees it: core/platform.h, but for kp_plat_emit() (emit.c).
 *
 * Handlers call most of this in any context up to NMI, so nothing here may sleep, fault or take a
 * lock, unless platform.h says that it is process context.
 */
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include "compat/preempt.h"
#include "../core/platform.h"
#include "session.h"

void *kp_plat_alloc(size_t size)
{
	/* the session is told, not the log, and nobody is killed for it */
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

	if (size > INT_MAX)
		return NULL;
	/* kmalloc() aligns powers of two to their size; larger sizes come in whole pages */
	if (size <= 2 * PAGE_SIZE)
		size = roundup_pow_of_two(max_t(size_t, size, 64));
	return kvzalloc(size, gfp);
}

void kp_plat_free(void *p)
{
	kvfree(p);
}

bool kp_plat_yield(struct ktap_vm *vm)
{
	const struct kp_session *s = ktap_vm_host(vm);

	cond_resched();
	return READ_ONCE(s->abort) || signal_pending(current);
}

void kp_plat_want_maintenance(struct ktap_vm *vm)
{
	struct kp_session *s = ktap_vm_host(vm);

	irq_work_queue(&s->want_maintenance);
}

/* The main chunk may move to another CPU right after this, and does not mind. */
unsigned int kp_plat_cpu(void)
{
	return raw_smp_processor_id();
}

enum kp_context kp_plat_context(void)
{
	if (in_nmi())
		return KP_CTX_NMI;
	if (in_hardirq())
		return KP_CTX_HARDIRQ;
	if (in_serving_softirq())
		return KP_CTX_SOFTIRQ;
	return KP_CTX_TASK;
}

u64 kp_plat_clock_ns(const struct ktap_occ *occ)
{
	return ktime_get_mono_fast_ns();
}

/* Another CPU may write the name at the same time: take it byte by byte. */
static void copy_comm(char *to, const struct task_struct *task)
{
	unsigned int i;

	BUILD_BUG_ON(sizeof(task->comm) != sizeof(((struct ktap_task *)NULL)->comm));
	memset(to, 0, TASK_COMM_LEN);
	for (i = 0; i < TASK_COMM_LEN - 1; i++) {
		to[i] = READ_ONCE(task->comm[i]);
		if (!to[i])
			break;
	}
}

void kp_plat_task(struct ktap_vm *vm, const struct ktap_occ *occ, struct ktap_task *task)
{
	memset(task, 0, sizeof(*task));
	task->pid = current->tgid;
	task->tid = current->pid;
	task->uid = from_kuid(&init_user_ns, current_uid());
	task->gid = from_kgid(&init_user_ns, current_gid());
	/* a region without preemption is an RCU reader; the main chunk is not in one yet */
	preempt_disable_notrace();
	task->ppid = rcu_dereference_sched(current->real_parent)->tgid;
	preempt_enable_notrace();
	copy_comm(task->comm, current);
}

unsigned int kp_plat_nr_cpus(void)
{
	return num_online_cpus();
}

const char *kp_plat_arch(void)
{
	return init_utsname()->machine;
}

const char *kp_plat_release(void)
{
	return init_utsname()->release;
}
