// SPDX-License-Identifier: GPL-2.0-only
/*
 * System call events without perf: one probe on raw sys_enter and one on raw sys_exit serve all
 * syscalls:* points of a session, through a table indexed by the number of the call.
 *
 * The entry that tracefs describes is built here, so fields and argevent work.  The table grows
 * while nothing is live and does not change afterwards; handlers read it without a lock.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <trace/syscall.h>
#include <asm/syscall.h>
#include "attach.h"
#include "compat/syscall.h"
#include "tracepoint.h"

#define MAX_ARGS 6

struct point {
	struct kp_attach att;
	struct point *next; /* of the same call and side */
	struct trace_event_file *file; /* keeps the event */
	int nr; /* of the call */
	bool exit;
	u16 type; /* the event's id */
	u8 nr_args;
};

struct kp_syscalls {
	struct point *enter[NR_syscalls];
	struct point *exit[NR_syscalls];
	u32 users; /* points, under session->lock */
	bool on_enter, on_exit; /* probes that are registered */
};

/* As the kernel's own syscall events lay them out: see their format files. */
struct enter_entry {
	struct trace_entry common;
	int nr;
	unsigned long args[MAX_ARGS];
};

struct exit_entry {
	struct trace_entry common;
	int nr;
	long ret;
};

static __always_inline void fill_common(struct trace_entry *common)
{
	memset(common, 0, sizeof(*common));
	common->pid = current->pid;
	if (need_resched())
		common->flags = TRACE_FLAG_NEED_RESCHED;
}

static void notrace fire_enter(const struct point *p, struct pt_regs *regs, int nr)
{
	struct enter_entry entry;

	fill_common(&entry.common);
	entry.nr = nr;
	syscall_get_arguments(current, regs, entry.args);
	for (; p; p = p->next) {
		entry.common.type = p->type;
		kp_attach_fire(&p->att, &entry,
			       offsetof(struct enter_entry, args) + p->nr_args * sizeof(long),
			       regs);
	}
}

static void notrace fire_exit(const struct point *p, struct pt_regs *regs, int nr)
{
	struct exit_entry entry;

	fill_common(&entry.common);
	entry.nr = nr;
	entry.ret = syscall_get_return_value(current, regs);
	for (; p; p = p->next) {
		entry.common.type = p->type;
		kp_attach_fire(&p->att, &entry, sizeof(entry), regs);
	}
}

/* The points of the call that regs is about, or NULL.  Preemption off. */
static __always_inline const struct point *find(struct point *const *table, struct pt_regs *regs,
						int *nr)
{
	const struct point *p;

	*nr = kp_compat_syscall_nr(regs);
	if (*nr < 0 || *nr >= NR_syscalls)
		return NULL;
	p = READ_ONCE(table[*nr]);
	return p && kp_attach_wanted(&p->att) ? p : NULL;
}

static void notrace on_enter(void *data, struct pt_regs *regs, long id)
{
	struct kp_session *s = data;
	const struct point *p;
	int nr;

	/* newer kernels call with preemption on */
	preempt_disable_notrace();
	if (smp_load_acquire(&s->live)) {
		p = find(s->syscalls->enter, regs, &nr);
		if (p)
			fire_enter(p, regs, nr);
	}
	preempt_enable_notrace();
}

static void notrace on_exit(void *data, struct pt_regs *regs, long ret)
{
	struct kp_session *s = data;
	const struct point *p;
	int nr;

	preempt_disable_notrace();
	if (smp_load_acquire(&s->live)) {
		p = find(s->syscalls->exit, regs, &nr);
		if (p)
			fire_exit(p, regs, nr);
	}
	preempt_enable_notrace();
}

/* Register the probe of this side, once a session. */
static int register_side(struct kp_session *s, bool exit)
{
	bool *done = exit ? &s->syscalls->on_exit : &s->syscalls->on_enter;
	int ret;

	if (*done)
		return 0;
	ret = kp_tracepoint_register(exit ? "sys_exit" : "sys_enter",
				     exit ? (void *)on_exit : (void *)on_enter, s, KP_PRIO_EVENT);
	*done = !ret;
	return ret;
}

static void unregister_sides(struct kp_session *s)
{
	struct kp_syscalls *sc = s->syscalls;

	if (sc->on_enter)
		kp_tracepoint_unregister("sys_enter", on_enter, s);
	if (sc->on_exit)
		kp_tracepoint_unregister("sys_exit", on_exit, s);
	sc->on_enter = false;
	sc->on_exit = false;
}

/* What the event of p->file is about: 0, or -EOPNOTSUPP where perf shall do it. */
static int describe(struct point *p, const struct ktap_abi_attach *req)
{
	const struct trace_event_call *call = p->file->event_call;
	const struct syscall_metadata *meta = call->data;

	if (call->event.type != req->id || call->flags & TRACE_EVENT_FL_TRACEPOINT || !meta)
		return -EOPNOTSUPP;
	if (call != meta->enter_event && call != meta->exit_event)
		return -EOPNOTSUPP;
	if (meta->syscall_nr < 0 || meta->syscall_nr >= NR_syscalls || meta->nb_args > MAX_ARGS)
		return -EOPNOTSUPP;
	p->nr = meta->syscall_nr;
	p->exit = call == meta->exit_event;
	p->type = call->event.type;
	p->nr_args = meta->nb_args;
	return 0;
}

static void drop_unused(struct kp_session *s)
{
	if (s->syscalls->users)
		return;
	kvfree(s->syscalls);
	s->syscalls = NULL;
}

static int add(struct kp_session *s, struct point *p)
{
	struct point **head;
	int ret;

	if (!s->syscalls) {
		s->syscalls = kvzalloc(sizeof(*s->syscalls), GFP_KERNEL);
		if (!s->syscalls)
			return -ENOMEM;
	}
	ret = register_side(s, p->exit);
	if (ret) {
		drop_unused(s);
		return ret;
	}
	head = p->exit ? &s->syscalls->exit[p->nr] : &s->syscalls->enter[p->nr];
	/* last: the blocks of one event run in the order of the script */
	while (*head)
		head = &(*head)->next;
	WRITE_ONCE(*head, p);
	s->syscalls->users++;
	return 0;
}

static int attach(struct kp_attach *att, const struct ktap_abi_attach *req)
{
	struct point *p = container_of(att, struct point, att);
	int ret;

	if (strcmp(req->system, "syscalls"))
		return -EOPNOTSUPP;
	if (req->period_ns)
		return -EINVAL;
	p->file = trace_get_event_file(NULL, req->system, req->name);
	if (IS_ERR(p->file))
		return -EOPNOTSUPP;
	ret = describe(p, req);
	if (!ret)
		ret = add(att->session, p);
	if (ret)
		trace_put_event_file(p->file);
	return ret;
}

static void detach(struct kp_attach *att)
{
	unregister_sides(att->session);
}

static void finish(struct kp_attach *att)
{
	struct kp_session *s = att->session;

	trace_put_event_file(container_of(att, struct point, att)->file);
	s->syscalls->users--;
	drop_unused(s);
}

const struct kp_attach_ops kp_attach_syscall = {
	.size = sizeof(struct point),
	.attach = attach,
	.detach = detach,
	.finish = finish,
};
