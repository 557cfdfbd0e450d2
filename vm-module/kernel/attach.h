/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attachments: what connects a point of the VM to the place its events come from.
 *
 * ATTACH connects everything at once, so that what cannot be attached says so then; handlers stay
 * quiet until START sets session->live, for all attachments in the same moment.  STOP disconnects
 * all of them and waits once for the handlers that still run.
 *
 * To add a kind: a file with its operations, a row in attach.c, a value in <ktap/abi.h>.
 */
#ifndef KP_ATTACH_H
#define KP_ATTACH_H

#include <linux/ptrace.h>
#include "session.h"

struct kp_attach_ops;

/* First member of every kind's own struct. */
struct kp_attach {
	struct kp_session *session;
	struct ktap_point *point;
	const struct kp_attach_ops *ops;
	struct list_head later; /* in session->later */
};

/* Called in process context, under session->lock; may sleep. */
struct kp_attach_ops {
	size_t size; /* of the kind's own struct */
	/*
	 * Connect.  0; -EOPNOTSUPP: not for this way of attaching, try the next one of the kind;
	 * or another -errno.  On failure nothing is left behind.
	 */
	int (*attach)(struct kp_attach *att, const struct ktap_abi_attach *req);
	/* Optional: set off what does not come by itself. */
	void (*start)(struct kp_attach *att);
	/* Disconnect: no handler starts any more when this returns, some may still run. */
	void (*detach)(struct kp_attach *att);
	/* detach takes its time: STOP leaves it to a worker.  Until then the connection looks at
	 * session->live, finds it false, and at nothing else. */
	bool slow_detach;
	/* Optional, after the last handler has ended: give back what they used. */
	void (*finish)(struct kp_attach *att);
};

extern const struct kp_attach_ops kp_attach_syscall; /* attach-syscall.c */
extern const struct kp_attach_ops kp_attach_direct; /* attach-direct.c */
extern const struct kp_attach_ops kp_attach_tracepoint; /* attach-tracepoint.c */
extern const struct kp_attach_ops kp_attach_tick; /* attach-timer.c */
extern const struct kp_attach_ops kp_attach_profile; /* attach-timer.c */

/*
 * Make an attachment.  0, -ENXIO (main did not reach this event), -EINVAL, -EEXIST (number taken),
 * -ENOENT (no such event), -EFAULT, -ENOMEM, or what the event's owner said.
 */
int kp_attach_add(struct kp_session *s, const struct ktap_abi_attach *req);
/* Let handlers run. */
void kp_attach_start(struct kp_session *s);
/*
 * Take all attachments away; no handler runs any more when this returns.  What is slow to detach
 * goes on in the background and holds a reference to the session.
 */
void kp_attach_stop(struct kp_session *s);
/* The work of session->detaching. */
void kp_attach_detach_later(struct work_struct *work);

/* Handlers ask this first.  Any context, preemption off. */
static __always_inline bool kp_attach_is_live(const struct kp_attach *att)
{
	return smp_load_acquire(&att->session->live);
}

static __always_inline bool kp_attach_wanted(const struct kp_attach *att)
{
	return kp_attach_is_live(att) && kp_target_match(&att->session->target);
}

/*
 * Hand an event to the VM.  raw: its entry with the common fields, or NULL; regs: where it happened,
 * or NULL.  Any context, preemption off.
 */
static __always_inline void kp_attach_fire(const struct kp_attach *att, const void *raw, u32 size,
					   struct pt_regs *regs)
{
	struct ktap_occ occ = {
		.raw = raw,
		.raw_size = size,
		.in_interrupt = !!in_interrupt(),
		.cpu = raw_smp_processor_id(),
		.host = regs,
	};

	ktap_vm_fire(att->point, &occ);
}

#endif
