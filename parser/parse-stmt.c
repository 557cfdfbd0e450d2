// SPDX-License-Identifier: GPL-2.0-only
/* Statements, except loops and tracing blocks. */
#include "parse.h"

#include <string.h>

static bool name_is(const struct kp_parser *p, const char *word)
{
	return kp_parse_at(p, KP_TOK_NAME) && p->tok.str->len == strlen(word) &&
	       !memcmp(p->tok.str->data, word, p->tok.str->len);
}

/* "var" is reserved only where it declares something: older scripts may use it as a name. */
bool kp_parse_at_var(struct kp_parser *p)
{
	if (kp_parse_at(p, KP_TOK_LOCAL))
		return true;
	return name_is(p, "var") &&
	       (kp_parse_peek(p)->id == KP_TOK_NAME || kp_parse_peek(p)->id == KP_TOK_FUNCTION);
}

/* A function gets the name of the variable it is stored in, for messages. */
static void name_function(const struct kp_node *value, struct kp_str *name)
{
	if (value && value->kind == KP_N_FUNC && !value->func->name)
		value->func->name = name;
}

/* The '=' of a condition: report, and take what follows as if it were "==". */
static void reject_set(struct kp_parser *p, const struct kp_node *cond)
{
	if (!kp_parse_at(p, KP_TOK_SET))
		return;
	kp_diag(p->c, KP_D_EQ_COND, p->tok.at, "'=' assigns, and a condition cannot assign");
	if (cond->kind != KP_N_ERROR)
		kp_diag_hint(p->c, "did you mean '=='?");
	kp_parse_advance(p);
	kp_parse_expr(p);
}

struct kp_node *kp_parse_cond_rest(struct kp_parser *p)
{
	struct kp_node *n = kp_parse_expr(p);

	reject_set(p, n);
	return n;
}

void kp_parse_bare(struct kp_parser *p, const char *after)
{
	if (!kp_parse_at(p, KP_TOK_BAD))
		kp_diag(p->c, KP_D_SYNTAX, p->tok.at, "'(' expected after '%s'", after);
	p->no_brace_call = true;
	p->bare = true;
}

/* A condition without parentheses is reported, but understood. */
static struct kp_node *bare_cond(struct kp_parser *p, const char *after)
{
	bool outer = p->no_brace_call;
	struct kp_node *n;

	if (p->panic)
		return kp_ast_new(p->c, KP_N_ERROR, p->tok.at);
	kp_parse_bare(p, after);
	n = kp_parse_cond_rest(p);
	p->no_brace_call = outer;
	return n;
}

struct kp_node *kp_parse_cond(struct kp_parser *p, const char *after)
{
	struct kp_span open = p->tok.at;
	struct kp_node *n;

	if (!kp_parse_accept(p, KP_TOK_LPAREN))
		return bare_cond(p, after);
	p->brackets++;
	n = kp_parse_cond_rest(p);
	kp_parse_close(p, KP_TOK_RPAREN, open);
	if (p->panic)
		return n;
	p->brackets--;
	if (kp_tok_info[p->tok.id].left && !kp_parse_at(p, KP_TOK_DASHES)) {
		kp_parse_error(p, KP_D_SYNTAX, p->tok.at, "'%s' after the end of the condition",
			       kp_tok_info[p->tok.id].text);
		kp_diag_hint(p->c, "put parentheses around the whole condition");
	}
	return n;
}

/*
 * '{' statements '}' or a single statement.  Lua's "then ... end" and "do ... end" are reported
 * and read to their end; *lua stays true for the other branches of the same statement.
 */
struct kp_node *kp_parse_body(struct kp_parser *p, const char *after, bool *lua)
{
	struct kp_node *block, *n;
	struct kp_span outer = p->open;
	bool bare = p->bare;

