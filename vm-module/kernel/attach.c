// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attachments of a session: made one by one, set live and taken down together.
 */
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include "attach.h"

#define MAX_ATTACHED 65536u
#define MAX_LATER 4096
#define EVENT_FLAGS (KTAP_EVF_ENTRY | KTAP_EVF_FIELDS | KTAP_EVF_STACK | KTAP_EVF_USTACK)

/* The ways to attach a kind, best first. */
static const struct kp_attach_ops *const ways[KTAP_ATTACH_COUNT][3] = {
	[KTAP_ATTACH_TRACEPOINT] = {
		&kp_attach_syscall, &kp_attach_direct, &kp_attach_tracepoint,
	},
	[KTAP_ATTACH_TICK] = { &kp_attach_tick },
	[KTAP_ATTACH_PROFILE] = { &kp_attach_profile },
};

static int check(struct kp_session *s, const struct ktap_abi_attach *req)
{
	if (req->kind >= KTAP_ATTACH_COUNT || req->flags & ~EVENT_FLAGS || req->reserved)
		return -EINVAL;
	if (strnlen(req->system, KTAP_NAME_MAX) == KTAP_NAME_MAX ||
	    strnlen(req->name, KTAP_NAME_MAX) == KTAP_NAME_MAX)
		return -EINVAL;
	if (req->event >= ktap_vm_nr_events(s->vm) || req->nr_fields != ktap_vm_nr_fields(s->vm))
		return -EINVAL;
	if (!ktap_vm_registered(s->vm, req->event))
		return -ENXIO;
	return s->nr_attached < MAX_ATTACHED ? 0 : -E2BIG;
}

/* 0 with *point, or -errno. */
static int make_point(struct kp_session *s, const struct ktap_abi_attach *req,
		      struct ktap_point **point)
{
	struct ktap_field *fields = NULL;
	int ret = 0;
	u32 i;

	if (req->nr_fields) {
		fields = vmemdup_user(u64_to_user_ptr(req->fields),
				      req->nr_fields * sizeof(*fields));
		if (IS_ERR(fields))
			return PTR_ERR(fields);
	}
	for (i = 0; i < req->nr_fields; i++)
		if (fields[i].kind >= KTAP_FK_COUNT || fields[i].is_signed > 1 ||
		    fields[i].reserved)
			ret = -EINVAL;
	if (!ret) {
		*point = ktap_vm_point_create(s->vm, req->event, req->number, req->name, fields);
		/* the core says no to a bad field in the same way as to a lack of memory */
		ret = *point ? 0 : -EINVAL;
	}
	kvfree(fields);
	return ret;
}

static int try_way(struct kp_session *s, const struct ktap_abi_attach *req,
		   struct ktap_point *point, const struct kp_attach_ops *ops)
{
	struct kp_attach *att = kzalloc(ops->size, GFP_KERNEL);
	int ret = -ENOMEM;

	if (!att)
		return ret;
	att->session = s;
	att->point = point;
	att->ops = ops;
	/* first the place, then the connection: nothing can fail behind that */
	ret = xa_insert(&s->attached, req->number, att, GFP_KERNEL);
	if (ret) {
		kfree(att);
		return ret == -EBUSY ? -EEXIST : ret;
	}
	ret = ops->attach(att, req);
	if (ret) {
		xa_erase(&s->attached, req->number);
		kfree(att);
		return ret;
	}
	WRITE_ONCE(s->nr_attached, s->nr_attached + 1);
	return 0;
}

int kp_attach_add(struct kp_session *s, const struct ktap_abi_attach *req)
{
	struct ktap_point *point;
	unsigned int i;
	int ret;

	if (s->stage != KP_STAGE_READY)
		return -EINVAL;
	ret = check(s, req);
	if (!ret)
		ret = make_point(s, req, &point);
	if (ret)
		return ret;
	ret = -EOPNOTSUPP;
	for (i = 0; i < ARRAY_SIZE(ways[0]) && ways[req->kind][i] && ret == -EOPNOTSUPP; i++)
		ret = try_way(s, req, point, ways[req->kind][i]);
	if (ret)
		ktap_vm_point_free(point);
	return ret;
}

void kp_attach_start(struct kp_session *s)
{
	struct kp_attach *att;
	unsigned long number;

	if (s->dry)
		return;
	smp_store_release(&s->live, true);
	xa_for_each(&s->attached, number, att)
		if (att->ops->start)
			att->ops->start(att);
}

/* Attachments that are detached in the background, of all sessions. */
static atomic_t nr_later = ATOMIC_INIT(0);

static void free_attachment(struct kp_attach *att)
{
	if (att->ops->finish)
		att->ops->finish(att);
	kfree(att);
}

/* A grace period for both: probes of tracepoints, and perf callbacks, which are RCU readers. */
static void wait_for_handlers(void)
{
	tracepoint_synchronize_unregister();
	synchronize_rcu();
}

void kp_attach_detach_later(struct work_struct *work)
{
	struct kp_session *s = container_of(work, struct kp_session, detaching);
	struct kp_attach *att, *next;

	list_for_each_entry(att, &s->later, later)
		att->ops->detach(att);
	wait_for_handlers();
	list_for_each_entry_safe(att, next, &s->later, later) {
		free_attachment(att);
		atomic_dec(&nr_later);
		cond_resched();
	}
	INIT_LIST_HEAD(&s->later);
	kp_session_put(s);
}

/* Nothing of s is attached any more: hand the slow ones over. */
static void queue_later(struct kp_session *s)
{
	if (list_empty(&s->later))
		return;
	kp_session_get(s);
	queue_work(kp_session_queue, &s->detaching);
	/* not without end: who comes with very many waits for its own */
	if (atomic_read(&nr_later) > MAX_LATER)
		flush_work(&s->detaching);
}

void kp_attach_stop(struct kp_session *s)
{
	struct kp_attach *att;
	unsigned long number;

	WRITE_ONCE(s->live, false);
	if (s->vm)
		ktap_vm_stop(s->vm);
	if (!s->nr_attached)
		return;
	xa_for_each(&s->attached, number, att)
		if (!att->ops->slow_detach)
			att->ops->detach(att);
	/* one wait for all */
	wait_for_handlers();
	xa_for_each(&s->attached, number, att) {
		xa_erase(&s->attached, number);
		ktap_vm_point_free(att->point);
		if (att->ops->slow_detach) {
			list_add_tail(&att->later, &s->later);
			atomic_inc(&nr_later);
		} else {
			free_attachment(att);
		}
		cond_resched();
	}
	WRITE_ONCE(s->nr_attached, 0);
	queue_later(s);
}
