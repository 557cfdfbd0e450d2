// SPDX-License-Identifier: GPL-2.0-only
/* Expressions: precedence climbing over the strengths in tokens.def. */
#include "parse.h"

#include <string.h>

#define UNARY_STRENGTH 12 /* between the multiplications and the power */
#define CONSTANT_ONLY 100 /* no operator binds stronger: the operand stands alone */

static struct kp_node *expr(struct kp_parser *p, int limit);

static struct kp_node *error_node(struct kp_parser *p)
{
	return kp_ast_new(p->c, KP_N_ERROR, p->tok.at);
}

/* Something of the language that is only planned: say so, take it, go on. */
static struct kp_node *not_yet(struct kp_parser *p, const char *what)
{
	struct kp_node *n = error_node(p);

	kp_diag(p->c, KP_D_NOT_YET, p->tok.at, "%s not supported yet", what);
	kp_parse_advance(p);
	return n;
}

/* Two dashes are two minus signs here: take one, let the other be read again. */
static void split_dashes(struct kp_parser *p)
{
	p->has_ahead = false;
	p->tok.id = KP_TOK_MINUS;
	p->tok.at.len = 1;
	p->lx.off = p->tok.at.off + 1;
	p->lx.last_end = p->lx.off;
}

struct kp_func *kp_parse_new_func(struct kp_parser *p, struct kp_str *name, struct kp_span at)
{
	struct kp_func *f = kp_arena_alloc(&p->c->arena, sizeof(*f));

	f->parent = p->func;
	f->handler = p->func->handler;
	f->name = name;
	f->at = at;
	return f;
}

void kp_parse_func_body(struct kp_parser *p, struct kp_func *f, const char *where)
{
	struct kp_func *outer = p->func;
	unsigned int brackets = p->brackets;
	bool no_brace_call = p->no_brace_call;

	p->func = f;
	p->brackets = 0;
	p->no_brace_call = false;
	f->body = kp_parse_braces(p, where);
	p->func = outer;
	if (!p->panic)
		p->brackets = brackets;
	p->no_brace_call = no_brace_call;
}

static void parameters(struct kp_parser *p, struct kp_func *f)
{
	struct kp_span open = p->tok.at;

	if (!kp_parse_expect(p, KP_TOK_LPAREN, "before the parameters"))
		return;
	p->brackets++;
	if (!kp_parse_at(p, KP_TOK_RPAREN)) {
		do {
			struct kp_span at = p->tok.at;
			struct kp_str *name;

			if (kp_parse_at(p, KP_TOK_DOTS)) {
				not_yet(p, "'...' is");
				break;
			}
			name = kp_parse_name(p, "name of a parameter", "");
			if (!name)
				break;
			if (f->params.nr == KTAP_MAX_PARAMS)
				kp_parse_error(p, KP_D_LIMIT, at,
					       "function has more than %d parameters",
					       KTAP_MAX_PARAMS);
			else
				kp_ast_local(p->c, &f->params, name, at);
		} while (kp_parse_accept(p, KP_TOK_COMMA));
	}
	kp_parse_close(p, KP_TOK_RPAREN, open);
	if (!p->panic)
		p->brackets--;
}

struct kp_func *kp_parse_function(struct kp_parser *p, struct kp_str *name, struct kp_span at)
{
	struct kp_func *f = kp_parse_new_func(p, name, at);

	parameters(p, f);
	kp_parse_func_body(p, f, "before the body of the function");
	return f;
}

struct kp_node *kp_parse_func_node(struct kp_parser *p, struct kp_func *f)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_FUNC, f->at);

	n->func = f;
	kp_ast_adopt(p->c, n, f->body);
	return n;
}

void kp_parse_exprs(struct kp_parser *p, struct kp_node *owner, struct kp_list *list)
{
	do {
		kp_ast_append(p->c, owner, list, expr(p, 0));
	} while (kp_parse_accept(p, KP_TOK_COMMA));
}

static struct kp_node *table_item(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_ITEM, p->tok.at);

	if (kp_parse_at(p, KP_TOK_NAME) && kp_parse_peek(p)->id == KP_TOK_SET) {
		n->item.key = kp_ast_new(p->c, KP_N_STR, p->tok.at);
		n->item.key->str = p->tok.str;
		kp_parse_advance(p);
		kp_parse_advance(p);
	} else if (kp_parse_at(p, KP_TOK_LBRACKET)) {
		struct kp_span open = p->tok.at;

		kp_parse_advance(p);
		n->item.key = expr(p, 0);
		kp_parse_close(p, KP_TOK_RBRACKET, open);
		kp_parse_expect(p, KP_TOK_SET, "after the key");
	}
	kp_ast_adopt(p->c, n, n->item.key);
	n->item.value = expr(p, 0);
	kp_ast_adopt(p->c, n, n->item.value);
	return n;
}

