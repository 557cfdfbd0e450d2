/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From records to what people read.  stream.c takes records apart and checks them; a renderer, one
 * file an output form, shows them.  Renderers see only well-formed records.
 */
#ifndef PK_RENDER_H
#define PK_RENDER_H

#include <ktap/engine.h>
#include "out.h"
#include "wire.h"

struct pk_render;
struct pk_stream;
struct tep_handle;
struct tep_event;

/* What a renderer must know of the points that records name by number. */
struct pk_point_info {
	const char *system, *name;
	struct tep_event *format; /* NULL: not a tracepoint */
};

struct pk_render_ops {
	const char *name; /* --format=NAME */
	void (*print)(struct pk_render *r, const struct ktap_rec *rec, struct pk_wire values);
	/* fmt is the format string, values what comes after it. */
	void (*printf)(struct pk_render *r, const struct ktap_rec *rec, const struct pk_value *fmt,
		       struct pk_wire values);
	/* rows: hist->rows pairs of key and number. */
	void (*hist)(struct pk_render *r, const struct ktap_rec *rec,
		     const struct ktap_rec_hist *hist, struct pk_wire rows);
};

extern const struct pk_render_ops pk_render_text;

struct pk_render {
	const struct pk_render_ops *ops;
	struct pk_out *out;
	bool timestamps; /* -T */
	const struct ktap_view *view; /* may be NULL: then functions have no names */
	struct tep_handle *tep; /* may be NULL: then events have no text */
	/* The point of a number, false beyond the end. */
	bool (*point)(void *ctx, __u32 number, struct pk_point_info *info);
	void *point_ctx;
	struct pk_buf line; /* scratch: one record's text */
	struct pk_buf entry; /* scratch: an event's bytes */
};

void pk_render_free(struct pk_render *r);

/*
 * stream.c: the reader of the record stream.  Takes any bytes; what is malformed is counted and
 * left out.  Split records of a cpu and chain are put together again.
 */
struct pk_stream_events {
	/* Optional: the script failed; exit() was called. */
	void (*error)(void *ctx, const struct ktap_rec_error *err);
	void (*exit)(void *ctx, __s64 status);
	void *ctx;
};
struct pk_stream *pk_stream_new(struct pk_render *render, const struct pk_stream_events *events);
void pk_stream_free(struct pk_stream *s);
/* One record of at most size bytes.  The number of bytes it took, 0: malformed. */
size_t pk_stream_record(struct pk_stream *s, const void *data, size_t size);
/* Whole records back to back. */
void pk_stream_bytes(struct pk_stream *s, const void *data, size_t size);
/* Malformed records, and split ones whose rest never came. */
__u64 pk_stream_bad(const struct pk_stream *s);

/* text.c: values as text.  one_line: tables as {k: v}, else as lines. */
void pk_text_value(struct pk_render *r, struct pk_buf *b, const struct pk_value *v);
void pk_text_time(struct pk_buf *b, __u64 time_ns);
/* histogram.c */
void pk_text_hist(struct pk_render *r, struct pk_buf *b, const struct ktap_rec_hist *hist,
		  struct pk_wire rows);
/* printf.c */
void pk_text_printf(struct pk_render *r, struct pk_buf *b, const struct pk_value *fmt,
		    struct pk_wire values);
/* event-text.c: as in the kernel's trace file, without task, cpu and time, without newline. */
void pk_text_event(struct pk_render *r, struct pk_buf *b, const struct pk_value *event);

/*
 * errors.c: what went wrong, for people.  The text of a code with its values; a script error with
 * place and call trace, lines ending in newlines; why a chunk was refused.
 */
void pk_error_text(struct pk_buf *b, __u32 code, const __s64 v[2]);
void pk_error_script(struct pk_buf *b, const struct ktap_view *view,
		     const struct ktap_rec_error *err);
void pk_error_load(struct pk_buf *b, const struct ktap_load_error *err);

#endif
