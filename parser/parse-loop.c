// SPDX-License-Identifier: GPL-2.0-only
/* Loops. */
#include "parse.h"

static struct kp_node *loop_body(struct kp_parser *p, const char *after)
{
	struct kp_node *body;
	bool lua = false;

	p->func->loops++;
	body = kp_parse_body(p, after, &lua);
	p->func->loops--;
	if (lua)
		kp_parse_accept(p, KP_TOK_END);
	return body;
}

struct kp_node *kp_parse_while(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_WHILE, p->tok.at);

	kp_parse_advance(p);
	n->loop.cond = kp_parse_cond(p, "while");
	n->loop.body = loop_body(p, "after the condition");
	kp_ast_adopt(p->c, n, n->loop.cond);
	kp_ast_adopt(p->c, n, n->loop.body);
	return n;
}

struct kp_node *kp_parse_repeat(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_REPEAT, p->tok.at);
	struct kp_span outer = p->open, open = p->tok.at;

	kp_parse_advance(p);
	p->open = open;
	p->func->loops++;
	n->loop.body = kp_parse_block(p, KP_TOK_UNTIL);
	p->func->loops--;
	kp_parse_close(p, KP_TOK_UNTIL, open);
	p->open = outer;
	n->loop.cond = kp_parse_cond_rest(p);
	kp_ast_adopt(p->c, n, n->loop.body);
	kp_ast_adopt(p->c, n, n->loop.cond);
	return n;
}

static struct kp_node *head_end(struct kp_parser *p, struct kp_node *n, struct kp_span open,
				struct kp_node **body)
{
	if (open.len) {
		kp_parse_close(p, KP_TOK_RPAREN, open);
		if (!p->panic)
			p->brackets--;
	}
	p->no_brace_call = false;
	*body = loop_body(p, "after the head of the loop");
	kp_ast_adopt(p->c, n, *body);
	return n;
}

/* for (k, v in pairs(t)); "in" is the current token. */
static struct kp_node *for_in(struct kp_parser *p, struct kp_node *n, struct kp_locals vars,
			      struct kp_span open)
{
	struct kp_node *iter;

	kp_parse_advance(p);
	n->kind = KP_N_FORIN;
	n->forin.vars = vars;
	if (vars.nr > 2)
		kp_diag(p->c, KP_D_BAD_FOR, vars.last->at,
			"a loop over a table has one or two variables, key and value");
	iter = kp_parse_expr(p);
	n->forin.iter = iter;
	kp_ast_adopt(p->c, n, iter);
	if (iter->kind == KP_N_CALL && iter->call.fn->kind == KP_N_NAME) {
		iter->call.fn->name.use = KP_USE_ITER;
	} else if (iter->kind != KP_N_ERROR && !p->panic) {
		kp_diag(p->c, KP_D_BAD_FOR, iter->at,
			"pairs(t) or sort_pairs(t [, cmp]) expected after 'in'");
	}
	return head_end(p, n, open, &n->forin.body);
}

/* for (init; cond; step); the first ';' is the current token. */
static struct kp_node *for_c(struct kp_parser *p, struct kp_node *n, struct kp_node *init,
			     struct kp_span open)
{
	kp_parse_advance(p);
	n->kind = KP_N_FORC;
	n->forc.init = init;
	n->forc.cond = NULL;
	n->forc.step = NULL;
	if (!kp_parse_at(p, KP_TOK_SEMI))
		n->forc.cond = kp_parse_cond_rest(p);
	kp_parse_expect(p, KP_TOK_SEMI, "after the condition of the loop");
	if (!kp_parse_at(p, KP_TOK_RPAREN) && !p->panic)
		n->forc.step = kp_parse_simple(p);
	kp_ast_adopt(p->c, n, n->forc.init);
	kp_ast_adopt(p->c, n, n->forc.cond);
	kp_ast_adopt(p->c, n, n->forc.step);
	return head_end(p, n, open, &n->forc.body);
}

static struct kp_node *for_num(struct kp_parser *p, struct kp_node *n, struct kp_locals vars,
			       struct kp_list exprs, struct kp_span open)
{
	n->kind = KP_N_FORNUM;
	n->fornum.vars = vars;
	n->fornum.start = exprs.head;
	n->fornum.limit = exprs.head->next;
	n->fornum.step = n->fornum.limit->next;
	return head_end(p, n, open, &n->fornum.body);
}

/* The head begins with variables of its own: "i =", "i, j =", "k, v in". */
static struct kp_node *for_vars(struct kp_parser *p, struct kp_node *n, struct kp_span open)
{
	struct kp_node *init = kp_ast_new(p->c, KP_N_LOCAL, p->tok.at);
	struct kp_locals vars = { 0 };
	struct kp_list exprs = { 0 };

	do {
		struct kp_span at = p->tok.at;
		struct kp_str *name = kp_parse_name(p, "name of a loop variable", "");

		if (!name)
			return NULL;
		kp_ast_local(p->c, &vars, name, at);
	} while (kp_parse_accept(p, KP_TOK_COMMA));
	if (kp_parse_at(p, KP_TOK_IN))
		return for_in(p, n, vars, open);
	if (!kp_parse_accept(p, KP_TOK_SET)) {
		kp_parse_unexpected(p, "'=' or 'in'", "after the variable of the loop");
		return NULL;
	}
	kp_parse_exprs(p, init, &exprs);
	if (kp_parse_at(p, KP_TOK_SEMI)) {
		init->local.vars = vars;
		init->local.exprs = exprs;
		init->at = kp_span_join(init->at, p->prev);
		return for_c(p, n, init, open);
	}
	if (p->panic)
		return NULL;
	if (vars.nr == 1 && (exprs.nr == 2 || exprs.nr == 3)) {
		kp_ast_adopt(p->c, n, init);
		return for_num(p, n, vars, exprs, open);
	}
	kp_parse_error(
		p, KP_D_BAD_FOR, kp_span_join(init->at, p->prev),
		"'i = start, limit [, step]', 'init; cond; step' or 'k, v in pairs(t)' expected");
	return NULL;
}

struct kp_node *kp_parse_for(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_FORC, p->tok.at), *init;
	enum kp_tok_id next;
	struct kp_span open;

	kp_parse_advance(p);
	open = p->tok.at;
	if (!kp_parse_at(p, KP_TOK_LPAREN) && !p->panic) {
		kp_parse_bare(p, "for");
		open.len = 0;
	} else {
		kp_parse_expect(p, KP_TOK_LPAREN, "after 'for'");
		p->brackets++;
	}
	if (kp_parse_at(p, KP_TOK_SEMI))
		return for_c(p, n, NULL, open);
	if (kp_parse_at_var(p)) {
		kp_parse_advance(p);
		return for_vars(p, n, open);
	}
	next = kp_parse_at(p, KP_TOK_NAME) ? kp_parse_peek(p)->id : KP_TOK_EOF;
	if (next == KP_TOK_SET || next == KP_TOK_COMMA || next == KP_TOK_IN)
		return for_vars(p, n, open);
	init = kp_parse_simple(p);
	if (kp_parse_at(p, KP_TOK_SEMI))
		return for_c(p, n, init, open);
	kp_parse_unexpected(p, "';'", "");
	return NULL;
}