static struct kp_node *table(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_TABLE, p->tok.at);
	struct kp_span open = p->tok.at;

	kp_parse_advance(p);
	p->brackets++;
	while (!kp_parse_at(p, KP_TOK_RBRACE) && !p->panic) {
		kp_ast_append(p->c, n, &n->list, table_item(p));
		if (!kp_parse_accept(p, KP_TOK_COMMA) && !kp_parse_accept(p, KP_TOK_SEMI))
			break;
	}
	kp_parse_close(p, KP_TOK_RBRACE, open);
	if (!p->panic)
		p->brackets--;
	n->at = kp_span_join(open, p->prev);
	return n;
}

static struct kp_node *parenthesised(struct kp_parser *p)
{
	struct kp_span open = p->tok.at;
	bool no_brace_call = p->no_brace_call;
	struct kp_node *n;

	kp_parse_advance(p);
	p->brackets++;
	p->no_brace_call = false;
	n = expr(p, 0);
	kp_parse_close(p, KP_TOK_RPAREN, open);
	if (!p->panic)
		p->brackets--;
	p->no_brace_call = no_brace_call;
	n->parens = true;
	n->at = kp_span_join(open, p->prev);
	return n;
}

static struct kp_node *primary(struct kp_parser *p)
{
	struct kp_node *n;

	if (kp_parse_at(p, KP_TOK_LPAREN))
		return parenthesised(p);
	if (!kp_parse_at(p, KP_TOK_NAME)) {
		kp_parse_unexpected(p, "an expression", "");
		return error_node(p);
	}
	n = kp_ast_new(p->c, KP_N_NAME, p->tok.at);
	n->name.str = p->tok.str;
	kp_parse_advance(p);
	return n;
}

static struct kp_node *index_node(struct kp_parser *p, struct kp_node *base, struct kp_node *key)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_INDEX, kp_span_join(base->at, p->prev));

	n->op_off = base->at.off + base->at.len;
	n->index.base = base;
	n->index.key = key;
	kp_ast_adopt(p->c, n, base);
	kp_ast_adopt(p->c, n, key);
	return n;
}

static struct kp_node *dot_suffix(struct kp_parser *p, struct kp_node *base)
{
	struct kp_node *key;

	kp_parse_advance(p);
	key = kp_ast_new(p->c, KP_N_STR, p->tok.at);
	key->str = kp_parse_name(p, "a name", "after '.'");
	if (!key->str)
		key->kind = KP_N_ERROR;
	return index_node(p, base, key);
}

static struct kp_node *bracket_suffix(struct kp_parser *p, struct kp_node *base)
{
	struct kp_span open = p->tok.at;
	struct kp_node *key;

	kp_parse_advance(p);
	p->brackets++;
	key = expr(p, 0);
	kp_parse_close(p, KP_TOK_RBRACKET, open);
	if (!p->panic)
		p->brackets--;
	return index_node(p, base, key);
}

static struct kp_node *call_suffix(struct kp_parser *p, struct kp_node *fn)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_CALL, fn->at);
	struct kp_span open = p->tok.at;

	n->call.fn = fn;
	kp_ast_adopt(p->c, n, fn);
	if (fn->kind == KP_N_NAME)
		fn->name.use = KP_USE_CALL;
	if (kp_parse_at(p, KP_TOK_LPAREN)) {
		kp_parse_advance(p);
		p->brackets++;
		if (!kp_parse_at(p, KP_TOK_RPAREN))
			kp_parse_exprs(p, n, &n->call.args);
		kp_parse_close(p, KP_TOK_RPAREN, open);
		if (!p->panic)
			p->brackets--;
	} else {
		kp_ast_append(p->c, n, &n->call.args, expr(p, CONSTANT_ONLY));
	}
	n->at = kp_span_join(fn->at, p->prev);
	if (n->call.args.nr > KTAP_MAX_ARGS)
		kp_diag(p->c, KP_D_LIMIT, n->at, "call with %u arguments, at most %d are possible",
			n->call.args.nr, KTAP_MAX_ARGS);
	return n;
}

struct kp_node *kp_parse_suffixed(struct kp_parser *p)
{
	struct kp_node *n = primary(p);

	for (;;) {
		switch (p->tok.id) {
		case KP_TOK_DOT:
			n = dot_suffix(p, n);
			break;
		case KP_TOK_LBRACKET:
			n = bracket_suffix(p, n);
			break;
		case KP_TOK_COLON:
			if (kp_parse_peek(p)->id != KP_TOK_NAME)
				return n;
			kp_parse_error(p, KP_D_NOT_YET, p->tok.at,
				       "method calls are not supported yet");
			return n;
		case KP_TOK_LPAREN:
			n = call_suffix(p, n);
			break;
		case KP_TOK_STRING:
		case KP_TOK_LBRACE:
			/* f "text", f { ... }: on one line, or a missing operator looks odd. */
			if (p->tok.first || (p->no_brace_call && p->tok.id == KP_TOK_LBRACE))
				return n;
			n = call_suffix(p, n);
			break;
		default:
			return n;
		}
	}
}

