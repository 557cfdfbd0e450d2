// SPDX-License-Identifier: GPL-2.0-only
/* trace, trace_end, tick- and profile- blocks. */
#include "parse.h"

#include <string.h>

static void check_place(struct kp_parser *p)
{
	if (p->func == p->c->main)
		return;
	kp_diag(p->c, KP_D_NESTED_TRACE, p->tok.at, "'%.*s' inside a function or another block",
		(int)p->tok.at.len, p->c->text + p->tok.at.off);
	if (p->open.len)
		kp_diag_note(p->c, p->open, "is this block closed?");
}

static struct kp_event *new_event(struct kp_parser *p, enum ktap_event_kind kind)
{
	struct kp_event *ev = kp_arena_alloc(&p->c->arena, sizeof(*ev));

	ev->kind = kind;
	ev->at = p->tok.at;
	ev->idx = p->c->nr_events++;
	*p->c->events_end = ev;
	p->c->events_end = &ev->next;
	return ev;
}

/* trace "DEF" function () { }, and without the string for trace_end: up to the '{'. */
static void function_head(struct kp_parser *p)
{
	kp_parse_expect(p, KP_TOK_FUNCTION, "after the event");
	kp_parse_expect(p, KP_TOK_LPAREN, "before the parameters");
	if (kp_parse_at(p, KP_TOK_NAME))
		kp_parse_error(p, KP_D_NOT_YET, p->tok.at,
			       "the event as a parameter is not supported yet");
	kp_parse_expect(p, KP_TOK_RPAREN, "after the parameters");
}

/* The text from off up to the next '{' defines the event; false when there is no '{'. */
static bool raw_def(struct kp_parser *p, struct kp_event *ev, uint32_t off)
{
	const char *text = p->c->text;
	struct kp_span raw;
	bool found;

	p->has_ahead = false;
	found = kp_lex_raw(&p->lx, off, &raw);
	while (raw.len && strchr(" \t\r\n\f\v", text[raw.off]) && text[raw.off]) {
		raw.off++;
		raw.len--;
	}
	while (raw.len && strchr(" \t\r\n\f\v", text[raw.off + raw.len - 1]) &&
	       text[raw.off + raw.len - 1])
		raw.len--;
	if (raw.len) {
		const char *end = memchr(text + raw.off, '\n', raw.len);

		ev->at = raw;
		/* What is marked in messages ends with the line. */
		if (end)
			ev->at.len = end - (text + raw.off);
	}
	if (!found) {
		kp_parse_error(p, KP_D_SYNTAX, ev->at, "no '{' behind the event definition");
		p->dead = true;
		return false;
	}
	kp_eventdef_split(p->c, ev, text + raw.off, raw.len);
	p->prev = ev->at;
	kp_lex_next(&p->lx, &p->tok);
	return true;
}

static bool quote_follows(const struct kp_parser *p, uint32_t off)
{
	while (off < p->c->len && p->c->text[off] && strchr(" \t\r\n", p->c->text[off]))
		off++;
	return off < p->c->len && (p->c->text[off] == '"' || p->c->text[off] == '\'');
}

static bool trace_def(struct kp_parser *p, struct kp_event *ev)
{
	uint32_t off = p->tok.at.off + p->tok.at.len;

	if (!quote_follows(p, off))
		return raw_def(p, ev, off);
	kp_parse_advance(p);
	ev->at = p->tok.at;
	kp_eventdef_split(p->c, ev, p->tok.str->data, p->tok.str->len);
	kp_parse_advance(p);
	function_head(p);
	return !p->panic;
}

struct kp_node *kp_parse_trace(struct kp_parser *p, enum ktap_event_kind kind)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_TRACE, p->tok.at);
	struct kp_event *ev;
	struct kp_func *f;

	check_place(p);
	ev = new_event(p, kind);
	switch (kind) {
	case KTAP_EV_TRACE:
		if (!trace_def(p, ev))
			return NULL;
		break;
	case KTAP_EV_END:
		kp_parse_advance(p);
		if (kp_parse_at(p, KP_TOK_FUNCTION))
			function_head(p);
		break;
	default:
		if (!raw_def(p, ev, p->tok.at.off))
			return NULL;
	}
	f = kp_parse_new_func(p, ev->def ? ev->def : kp_intern_z(p->c, "trace_end"), n->at);
	f->handler = f;
	f->event = ev;
	kp_parse_func_body(p, f, "before the block");
	n->trace.event = ev;
	n->trace.func = f;
	kp_ast_adopt(p->c, n, f->body);
	return n;
}
