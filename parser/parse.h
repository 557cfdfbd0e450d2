/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parser's own interface.  Recursive descent with one token of look-ahead.
 *
 * After an error the current token becomes PANIC, which fits nowhere: every function on the way out
 * finds nothing to do, reports nothing, and returns.  The innermost loop over statements then skips
 * to where a statement can start and goes on.  Functions never return NULL for an expression.
 */
#ifndef KP_PARSE_H
#define KP_PARSE_H

#include "ast.h"
#include "lex.h"

struct kp_parser {
	struct kp_comp *c;
	struct kp_lex lx;
	struct kp_tok tok; /* current token */
	struct kp_tok ahead; /* the one after it, if has_ahead */
	struct kp_tok broken; /* in panic: the token that was wrong */
	struct kp_span prev; /* the last token that was taken */
	struct kp_func *func; /* being parsed */
	struct kp_span open; /* the innermost '{' of a block */
	unsigned int depth; /* nesting of statements and expressions */
	unsigned int brackets; /* open ( [ { of expressions in this function */
	unsigned int lua_ends; /* "end" to ignore: its opening was reported */
	bool has_ahead;
	bool panic;
	bool dead; /* panic without recovery: end of script, or a limit */
	bool no_brace_call; /* f { is not a call here */
	bool bare; /* parentheses of a head are missing, which was reported */
};

/* parse.c: tokens and recovery */
void kp_parse_advance(struct kp_parser *p);
const struct kp_tok *kp_parse_peek(struct kp_parser *p);
bool kp_parse_accept(struct kp_parser *p, enum kp_tok_id id);
/* Take the token id; else report that it is expected, followed by where ("after 'if'"). */
bool kp_parse_expect(struct kp_parser *p, enum kp_tok_id id, const char *where);
bool kp_parse_close(struct kp_parser *p, enum kp_tok_id id, struct kp_span open);
struct kp_str *kp_parse_name(struct kp_parser *p, const char *want, const char *where);
void kp_parse_error(struct kp_parser *p, enum kp_diag_tag tag, struct kp_span at, const char *fmt,
		    ...) __attribute__((format(printf, 4, 5)));
/* The current token is not what the grammar wants: want is "an expression", where "after '='". */
void kp_parse_unexpected(struct kp_parser *p, const char *want, const char *where);
bool kp_parse_enter(struct kp_parser *p);
void kp_parse_leave(struct kp_parser *p);
/* A comment that begins with two dashes: only where a statement can start. */
void kp_parse_skip_dashes(struct kp_parser *p);
/* Is the current token such a comment behind an expression? */
bool kp_parse_at_comment(const struct kp_parser *p);
/* Statements up to closer, which is not taken. */
struct kp_node *kp_parse_block(struct kp_parser *p, enum kp_tok_id closer);
/* '{' statements '}' */
struct kp_node *kp_parse_braces(struct kp_parser *p, const char *where);

/* parse-expr.c */
struct kp_node *kp_parse_expr(struct kp_parser *p);
struct kp_node *kp_parse_suffixed(struct kp_parser *p);
void kp_parse_exprs(struct kp_parser *p, struct kp_node *owner, struct kp_list *list);
/* The current token is '(' of the parameters. */
struct kp_func *kp_parse_function(struct kp_parser *p, struct kp_str *name, struct kp_span at);
struct kp_func *kp_parse_new_func(struct kp_parser *p, struct kp_str *name, struct kp_span at);
/* Parse the body of f: '{' statements '}'. */
void kp_parse_func_body(struct kp_parser *p, struct kp_func *f, const char *where);
struct kp_node *kp_parse_func_node(struct kp_parser *p, struct kp_func *f);

/* parse-stmt.c, parse-loop.c, parse-trace.c: NULL for an empty statement or an error */
struct kp_node *kp_parse_statement(struct kp_parser *p);
struct kp_node *kp_parse_simple(struct kp_parser *p);
/* Report missing parentheses of a head; its body need not complain about "then" or "do". */
void kp_parse_bare(struct kp_parser *p, const char *after);
struct kp_node *kp_parse_cond(struct kp_parser *p, const char *after);
struct kp_node *kp_parse_cond_rest(struct kp_parser *p);
struct kp_node *kp_parse_body(struct kp_parser *p, const char *after, bool *lua);
struct kp_node *kp_parse_while(struct kp_parser *p);
struct kp_node *kp_parse_repeat(struct kp_parser *p);
struct kp_node *kp_parse_for(struct kp_parser *p);
struct kp_node *kp_parse_trace(struct kp_parser *p, enum ktap_event_kind kind);
bool kp_parse_at_var(struct kp_parser *p);

static inline bool kp_parse_at(const struct kp_parser *p, enum kp_tok_id id)
{
	return p->tok.id == id;
}

#endif
