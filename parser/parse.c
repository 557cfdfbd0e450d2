// SPDX-License-Identifier: GPL-2.0-only
/* The parser's ground floor: taking tokens, reporting, recovering, blocks. */
#include "parse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void kp_parse_advance(struct kp_parser *p)
{
	if (p->panic)
		return;
	p->prev = p->tok.at;
	if (p->has_ahead) {
		p->tok = p->ahead;
		p->has_ahead = false;
	} else {
		kp_lex_next(&p->lx, &p->tok);
	}
}

const struct kp_tok *kp_parse_peek(struct kp_parser *p)
{
	if (p->panic)
		return &p->tok;
	if (!p->has_ahead) {
		kp_lex_next(&p->lx, &p->ahead);
		p->has_ahead = true;
	}
	return &p->ahead;
}

bool kp_parse_accept(struct kp_parser *p, enum kp_tok_id id)
{
	if (p->tok.id != id)
		return false;
	kp_parse_advance(p);
	return true;
}

static void panic(struct kp_parser *p)
{
	p->broken = p->tok;
	p->tok.id = KP_TOK_PANIC;
	p->panic = true;
}

void kp_parse_error(struct kp_parser *p, enum kp_diag_tag tag, struct kp_span at, const char *fmt,
		    ...)
{
	char buf[256];
	va_list ap;

	if (p->panic)
		return;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	/* The lexer has said what is wrong with a bad token. */
	if (p->tok.id != KP_TOK_BAD)
		kp_diag(p->c, tag, at, "%s", buf);
	panic(p);
}

static const char *quoted(struct kp_parser *p, const struct kp_tok *tok, char *buf, size_t size)
{
	const struct kp_tok_info *info = &kp_tok_info[tok->id];

	if (tok->id == KP_TOK_EOF)
		snprintf(buf, size, "the end of the script");
	else if (info->kind == KP_TOK_SPEC)
		snprintf(buf, size, "'%.*s'", (int)(tok->at.len < 40 ? tok->at.len : 40),
			 p->c->text + tok->at.off);
	else
		snprintf(buf, size, "'%s'", info->text);
	return buf;
}

/* What people mean when they write a token where it cannot stand. */
static void hint_for(struct kp_parser *p, enum kp_tok_id id, const char *want)
{
	switch (id) {
	case KP_TOK_THEN:
	case KP_TOK_END:
	case KP_TOK_DO:
		kp_diag_hint(p->c, "blocks are written { ... }");
		break;
	case KP_TOK_SET:
		if (!strcmp(want, "an expression") || !strcmp(want, "')'"))
			kp_diag_hint(p->c, "to compare, write ==");
		break;
	default:
		break;
	}
}

void kp_parse_unexpected(struct kp_parser *p, const char *want, const char *where)
{
	enum kp_tok_id id = p->tok.id;
	char buf[64];

	if (p->panic)
		return;
	kp_parse_error(p, KP_D_SYNTAX, p->tok.at, "%s expected%s%s, not %s", want,
		       *where ? " " : "", where, quoted(p, &p->tok, buf, sizeof(buf)));
	if (id != KP_TOK_BAD)
		hint_for(p, id, want);
}

bool kp_parse_expect(struct kp_parser *p, enum kp_tok_id id, const char *where)
{
	char want[16];

	if (kp_parse_accept(p, id))
		return true;
	snprintf(want, sizeof(want), "'%s'", kp_tok_info[id].text);
	kp_parse_unexpected(p, want, where);
	return false;
}

struct kp_str *kp_parse_name(struct kp_parser *p, const char *want, const char *where)
{
	struct kp_str *s = p->tok.str;

	if (kp_parse_accept(p, KP_TOK_NAME))
		return s;
	kp_parse_unexpected(p, want, where);
	return NULL;
}

