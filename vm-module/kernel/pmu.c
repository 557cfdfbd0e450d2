// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PMU "ktap".
 *
 * An event of it counts nothing: it is the ring that a session's records of one CPU go to.  Its
 * config is the session's id.  The claim of (session, CPU) is made when the event is created, where
 * a refusal still reaches the opener, and held until it is destroyed; in between, add and del tell
 * emit.c when the event is on its CPU.  Both run there with interrupts off, so an emitter on that
 * CPU, also with interrupts off, can use what it finds.
 */
#include <linux/module.h>
#include <linux/perf_event.h>
#include "pmu.h"
#include "session.h"

static int event_add(struct perf_event *event, int flags)
{
	struct kp_session *s = event->pmu_private;

	event->hw.state = 0;
	WRITE_ONCE(this_cpu_ptr(s->rings)->event, event);
	return 0;
}

static void event_del(struct perf_event *event, int flags)
{
	struct kp_session *s = event->pmu_private;

	WRITE_ONCE(this_cpu_ptr(s->rings)->event, NULL);
	event->hw.state = PERF_HES_STOPPED;
}

/* perf wants these three; there is nothing to do. */
static void event_start(struct perf_event *event, int flags)
{
	event->hw.state = 0;
}

static void event_stop(struct perf_event *event, int flags)
{
	event->hw.state = PERF_HES_STOPPED;
}

static void event_read(struct perf_event *event)
{
}

static void event_destroy(struct perf_event *event)
{
	kp_session_release_ring(event->pmu_private, event->cpu);
}

static int event_init(struct perf_event *event)
{
	struct kp_session *s;

	if (event->attr.type != event->pmu->type)
		return -ENOENT;
	if (has_branch_stack(event))
		return -EOPNOTSUPP;
	/* of a CPU, not of a task */
	if (event->cpu < 0 || event->attach_state & PERF_ATTACH_TASK)
		return -EINVAL;
	if (event->attr.config1 || event->attr.config2)
		return -EINVAL;
	s = kp_session_claim_ring(event->attr.config, event->cpu);
	if (IS_ERR(s))
		return PTR_ERR(s);
	event->pmu_private = s;
	event->destroy = event_destroy;
	return 0;
}

PMU_FORMAT_ATTR(session, "config:0-31");

static struct attribute *format_attrs[] = {
	&format_attr_session.attr,
	NULL,
};

static const struct attribute_group format_group = {
	.name = "format",
	.attrs = format_attrs,
};

static const struct attribute_group *attr_groups[] = {
	&format_group,
	NULL,
};

static struct pmu ktap_pmu = {
	.module = THIS_MODULE,
	.task_ctx_nr = perf_invalid_context,
	.attr_groups = attr_groups,
	.event_init = event_init,
	.add = event_add,
	.del = event_del,
	.start = event_start,
	.stop = event_stop,
	.read = event_read,
};

int kp_pmu_init(void)
{
	return perf_pmu_register(&ktap_pmu, KTAP_PMU_NAME, -1);
}

void kp_pmu_exit(void)
{
	/* newer kernels return an error when events are left; they hold the module, so none are */
	perf_pmu_unregister(&ktap_pmu);
}
