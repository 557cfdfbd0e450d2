// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process buffer of a session.
 *
 * The writer publishes head with release after the bytes, readers publish tail after they copied
 * them out; each side reads the other's counter with acquire.  Records start on 8 bytes, so the
 * size word of a record never wraps around the end of the buffer; the rest of it may.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "stream.h"

#define MASK (KP_STREAM_SIZE - 1)

int kp_stream_init(struct kp_stream *st)
{
	BUILD_BUG_ON(KP_STREAM_SIZE & MASK);
	BUILD_BUG_ON(KTAP_RECORD_MAX > KP_STREAM_SIZE);

	st->buf = kvzalloc(KP_STREAM_SIZE, GFP_KERNEL | __GFP_NOWARN);
	if (!st->buf)
		return -ENOMEM;
	mutex_init(&st->read_lock);
	init_waitqueue_head(&st->readable);
	init_waitqueue_head(&st->writable);
	return 0;
}

void kp_stream_exit(struct kp_stream *st)
{
	kvfree(st->buf);
}

static u32 stream_room(const struct kp_stream *st)
{
	return KP_STREAM_SIZE - (st->head - smp_load_acquire(&st->tail));
}

int kp_stream_write(struct kp_stream *st, const struct ktap_rec *rec, u32 size, const bool *abort)
{
	u32 at = st->head & MASK;
	u32 first = min_t(u32, size, KP_STREAM_SIZE - at);

	if (wait_event_interruptible(st->writable, READ_ONCE(*abort) || stream_room(st) >= size))
		return -EINTR;
	if (READ_ONCE(*abort))
		return -EINTR;
	memcpy(st->buf + at, rec, first);
	memcpy(st->buf, (const u8 *)rec + first, size - first);
	smp_store_release(&st->head, st->head + size);
	wake_up_interruptible(&st->readable);
	return 0;
}

void kp_stream_kick(struct kp_stream *st)
{
	wake_up_interruptible(&st->writable);
}

void kp_stream_end(struct kp_stream *st)
{
	smp_store_release(&st->ended, true);
	wake_up_interruptible(&st->readable);
}

static bool stream_has_data(const struct kp_stream *st)
{
	return smp_load_acquire(&st->head) != READ_ONCE(st->tail);
}

/* Bytes of the whole records from tail on that fit in size. */
static u32 stream_fit(const struct kp_stream *st, size_t size)
{
	u32 used = smp_load_acquire(&st->head) - st->tail;
	u32 n = 0;

	while (n < used) {
		const struct ktap_rec *rec = (const void *)(st->buf + ((st->tail + n) & MASK));

		if (rec->size > size - n)
			break;
		n += rec->size;
	}
	return n;
}

static ssize_t stream_copy(struct kp_stream *st, char __user *to, size_t size)
{
	u32 n = stream_fit(st, size);
	u32 at = st->tail & MASK;
	u32 first = min_t(u32, n, KP_STREAM_SIZE - at);

	if (!n)
		return -EINVAL;
	if (copy_to_user(to, st->buf + at, first) || copy_to_user(to + first, st->buf, n - first))
		return -EFAULT;
	smp_store_release(&st->tail, st->tail + n);
	wake_up_interruptible(&st->writable);
	return n;
}

ssize_t kp_stream_read(struct kp_stream *st, char __user *to, size_t size, bool nonblock)
{
	ssize_t ret;

	for (;;) {
		/* ended is set after the last record: look at it first */
		bool ended = smp_load_acquire(&st->ended);

		if (mutex_lock_interruptible(&st->read_lock))
			return -EINTR;
		ret = stream_has_data(st) ? stream_copy(st, to, size) : 0;
		mutex_unlock(&st->read_lock);
		if (ret || ended)
			return ret;
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(st->readable,
					     stream_has_data(st) || READ_ONCE(st->ended)))
			return -EINTR;
	}
}

__poll_t kp_stream_poll(struct kp_stream *st, struct file *file, poll_table *wait)
{
	bool ended;

	poll_wait(file, &st->readable, wait);
	ended = smp_load_acquire(&st->ended);
	if (stream_has_data(st))
		return EPOLLIN | EPOLLRDNORM;
	return ended ? EPOLLIN | EPOLLRDNORM | EPOLLHUP : 0;
}
