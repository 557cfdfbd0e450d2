// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers: tick-N on one CPU, profile-N on every traced CPU.
 *
 * A timer is pinned to its CPU and fires in hard interrupt context.  tick is the script's own clock
 * and comes whatever task it interrupts; profile samples, so it obeys the target filter.
 */
#include <linux/cpu.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <asm/irq_regs.h>
#include "attach.h"
#include "compat/hrtimer.h"

#define MIN_PERIOD_NS 10000ull
#define MAX_PERIOD_NS (366ull * 86400 * NSEC_PER_SEC)

struct timer_set;

struct percpu_timer {
	struct hrtimer timer;
	struct timer_set *set;
	unsigned int cpu; /* where it was started */
};

struct timer_set {
	struct kp_attach att;
	struct percpu_timer __percpu *timers;
	u64 period_ns;
};

/*
 * Run the handlers, then set the timer to its next period: but the CPU belongs to the rest of the
 * machine for at least as long again for each timer of the session, or a handler that takes longer
 * than its period would keep everything else from running.
 */
static void fire(struct percpu_timer *t)
{
	const struct kp_attach *att = &t->set->att;
	u64 start = ktime_get_mono_fast_ns();
	u64 end;

	kp_attach_fire(att, NULL, 0, get_irq_regs());
	end = ktime_get_mono_fast_ns();
	hrtimer_forward(&t->timer, ns_to_ktime(end + (end - start) * att->session->nr_timers),
			ns_to_ktime(t->set->period_ns));
}

static void skip(struct percpu_timer *t)
{
	hrtimer_forward_now(&t->timer, ns_to_ktime(t->set->period_ns));
}

static enum hrtimer_restart notrace on_tick(struct hrtimer *timer)
{
	struct percpu_timer *t = container_of(timer, struct percpu_timer, timer);

	if (kp_attach_is_live(&t->set->att))
		fire(t);
	else
		skip(t);
	return HRTIMER_RESTART;
}

static enum hrtimer_restart notrace on_profile(struct hrtimer *timer)
{
	struct percpu_timer *t = container_of(timer, struct percpu_timer, timer);

	/* a CPU that went offline hands its timers to another one, which has its own */
	if (t->cpu != raw_smp_processor_id())
		return HRTIMER_NORESTART;
	if (kp_attach_wanted(&t->set->att))
		fire(t);
	else
		skip(t);
	return HRTIMER_RESTART;
}

static int attach(struct kp_attach *att, const struct ktap_abi_attach *req,
		  enum hrtimer_restart (*fn)(struct hrtimer *))
{
	struct timer_set *c = container_of(att, struct timer_set, att);
	unsigned int cpu;

	if (req->period_ns < MIN_PERIOD_NS || req->period_ns > MAX_PERIOD_NS || req->id ||
	    req->system[0])
		return -EINVAL;
	c->period_ns = req->period_ns;
	c->timers = alloc_percpu(struct percpu_timer);
	if (!c->timers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct percpu_timer *t = per_cpu_ptr(c->timers, cpu);

		t->set = c;
		kp_compat_hrtimer_setup(&t->timer, fn, CLOCK_MONOTONIC,
					HRTIMER_MODE_REL_PINNED_HARD);
	}
	att->session->nr_timers++;
	return 0;
}

static int attach_tick(struct kp_attach *att, const struct ktap_abi_attach *req)
{
	return attach(att, req, on_tick);
}

static int attach_profile(struct kp_attach *att, const struct ktap_abi_attach *req)
{
	return attach(att, req, on_profile);
}

/* On the CPU that the timer is for, interrupts off. */
static void start_here(void *info)
{
	struct timer_set *c = info;
	struct percpu_timer *t = this_cpu_ptr(c->timers);

	t->cpu = smp_processor_id();
	hrtimer_start(&t->timer, ns_to_ktime(c->period_ns), HRTIMER_MODE_REL_PINNED_HARD);
}

static void start_tick(struct kp_attach *att)
{
	const struct kp_target *target = &att->session->target;
	const struct cpumask *mask = target->all_cpus ? cpu_online_mask : target->cpus;
	unsigned int cpu;

	cpus_read_lock();
	cpu = cpumask_any_and(mask, cpu_online_mask);
	if (cpu < nr_cpu_ids)
		smp_call_function_single(cpu, start_here, container_of(att, struct timer_set, att),
					 1);
	cpus_read_unlock();
}

static void start_profile(struct kp_attach *att)
{
	const struct kp_target *target = &att->session->target;

	cpus_read_lock();
	on_each_cpu_mask(target->all_cpus ? cpu_online_mask : target->cpus, start_here,
			 container_of(att, struct timer_set, att), 1);
	cpus_read_unlock();
}

static void detach(struct kp_attach *att)
{
	struct timer_set *c = container_of(att, struct timer_set, att);
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(c->timers, cpu)->timer);
}

static void finish(struct kp_attach *att)
{
	free_percpu(container_of(att, struct timer_set, att)->timers);
}

const struct kp_attach_ops kp_attach_tick = {
	.size = sizeof(struct timer_set),
	.attach = attach_tick,
	.start = start_tick,
	.detach = detach,
	.finish = finish,
};

const struct kp_attach_ops kp_attach_profile = {
	.size = sizeof(struct timer_set),
	.attach = attach_profile,
	.start = start_profile,
	.detach = detach,
	.finish = finish,
};
