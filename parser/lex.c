// SPDX-License-Identifier: GPL-2.0-only
/* The lexer.  Words and punctuation come from tokens.def. */
#include "lex.h"

#include <string.h>

const struct kp_tok_info kp_tok_info[KP_TOK_COUNT] = {
#define KP_TOK(name, text, kind, left, right, bin) \
	{ text, KP_TOK_##kind, left, right, KP_BIN_##bin },
#include "tokens.def"
#undef KP_TOK
};

static bool is_digit(unsigned char ch)
{
	return ch >= '0' && ch <= '9';
}

/* Bytes of 0x80 and above are letters, so names may be written in any script. */
static bool is_letter(unsigned char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch >= 0x80;
}

static unsigned char at(const struct kp_lex *lx, uint32_t off)
{
	return off < lx->c->len ? lx->c->text[off] : 0;
}

void kp_lex_init(struct kp_lex *lx, struct kp_comp *c)
{
	lx->c = c;
	lx->off = 0;
	lx->last_end = 0;
	if (c->len >= 3 && !memcmp(c->text, "\xef\xbb\xbf", 3))
		lx->off = 3;
}

static void skip_line(struct kp_lex *lx)
{
	while (lx->off < lx->c->len && lx->c->text[lx->off] != '\n')
		lx->off++;
}

void kp_lex_skip_comment(struct kp_lex *lx, uint32_t off)
{
	int level;

	lx->off = off;
	level = kp_lex_long_level(lx, off);
	if (level < 0)
		skip_line(lx);
	else
		kp_lex_long(lx, level);
}

/* Skip blanks and # comments; true when a line began on the way. */
static bool skip_blanks(struct kp_lex *lx)
{
	bool newline = lx->last_end == 0;

	for (; lx->off < lx->c->len; lx->off++) {
		switch (lx->c->text[lx->off]) {
		case '\n':
			newline = true;
			break;
		case ' ':
		case '\t':
		case '\r':
		case '\f':
		case '\v':
			break;
		case '#':
			skip_line(lx);
			lx->off--;
			break;
		default:
			return newline;
		}
	}
	return newline;
}

static void lex_name(struct kp_lex *lx, struct kp_tok *tok)
{
	const char *start = lx->c->text + lx->off;
	uint32_t len = 0;
	int i;

	while (is_letter(at(lx, lx->off)) || is_digit(at(lx, lx->off))) {
		lx->off++;
		len++;
	}
	tok->id = KP_TOK_NAME;
	for (i = 0; i < KP_TOK_COUNT; i++) {
		const struct kp_tok_info *info = &kp_tok_info[i];

		if (info->kind == KP_TOK_WORD && strlen(info->text) == len &&
		    !memcmp(info->text, start, len)) {
			tok->id = i;
			return;
		}
	}
	if (len > KTAP_MAX_STR) {
		kp_diag(lx->c, KP_D_LIMIT, (struct kp_span){ tok->at.off, len },
			"name of %u bytes, at most %u are possible", len, KTAP_MAX_STR);
		len = KTAP_MAX_STR;
	}
	tok->str = kp_intern(lx->c, start, len);
}

static int digit_value(unsigned char ch)
{
	if (is_digit(ch))
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return 99;
}

static void lex_number(struct kp_lex *lx, struct kp_tok *tok)
{
	uint32_t start = lx->off, digits = 0;
	unsigned int base = 10;
	uint64_t n = 0;
	bool big = false, bad = false;

	if (at(lx, start) == '0' && (at(lx, start + 1) | 0x20) == 'x') {
		base = 16;
		lx->off += 2;
	} else if (at(lx, start) == '0') {
		base = 8;
	}
	for (;; lx->off++) {
		unsigned char ch = at(lx, lx->off);
		unsigned int d = digit_value(ch);

		if (ch == '_' && digits)
			continue;
		if (d >= base)
			break;
		digits++;
		if (n > (UINT64_MAX - d) / base)
			big = true;
		n = n * base + d;
	}
	if (!digits)
		bad = true;
	/* What sticks to a number belongs to it; "1..2" is a concatenation. */
	while (is_letter(at(lx, lx->off)) || is_digit(at(lx, lx->off)) ||
	       (at(lx, lx->off) == '.' && at(lx, lx->off + 1) != '.' &&
		at(lx, lx->off - 1) != '.')) {
		bad = true;
		lx->off++;
	}
	tok->id = KP_TOK_NUMBER;
	tok->at.len = lx->off - start;
	if (bad) {
		kp_diag(lx->c, KP_D_BAD_NUMBER, tok->at, "malformed number '%.*s'",
			(int)(tok->at.len < 40 ? tok->at.len : 40), lx->c->text + start);
		if (base == 8 && digits)
			kp_diag_hint(lx->c, "a number that starts with 0 is octal");
		else if (memchr(lx->c->text + start, '.', tok->at.len))
			kp_diag_hint(lx->c, "ktap has integers only");
	} else if (big) {
		kp_diag(lx->c, KP_D_NUMBER_SIZE, tok->at,
			"number does not fit in 64 bits, -1 is taken");
		n = UINT64_MAX;
	}
	tok->num = (int64_t)n;
}

static bool lex_punct(struct kp_lex *lx, struct kp_tok *tok)
{
	uint32_t best = 0;
	int i;

	for (i = 0; i < KP_TOK_COUNT; i++) {
		const struct kp_tok_info *info = &kp_tok_info[i];
		uint32_t len = strlen(info->text);

		if (info->kind != KP_TOK_PUNC && info->kind != KP_TOK_ASGN)
			continue;
		if (len > best && len <= lx->c->len - lx->off &&
		    !memcmp(info->text, lx->c->text + lx->off, len)) {
			best = len;
			tok->id = i;
		}
	}
	lx->off += best;
	return best != 0;
}

static bool lex_ksym(struct kp_lex *lx, struct kp_tok *tok)
{
	uint32_t end = lx->off + 1;

	while (is_letter(at(lx, end)) || is_digit(at(lx, end)) || at(lx, end) == '.')
		end++;
	if (at(lx, end) != '`')
		return false;
	tok->id = KP_TOK_KSYM;
	tok->str = kp_intern(lx->c, lx->c->text + lx->off + 1, end - lx->off - 1);
	lx->off = end + 1;
	return true;
}

static bool starts_token(const struct kp_lex *lx)
{
	unsigned char ch = at(lx, lx->off);

	return ch && (is_letter(ch) || is_digit(ch) ||
		      strchr("+-*/%^.=!<>&|~(){}[],;: \t\r\n\f\v#\"'", ch));
}

/* Bytes that begin no token are reported once for each run of them. */
static void bad_bytes(struct kp_lex *lx, struct kp_tok *tok)
{
	struct kp_span bad = { lx->off, 0 };
	unsigned char ch = at(lx, lx->off);

	do {
		lx->off++;
	} while (lx->off < lx->c->len && !starts_token(lx));
	bad.len = lx->off - bad.off;
	if (ch > ' ' && ch < 0x7f)
		kp_diag(lx->c, KP_D_BAD_CHAR, bad, "unexpected character '%c'", ch);
	else
		kp_diag(lx->c, KP_D_BAD_CHAR, bad, "unexpected byte 0x%02x", ch);
	tok->id = KP_TOK_BAD;
}

void kp_lex_next(struct kp_lex *lx, struct kp_tok *tok)
{
	unsigned char ch;

	memset(tok, 0, sizeof(*tok));
	tok->first = skip_blanks(lx);
	tok->at.off = lx->off;
	if (lx->off >= lx->c->len) {
		/* Point behind the last token, not at an empty line. */
		tok->id = KP_TOK_EOF;
		tok->at = (struct kp_span){ lx->last_end, 1 };
		return;
	}
	ch = at(lx, lx->off);
	if (is_letter(ch))
		lex_name(lx, tok);
	else if (is_digit(ch))
		lex_number(lx, tok);
	else if (ch == '"' || ch == '\'')
		kp_lex_string(lx, tok);
	else if (ch == '[' && kp_lex_long_level(lx, lx->off) >= 0)
		kp_lex_long_string(lx, tok, kp_lex_long_level(lx, lx->off));
	else if (!lex_punct(lx, tok) && !(ch == '`' && lex_ksym(lx, tok)))
		bad_bytes(lx, tok);
	tok->at.len = lx->off - tok->at.off;
	lx->last_end = lx->off;
}

bool kp_lex_raw(struct kp_lex *lx, uint32_t off, struct kp_span *raw)
{
	const char *brace = memchr(lx->c->text + off, '{', lx->c->len - off);

	raw->off = off;
	raw->len = (brace ? brace - lx->c->text : lx->c->len) - off;
	lx->off = off + raw->len;
	return brace != NULL;
}