	p->bare = false;
	kp_parse_skip_dashes(p);
	if (kp_parse_at(p, KP_TOK_LBRACE))
		return kp_parse_braces(p, after);
	block = kp_ast_new(p->c, KP_N_BLOCK, p->tok.at);
	if (kp_parse_at(p, KP_TOK_THEN) || kp_parse_at(p, KP_TOK_DO)) {
		if (!*lua && !bare) {
			kp_diag(p->c, KP_D_SYNTAX, p->tok.at, "'{' expected %s, not '%s'", after,
				kp_tok_info[p->tok.id].text);
			kp_diag_hint(p->c, "blocks are written { ... }");
		}
		*lua = true;
		kp_parse_advance(p);
	}
	if (*lua) {
		p->open.len = 0;
		block = kp_parse_block(p, KP_TOK_END);
		p->open = outer;
		return block;
	}
	if (kp_parse_accept(p, KP_TOK_SEMI))
		return block;
	n = kp_parse_statement(p);
	if (n)
		kp_ast_append(p->c, block, &block->list, n);
	kp_parse_accept(p, KP_TOK_SEMI);
	return block;
}

static struct kp_node *clause(struct kp_parser *p, struct kp_node *owner, const char *after,
			      bool has_cond, bool *lua)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_CLAUSE, p->tok.at);

	if (has_cond) {
		n->loop.cond = kp_parse_cond(p, after);
		kp_ast_adopt(p->c, n, n->loop.cond);
	}
	n->loop.body = kp_parse_body(p, has_cond ? "after the condition" : "after 'else'", lua);
	kp_ast_adopt(p->c, n, n->loop.body);
	kp_ast_append(p->c, owner, &owner->list, n);
	return n;
}

static struct kp_node *if_statement(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_IF, p->tok.at);
	bool lua = false;

	kp_parse_advance(p);
	clause(p, n, "if", true, &lua);
	for (;;) {
		kp_parse_skip_dashes(p);
		if (kp_parse_accept(p, KP_TOK_ELSEIF)) {
			clause(p, n, "elseif", true, &lua);
			continue;
		}
		if (!kp_parse_accept(p, KP_TOK_ELSE))
			break;
		if (!kp_parse_accept(p, KP_TOK_IF)) {
			clause(p, n, "else", false, &lua);
			break;
		}
		clause(p, n, "if", true, &lua);
	}
	if (lua)
		kp_parse_accept(p, KP_TOK_END);
	return n;
}

static struct kp_node *local_statement(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_LOCAL, p->tok.at);
	struct kp_span start = p->tok.at;

	kp_parse_advance(p);
	if (kp_parse_accept(p, KP_TOK_FUNCTION)) {
		struct kp_locals vars = { 0 };
		struct kp_span at = p->tok.at;
		struct kp_str *name = kp_parse_name(p, "name of the function", "");

		n->kind = KP_N_FUNCTION;
		if (!name)
			return NULL;
		n->function.local = kp_ast_local(p->c, &vars, name, at);
		n->function.func = kp_parse_function(p, name, kp_span_join(start, at));
		kp_ast_adopt(p->c, n, n->function.func->body);
		return n;
	}
	do {
		struct kp_span at = p->tok.at;
		struct kp_str *name = kp_parse_name(p, "name of a local variable", "");

		if (!name)
			return NULL;
		kp_ast_local(p->c, &n->local.vars, name, at);
	} while (kp_parse_accept(p, KP_TOK_COMMA));
	if (kp_parse_accept(p, KP_TOK_SET)) {
		kp_parse_exprs(p, n, &n->local.exprs);
		name_function(n->local.exprs.head, n->local.vars.head->name);
	}
	n->at = kp_span_join(start, p->prev);
	return n;
}

