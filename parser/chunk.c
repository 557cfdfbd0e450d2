// SPDX-License-Identifier: GPL-2.0-only
/* The last pass: prototypes, constants and events as the bytes that chunk.h describes. */
#include "emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	struct kp_out *out;
	unsigned char *data;
	uint32_t size, offset[KTAP_SECT_COUNT], count[KTAP_SECT_COUNT];
	uint32_t file; /* string */
};

static void put32(unsigned char *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static unsigned char *sect(const struct writer *w, enum ktap_sect s)
{
	return w->data + w->offset[s];
}

/* Every string gets its number before the sections are counted. */
static void number_strings(struct writer *w)
{
	struct kp_out *out = w->out;
	struct kp_comp *c = out->c;
	size_t len = strlen(c->file);
	struct kp_event *ev;
	unsigned int i;

	w->file = kp_emit_str(out, kp_intern(c, c->file, len < KTAP_MAX_STR ? len : KTAP_MAX_STR));
	for (i = 0; i < out->nr_protos; i++)
		if (out->protos[i].func->name)
			kp_emit_str(out, out->protos[i].func->name);
	for (i = 0; i < c->nr_fields; i++)
		if (c->fields[i].name)
			kp_emit_str(out, c->fields[i].name);
	for (ev = c->events; ev; ev = ev->next) {
		if (ev->def)
			kp_emit_str(out, ev->def);
		if (ev->filter)
			kp_emit_str(out, ev->filter);
	}
}

static void count(struct writer *w)
{
	struct kp_out *out = w->out;
	uint64_t bytes = 0;
	unsigned int i;

	/* Saturating: a sum that is too large must stay so. */
	for (i = 0; i < out->nr_strs; i++)
		bytes += out->strs[i]->len + 1;
	w->count[KTAP_SECT_BYTES] = bytes > UINT32_MAX ? UINT32_MAX : bytes;
	w->count[KTAP_SECT_STRS] = out->nr_strs;
	w->count[KTAP_SECT_CONSTS] = out->nr_consts;
	w->count[KTAP_SECT_PROTOS] = out->nr_protos;
	for (i = 0; i < out->nr_protos; i++) {
		w->count[KTAP_SECT_CODE] += out->protos[i].nr;
		w->count[KTAP_SECT_UPVALS] += out->protos[i].func->nr_upvals;
	}
	w->count[KTAP_SECT_LINES] = w->count[KTAP_SECT_CODE];
	w->count[KTAP_SECT_GLOBALS] = out->nr_globals;
	w->count[KTAP_SECT_FIELDS] = out->c->nr_fields;
	w->count[KTAP_SECT_EVENTS] = out->c->nr_events;
}

static const struct {
	uint32_t most, entry_size;
	const char *what;
} sections[KTAP_SECT_COUNT] = {
	[KTAP_SECT_BYTES] = { KTAP_MAX_BYTES, 1, "bytes of strings" },
	[KTAP_SECT_STRS] = { KTAP_MAX_STRS, sizeof(struct ktap_chunk_str), "strings" },
	[KTAP_SECT_CONSTS] = { KTAP_MAX_CONSTS, sizeof(struct ktap_chunk_const), "constants" },
	[KTAP_SECT_PROTOS] = { KTAP_MAX_PROTOS, sizeof(struct ktap_chunk_proto), "functions" },
	[KTAP_SECT_CODE] = { KTAP_MAX_CODE, 4, "instructions" },
	[KTAP_SECT_LINES] = { KTAP_MAX_CODE, 4, "instructions" },
	[KTAP_SECT_UPVALS] = { KTAP_MAX_UPVALS_ALL, sizeof(struct ktap_chunk_upval),
			       "captured variables" },
	[KTAP_SECT_GLOBALS] = { KTAP_MAX_GLOBALS, 4, "globals" },
	[KTAP_SECT_FIELDS] = { KTAP_MAX_FIELDS, sizeof(struct ktap_chunk_field), "fields" },
	[KTAP_SECT_EVENTS] = { KTAP_MAX_EVENTS, sizeof(struct ktap_chunk_event), "event blocks" },
};

static int place_sections(struct writer *w)
{
	const struct kp_span start = { 0, 1 };
	uint32_t size = sizeof(struct ktap_chunk_header);
	int i;

	for (i = 0; i < KTAP_SECT_COUNT; i++) {
		if (w->count[i] > sections[i].most)
			return kp_diag(w->out->c, KP_D_LIMIT, start,
				       "script has %u %s, at most %u are possible", w->count[i],
				       sections[i].what, sections[i].most);
		w->offset[i] = size;
		size += (w->count[i] * sections[i].entry_size + 3) & ~3u;
	}
	if (size > KTAP_MAX_CHUNK)
		return kp_diag(w->out->c, KP_D_LIMIT, start,
			       "script makes %u bytes of bytecode, at most %u are possible", size,
			       KTAP_MAX_CHUNK);
	w->size = size;
	return 0;
}

static void put_strings(struct writer *w)
{
	unsigned char *bytes = sect(w, KTAP_SECT_BYTES), *e = sect(w, KTAP_SECT_STRS);
	uint32_t off = 0;
	unsigned int i;

	for (i = 0; i < w->out->nr_strs; i++, e += sizeof(struct ktap_chunk_str)) {
		const struct kp_str *s = w->out->strs[i];

		memcpy(bytes + off, s->data, s->len);
		put32(e + offsetof(struct ktap_chunk_str, offset), off);
		put32(e + offsetof(struct ktap_chunk_str, len), s->len);
		off += s->len + 1;
	}
}

static void put_consts(struct writer *w)
{
	unsigned char *e = sect(w, KTAP_SECT_CONSTS);
	unsigned int i;

	for (i = 0; i < w->out->nr_consts; i++, e += sizeof(struct ktap_chunk_const)) {
		const struct kp_const *k = &w->out->consts[i];

		put32(e + offsetof(struct ktap_chunk_const, type),
		      k->str ? KTAP_T_STR : KTAP_T_NUM);
		if (k->str) {
			put32(e + offsetof(struct ktap_chunk_const, str), k->str->chunk_idx - 1);
		} else {
			put32(e + offsetof(struct ktap_chunk_const, lo), (uint32_t)k->num);
			put32(e + offsetof(struct ktap_chunk_const, hi),
			      (uint32_t)((uint64_t)k->num >> 32));
		}
	}
}

/* A function that uses only itself needs no variable around it. */
static void put_upval(unsigned char *e, const struct kp_func *f, const struct kp_upval *up)
{
	bool self = up->local->self == f && !up->local->assigned && up->from < 0;

	if (self) {
		e[0] = KTAP_UP_SELF;
	} else if (up->from >= 0) {
		e[0] = KTAP_UP_UP;
		e[1] = up->from;
	} else {
		e[0] = KTAP_UP_REG;
		e[1] = up->local->reg;
	}
}

static void put_protos(struct writer *w)
{
	unsigned char *e = sect(w, KTAP_SECT_PROTOS), *up = sect(w, KTAP_SECT_UPVALS);
	unsigned char *code = sect(w, KTAP_SECT_CODE), *line = sect(w, KTAP_SECT_LINES);
	uint32_t first = 0, first_up = 0;
	unsigned int i, j;

	for (i = 0; i < w->out->nr_protos; i++, e += sizeof(struct ktap_chunk_proto)) {
		const struct kp_proto *p = &w->out->protos[i];
		const struct kp_func *f = p->func;

		put32(e + offsetof(struct ktap_chunk_proto, code), first);
		put32(e + offsetof(struct ktap_chunk_proto, ncode), p->nr);
		put32(e + offsetof(struct ktap_chunk_proto, upval), first_up);
		e[offsetof(struct ktap_chunk_proto, nupval)] = f->nr_upvals;
		e[offsetof(struct ktap_chunk_proto, nparam)] = f->params.nr;
		e[offsetof(struct ktap_chunk_proto, nregs)] = p->nregs;
		put32(e + offsetof(struct ktap_chunk_proto, name),
		      f->name ? f->name->chunk_idx - 1 : KTAP_NONE);
		put32(e + offsetof(struct ktap_chunk_proto, pos),
		      kp_comp_pos(w->out->c, f->at.off));
		for (j = 0; j < p->nr; j++, code += 4, line += 4) {
			put32(code, p->code[j]);
			put32(line, p->lines[j]);
		}
		for (j = 0; j < f->nr_upvals; j++, up += sizeof(struct ktap_chunk_upval))
			put_upval(up, f, &f->upvals[j]);
		first += p->nr;
		first_up += f->nr_upvals;
	}
}

static void put_names(struct writer *w)
{
	unsigned char *g = sect(w, KTAP_SECT_GLOBALS), *e = sect(w, KTAP_SECT_FIELDS);
	struct kp_comp *c = w->out->c;
	unsigned int i;

	for (i = 0; i < w->out->nr_globals; i++)
		put32(g + 4 * i, w->out->globals[i]->name->chunk_idx - 1);
	for (i = 0; i < c->nr_fields; i++, e += sizeof(struct ktap_chunk_field)) {
		const struct kp_field *f = &c->fields[i];

		put32(e + offsetof(struct ktap_chunk_field, name),
		      f->name ? f->name->chunk_idx - 1 : KTAP_NONE);
		put32(e + offsetof(struct ktap_chunk_field, position), f->position);
		put32(e + offsetof(struct ktap_chunk_field, event),
		      f->event ? f->event->idx : KTAP_NONE);
		put32(e + offsetof(struct ktap_chunk_field, pos), kp_comp_pos(c, f->at.off));
	}
}

static void put_events(struct writer *w)
{
	unsigned char *e = sect(w, KTAP_SECT_EVENTS);
	struct kp_comp *c = w->out->c;
	const struct kp_event *ev;

	for (ev = c->events; ev; ev = ev->next, e += sizeof(struct ktap_chunk_event)) {
		uint32_t flags = ev->kind == KTAP_EV_TRACE ? ev->flags | c->function_flags : 0;

		put32(e + offsetof(struct ktap_chunk_event, kind), ev->kind);
		put32(e + offsetof(struct ktap_chunk_event, flags), flags);
		put32(e + offsetof(struct ktap_chunk_event, def),
		      ev->def ? ev->def->chunk_idx - 1 : KTAP_NONE);
		put32(e + offsetof(struct ktap_chunk_event, filter),
		      ev->filter ? ev->filter->chunk_idx - 1 : KTAP_NONE);
		put32(e + offsetof(struct ktap_chunk_event, pos), kp_comp_pos(c, ev->at.off));
	}
}

static void put_header(struct writer *w)
{
	const size_t behind = offsetof(struct ktap_chunk_header, flags);
	unsigned char *h = w->data;
	uint32_t sum = 2166136261u, i;

	memcpy(h, KTAP_CHUNK_MAGIC, 4);
	/* Two 16-bit words: the version, then the size of the header. */
	put32(h + offsetof(struct ktap_chunk_header, version),
	      KTAP_BYTECODE_VERSION | (uint32_t)sizeof(struct ktap_chunk_header) << 16);
	put32(h + offsetof(struct ktap_chunk_header, size), w->size);
	put32(h + offsetof(struct ktap_chunk_header, name), w->file);
	for (i = 0; i < KTAP_SECT_COUNT; i++) {
		unsigned char *s = h + offsetof(struct ktap_chunk_header, sect) +
				   i * sizeof(struct ktap_chunk_sect);

		put32(s + offsetof(struct ktap_chunk_sect, offset), w->offset[i]);
		put32(s + offsetof(struct ktap_chunk_sect, count), w->count[i]);
	}
	for (i = behind; i < w->size; i++)
		sum = (sum ^ h[i]) * 16777619u;
	put32(h + offsetof(struct ktap_chunk_header, checksum), sum);
}

int kp_chunk(struct kp_comp *c, struct ktap_buffer *buf)
{
	struct kp_out *out = kp_arena_alloc(&c->arena, sizeof(*out));
	struct writer w = { .out = out };

	out->c = c;
	kp_emit_all(out);
	if (c->errors)
		return -EINVAL;
	number_strings(&w);
	count(&w);
	if (place_sections(&w))
		return -EINVAL;
	w.data = calloc(1, w.size);
	if (!w.data)
		longjmp(c->arena.oom, 1);
	put_strings(&w);
	put_consts(&w);
	put_protos(&w);
	put_names(&w);
	put_events(&w);
	put_header(&w);
	buf->data = w.data;
	buf->size = w.size;
	return 0;
}
