// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints without their entry: a probe on the tracepoint itself, five times cheaper than perf.
 *
 * Only for handlers that need neither the entry nor fields, and for events made by TRACE_EVENT().
 * One probe serves tracepoints of all types because it looks at none of their arguments, which the
 * caller passes and takes back; where the kernel checks the type of indirect calls this is not
 * possible, and perf does the job.
 */
#include <linux/err.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include "attach.h"

#if defined(CONFIG_CFI_CLANG) || defined(CONFIG_CFI)
#define CALLS_ARE_TYPED true
#else
#define CALLS_ARE_TYPED false
#endif

struct direct {
	struct kp_attach att;
	struct trace_event_file *file; /* keeps the tracepoint's module */
	struct tracepoint *tp;
};

static void notrace on_event(void *data)
{
	const struct kp_attach *att = data;

	/* newer kernels call with preemption on */
	preempt_disable_notrace();
	if (kp_attach_wanted(att))
		kp_attach_fire(att, NULL, 0, NULL);
	preempt_enable_notrace();
}

static struct tracepoint *plain_tracepoint(struct trace_event_call *call, u64 id)
{
	if (call->event.type != id || !(call->flags & TRACE_EVENT_FL_TRACEPOINT))
		return NULL;
	return call->tp;
}

static int attach(struct kp_attach *att, const struct ktap_abi_attach *req)
{
	struct direct *d = container_of(att, struct direct, att);
	int ret;

	if (CALLS_ARE_TYPED || req->flags & (KTAP_EVF_ENTRY | KTAP_EVF_FIELDS))
		return -EOPNOTSUPP;
	if (req->period_ns)
		return -EINVAL;
	d->file = trace_get_event_file(NULL, req->system, req->name);
	if (IS_ERR(d->file))
		return -EOPNOTSUPP;
	d->tp = plain_tracepoint(d->file->event_call, req->id);
	ret = d->tp ? tracepoint_probe_register(d->tp, on_event, att) : -EOPNOTSUPP;
	if (ret)
		trace_put_event_file(d->file);
	return ret;
}

static void detach(struct kp_attach *att)
{
	struct direct *d = container_of(att, struct direct, att);

	tracepoint_probe_unregister(d->tp, on_event, att);
}

static void finish(struct kp_attach *att)
{
	trace_put_event_file(container_of(att, struct direct, att)->file);
}

const struct kp_attach_ops kp_attach_direct = {
	.size = sizeof(struct direct),
	.attach = attach,
	.detach = detach,
	.finish = finish,
};
