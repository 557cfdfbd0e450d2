// SPDX-License-Identifier: GPL-2.0-only
/* The text renderer: what print, printf and histogram show on a terminal. */
#include "render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	struct pk_value key, value;
};

static int pair_compare(const void *a, const void *b)
{
	return pk_value_compare(&((const struct pair *)a)->key, &((const struct pair *)b)->key);
}

/* The pairs of a table, sorted by key; free() them. */
static struct pair *sorted_pairs(const struct pk_value *tab)
{
	struct pair *pairs = pk_zalloc((size_t)tab->len * sizeof(*pairs));
	struct pk_wire w = tab->pairs;

	for (__u32 i = 0; i < tab->len; i++) {
		pk_wire_next(&w, &pairs[i].key);
		pk_wire_next(&w, &pairs[i].value);
	}
	qsort(pairs, tab->len, sizeof(*pairs), pair_compare);
	return pairs;
}

static void function_text(struct pk_render *r, struct pk_buf *b, __u32 proto)
{
	struct ktap_chunk_proto p;
	const char *name = NULL;

	if (r->view && ktap_view_proto(r->view, proto, &p)) {
		name = ktap_view_str(r->view, (__u32)p.name, NULL);
		if (!name) {
			pk_buf_printf(b, "function %s:%u", ktap_view_name(r->view),
				      KTAP_POS_LINE((__u32)p.pos));
			return;
		}
	}
	if (name)
		pk_buf_printf(b, "function %s", name);
	else
		pk_buf_printf(b, "function #%u", proto);
}

static void stack_text(struct pk_buf *b, const struct pk_value *v)
{
	__u64 ip;

	for (__u32 i = 0; i < v->len; i++) {
		memcpy(&ip, v->data + (size_t)i * sizeof(ip), sizeof(ip));
		pk_buf_printf(b, "%s0x%" PRIx64, i ? "\n" : "", (uint64_t)ip);
	}
}

static void table_inline(struct pk_render *r, struct pk_buf *b, const struct pk_value *v)
{
	struct pair *pairs = sorted_pairs(v);

	pk_buf_putc(b, '{');
	for (__u32 i = 0; i < v->len; i++) {
		if (i)
			pk_buf_puts(b, ", ");
		pk_text_value(r, b, &pairs[i].key);
		pk_buf_puts(b, ": ");
		pk_text_value(r, b, &pairs[i].value);
	}
	pk_buf_putc(b, '}');
	free(pairs);
}

void pk_text_value(struct pk_render *r, struct pk_buf *b, const struct pk_value *v)
{
	switch (v->tag) {
	case KTAP_W_NIL:
		pk_buf_puts(b, "nil");
		break;
	case KTAP_W_FALSE:
		pk_buf_puts(b, "false");
		break;
	case KTAP_W_TRUE:
		pk_buf_puts(b, "true");
		break;
	case KTAP_W_NUM:
		pk_buf_printf(b, "%" PRId64, (int64_t)v->num);
		break;
	case KTAP_W_STR:
		pk_buf_add(b, v->data, v->len);
		break;
	case KTAP_W_TAB:
		table_inline(r, b, v);
		break;
	case KTAP_W_TABEND:
		pk_buf_puts(b, "{...}");
		break;
	case KTAP_W_FUNC:
		function_text(r, b, v->len);
		break;
	case KTAP_W_EVENT:
		pk_text_event(r, b, v);
		break;
	case KTAP_W_STACK:
		stack_text(b, v);
		break;
	case KTAP_W_COUNT:
		break;
	}
}

/* "key: value" lines; nested tables below their key, one step further in. */
static void table_lines(struct pk_render *r, struct pk_buf *b, const struct pk_value *v,
			unsigned int depth)
{
	struct pair *pairs = sorted_pairs(v);

	for (__u32 i = 0; i < v->len; i++) {
		const struct pair *p = &pairs[i];

		pk_buf_fill(b, ' ', (size_t)depth * 2);
		pk_text_value(r, b, &p->key);
		if (p->value.tag == KTAP_W_TAB && p->value.len) {
			pk_buf_puts(b, ":\n");
			table_lines(r, b, &p->value, depth + 1);
			continue;
		}
		pk_buf_puts(b, ": ");
		pk_text_value(r, b, &p->value);
		pk_buf_putc(b, '\n');
	}
	free(pairs);
}

void pk_text_time(struct pk_buf *b, __u64 time_ns)
{
	pk_buf_printf(b, "%5lu.%06lu: ", (unsigned long)(time_ns / PK_NSEC_PER_SEC),
		      (unsigned long)(time_ns % PK_NSEC_PER_SEC / 1000));
}

static void text_print(struct pk_render *r, const struct ktap_rec *rec, struct pk_wire values)
{
	struct pk_buf *b = &r->line;
	struct pk_value v;
	bool first = true, fresh = true; /* fresh: at the start of a line */

	pk_buf_reset(b);
	if (r->timestamps)
		pk_text_time(b, rec->time_ns);
	while (pk_wire_next(&values, &v) > 0) {
		if (v.tag == KTAP_W_TAB && v.len) {
			if (!fresh)
				pk_buf_putc(b, '\n');
			table_lines(r, b, &v, 0);
			fresh = true;
		} else {
			if (!fresh)
				pk_buf_putc(b, '\t');
			pk_text_value(r, b, &v);
			fresh = false;
		}
		first = false;
	}
	if (!fresh || first)
		pk_buf_putc(b, '\n');
	pk_out_add(r->out, b->data, b->len);
}

static void text_printf(struct pk_render *r, const struct ktap_rec *rec, const struct pk_value *fmt,
			struct pk_wire values)
{
	(void)rec;
	pk_buf_reset(&r->line);
	pk_text_printf(r, &r->line, fmt, values);
	if (r->line.len)
		pk_out_add(r->out, r->line.data, r->line.len);
}

static void text_hist(struct pk_render *r, const struct ktap_rec *rec,
		      const struct ktap_rec_hist *hist, struct pk_wire rows)
{
	(void)rec;
	pk_buf_reset(&r->line);
	pk_text_hist(r, &r->line, hist, rows);
	pk_out_add(r->out, r->line.data, r->line.len);
}

void pk_render_free(struct pk_render *r)
{
	pk_buf_free(&r->line);
	pk_buf_free(&r->entry);
}

const struct pk_render_ops pk_render_text = {
	.name = "text",
	.print = text_print,
	.printf = text_printf,
	.hist = text_hist,
};
