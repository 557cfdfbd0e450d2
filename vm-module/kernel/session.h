/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: one open file of /dev/ktapvm, one VM, its attachments, its rings.
 *
 * Locks, outermost first:
 *	session->lock		ioctls that change the session, one at a time; held while MAIN
 *				and END run the script, so whatever must work meanwhile (ABORT,
 *				STATS, read, poll) does without
 *	sessions_lock		(session.c) ids, claims of rings
 * Handlers take none of them.  What they read is complete before `live` is set with release, and is
 * freed after every source of events has been detached and a grace period has passed.
 *
 * References: one of the open file, one of each ring event that is open on the PMU, one of the work
 * that detaches in the background.  The VM belongs to the file: it goes on close, whoever keeps the
 * rest.
 */
#ifndef KP_SESSION_H
#define KP_SESSION_H

#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <asm/local64.h>
#include <ktap/abi.h>
#include "stream.h"
#include "target.h"

enum kp_stage {
	KP_STAGE_OPEN, /* nothing loaded */
	KP_STAGE_LOADED,
	KP_STAGE_READY, /* main has run: points can be attached */
	KP_STAGE_LIVE,
	KP_STAGE_STOPPED,
	KP_STAGE_ENDED,
};

/* The ring of one CPU. */
struct kp_ring {
	struct perf_event *event; /* set and cleared on this CPU, interrupts off */
	local64_t records; /* handed to the ring */
	local64_t no_ring; /* records for which there was none */
	bool claimed; /* under sessions_lock: some event owns it */
};

struct kp_syscalls;

struct kp_session {
	struct kref ref;
	u32 id; /* config of the ring events */
	struct pid *owner; /* process that opened the device */
	struct mutex lock;
	enum kp_stage stage; /* under lock */
	struct ktap_vm *vm; /* set once, with release */
	bool dry; /* run no handler */
	bool live; /* handlers run */
	bool in_script; /* MAIN or END is running */
	bool abort; /* ... and shall stop */
	struct kp_stream stream;
	struct kp_ring __percpu *rings;
	struct kp_target target;
	struct xarray attached; /* number -> struct kp_attach, under lock */
	u32 nr_attached;
	u32 nr_timers; /* of them; fixed while live */
	struct list_head later; /* attachments that `detaching` detaches */
	struct work_struct detaching;
	struct kp_syscalls *syscalls; /* of attach-syscall.c */
	struct irq_work want_maintenance;
	struct work_struct maintenance;
};

/* For the work of sessions; unloading the module waits for what is in it. */
extern struct workqueue_struct *kp_session_queue;

int kp_sessions_init(void);
void kp_sessions_exit(void);

/* A new session of the calling process, or an ERR_PTR.  Process context. */
struct kp_session *kp_session_open(void);
/* Stop and take apart whatever is there, give back the file's reference.  May sleep. */
void kp_session_close(struct kp_session *s);

void kp_session_get(struct kp_session *s);
void kp_session_put(struct kp_session *s);

/*
 * The ring of session id and cpu for the process that runs now: claimed, with a reference to the
 * session.  ERR_PTR(-ESRCH): no such session; -EACCES: neither the owner's nor privileged; -EBUSY:
 * taken.  Process context.
 */
struct kp_session *kp_session_claim_ring(u64 id, unsigned int cpu);
void kp_session_release_ring(struct kp_session *s, unsigned int cpu);

/*
 * The ioctls, with their arguments in kernel memory.  Process context; may sleep.  All but abort
 * and stats are called under s->lock.  0 or -errno; out members are filled in.
 */
int kp_session_load(struct kp_session *s, struct ktap_abi_load *load);
int kp_session_target(struct kp_session *s, const struct ktap_abi_target *target);
int kp_session_main(struct kp_session *s, struct ktap_abi_run *run);
int kp_session_start(struct kp_session *s);
int kp_session_stop(struct kp_session *s);
int kp_session_end(struct kp_session *s, struct ktap_abi_run *run);
int kp_session_abort(struct kp_session *s);
int kp_session_stats(struct kp_session *s, struct ktap_abi_stats *stats);

#endif