bool kp_parse_close(struct kp_parser *p, enum kp_tok_id id, struct kp_span open)
{
	uint32_t line = kp_comp_line(p->c, open.off) + 1;
	struct kp_span at = p->tok.at;
	char buf[64];

	if (kp_parse_accept(p, id))
		return true;
	if (p->panic || kp_parse_at(p, KP_TOK_BAD) ||
	    (!p->tok.first && !kp_parse_at(p, KP_TOK_EOF) && !kp_parse_at(p, KP_TOK_RBRACE))) {
		/* In the middle of a line something else is wrong than a missing end. */
		kp_parse_expect(p, id, "");
		return false;
	}
	quoted(p, &p->tok, buf, sizeof(buf));
	kp_parse_error(p, KP_D_UNCLOSED, at, "'%s' expected to close '%.*s' of line %u, not %s",
		       kp_tok_info[id].text, (int)open.len, p->c->text + open.off, line, buf);
	if (line != kp_comp_line(p->c, at.off) + 1)
		kp_diag_note(p->c, open, "it was opened here");
	return false;
}

bool kp_parse_enter(struct kp_parser *p)
{
	if (++p->depth <= KP_MAX_NESTING)
		return true;
	kp_parse_error(p, KP_D_LIMIT, p->tok.at, "nested deeper than %d levels", KP_MAX_NESTING);
	/* Every level on the way out would complain again. */
	p->dead = true;
	return false;
}

void kp_parse_leave(struct kp_parser *p)
{
	p->depth--;
}

void kp_parse_skip_dashes(struct kp_parser *p)
{
	while (kp_parse_at(p, KP_TOK_DASHES)) {
		p->has_ahead = false;
		kp_lex_skip_comment(&p->lx, p->tok.at.off + 2);
		kp_lex_next(&p->lx, &p->tok);
		p->tok.first = true;
	}
}

static bool starts_statement(struct kp_parser *p, int parens)
{
	enum kp_tok_id next;

	switch (p->tok.id) {
	case KP_TOK_IF:
	case KP_TOK_WHILE:
	case KP_TOK_FOR:
	case KP_TOK_REPEAT:
	case KP_TOK_LOCAL:
	case KP_TOK_RETURN:
	case KP_TOK_BREAK:
	case KP_TOK_TRACE:
	case KP_TOK_TRACE_END:
		return true;
	case KP_TOK_FUNCTION:
		return p->tok.first;
	case KP_TOK_NAME:
		break;
	default:
		return false;
	}
	if (!p->tok.first)
		return false;
	next = kp_parse_peek(p)->id;
	if (next == KP_TOK_SET || kp_tok_info[next].kind == KP_TOK_ASGN)
		return true;
	return parens <= 0 &&
	       (next == KP_TOK_LPAREN || next == KP_TOK_DOT || next == KP_TOK_LBRACKET ||
		next == KP_TOK_COMMA || next == KP_TOK_NAME || next == KP_TOK_MINUS);
}

/*
 * After an error: skip to where a statement can start.  start is where the failed one began; at
 * least one token behind it is skipped, or the same error would come again.
 */
static void recover(struct kp_parser *p, uint32_t start)
{
	int braces = 0, parens = p->brackets;

	if (p->dead)
		return;
	p->tok = p->broken;
	p->panic = false;
	p->brackets = 0;
	p->no_brace_call = false;
	p->bare = false;
	p->c->quiet = true;
	while (p->tok.id != KP_TOK_EOF) {
		enum kp_tok_id id = p->tok.id;

		if (!braces && p->tok.at.off != start &&
		    (id == KP_TOK_RBRACE || starts_statement(p, parens)))
			break;
		if (id == KP_TOK_DASHES) {
			kp_parse_skip_dashes(p);
			continue;
		}
		braces += (id == KP_TOK_LBRACE) - (id == KP_TOK_RBRACE && braces > 0);
		parens += (id == KP_TOK_LPAREN) - (id == KP_TOK_RPAREN);
		kp_parse_advance(p);
		if (id == KP_TOK_SEMI && !braces && parens <= 0)
			break;
	}
	p->c->quiet = false;
	if (kp_parse_at(p, KP_TOK_EOF)) {
		/* Open blocks would all complain about their missing end. */
		panic(p);
		p->dead = true;
	}
}

