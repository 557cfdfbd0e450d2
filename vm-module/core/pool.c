// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory pool: see pool.h.  Work in a handler is bounded: a class cuts pieces off its newest
 * chunk one by one, so that taking a new chunk costs the same as taking a piece.
 */
#include "run.h"

#define SPARE_MIN 16 /* chunks kept ready: 1 MiB */
#define SPARE_MAX 128 /* 8 MiB */

/* How often an NMI looks at a lock: long enough for another CPU to finish its critical section,
 * short enough when the holder is what this NMI has interrupted. */
#define NMI_TRIES 20000
#define NMI_TRIES_NESTED 64

bool kp_lock(struct kp_lock *lock, const struct kp_run *run, unsigned long *flags)
{
	u32 tries = 0;

	if (run && run->ctx == KP_CTX_NMI)
		tries = run->nested ? NMI_TRIES_NESTED : NMI_TRIES;
	kp_irq_save(*flags);
	while (kp_cmpxchg(&lock->held, 0, 1)) {
		do {
			if (tries && !--tries) {
				kp_irq_restore(*flags);
				return false;
			}
			kp_cpu_relax();
		} while (kp_load(&lock->held));
	}
	return true;
}

/* Classes are powers of two and the points half way between them. */
static unsigned int class_of(u32 size)
{
	unsigned int k;

	if (size <= 32)
		return 0;
	k = 32 - __builtin_clz(size - 1);
	return 2 * (k - 5) - (size <= 3u << (k - 2));
}

static u32 class_size(unsigned int cls)
{
	return cls & 1 ? 3u << (cls / 2 + 4) : 32u << (cls / 2);
}

int kp_pool_init(struct kp_pool *pool, u64 bytes)
{
	u64 chunks = bytes / KP_POOL_CHUNK;

	memset(pool, 0, sizeof(*pool));
	pool->max_chunks = chunks > 0x7fffffff ? 0x7fffffff : (u32)chunks;
	if (!pool->max_chunks)
		pool->max_chunks = 1;
	kp_pool_refill(pool);
	return pool->nr_chunks ? 0 : -ENOMEM;
}

void kp_pool_destroy(struct kp_pool *pool)
{
	void *chunk, *next;

	for (chunk = pool->chunks; chunk; chunk = next) {
		next = ((void **)chunk)[0];
		kp_plat_free(chunk);
	}
	memset(pool, 0, sizeof(*pool));
}

void kp_pool_refill(struct kp_pool *pool)
{
	unsigned long flags;
	u32 want;

	kp_store(&pool->low, 0);
	for (;;) {
		void **chunk;

		want = kp_load(&pool->nr_chunks) / 4;
		want = want < SPARE_MIN ? SPARE_MIN : want > SPARE_MAX ? SPARE_MAX : want;
		if (kp_load(&pool->nr_spare) >= want ||
		    kp_load(&pool->nr_chunks) >= pool->max_chunks)
			return;
		chunk = kp_plat_alloc(KP_POOL_CHUNK);
		if (!chunk)
			return;
		kp_lock(&pool->lock, NULL, &flags);
		chunk[0] = pool->chunks;
		chunk[1] = pool->spare;
		pool->chunks = chunk;
		pool->spare = chunk;
		pool->nr_chunks++;
		pool->nr_spare++;
		kp_unlock(&pool->lock, flags);
	}
}

/* Give the class a new chunk; its lock is held.  The first 64 bytes keep the chunk list. */
static bool class_grow(struct kp_pool *pool, struct kp_pool_class *c, const struct kp_run *run)
{
	unsigned long flags;
	void **chunk;

	if (!kp_lock(&pool->lock, run, &flags))
		return false;
	chunk = pool->spare;
	if (chunk) {
		pool->spare = chunk[1];
		pool->nr_spare--;
	}
	if (pool->nr_spare < SPARE_MIN / 2 && pool->nr_chunks < pool->max_chunks)
		kp_store(&pool->low, 1);
	kp_unlock(&pool->lock, flags);
	if (!chunk)
		return false;
	c->next = (char *)chunk + 64;
	c->end = (char *)chunk + KP_POOL_CHUNK;
	return true;
}

static void *take(struct kp_pool *pool, const struct kp_run *run, unsigned int cls)
{
	struct kp_pool_class *c = &pool->cls[cls];
	u32 size = class_size(cls);
	unsigned long flags;
	void *p = NULL;

	if (!kp_lock(&c->lock, run, &flags))
		return NULL;
	if (c->free) {
		p = c->free;
		c->free = *(void **)p;
	} else if ((u64)(c->end - c->next) >= size || class_grow(pool, c, run)) {
		p = c->next;
		c->next += size;
	}
	kp_unlock(&c->lock, flags);
	return p;
}

void *kp_pool_alloc(struct kp_pool *pool, const struct kp_run *run, u32 size)
{
	unsigned int cls = class_of(size);
	void *p = take(pool, run, cls);

	/* process context need not wait for the maintenance */
	if (unlikely(!p) && (!run || run->process)) {
		kp_pool_refill(pool);
		p = take(pool, run, cls);
	}
	return p;
}

bool kp_pool_free(struct kp_pool *pool, const struct kp_run *run, void *p, u32 size)
{
	struct kp_pool_class *c = &pool->cls[class_of(size)];
	unsigned long flags;

	if (!kp_lock(&c->lock, run, &flags))
		return false;
	*(void **)p = c->free;
	c->free = p;
	kp_unlock(&c->lock, flags);
	return true;
}

u64 kp_pool_bytes(const struct kp_pool *pool)
{
	return (u64)kp_load(&pool->nr_chunks) * KP_POOL_CHUNK;
}
