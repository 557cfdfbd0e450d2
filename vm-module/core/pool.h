/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a session: chunks of 64 KiB that process context takes from the platform ahead of
 * need, cut into size classes.  A handler takes from them and never from the platform.  What is
 * freed goes back to its class and is used again; chunks go back when the session ends.
 */
#ifndef KP_POOL_H
#define KP_POOL_H

#include "platform.h"

#define KP_POOL_CHUNK (64u << 10)
#define KP_POOL_MAX 8192u /* largest piece, in bytes */
#define KP_POOL_CLASSES 17 /* 32 48 64 96 128 ... 6144 8192 */

/* A test-and-set lock; interrupts are off while it is held. */
struct kp_lock {
	u32 held;
};

struct kp_run;

/*
 * Take a lock.  Interrupts go off and *flags keeps their state.  An NMI gives up after a while
 * (false), since it may have interrupted the holder; run is NULL in process context.
 * Lock order: table shard or box, then pool class, then pool chunks.
 */
bool kp_lock(struct kp_lock *lock, const struct kp_run *run, unsigned long *flags);

static inline void kp_unlock(struct kp_lock *lock, unsigned long flags)
{
	kp_store_release(&lock->held, 0);
	kp_irq_restore(flags);
}

struct kp_pool_class {
	struct kp_lock lock;
	void *free; /* linked through the first word */
	char *next, *end; /* the part of the newest chunk that was never used */
} __attribute__((aligned(64)));

struct kp_pool {
	struct kp_pool_class cls[KP_POOL_CLASSES];
	struct kp_lock lock; /* of the lists below */
	void *chunks; /* all chunks, linked through their first word */
	void *spare; /* chunks no class has taken yet, through the second */
	u32 nr_chunks, nr_spare;
	u32 max_chunks;
	u32 low; /* set when a handler has found the spare list short */
};

/* Process context.  A pool of at most bytes; 0 or -ENOMEM.  destroy frees every piece. */
int kp_pool_init(struct kp_pool *pool, u64 bytes);
void kp_pool_destroy(struct kp_pool *pool);

/* Process context: take chunks from the platform until there are enough spare ones again. */
void kp_pool_refill(struct kp_pool *pool);

/*
 * Any context.  A piece of size <= KP_POOL_MAX bytes, not zeroed, or NULL.  Free with the same
 * size.
 */
void *kp_pool_alloc(struct kp_pool *pool, const struct kp_run *run, u32 size);
/* False: an NMI could not get the lock; the caller keeps the piece and frees it later. */
bool kp_pool_free(struct kp_pool *pool, const struct kp_run *run, void *p, u32 size);

u64 kp_pool_bytes(const struct kp_pool *pool);

#endif
