// SPDX-License-Identifier: GPL-2.0-only
/* Strings: quoted ones with escapes, and long brackets without. */
#include "lex.h"

#include <string.h>

/* The value of a string while it is read; one byte more than allowed tells that it is too long. */
struct text {
	char buf[KTAP_MAX_STR + 1];
	uint32_t len;
};

static void put(struct text *t, char ch)
{
	if (t->len < sizeof(t->buf))
		t->buf[t->len++] = ch;
}

static void finish(struct kp_lex *lx, struct kp_tok *tok, const char *data, uint32_t len)
{
	tok->id = KP_TOK_STRING;
	tok->at.len = lx->off - tok->at.off;
	if (len > KTAP_MAX_STR) {
		kp_diag(lx->c, KP_D_LIMIT, tok->at, "string has more than %u bytes", KTAP_MAX_STR);
		len = KTAP_MAX_STR;
	}
	tok->str = kp_intern(lx->c, data, len);
}

static int hex(unsigned char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static int peek(const struct kp_lex *lx)
{
	return lx->off < lx->c->len ? (unsigned char)lx->c->text[lx->off] : -1;
}

static void bad_escape(struct kp_lex *lx, uint32_t start, const char *why)
{
	struct kp_span at = { start, lx->off - start };

	kp_diag(lx->c, KP_D_BAD_ESCAPE, at, "%s", why);
}

static void escape_number(struct kp_lex *lx, struct text *t, uint32_t start)
{
	unsigned int n = 0, digits = 0;

	while (digits < 3 && peek(lx) >= '0' && peek(lx) <= '9') {
		n = n * 10 + peek(lx) - '0';
		lx->off++;
		digits++;
	}
	if (n > 255)
		bad_escape(lx, start, "decimal escape is larger than 255");
	put(t, (char)n);
}

static void escape_hex(struct kp_lex *lx, struct text *t, uint32_t start)
{
	int hi = -1, lo = -1;

	lx->off++;
	if (peek(lx) >= 0)
		hi = hex(peek(lx));
	if (hi >= 0) {
		lx->off++;
		if (peek(lx) >= 0)
			lo = hex(peek(lx));
		if (lo >= 0)
			lx->off++;
	}
	if (lo < 0)
		bad_escape(lx, start, "\\x needs two hexadecimal digits");
	else
		put(t, (char)(hi << 4 | lo));
}

/* lx->off is behind the backslash. */
static void escape(struct kp_lex *lx, struct text *t)
{
	static const char from[] = "abfnrtv\\\"'\n", to[] = "\a\b\f\n\r\t\v\\\"'\n";
	uint32_t start = lx->off - 1;
	int ch = peek(lx);
	const char *p;

	if (ch < 0)
		return;
	if (ch >= '0' && ch <= '9') {
		escape_number(lx, t, start);
		return;
	}
	if (ch == 'x') {
		escape_hex(lx, t, start);
		return;
	}
	lx->off++;
	if (ch == 'z') {
		while (peek(lx) >= 0 && strchr(" \t\r\n\f\v", peek(lx)) && peek(lx))
			lx->off++;
		return;
	}
	if (ch == '\r' && peek(lx) == '\n') {
		lx->off++;
		ch = '\n';
	}
	p = ch ? strchr(from, ch) : NULL;
	if (p)
		put(t, to[p - from]);
	else
		bad_escape(lx, start, "no such escape sequence");
}

void kp_lex_string(struct kp_lex *lx, struct kp_tok *tok)
{
	int quote = peek(lx), ch;
	struct text t;

	t.len = 0;
	lx->off++;
	while ((ch = peek(lx)) != quote) {
		if (ch < 0 || ch == '\n') {
			struct kp_span at = { tok->at.off, lx->off - tok->at.off };

			kp_diag(lx->c, KP_D_UNFINISHED, at, "string has no closing %c", quote);
			finish(lx, tok, t.buf, t.len);
			return;
		}
		lx->off++;
		if (ch == '\\')
			escape(lx, &t);
		else
			put(&t, (char)ch);
	}
	lx->off++;
	finish(lx, tok, t.buf, t.len);
}

int kp_lex_long_level(const struct kp_lex *lx, uint32_t off)
{
	const struct kp_comp *c = lx->c;
	int level = 0;

	if (off >= c->len || c->text[off] != '[')
		return -1;
	for (off++; off < c->len && c->text[off] == '='; off++)
		level++;
	return off < c->len && c->text[off] == '[' ? level : -1;
}

static bool closes(const struct kp_comp *c, uint32_t off, int level)
{
	int i;

	if (c->len - off < (uint32_t)level + 2 || c->text[off] != ']')
		return false;
	for (i = 1; i <= level; i++)
		if (c->text[off + i] != '=')
			return false;
	return c->text[off + level + 1] == ']';
}

struct kp_span kp_lex_long(struct kp_lex *lx, int level)
{
	struct kp_comp *c = lx->c;
	uint32_t open = lx->off, start = open + level + 2, end;

	/* A newline right behind the bracket is not part of the text. */
	if (start < c->len && c->text[start] == '\r')
		start++;
	if (start < c->len && c->text[start] == '\n')
		start++;
	for (end = start; end < c->len && !closes(c, end, level); end++)
		;
	lx->off = end < c->len ? end + level + 2 : end;
	if (end >= c->len)
		kp_diag(c, KP_D_UNFINISHED, (struct kp_span){ open, level + 2 },
			"long bracket is never closed");
	return (struct kp_span){ start, end - start };
}

void kp_lex_long_string(struct kp_lex *lx, struct kp_tok *tok, int level)
{
	struct kp_span text = kp_lex_long(lx, level);

	finish(lx, tok, lx->c->text + text.off, text.len);
}