/* function NAME, function a.b.c: the place the function is stored in. */
static struct kp_node *function_target(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_NAME, p->tok.at);

	n->name.str = kp_parse_name(p, "name of the function", "");
	if (!n->name.str)
		return NULL;
	while (kp_parse_accept(p, KP_TOK_DOT)) {
		struct kp_node *key = kp_ast_new(p->c, KP_N_STR, p->tok.at), *index;

		key->str = kp_parse_name(p, "a name", "after '.'");
		if (!key->str)
			return NULL;
		index = kp_ast_new(p->c, KP_N_INDEX, kp_span_join(n->at, p->prev));
		index->index.base = n;
		index->index.key = key;
		kp_ast_adopt(p->c, index, n);
		n = index;
	}
	if (kp_parse_at(p, KP_TOK_COLON)) {
		kp_parse_error(p, KP_D_NOT_YET, p->tok.at, "methods are not supported yet");
		return NULL;
	}
	if (n->kind == KP_N_NAME)
		n->name.use = KP_USE_TARGET;
	return n;
}

/* A plain name is global in the main program, local in a function or handler. */
static struct kp_node *function_statement(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_FUNCTION, p->tok.at), *target;
	struct kp_span start = p->tok.at, at;
	struct kp_str *name;

	kp_parse_advance(p);
	target = function_target(p);
	if (!target)
		return NULL;
	at = kp_span_join(start, target->at);
	name = kp_intern(p->c, p->c->text + target->at.off,
			 target->at.len < KTAP_MAX_STR ? target->at.len : KTAP_MAX_STR);
	if (target->kind == KP_N_NAME && p->func != p->c->main) {
		struct kp_locals vars = { 0 };

		n->function.local = kp_ast_local(p->c, &vars, name, target->at);
	} else {
		n->function.target = target;
		kp_ast_adopt(p->c, n, target);
	}
	n->function.func = kp_parse_function(p, name, at);
	kp_ast_adopt(p->c, n, n->function.func->body);
	return n;
}

static bool ends_statement(const struct kp_parser *p)
{
	switch (p->tok.id) {
	case KP_TOK_EOF:
	case KP_TOK_PANIC:
	case KP_TOK_RBRACE:
	case KP_TOK_SEMI:
	case KP_TOK_END:
	case KP_TOK_ELSE:
	case KP_TOK_ELSEIF:
	case KP_TOK_UNTIL:
		return true;
	default:
		return p->tok.first || kp_parse_at_comment(p);
	}
}

static struct kp_node *return_statement(struct kp_parser *p)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_RETURN, p->tok.at);

	kp_parse_advance(p);
	/* Values begin on the same line: "if (x) return" stands above another statement. */
	if (!ends_statement(p))
		kp_parse_exprs(p, n, &n->list);
	n->at = kp_span_join(n->at, p->prev);
	if (n->list.nr > KTAP_MAX_REGS - 1)
		kp_diag(p->c, KP_D_LIMIT, n->at, "%u values returned, at most %d are possible",
			n->list.nr, KTAP_MAX_REGS - 1);
	return n;
}

static struct kp_node *jump_statement(struct kp_parser *p, enum kp_node_kind kind)
{
	struct kp_node *n = kp_ast_new(p->c, kind, p->tok.at);
	const char *word = kind == KP_N_BREAK ? "break" : "continue";

	if (!p->func->loops)
		kp_diag(p->c, KP_D_BAD_BREAK, p->tok.at, "%s outside a loop", word);
	kp_parse_advance(p);
	return n;
}

static bool check_target(struct kp_parser *p, struct kp_node *target)
{
	if (target->kind == KP_N_NAME && !target->parens) {
		target->name.use = KP_USE_TARGET;
		return true;
	}
	if (target->kind == KP_N_INDEX && !target->parens)
		return true;
	kp_parse_error(p, KP_D_BAD_ASSIGN, target->at, "cannot assign to %s",
		       target->kind == KP_N_CALL ? "the result of a call" : "an expression");
	return false;
}

static struct kp_node *update(struct kp_parser *p, struct kp_node *target)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_UPDATE, target->at);

	if (!check_target(p, target))
		return NULL;
	n->op = kp_tok_info[p->tok.id].bin;
	n->op_off = p->tok.at.off;
	kp_parse_advance(p);
	n->update.target = target;
	n->update.value = kp_parse_expr(p);
	kp_ast_adopt(p->c, n, target);
	kp_ast_adopt(p->c, n, n->update.value);
	n->at = kp_span_join(target->at, p->prev);
	return n;
}