static struct kp_node *constant(struct kp_parser *p, enum kp_node_kind kind)
{
	struct kp_node *n = kp_ast_new(p->c, kind, p->tok.at);

	if (kind == KP_N_NUM)
		n->num = p->tok.num;
	else if (kind == KP_N_STR)
		n->str = p->tok.str;
	kp_parse_advance(p);
	return n;
}

static struct kp_node *simple(struct kp_parser *p)
{
	struct kp_span at = p->tok.at;

	switch (p->tok.id) {
	case KP_TOK_NUMBER:
		return constant(p, KP_N_NUM);
	case KP_TOK_STRING:
		return constant(p, KP_N_STR);
	case KP_TOK_NIL:
		return constant(p, KP_N_NIL);
	case KP_TOK_TRUE:
		return constant(p, KP_N_TRUE);
	case KP_TOK_FALSE:
		return constant(p, KP_N_FALSE);
	case KP_TOK_LBRACE:
		return table(p);
	case KP_TOK_FUNCTION:
		kp_parse_advance(p);
		return kp_parse_func_node(p, kp_parse_function(p, NULL, at));
	case KP_TOK_DOTS:
		return not_yet(p, "'...' is");
	case KP_TOK_KSYM:
		return not_yet(p, "`symbol` is");
	default:
		return kp_parse_suffixed(p);
	}
}

static struct kp_node *unary(struct kp_parser *p)
{
	enum kp_node_kind kind;
	struct kp_node *n;

	if (kp_parse_at(p, KP_TOK_DASHES))
		split_dashes(p);
	switch (p->tok.id) {
	case KP_TOK_MINUS:
		kind = KP_N_NEG;
		break;
	case KP_TOK_TILDE:
		kind = KP_N_BNOT;
		break;
	case KP_TOK_NOT:
	case KP_TOK_BANG:
		kind = KP_N_NOT;
		break;
	default:
		return simple(p);
	}
	n = kp_ast_new(p->c, kind, p->tok.at);
	kp_parse_advance(p);
	n->operand = expr(p, UNARY_STRENGTH);
	kp_ast_adopt(p->c, n, n->operand);
	n->at = kp_span_join(n->at, p->prev);
	return kp_fold_unary(n);
}

static struct kp_node *binary(struct kp_parser *p, struct kp_node *l, int bin, struct kp_node *r,
			      uint32_t op_off)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_BINARY, kp_span_join(l->at, p->prev));

	n->op = bin;
	n->op_off = op_off;
	n->bin.l = l;
	n->bin.r = r;
	kp_ast_adopt(p->c, n, l);
	kp_ast_adopt(p->c, n, r);
	return kp_fold_binary(n);
}

/* a .. b .. c is one node: joining pairwise would copy a twice. */
static struct kp_node *concat(struct kp_parser *p, struct kp_node *l, struct kp_node *r,
			      uint32_t op_off)
{
	struct kp_node *n = l;

	if (l->kind != KP_N_CONCAT || l->parens) {
		n = kp_ast_new(p->c, KP_N_CONCAT, l->at);
		n->op_off = op_off;
		kp_ast_append(p->c, n, &n->list, l);
	}
	kp_ast_append(p->c, n, &n->list, r);
	n->at = kp_span_join(n->at, p->prev);
	if (!kp_parse_at(p, KP_TOK_CONCAT))
		kp_fold_concat(p->c, n);
	return n;
}

static struct kp_node *expr(struct kp_parser *p, int limit)
{
	struct kp_node *l;

	if (!kp_parse_enter(p)) {
		kp_parse_leave(p);
		return error_node(p);
	}
	l = unary(p);
	for (;;) {
		const struct kp_tok_info *info;
		struct kp_node *r;
		uint32_t off;

		if (kp_parse_at(p, KP_TOK_DASHES) && !kp_parse_at_comment(p))
			split_dashes(p);
		info = &kp_tok_info[p->tok.id];
		if (info->left <= limit)
			break;
		off = p->tok.at.off;
		kp_parse_advance(p);
		if (info->bin == KP_BIN_CONCAT) {
			r = expr(p, info->left);
			l = concat(p, l, r, off);
		} else {
			r = expr(p, info->right);
			l = binary(p, l, info->bin, r, off);
		}
	}
	kp_parse_leave(p);
	return l;
}

struct kp_node *kp_parse_expr(struct kp_parser *p)
{
	return expr(p, 0);
}
