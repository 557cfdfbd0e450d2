/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens.  The lexer takes any bytes and always makes progress; what is wrong with a token it
 * reports itself and returns the token that was probably meant, or BAD, at which the parser gives up
 * the statement without another word.
 */
#ifndef KP_LEX_H
#define KP_LEX_H

#include "comp.h"

enum kp_tok_id {
#define KP_TOK(name, text, kind, left, right, bin) KP_TOK_##name,
#include "tokens.def"
#undef KP_TOK
	KP_TOK_COUNT
};

enum kp_tok_kind {
	KP_TOK_SPEC,
	KP_TOK_WORD,
	KP_TOK_PUNC,
	KP_TOK_ASGN
};

/* Binary operators. */
enum kp_bin {
	KP_BIN_NONE,
	KP_BIN_ADD,
	KP_BIN_SUB,
	KP_BIN_MUL,
	KP_BIN_DIV,
	KP_BIN_MOD,
	KP_BIN_POW,
	KP_BIN_BAND,
	KP_BIN_BOR,
	KP_BIN_BXOR,
	KP_BIN_SHL,
	KP_BIN_SHR,
	KP_BIN_EQ,
	KP_BIN_NE,
	KP_BIN_LT,
	KP_BIN_LE,
	KP_BIN_GT,
	KP_BIN_GE,
	KP_BIN_CONCAT,
	KP_BIN_AND,
	KP_BIN_OR,
	KP_BIN_COUNT
};

struct kp_tok_info {
	const char *text;
	unsigned char kind, left, right, bin;
};

extern const struct kp_tok_info kp_tok_info[KP_TOK_COUNT];

struct kp_tok {
	enum kp_tok_id id;
	bool first; /* on its line */
	struct kp_span at;
	int64_t num; /* NUMBER */
	struct kp_str *str; /* NAME, STRING, KSYM */
};

struct kp_lex {
	struct kp_comp *c;
	uint32_t off; /* next byte */
	uint32_t last_end; /* end of the last token */
};

void kp_lex_init(struct kp_lex *lx, struct kp_comp *c);
void kp_lex_next(struct kp_lex *lx, struct kp_tok *tok);

/* off is behind "--": skip the rest of the line, or the long bracket that follows. */
void kp_lex_skip_comment(struct kp_lex *lx, uint32_t off);

/* The bytes from off up to the first '{', which is the next token; false when there is none. */
bool kp_lex_raw(struct kp_lex *lx, uint32_t off, struct kp_span *raw);

/* lex-string.c: lx->off is at the opening quote or bracket. */
void kp_lex_string(struct kp_lex *lx, struct kp_tok *tok);
/* Number of '=' in the long bracket that opens at off, or -1. */
int kp_lex_long_level(const struct kp_lex *lx, uint32_t off);
/* A long bracket of this level, string or comment: what stands in it. */
struct kp_span kp_lex_long(struct kp_lex *lx, int level);
void kp_lex_long_string(struct kp_lex *lx, struct kp_tok *tok, int level);

#endif
