// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of the record stream.  Records come from a kernel that may be of another version or
 * from a file that may be anything: no field is believed before it was checked against the size.
 *
 * The parts of a split record have one cpu and chain and come in order, but parts of other chains
 * (of contexts that interrupted) may lie between: there is one assembly for each open chain, of
 * which at most MAX_OPEN are kept; the oldest gives way.
 */
#include "render.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OPEN 64
#define MAX_JOINED (64u << 20) /* bytes of one joined record */

struct part {
	bool used;
	struct ktap_rec first;
	struct pk_buf body;
	__u64 age;
};

struct pk_stream {
	struct pk_render *render;
	struct pk_stream_events events;
	struct part open[MAX_OPEN];
	__u64 age;
	__u64 bad;
};

struct pk_stream *pk_stream_new(struct pk_render *render, const struct pk_stream_events *events)
{
	struct pk_stream *s = pk_zalloc(sizeof(*s));

	s->render = render;
	if (events)
		s->events = *events;
	return s;
}

void pk_stream_free(struct pk_stream *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < MAX_OPEN; i++)
		pk_buf_free(&s->open[i].body);
	free(s);
}

__u64 pk_stream_bad(const struct pk_stream *s)
{
	__u64 bad = s->bad;

	for (unsigned int i = 0; i < MAX_OPEN; i++)
		bad += s->open[i].used;
	return bad;
}

static bool show_printf(struct pk_stream *s, const struct ktap_rec *rec, struct pk_wire w)
{
	struct pk_value fmt;

	if (pk_wire_next(&w, &fmt) <= 0 || fmt.tag != KTAP_W_STR)
		return false;
	s->render->ops->printf(s->render, rec, &fmt, w);
	return true;
}

static bool show_hist(struct pk_stream *s, const struct ktap_rec *rec, const char *body, size_t len)
{
	struct ktap_rec_hist hist;
	struct pk_wire w, rows;
	struct pk_value v;

	if (len < sizeof(hist))
		return false;
	memcpy(&hist, body, sizeof(hist));
	w.p = (const unsigned char *)body + sizeof(hist);
	w.end = (const unsigned char *)body + len;
	rows = w;
	for (__u32 i = 0; i < hist.rows; i++) {
		if (pk_wire_next(&w, &v) <= 0)
			return false;
		if (pk_wire_next(&w, &v) <= 0 || v.tag != KTAP_W_NUM)
			return false;
	}
	rows.end = w.p;
	s->render->ops->hist(s->render, rec, &hist, rows);
	return true;
}

static bool show_error(struct pk_stream *s, const char *body, size_t len)
{
	const size_t head = __builtin_offsetof(struct ktap_rec_error, at);
	struct ktap_rec_error err;

	memset(&err, 0, sizeof(err));
	if (len < head)
		return false;
	memcpy(&err, body, len < sizeof(err) ? len : sizeof(err));
	if (err.depth > KTAP_TRACE_MAX || len < head + err.depth * sizeof(err.at[0]))
		return false;
	if (s->events.error)
		s->events.error(s->events.ctx, &err);
	return true;
}

static bool show_exit(struct pk_stream *s, const char *body, size_t len)
{
	__s64 status;

	if (len < sizeof(status))
		return false;
	memcpy(&status, body, sizeof(status));
	if (s->events.exit)
		s->events.exit(s->events.ctx, status);
	return true;
}

/* A whole record: its body without padding. */
static bool show(struct pk_stream *s, const struct ktap_rec *rec, const char *body, size_t len)
{
	struct pk_wire w = { (const unsigned char *)body, (const unsigned char *)body + len };

	switch (rec->type) {
	case KTAP_REC_PRINT:
		if (!pk_wire_valid(w))
			return false;
		s->render->ops->print(s->render, rec, w);
		return true;
	case KTAP_REC_PRINTF:
		return pk_wire_valid(w) && show_printf(s, rec, w);
	case KTAP_REC_HIST:
		return show_hist(s, rec, body, len);
	case KTAP_REC_ERROR:
		return show_error(s, body, len);
	case KTAP_REC_EXIT:
		return show_exit(s, body, len);
	default:
		return false;
	}
}

static struct part *find_part(struct pk_stream *s, const struct ktap_rec *rec)
{
	for (unsigned int i = 0; i < MAX_OPEN; i++) {
		struct part *p = &s->open[i];

		if (p->used && p->first.cpu == rec->cpu && p->first.chain == rec->chain)
			return p;
	}
	return NULL;
}

static void drop_part(struct pk_stream *s, struct part *p)
{
	p->used = false;
	pk_buf_reset(&p->body);
	s->bad++;
}

static struct part *new_part(struct pk_stream *s, const struct ktap_rec *rec)
{
	struct part *p = find_part(s, rec), *oldest = &s->open[0];

	for (unsigned int i = 0; !p && i < MAX_OPEN; i++) {
		if (!s->open[i].used)
			oldest = &s->open[i];
		else if (oldest->used && s->open[i].age < oldest->age)
			oldest = &s->open[i];
	}
	if (!p)
		p = oldest;
	if (p->used)
		drop_part(s, p);
	p->used = true;
	p->first = *rec;
	p->age = s->age++;
	pk_buf_reset(&p->body);
	return p;
}

/* A part of a split record.  The last one shows the whole. */
static bool join(struct pk_stream *s, const struct ktap_rec *rec, const char *body, size_t len)
{
	struct part *p;
	bool ok;

	p = rec->flags & KTAP_RECF_CONT ? find_part(s, rec) : new_part(s, rec);
	if (!p)
		return false; /* its beginning was lost */
	if (p->first.type != rec->type || p->body.len + len > MAX_JOINED) {
		drop_part(s, p);
		return true;
	}
	pk_buf_add(&p->body, body, len);
	if (rec->flags & KTAP_RECF_MORE)
		return true;
	ok = show(s, &p->first, p->body.data, p->body.len);
	p->used = false;
	pk_buf_reset(&p->body);
	return ok;
}

size_t pk_stream_record(struct pk_stream *s, const void *data, size_t size)
{
	struct ktap_rec rec;
	const char *body = (const char *)data + sizeof(rec);
	size_t len;
	bool ok;

	if (size < sizeof(rec))
		goto bad;
	memcpy(&rec, data, sizeof(rec));
	if (rec.size < sizeof(rec) || rec.size > size || rec.pad > 7 ||
	    rec.pad > rec.size - sizeof(rec))
		goto bad;
	len = rec.size - sizeof(rec) - rec.pad;
	if (rec.flags & (KTAP_RECF_MORE | KTAP_RECF_CONT))
		ok = join(s, &rec, body, len);
	else
		ok = show(s, &rec, body, len);
	if (!ok)
		s->bad++;
	return rec.size;
bad:
	s->bad++;
	return 0;
}

void pk_stream_bytes(struct pk_stream *s, const void *data, size_t size)
{
	const char *p = data;
	size_t n;

	while (size) {
		n = pk_stream_record(s, p, size);
		if (!n)
			return;
		p += n;
		size -= n;
	}
}