static struct kp_node *assignment(struct kp_parser *p, struct kp_node *target)
{
	struct kp_node *n = kp_ast_new(p->c, KP_N_ASSIGN, target->at);

	for (;;) {
		if (!check_target(p, target))
			return NULL;
		kp_ast_append(p->c, n, &n->assign.targets, target);
		if (!kp_parse_accept(p, KP_TOK_COMMA))
			break;
		target = kp_parse_suffixed(p);
	}
	if (kp_tok_info[p->tok.id].kind == KP_TOK_ASGN) {
		kp_parse_error(p, KP_D_BAD_ASSIGN, p->tok.at, "'%s' takes a single target, not %u",
			       kp_tok_info[p->tok.id].text, n->assign.targets.nr);
		return NULL;
	}
	n->op_off = p->tok.at.off;
	if (!kp_parse_expect(p, KP_TOK_SET, "after the targets of an assignment"))
		return NULL;
	kp_parse_exprs(p, n, &n->assign.exprs);
	if (n->assign.targets.head->kind == KP_N_NAME)
		name_function(n->assign.exprs.head, n->assign.targets.head->name.str);
	n->at = kp_span_join(n->at, p->prev);
	return n;
}

static void no_effect(struct kp_parser *p, const struct kp_node *e)
{
	const struct kp_tok_info *info = &kp_tok_info[p->tok.id];

	if (p->panic)
		return;
	if (e->kind == KP_N_ERROR)
		return;
	if (kp_parse_at(p, KP_TOK_DASHES) ||
	    (kp_parse_at(p, KP_TOK_PLUS) && kp_parse_peek(p)->id == KP_TOK_PLUS)) {
		kp_parse_error(p, KP_D_SYNTAX, p->tok.at, "there is no %s operator",
			       kp_parse_at(p, KP_TOK_PLUS) ? "++" : "--");
		kp_diag_hint(p->c, "write %.*s %c= 1", (int)(e->at.len < 60 ? e->at.len : 60),
			     p->c->text + e->at.off, p->broken.id == KP_TOK_PLUS ? '+' : '-');
	} else if (info->left && info->bin != KP_BIN_NONE) {
		struct kp_span at = kp_span_join(e->at, p->tok.at);

		kp_parse_error(p, KP_D_NO_EFFECT, at, "the result of this expression is not used");
		if (info->bin == KP_BIN_EQ)
			kp_diag_hint(p->c, "to assign, write =");
	} else if (ends_statement(p)) {
		kp_parse_error(p, KP_D_NO_EFFECT, e->at, "this expression does nothing");
		if (e->kind == KP_N_NAME)
			kp_diag_hint(p->c, "to call it, write %.*s()", (int)e->name.str->len,
				     e->name.str->data);
	} else {
		kp_parse_unexpected(p, "'=' or '('", "");
	}
}

/* An assignment or a call. */
struct kp_node *kp_parse_simple(struct kp_parser *p)
{
	struct kp_node *e, *n;

	if (!kp_parse_at(p, KP_TOK_NAME) && !kp_parse_at(p, KP_TOK_LPAREN)) {
		kp_parse_unexpected(p, "a statement", "");
		return NULL;
	}
	e = kp_parse_suffixed(p);
	if (kp_parse_at(p, KP_TOK_SET) || kp_parse_at(p, KP_TOK_COMMA))
		return assignment(p, e);
	if (kp_tok_info[p->tok.id].kind == KP_TOK_ASGN)
		return update(p, e);
	if (kp_parse_at(p, KP_TOK_AGGR)) {
		kp_parse_error(p, KP_D_NOT_YET, p->tok.at, "'<<<' is not supported yet");
		return NULL;
	}
	if (e->kind != KP_N_CALL || e->parens) {
		no_effect(p, e);
		return NULL;
	}
	n = kp_ast_new(p->c, KP_N_EXPR, e->at);
	n->operand = e;
	kp_ast_adopt(p->c, n, e);
	return n;
}