static bool blank_at(const struct kp_parser *p, uint32_t off)
{
	return off >= p->c->len || (p->c->text[off] && strchr(" \t\r\n", p->c->text[off]));
}

/*
 * "a -- b" outside brackets: a comment, as a statement could start here; "a--b" and "a --b" are
 * subtractions, as they were before ktap had such comments.
 */
bool kp_parse_at_comment(const struct kp_parser *p)
{
	uint32_t off = p->tok.at.off;

	if (!kp_parse_at(p, KP_TOK_DASHES) || p->brackets)
		return false;
	return p->tok.first || (off && blank_at(p, off - 1) &&
				(blank_at(p, off + 2) || p->c->text[off + 2] == '-' ||
				 kp_lex_long_level(&p->lx, off + 2) >= 0));
}

static bool at_end_of_block(struct kp_parser *p, enum kp_tok_id closer)
{
	enum kp_tok_id id = p->tok.id;

	if (p->dead || id == KP_TOK_EOF || id == closer)
		return true;
	/* The body of a Lua-style if, reported already, also ends at the next branch. */
	if (closer == KP_TOK_END && (id == KP_TOK_ELSE || id == KP_TOK_ELSEIF))
		return true;
	/* A brace that closes something further out; in the main program statement() reports it. */
	return id == KP_TOK_RBRACE && p->open.len;
}

struct kp_node *kp_parse_block(struct kp_parser *p, enum kp_tok_id closer)
{
	struct kp_node *block = kp_ast_new(p->c, KP_N_BLOCK, p->tok.at);

	for (;;) {
		uint32_t start;
		struct kp_node *n;

		kp_parse_skip_dashes(p);
		if (at_end_of_block(p, closer))
			break;
		start = p->tok.at.off;
		n = kp_parse_statement(p);
		if (p->panic)
			recover(p, start);
		else if (n)
			kp_ast_append(p->c, block, &block->list, n);
	}
	return block;
}

/* Report a missing '{', then read a body that is likely to end in "end", or in '}' all the same. */
static struct kp_node *missing_brace(struct kp_parser *p, const char *where)
{
	struct kp_node *block = kp_ast_new(p->c, KP_N_BLOCK, p->tok.at);
	struct kp_span outer = p->open;
	char buf[64];

	if (p->panic || !p->tok.first || kp_parse_at(p, KP_TOK_EOF)) {
		kp_parse_expect(p, KP_TOK_LBRACE, where);
		return block;
	}
	kp_diag(p->c, KP_D_SYNTAX, p->tok.at, "'{' expected %s, not %s", where,
		quoted(p, &p->tok, buf, sizeof(buf)));
	p->open = p->tok.at;
	block = kp_parse_block(p, KP_TOK_END);
	p->open = outer;
	if (!kp_parse_accept(p, KP_TOK_END))
		kp_parse_accept(p, KP_TOK_RBRACE);
	return block;
}

struct kp_node *kp_parse_braces(struct kp_parser *p, const char *where)
{
	struct kp_span outer = p->open, open = p->tok.at;
	struct kp_node *block;

	if (!kp_parse_at(p, KP_TOK_LBRACE))
		return missing_brace(p, where);
	kp_parse_advance(p);
	p->open = open;
	block = kp_parse_block(p, KP_TOK_RBRACE);
	kp_parse_close(p, KP_TOK_RBRACE, open);
	block->at = kp_span_join(open, p->prev);
	p->open = outer;
	return block;
}

int kp_parse(struct kp_comp *c)
{
	struct kp_parser p;

	memset(&p, 0, sizeof(p));
	p.c = c;
	c->main = kp_arena_alloc(&c->arena, sizeof(*c->main));
	p.func = c->main;
	kp_lex_init(&p.lx, c);
	kp_lex_next(&p.lx, &p.tok);
	c->main->body = kp_parse_block(&p, KP_TOK_EOF);
	c->main->body->at = (struct kp_span){ 0, 0 };
	return c->errors ? -EINVAL : 0;
}
