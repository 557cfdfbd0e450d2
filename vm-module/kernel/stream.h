/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process buffer of a session: records of MAIN and END on their way to read().
 *
 * One writer (the thread in MAIN or END, under the session's lock), any number of readers, which
 * take turns.  head and tail run freely; the bytes between them are whole records back to back.
 */
#ifndef KP_STREAM_H
#define KP_STREAM_H

#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/wait.h>
#include <ktap/record.h>

#define KP_STREAM_SIZE (128u << 10) /* bytes; a power of two */

struct kp_stream {
	u8 *buf;
	u32 head; /* moved by the writer */
	u32 tail; /* moved by readers, under read_lock */
	bool ended; /* nothing more will be written */
	struct mutex read_lock;
	wait_queue_head_t readable;
	wait_queue_head_t writable;
};

int kp_stream_init(struct kp_stream *st);
void kp_stream_exit(struct kp_stream *st);

/*
 * Append a record; waits for room.  Process context.  0, or -EINTR when a signal came or *abort
 * got true meanwhile.
 */
int kp_stream_write(struct kp_stream *st, const struct ktap_rec *rec, u32 size, const bool *abort);
/* Wake a writer that waits, to look at *abort again. */
void kp_stream_kick(struct kp_stream *st);
/* Let readers see the end of the file once the buffer is empty. */
void kp_stream_end(struct kp_stream *st);

/*
 * Copy as many whole records as fit.  The bytes copied, 0 at the end, -EAGAIN, -EINTR, -EFAULT, or
 * -EINVAL when not even the first record fits.
 */
ssize_t kp_stream_read(struct kp_stream *st, char __user *to, size_t size, bool nonblock);
__poll_t kp_stream_poll(struct kp_stream *st, struct file *file, poll_table *wait);

#endif
