// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints through perf: one kernel counter a CPU, whose overflow callback gets the raw entry.
 *
 * The slow way, but it works for every event that tracefs knows.  perf calls back with preemption
 * off and takes care of its own recursion per context.
 *
 * Blocks of one event share its counters, since perf would call the newest counter first and
 * blocks run in the order of the script: the first attachment of an event has them, the others
 * hang on it.  All of a session end together, so none is ever taken out of the chain.
 */
#include <linux/cpu.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include "attach.h"

struct counters {
	struct kp_attach att;
	u64 id; /* of the tracepoint */
	struct counters *next; /* another block of the same event */
	struct perf_event **events; /* nr_cpu_ids of them; NULL: another attachment has them */
};

static void notrace on_event(struct perf_event *event, struct perf_sample_data *data,
			     struct pt_regs *regs)
{
	const struct counters *c = event->overflow_handler_context;
	const struct perf_raw_record *raw = data->raw;

	if (!kp_attach_wanted(&c->att))
		return;
	for (; c; c = smp_load_acquire(&c->next))
		kp_attach_fire(&c->att, raw ? raw->frag.data : NULL, raw ? raw->frag.size : 0,
			       regs);
}

static void detach(struct kp_attach *att)
{
	struct counters *c = container_of(att, struct counters, att);
	unsigned int cpu;

	for (cpu = 0; c->events && cpu < nr_cpu_ids; cpu++)
		if (c->events[cpu])
			perf_event_release_kernel(c->events[cpu]);
}

static void finish(struct kp_attach *att)
{
	kfree(container_of(att, struct counters, att)->events);
}

static int create(struct counters *c, struct perf_event_attr *attr, unsigned int cpu)
{
	struct perf_event *event;

	event = perf_event_create_kernel_counter(attr, cpu, NULL, on_event, c);
	if (!IS_ERR(event)) {
		c->events[cpu] = event;
		return 0;
	}
	/* not under cpus_read_lock(), which perf takes inside: a CPU may just have gone */
	if (!cpu_online(cpu))
		return 0;
	/* an event that says itself that perf may not have it; permission was checked on open */
	return event == ERR_PTR(-EPERM) ? -EOPNOTSUPP : PTR_ERR(event);
}

/* Hang c on the attachment that has the event's counters.  False: there is none yet. */
static bool join(struct counters *c)
{
	struct kp_attach *att;
	unsigned long number;
	struct counters *other;

	xa_for_each(&c->att.session->attached, number, att) {
		if (att->ops != c->att.ops || att == &c->att)
			continue;
		other = container_of(att, struct counters, att);
		if (other->id != c->id || !other->events)
			continue;
		while (other->next)
			other = other->next;
		smp_store_release(&other->next, c);
		return true;
	}
	return false;
}

static int attach(struct kp_attach *att, const struct ktap_abi_attach *req)
{
	struct counters *c = container_of(att, struct counters, att);
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = req->id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
		.exclude_callchain_user = 1, /* ftrace:function insists */
	};
	unsigned int cpu;
	int ret = 0;

	if (req->period_ns)
		return -EINVAL;
	c->id = req->id;
	if (join(c))
		return 0;
	c->events = kcalloc(nr_cpu_ids, sizeof(*c->events), GFP_KERNEL);
	if (!c->events)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		if (kp_target_has_cpu(&att->session->target, cpu))
			ret = create(c, &attr, cpu);
		if (ret)
			break;
	}
	if (ret) {
		detach(att);
		/* counters before the failed one may be in their callback */
		synchronize_rcu();
		finish(att);
	}
	return ret;
}

const struct kp_attach_ops kp_attach_tracepoint = {
	.size = sizeof(struct counters),
	.attach = attach,
	.detach = detach,
	/* perf waits for a grace period for each event, tens of milliseconds */
	.slow_detach = true,
	.finish = finish,
};