static struct kp_node *do_statement(struct kp_parser *p)
{
	struct kp_span outer = p->open, open = p->tok.at;
	struct kp_node *n;

	kp_parse_advance(p);
	p->open = open;
	n = kp_parse_block(p, KP_TOK_END);
	kp_parse_close(p, KP_TOK_END, open);
	p->open = outer;
	return n;
}

/* Does the token after a name at the start of a statement make it a variable or a function? */
static bool continues_name(struct kp_parser *p)
{
	const struct kp_tok *next = kp_parse_peek(p);

	switch (next->id) {
	case KP_TOK_SET:
	case KP_TOK_COMMA:
	case KP_TOK_DOT:
	case KP_TOK_LBRACKET:
	case KP_TOK_AGGR:
		return true;
	case KP_TOK_LPAREN:
		return !next->first;
	default:
		return kp_tok_info[next->id].kind == KP_TOK_ASGN;
	}
}

/* Words that are names anywhere else: var, continue, tick-, profile-. */
static struct kp_node *word_statement(struct kp_parser *p)
{
	if (kp_parse_at_var(p))
		return local_statement(p);
	if (name_is(p, "continue") && !continues_name(p))
		return jump_statement(p, KP_N_CONTINUE);
	if (name_is(p, "tick") && kp_parse_peek(p)->id == KP_TOK_MINUS)
		return kp_parse_trace(p, KTAP_EV_TICK);
	if (name_is(p, "profile") && kp_parse_peek(p)->id == KP_TOK_MINUS)
		return kp_parse_trace(p, KTAP_EV_PROFILE);
	return kp_parse_simple(p);
}

/* A token that ends some block stands where none is open. */
static struct kp_node *stray(struct kp_parser *p)
{
	const char *text = kp_tok_info[p->tok.id].text;

	if (kp_parse_at(p, KP_TOK_END) && p->lua_ends) {
		p->lua_ends--;
	} else {
		kp_diag(p->c, KP_D_SYNTAX, p->tok.at, "'%s' without a beginning", text);
		if (kp_parse_at(p, KP_TOK_END))
			kp_diag_hint(p->c, "blocks are written { ... }");
	}
	kp_parse_advance(p);
	return NULL;
}

static struct kp_node *statement(struct kp_parser *p)
{
	switch (p->tok.id) {
	case KP_TOK_SEMI:
		kp_parse_advance(p);
		return NULL;
	case KP_TOK_IF:
		return if_statement(p);
	case KP_TOK_WHILE:
		return kp_parse_while(p);
	case KP_TOK_REPEAT:
		return kp_parse_repeat(p);
	case KP_TOK_FOR:
		return kp_parse_for(p);
	case KP_TOK_DO:
		return do_statement(p);
	case KP_TOK_FUNCTION:
		return function_statement(p);
	case KP_TOK_LOCAL:
		return local_statement(p);
	case KP_TOK_RETURN:
		return return_statement(p);
	case KP_TOK_BREAK:
		return jump_statement(p, KP_N_BREAK);
	case KP_TOK_TRACE:
		return kp_parse_trace(p, KTAP_EV_TRACE);
	case KP_TOK_TRACE_END:
		return kp_parse_trace(p, KTAP_EV_END);
	case KP_TOK_NAME:
		return word_statement(p);
	case KP_TOK_RBRACE:
	case KP_TOK_END:
	case KP_TOK_ELSE:
	case KP_TOK_ELSEIF:
	case KP_TOK_UNTIL:
	case KP_TOK_RPAREN:
		return stray(p);
	default:
		return kp_parse_simple(p);
	}
}

struct kp_node *kp_parse_statement(struct kp_parser *p)
{
	struct kp_node *n = NULL;

	if (kp_parse_enter(p))
		n = statement(p);
	kp_parse_leave(p);
	return n;
}
