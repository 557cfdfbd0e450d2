// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collecting, ordering and printing diagnostics.  Messages and source lines may contain any bytes of
 * the script; what goes to the terminal is free of control characters.
 */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "comp.h"

#define MAX_RECORDS 1000 /* more are not kept: 20 are shown */
#define MAX_MESSAGE 1000

struct kp_diag_rec {
	struct kp_diag_rec *next; /* diagnostics: the previous one; notes: the next one */
	struct kp_diag_rec *notes, *last_note;
	enum kp_diag_tag tag;
	struct kp_span at;
	unsigned int serial;
	bool placed; /* a note with a place of its own */
	const char *message;
};

static const struct {
	const char *tag;
	enum ktap_severity severity;
} tags[] = {
#define KP_DIAG(tag, severity, sentence) { #tag, KTAP_DIAG_##severity },
#include "diags.def"
#undef KP_DIAG
};

static char *format(struct kp_comp *c, const char *fmt, va_list ap)
{
	char buf[MAX_MESSAGE];
	size_t i;

	vsnprintf(buf, sizeof(buf), fmt, ap);
	for (i = 0; buf[i]; i++)
		if ((unsigned char)buf[i] < ' ' || buf[i] == 0x7f)
			buf[i] = '?';
	return kp_arena_copy(&c->arena, buf, i);
}

int kp_diag(struct kp_comp *c, enum kp_diag_tag tag, struct kp_span at, const char *fmt, ...)
{
	struct kp_diag_rec *rec;
	va_list ap;

	if (c->quiet)
		return -EINVAL;
	if (tags[tag].severity == KTAP_DIAG_ERROR)
		c->errors++;
	c->last_diag = NULL;
	if (c->nr_diags >= MAX_RECORDS)
		return -EINVAL;
	rec = kp_arena_alloc(&c->arena, sizeof(*rec));
	va_start(ap, fmt);
	rec->message = format(c, fmt, ap);
	va_end(ap);
	rec->tag = tag;
	rec->at = at;
	rec->serial = c->nr_diags++;
	rec->next = c->diags;
	c->diags = rec;
	c->last_diag = rec;
	return -EINVAL;
}

static struct kp_diag_rec *add_note(struct kp_comp *c, struct kp_span at, bool placed,
				    const char *fmt, va_list ap)
{
	struct kp_diag_rec *rec, *owner = c->last_diag;

	if (c->quiet || !owner)
		return NULL;
	rec = kp_arena_alloc(&c->arena, sizeof(*rec));
	rec->message = format(c, fmt, ap);
	rec->at = placed ? at : owner->at;
	rec->placed = placed;
	if (owner->last_note)
		owner->last_note->next = rec;
	else
		owner->notes = rec;
	owner->last_note = rec;
	return rec;
}

void kp_diag_hint(struct kp_comp *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(c, (struct kp_span){ 0, 0 }, false, fmt, ap);
	va_end(ap);
}

void kp_diag_note(struct kp_comp *c, struct kp_span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(c, at, true, fmt, ap);
	va_end(ap);
}

static void deliver_one(struct kp_comp *c, const struct kp_diag_rec *rec, bool note)
{
	uint32_t line = kp_comp_line(c, rec->at.off), start = c->lines[line], end = start;
	struct ktap_diag d = { 0 };

	while (end < c->len && c->text[end] != '\n')
		end++;
	if (end > start && c->text[end - 1] == '\r')
		end--;
	d.severity = note ? KTAP_DIAG_NOTE : tags[rec->tag].severity;
	d.tag = note ? "" : tags[rec->tag].tag;
	d.file = c->file;
	d.line = line + 1;
	d.col = rec->at.off - start + 1;
	d.len = rec->at.len;
	if (rec->at.off + d.len > end)
		d.len = end > rec->at.off ? end - rec->at.off : 1;
	if (!d.len)
		d.len = 1;
	d.message = rec->message;
	/* A hint speaks of the line that was just shown. */
	if (!note || rec->placed) {
		d.source = c->text + start;
		d.source_len = end - start;
	}
	c->env->diag(c->env->ctx, &d);
}

static int by_place(const void *a, const void *b)
{
	const struct kp_diag_rec *x = *(struct kp_diag_rec *const *)a;
	const struct kp_diag_rec *y = *(struct kp_diag_rec *const *)b;

	if (x->at.off != y->at.off)
		return x->at.off < y->at.off ? -1 : 1;
	return x->serial < y->serial ? -1 : 1;
}

void kp_diag_deliver(struct kp_comp *c)
{
	unsigned int i = 0, shown = 0;
	struct kp_diag_rec *rec, **all;

	if (!c->env->diag || !c->nr_diags)
		return;
	all = kp_arena_alloc(&c->arena, c->nr_diags * sizeof(*all));
	for (rec = c->diags; rec; rec = rec->next)
		all[i++] = rec;
	qsort(all, i, sizeof(*all), by_place);
	for (i = 0; i < c->nr_diags; i++) {
		rec = all[i];
		if (tags[rec->tag].severity == KTAP_DIAG_ERROR && ++shown > KP_MAX_ERRORS) {
			rec->tag = KP_D_TOO_MANY;
			rec->message = "too many errors, the rest is not shown";
			deliver_one(c, rec, false);
			return;
		}
		deliver_one(c, rec, false);
		for (rec = rec->notes; rec; rec = rec->next)
			deliver_one(c, rec, true);
	}
}

void kp_diag_nomem(struct kp_comp *c)
{
	struct ktap_diag d = {
		.severity = KTAP_DIAG_ERROR,
		.tag = tags[KP_D_NOMEM].tag,
		.file = c->file,
		.line = 1,
		.col = 1,
		.len = 1,
		.message = "out of memory",
	};

	if (c->env->diag)
		c->env->diag(c->env->ctx, &d);
}

/*
 * Print source bytes so that each takes the column it has in the caret line below: control
 * characters become one '?', UTF-8 continuation bytes take no column.
 */
static void print_source(FILE *f, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char b = s[i];

		putc(b != '\t' && (b < ' ' || b == 0x7f) ? '?' : b, f);
	}
}

static void print_marks(FILE *f, const char *s, size_t len, size_t col, size_t mark)
{
	size_t i;

	for (i = 0; i < col && i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			putc(s[i] == '\t' ? '\t' : ' ', f);
	putc('^', f);
	for (i = col + 1; i < col + mark && i < len; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			putc('~', f);
	putc('\n', f);
}

void ktap_diag_print(FILE *f, const struct ktap_diag *d)
{
	static const char *const severities[] = { "error", "warning", "note" };
	const size_t most = 160; /* of the source line */
	size_t col = d->col ? d->col - 1 : 0, len = d->source_len, skip = 0;

	fprintf(f, "%s:%u:%u: %s: %s", d->file, d->line, d->col, severities[d->severity],
		d->message);
	if (d->tag[0])
		fprintf(f, " [%s]", d->tag);
	putc('\n', f);
	if (!d->source)
		return;
	if (len > most) {
		skip = col > most / 2 ? col - most / 2 : 0;
		while (skip && skip < len && ((unsigned char)d->source[skip] & 0xc0) == 0x80)
			skip--;
		len -= skip;
		if (len > most)
			len = most;
	}
	fprintf(f, "%5u | ", d->line);
	print_source(f, d->source + skip, len);
	fprintf(f, "\n      | ");
	print_marks(f, d->source + skip, len, col - skip, d->len);
}
